// What answers p.call("Name") and its like: that a member's name is a template argument.
#pragma once

#include <ctbus/anything.hpp>
#include <ctbus/fixed_string.hpp>
#include <ctbus/function.hpp>
#include <ctbus/mistakes.hpp>
#include <ctbus/require.hpp>

namespace ctbus::detail {

/// A base for who has functions of these names, to be taken from it with `using`. (`NoName`: not
/// for a call that has the name where it belongs.)
struct nameless {
    // clang-format off
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto call(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto try_call(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto call_message(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto async_call(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto get(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto try_get(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto async_get(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto set(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto try_set(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto async_set(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto on(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto try_on(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto on_changed(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto emit(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto try_emit(const Args&...) const { return told<Args...>(); }
    template <fixed_string... NoName, class... Args> requires(sizeof...(NoName) == 0)
    auto changed(const Args&...) const { return told<Args...>(); }
    // clang-format on

private:
    template <class... Args>
    static anything told() {
        static_assert(require::sentence<mistake::name_as_argument, type_list<Args...>>());
        return {};
    }
};

} // namespace ctbus::detail
