// co_await on an operation: what has then(callback) to start it, and a handle that cancels it.
#pragma once

#include <ctbus/anything.hpp>
#include <ctbus/require.hpp>

#include <coroutine>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// A base for operations, whose functions are for who moves them: says so to who does not.
struct named_operation {
    template <class F>
    auto then(const F&) const& {
        return told<F>();
    }
    template <class D>
    auto with_timeout(const D&) const& {
        return told<D>();
    }
    template <class Void = void>
    auto detach() const& {
        return told<Void>();
    }

private:
    template <class T>
    static auto told() {
        static_assert(require::sentence<mistake::awaited_as_lvalue, T>());
        return anything{};
    }
};

struct no_value {};

/// Waits for one operation; destroyed meanwhile, it cancels.
template <class Operation, class Style>
class awaiting {
    using handle = typename Operation::handle_type;
    using value = typename Operation::value_type;
    static constexpr bool is_void = std::is_void_v<value>;

public:
    explicit awaiting(Operation&& operation) : operation_{std::move(operation)} {}
    awaiting(const awaiting&) = delete;
    awaiting& operator=(const awaiting&) = delete;
    ~awaiting() {
        if (has_begun_) handle_.~handle();
    }

    static constexpr bool await_ready() noexcept { return false; }

    /// False: it has ended already.
    bool await_suspend(std::coroutine_handle<> waiting) {
        auto done = [this](auto&&... outcome) {
            outcome_.emplace(std::forward<decltype(outcome)>(outcome)...);
            if (waiting_) waiting_.resume(); // which may destroy this
        };
        ::new (&handle_)
            handle(std::move(operation_).template then<decltype(done), Style>(std::move(done)));
        has_begun_ = true;
        if (outcome_) return false;
        waiting_ = waiting;
        return true;
    }

    value await_resume() {
        if constexpr (!is_void) return *std::move(outcome_);
    }

private:
    Operation operation_;
    union {
        handle handle_; // made where it stays
    };
    bool has_begun_ = false;
    std::coroutine_handle<> waiting_;
    std::optional<std::conditional_t<is_void, no_value, value>> outcome_;
};

} // namespace detail

} // namespace ctbus
