// Coroutines on a connection's thread: task<T>, bus.run(task), bus.spawn(task).
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/report.hpp>
#include <ctbus/spare_blocks.hpp>
#include <ctbus/task_promise.hpp>

#include <cerrno>
#include <coroutine>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

template <class T>
using as_result = typename std::conditional_t<is_result<T>, std::type_identity<T>,
                                              std::type_identity<result<T>>>::type;

/// A task that belongs to a connection or to an object, and not to a coroutine.
struct owned_task : task_root, detached_work {
    owned_task() {
        lost = [](detached_work* work) { static_cast<owned_task*>(work)->stop(); };
    }
    /// Destroys it, now or when it waits.
    void stop() {
        if (running != 0) doomed = true;
        else detached_work::destroy(this);
    }
};

class spawned_task;

template <class T>
inline constexpr mistake task_mistake =
    std::is_reference_v<T> ? mistake::task_of_reference : mistake::none;

} // namespace detail

class task_handle;

/// A coroutine that runs on the thread of a connection. It starts when it is awaited, run by
/// `bus.run(task)` or `bus.spawn(task)`, or returned by a handler. What it waits for is cancelled
/// where it is destroyed. `co_await` gives what it returned, or throws what it threw.
template <class T>
class [[nodiscard("a task starts when it is awaited, run or spawned")]] task {
public:
    using promise_type = detail::task_promise<T>;
    using task_value = std::remove_reference_t<T>; // no second error where that is wrong
    static_assert(require::sentence<detail::task_mistake<T>, task>());

    task(task && other) noexcept : coroutine_{std::exchange(other.coroutine_, nullptr)} {}
    task& operator=(task other) noexcept {
        detail::swap_values(coroutine_, other.coroutine_);
        return *this;
    }
    ~task() {
        if (coroutine_) coroutine_.destroy();
    }

    auto operator co_await()&& {
        return detail::task_awaiter<T>{coroutine_};
    }

    /// For those who start it without a coroutine of their own: ctbus's loop and handlers.
    void start(detail::task_root & root) {
        coroutine_.promise().root = &root;
        root.runs(true);
        coroutine_.resume(); // may end with root.ended(), which may destroy this
    }
    /// What it returned; throws what it threw.
    task_value take() {
        return coroutine_.promise().take();
    }

    /// A task that calls a coroutine, and keeps what was called until that ends.
    template <class F>
    static task keeping(F function) {
        if constexpr (std::is_void_v<T>) co_await function();
        else co_return co_await function();
    }
    /// For connection's functions of like names.
    template <class Style>
    detail::as_result<T> try_run_on(const bus_ref& bus);
    template <class Style>
    auto run_on(const bus_ref& bus);
    template <class Style>
    task_handle spawn_on(const bus_ref& bus)&&;
    /// For a handler that is a coroutine (task_handler.hpp).
    template <class Thunk, class Style>
    static int serve(incoming & call);

private:
    friend promise_type;
    explicit task(std::coroutine_handle<promise_type> made) : coroutine_{made} {}

    result<void> run_until_done(bus_state & state);

    std::coroutine_handle<promise_type> coroutine_;
};

template <class T>
task<T> detail::task_promise<T>::get_return_object() {
    return task<T>{std::coroutine_handle<task_promise>::from_promise(*this)};
}
inline task<void> detail::task_promise<void>::get_return_object() {
    return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

/// A task that was spawned. Its connection holds it: letting this go changes nothing.
class task_handle {
public:
    task_handle() = default;
    explicit task_handle(detail::spawned_task* of);
    task_handle(task_handle&& other) noexcept { take(other); }
    task_handle& operator=(task_handle&& other) noexcept {
        if (this != &other) {
            let_go();
            take(other);
        }
        return *this;
    }
    ~task_handle() { let_go(); }

    /// Whether it has yet to end.
    explicit operator bool() const { return of_ != nullptr; }
    /// Destroys it, and with it what it waits for; one that is being executed, when it next waits.
    void cancel();

private:
    friend detail::spawned_task;
    void let_go();
    void take(task_handle& other);

    detail::spawned_task* of_ = nullptr;
};

namespace detail {

class spawned_task : public owned_task {
public:
    ~spawned_task() {
        if (handle_) handle_->of_ = nullptr;
    }

private:
    friend task_handle;
    task_handle* handle_ = nullptr;
};

template <class T, class Style>
struct spawned : spawned_task {
    bus_ref bus;
    task<T> work;

    spawned(const bus_ref& on, task<T>&& taken) : bus{on}, work{std::move(taken)} {
        ended = [](task_root& root) { static_cast<spawned&>(root).finish(); };
        task_root::destroy = [](task_root& root) { static_cast<spawned&>(root).drop(); };
        detached_work::destroy = [](detached_work* w) { static_cast<spawned*>(w)->drop(); };
    }
    ~spawned() { leave(); }

private:
    void drop() { drop_spared(bus, this); }
    void finish() {
#ifdef __cpp_exceptions
        try {
            look();
        } catch (...) {
            report(current_error().during("in a spawned task"));
        }
#else
        look();
#endif
        drop();
    }
    // An error that nobody else will see.
    void look() {
        if constexpr (is_result<T>) {
            const T outcome = work.take();
            if (!outcome) report(outcome.error().during("in a spawned task"));
        } else {
            static_cast<void>(work.take());
        }
    }
};

} // namespace detail

inline task_handle::task_handle(detail::spawned_task* of) : of_{of} {
    if (of_) of_->handle_ = this;
}
inline void task_handle::let_go() {
    if (of_) std::exchange(of_, nullptr)->handle_ = nullptr;
}
inline void task_handle::take(task_handle& other) {
    of_ = std::exchange(other.of_, nullptr);
    if (of_) of_->handle_ = this;
}
inline void task_handle::cancel() {
    if (of_) of_->stop(); // what lets go of this
}

template <class T>
template <class Style>
task_handle task<T>::spawn_on(const bus_ref& bus) && {
    bus->check_thread();
    if (!bus->open) {
        report(ENOTCONN, "a task was spawned on a closed connection");
        return {};
    }
    auto* made = detail::make_spared<detail::spawned<T, Style>>(*bus, bus, std::move(*this));
    made->enter(bus->detached);
    task_handle handle{made};
    made->work.start(*made); // the handle knows whether it is over now
    return handle;
}

template <class T>
result<void> task<T>::run_until_done(bus_state& state) {
    struct runner : detail::task_root {
        bool done = false;
    } root;
    root.ended = [](detail::task_root& r) { static_cast<runner&>(r).done = true; };
    start(root);
    if (root.done) return {};
    const int r = detail::run_loop(state, -1, &root.done);
    if (root.done) return {};
    if (!state.open) return failure{detail::loop_error(-ENOTCONN, "run")};
    if (r == 0) return failure{error::from_errno(ECANCELED, "stop() came before the task's end")};
    return failure{detail::loop_error(r, "run")};
}

template <class T>
template <class Style>
auto task<T>::run_on(const bus_ref& bus) {
    or_throw<Style>(run_until_done(*bus));
    if constexpr (is_result<T>) return or_throw<Style>(take());
    else return take();
}

template <class T>
template <class Style>
detail::as_result<T> task<T>::try_run_on(const bus_ref& bus) {
    if (auto ran = run_until_done(*bus); !ran) return failure{std::move(ran).error()};
    const auto outcome = [this]() -> detail::as_result<T> {
        if constexpr (std::is_void_v<T>) return take(), detail::as_result<T>{};
        else return take();
    };
#ifdef __cpp_exceptions
    try {
        return outcome();
    } catch (...) {
        return failure{current_error()};
    }
#else
    return outcome();
#endif
}

} // namespace ctbus
