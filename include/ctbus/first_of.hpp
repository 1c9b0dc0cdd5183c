// Waiting for several things at once: first_of(a, b, ...), and within(bus, time, a).
#pragma once

#include <ctbus/task.hpp>
#include <ctbus/timer.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace ctbus {

namespace detail {

// Of the first that cannot be waited for: what is wrong with it.
template <class... As>
consteval mistake race_mistake() {
    mistake found = mistake::none;
    static_cast<void>(
        (((found = std::is_lvalue_reference_v<As> ? mistake::awaited_as_lvalue
                                                  : awaited_mistake<As>()) == mistake::none) &&
         ...));
    return found;
}

// What `co_await` on an `A` gives.
template <class A>
struct awaited {
    using type = decltype(awaiter_of(std::declval<A>()).await_resume());
};
template <class A>
using awaited_t = std::remove_cvref_t<typename awaited<A>::type>;
template <class A>
using awaited_value =
    std::conditional_t<std::is_void_v<awaited_t<A>>, std::monostate, awaited_t<A>>;

template <class Style, class T>
task<T> as_task(task<T>&& work) {
    return std::move(work);
}
template <class Style, class A>
task<awaited_t<A>> as_task(A operation) {
    if constexpr (std::is_void_v<awaited_t<A>>) co_await std::move(operation);
    else co_return co_await std::move(operation);
}

/// Runs all, until one has ended; the others go then, and what they wait for with them.
template <class Style, class... As>
class race {
    struct lane : task_root {
        race* of = nullptr;
        std::size_t position = 0;
    };

public:
    explicit race(As&&... all) : tasks_{as_task<Style>(std::move(all))...} {}
    race(const race&) = delete;
    race& operator=(const race&) = delete;

    static constexpr bool await_ready() noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
        if constexpr (std::is_base_of_v<task_promise_base, Promise>)
            above_ = waiting.promise().root;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            static_cast<void>((begin<I>() && ...));
        }
        (std::index_sequence_for<As...>{});
        if (winner_ != none) return false;
        waiting_ = waiting;
        if (above_) above_->end_if_doomed(); // which destroys this
        return true;
    }
    /// Throws what the first to end threw.
    std::variant<awaited_value<As>...> await_resume() {
        std::optional<std::variant<awaited_value<As>...>> outcome;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            static_cast<void>((take<I>(outcome) || ...));
        }
        (std::index_sequence_for<As...>{});
        return *std::move(outcome);
    }

private:
    static constexpr std::size_t none = sizeof...(As);

    // Whether the next one is to begin too.
    template <std::size_t I>
    bool begin() {
        lane& mine = lanes_[I];
        mine.of = this;
        mine.position = I;
        mine.above = above_;
        mine.ended = [](task_root& root) {
            auto& ended = static_cast<lane&>(root);
            ended.of->end(ended.position);
        };
        mine.beginning = true;
        std::get<I>(tasks_).start(mine);
        mine.beginning = false;
        return winner_ == none && !mine.is_doomed();
    }
    void end(std::size_t position) {
        if (winner_ == none) winner_ = position;
        if (!waiting_) return;
        // Those that are being executed right now, and made this one end, have to wait first.
        for (lane& other : lanes_) {
            other.doomed = true;
            other.destroy = [](task_root& root) { static_cast<lane&>(root).of->go_on(); };
        }
        go_on();
    }
    void go_on() {
        for (const lane& one : lanes_)
            if (one.running != 0) return;
        waiting_.resume(); // which destroys this
    }
    template <std::size_t I>
    bool take(std::optional<std::variant<awaited_value<As>...>>& outcome) {
        if (winner_ != I) return false;
        if constexpr (std::is_void_v<awaited_t<std::tuple_element_t<I, std::tuple<As...>>>>) {
            std::get<I>(tasks_).take();
            outcome.emplace(std::in_place_index<I>);
        } else {
            outcome.emplace(std::in_place_index<I>, std::get<I>(tasks_).take());
        }
        return true;
    }

    lane lanes_[sizeof...(As)];
    std::tuple<task<awaited_t<As>>...> tasks_; // destroyed before their lanes
    task_root* above_ = nullptr;
    std::size_t winner_ = none;
    std::coroutine_handle<> waiting_;
};

/// A race before it is awaited.
template <class... As>
class [[nodiscard("co_await waits for the first")]] pending_race {
public:
    explicit pending_race(As && ... all) : all_{std::move(all)...} {}

    template <class Style = error_style>
    auto operator co_await()&& {
        return std::apply([](As&... all) { return race<Style, As...>{std::move(all)...}; }, all_);
    }

private:
    std::tuple<As...> all_;
};

} // namespace detail

/// Waits for the first of several operations or tasks to end: `co_await` gives a std::variant whose
/// index() tells which it was, with std::monostate for what has no value. The others are cancelled.
template <class... As>
    requires(sizeof...(As) != 0)
auto first_of(As&&... all) {
    constexpr mistake wrong = detail::race_mistake<As...>();
    static_assert(require::sentence<wrong, As...>());
    if constexpr (wrong == mistake::none) return detail::pending_race<As...>{std::move(all)...};
    else return detail::anything{};
}

/// Waits for an operation or task for at most a duration. `co_await` gives its result<T>, or the
/// error Timeout (ETIMEDOUT); it is cancelled then.
template <class D, class A, class Style = error_style>
auto within(const connection& bus, const D& most, A&& awaitable) {
    constexpr mistake wrong = detail::race_mistake<A>();
    static_assert(require::sentence<wrong, A>());
    if constexpr (wrong != mistake::none) return detail::anything{};
    else {
        using outcome = detail::as_result<detail::awaited_t<A>>;
        return [](A operation, pending_timer timer) -> task<outcome> {
            auto first = co_await first_of(std::move(operation), std::move(timer));
            if (first.index() == 1)
                co_return failure{error{"org.freedesktop.DBus.Error.Timeout",
                                        "it did not happen in time", "", ETIMEDOUT}};
            if constexpr (std::is_void_v<detail::awaited_t<A>>) co_return {};
            else co_return std::get<0>(std::move(first));
        }(std::move(awaitable), after(bus, most));
    }
}

} // namespace ctbus
