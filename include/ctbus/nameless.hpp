// What answers p.call("Name") and its like: that a member's name is a template argument.
#pragma once

#include <ctbus/anything.hpp>
#include <ctbus/fixed_string.hpp>
#include <ctbus/function.hpp>
#include <ctbus/method.hpp>
#include <ctbus/mistakes.hpp>
#include <ctbus/require.hpp>

#include <initializer_list>

namespace ctbus::detail {

template <class... Given>
auto told_name_as_argument() {
    static_assert(require::sentence<mistake::name_as_argument, type_list<Given...>>());
    return anything{};
}

/// What braces make, where nothing says their type, also braces in braces; of up to four arguments.
struct braced {
    template <class... Ts>
    constexpr braced(Ts&&...) {}
    constexpr braced(std::initializer_list<braced>) {}
};
template <fixed_string Name>
auto told_braced_argument() {
    static_assert(require::sentence<mistake::braced_argument, member<Name>>());
    return anything{};
}

/// A base for who has functions of these names, to be taken from it with `using`: for calls without
/// a template argument, or with a type for the first, or of braced arguments. (`Type` keeps them
/// from calls that begin with the name. `Args&&`: Clang takes functions of the same parameters for
/// hidden.)
struct nameless {
    // clang-format off
    template <class Type = void, fixed_string... More, class... Args>
    auto call(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto try_call(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto call_message(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto try_call_message(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto async_call(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto get(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto try_get(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto async_get(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto set(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto try_set(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto async_set(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto on(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto try_on(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto async_on(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto on_changed(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto try_on_changed(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto stream(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, fixed_string... More, class... Args>
    auto next(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <fixed_string Name>
    auto call(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    template <fixed_string Name>
    auto try_call(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    template <fixed_string Name>
    auto call_message(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    template <fixed_string Name>
    auto async_call(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    template <fixed_string Name>
    auto set(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    template <fixed_string Name>
    auto try_set(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    template <fixed_string Name>
    auto async_set(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    // clang-format on
};

/// The same for objects. (emit<I, "S"> and its like are right.)
struct nameless_announcements {
    // clang-format off
    template <class Type = void, class... Args>
    auto emit(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, class... Args>
    auto try_emit(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, class... Args>
    auto changed(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <class Type = void, class... Args>
    auto try_changed(Args&&...) const { return told_name_as_argument<Type, Args...>(); }
    template <fixed_string Name>
    auto emit(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    template <fixed_string Name>
    auto try_emit(braced, braced = {}, braced = {}, braced = {}) const { return told_braced_argument<Name>(); }
    // clang-format on
};

} // namespace ctbus::detail
