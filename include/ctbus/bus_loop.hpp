// Running a connection: its own loop, one step at a time, or in the loop of somebody else.
#pragma once

#include <ctbus/bus_names.hpp>
#include <ctbus/bus_state.hpp>
#include <ctbus/duration.hpp>
#include <ctbus/event_loop.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/outcome.hpp>

#include <cerrno>
#include <concepts>
#include <initializer_list>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

namespace detail {
template <class>
struct posting_needs_post_hpp; // post.hpp

template <class T>
concept task_like = requires {
    typename T::task_value;
};
template <class F>
concept task_function = requires(F& function) {
    typename decltype(function())::task_value;
};
template <class>
struct reconnecting_needs_reconnect_hpp; // reconnect.hpp

template <class T>
auto no_task() {
    constexpr mistake wrong =
        task_like<std::remove_cvref_t<T>> ? mistake::awaited_as_lvalue : mistake::not_a_task;
    static_assert(require::sentence<wrong, T>());
    return anything{};
}
} // namespace detail

/// The part of a connection that runs it.
class bus_loop : public bus_names {
public:
    /// Sends all that is queued (`sd_bus_flush`).
    template <class Void = void>
    result<Void> try_flush() {
        return to_result<Void>(done(sd_bus_flush(state_->bus), "flush"));
    }
    template <class Style = error_style>
    void flush() {
        throw_if<Style>(done(sd_bus_flush(state_->bus), "flush"));
    }
    /// Handles one message or timeout, if there is one (`sd_bus_process`). True: there was. One
    /// that cannot be read is reported and dropped.
    template <class Truth = bool>
    result<Truth> try_process() {
        const int r = process_once();
        return to_result<Truth>(done(r, "process"), r > 0);
    }
    template <class Style = error_style>
    bool process() {
        const int r = process_once();
        throw_if<Style>(done(r, "process"));
        return r > 0;
    }
    /// Waits until there is something to process, for at most that long (poll(2)). True:
    /// there may be.
    template <class D = infinite_time, class Truth = bool>
    result<Truth> try_wait(const D& timeout = {}) {
        const bus_ref keep = state_;
        const int r = detail::wait_for(*keep, -1, detail::microseconds(timeout));
        return to_result<Truth>(done(r, "wait"), r > 0);
    }
    template <class Style = error_style, class D = infinite_time>
    bool wait(const D& timeout = {}) {
        return or_throw<Style>(try_wait(timeout));
    }
    /// Handles messages until stop(). A lost connection is an error.
    template <class Void = void>
    [[nodiscard]] result<Void> try_run() {
        return to_result<Void>(detail::run(*state_));
    }
    template <class Style = error_style>
    void run() {
        throw_if<Style>(detail::run(*state_));
    }
    /// With <ctbus/task.hpp>: handles messages until the task has ended, and returns what it
    /// returned, or throws what it threw. A task that returns a result<T> makes try_run() return it
    /// as it is. stop() is an error (ECANCELED).
    template <class Style = error_style, detail::task_like T>
    [[nodiscard]] auto try_run(T&& task) {
        T here{std::move(task)}; // it ends with this, however the run ends
        return here.template try_run_on<Style>(bus_ref{state_});
    }
    template <class Style = error_style, detail::task_like T>
    auto run(T&& task) {
        T here{std::move(task)};
        return here.template run_on<Style>(bus_ref{state_});
    }
    /// The same with a coroutine's function, often a lambda, which is kept until the task has
    /// ended.
    template <class Style = error_style, detail::task_function F>
    [[nodiscard]] auto try_run(F function) {
        return try_run<Style>(decltype(function())::keeping(std::move(function)));
    }
    template <class Style = error_style, detail::task_function F>
    auto run(F function) {
        return run<Style>(decltype(function())::keeping(std::move(function)));
    }
    /// With <ctbus/task.hpp>: starts a task and leaves it to the connection, which destroys it when
    /// it closes. What it throws, or an error that it returns, is reported. The handle can cancel.
    template <class Style = error_style, detail::task_like T>
    auto spawn(T&& task) {
        T here{std::move(task)};
        return std::move(here).template spawn_on<Style>(state_);
    }
    /// The same with a coroutine's function, often a lambda, which is kept until the task has
    /// ended.
    template <class Style = error_style, detail::task_function F>
    auto spawn(F function) {
        return spawn<Style>(decltype(function())::keeping(std::move(function)));
    }
    /// Shows that it is none of these.
    template <class Style = error_style, class T>
        requires(!detail::task_like<T> && !detail::task_function<T>)
    [[nodiscard]] auto try_run(T&&) { return detail::no_task<T>(); }
    template <class Style = error_style, class T>
        requires(!detail::task_like<T> && !detail::task_function<T>)
    auto run(T&&) { return detail::no_task<T>(); }
    template <class Style = error_style, class T>
        requires(!detail::task_like<T> && !detail::task_function<T>)
    auto spawn(T&&) { return detail::no_task<T>(); }
    /// Handles messages until one of these signals comes (its number) or stop() (0). The signals
    /// are blocked meanwhile, in this thread; one that comes before has its usual effect.
    template <class Int = int>
    [[nodiscard]] result<Int> try_run_until(std::initializer_list<int> numbers) {
        const bus_ref keep = state_;
        const detail::signal_fd fd{numbers};
        const int r = fd.get() < 0 ? -errno : detail::run_loop(*keep, fd.get());
        return to_result<Int>(done(r, "run_until"), r > 0 ? fd.take() : 0);
    }
    template <class Style = error_style>
    int run_until(std::initializer_list<int> numbers) {
        return or_throw<Style>(try_run_until<detail::depending_on<Style, int>>(numbers));
    }
    /// The same, without braces.
    template <class Int = int, std::same_as<int>... More>
    [[nodiscard]] result<Int> try_run_until(int number, More... more) {
        return try_run_until<Int>({number, more...});
    }
    template <class Style = error_style, std::same_as<int>... More>
    int run_until(int number, More... more) {
        return run_until<Style>({number, more...});
    }
    /// Makes run() return, once; also before it is called. Another thread may call it, but only
    /// with <ctbus/post.hpp> does that wake a loop that sleeps.
    void stop() { state_->stop(); }
    /// With <ctbus/post.hpp>: lets the thread that runs this connection call `function()`, and
    /// wakes it; may be called by any thread, as long as the connection is there (poster() gives
    /// what may outlive it). What is posted runs in order; what it throws is reported. False: the
    /// connection is closed, and `function` is destroyed, in the calling thread; what has not run
    /// when it closes is destroyed in the connection's.
    template <class F, class Style = error_style>
    bool post(F&& function) const {
        return detail::posting_needs_post_hpp<F>::template post<Style>(*state_,
                                                                       std::forward<F>(function));
    }
    template <class T = void>
    auto poster() const {
        return detail::posting_needs_post_hpp<T>::poster(*state_);
    }
    /// With <ctbus/reconnect.hpp>: calls `callback(error)` when the connection is lost, after the
    /// calls in flight have failed. A further one replaces it. What it throws is reported.
    template <class F, class Style = error_style, class Void = void>
    [[nodiscard]] result<Void> try_on_disconnect(F&& callback) {
        return detail::reconnecting_needs_reconnect_hpp<F>::template on_disconnect<Style>(
            *state_, std::forward<F>(callback));
    }
    template <class Style = error_style, class F>
    void on_disconnect(F&& callback) {
        or_throw<Style>(try_on_disconnect<F, Style>(std::forward<F>(callback)));
    }
    /// With <ctbus/reconnect.hpp>: from now on a lost bus is opened again, and the loop goes on:
    /// `first` after the loss, then after twice that, and so on, at most every `most`. Objects,
    /// names, subscriptions and streams are made again; what is sent meanwhile fails (ENOTCONN).
    /// An error for a direct connection, which nobody can open again.
    template <class First, class Most, class Void = void>
    [[nodiscard]] result<Void> try_reconnecting(const First& first, const Most& most) {
        return detail::reconnecting_needs_reconnect_hpp<First>::reconnecting(
            *state_, detail::microseconds(first), detail::microseconds(most));
    }
    template <class Style = error_style, class First, class Most>
    void reconnecting(const First& first, const Most& most) {
        or_throw<Style>(try_reconnecting(first, most));
    }
    /// The same: 100 ms after the loss, at most every 10 s.
    template <class Void = void>
    [[nodiscard]] result<Void> try_reconnecting() {
        return detail::reconnecting_needs_reconnect_hpp<Void>::reconnecting(*state_, 100'000,
                                                                            10'000'000);
    }
    template <class Style = error_style>
    void reconnecting() {
        or_throw<Style>(try_reconnecting<detail::depending_on<Style, void>>());
    }
    /// With <ctbus/reconnect.hpp>: calls `callback()` each time the bus has come back.
    template <class F, class Style = error_style, class Void = void>
    [[nodiscard]] result<Void> try_on_reconnect(F&& callback) {
        return detail::reconnecting_needs_reconnect_hpp<F>::template on_reconnect<Style>(
            *state_, std::forward<F>(callback));
    }
    template <class Style = error_style, class F>
    void on_reconnect(F&& callback) {
        or_throw<Style>(try_on_reconnect<F, Style>(std::forward<F>(callback)));
    }
    /// Lets an sd-event loop run this connection (`sd_bus_attach_event`).
    template <class Void = void>
    [[nodiscard]] result<Void> try_attach(sd_event* loop, int priority = SD_EVENT_PRIORITY_NORMAL) {
        int r = state_->open ? detail::attach_event(*state_, loop, priority) : -ENOTCONN;
        if (r >= 0 && state_->extension) r = state_->extension->attach(*state_, loop, priority);
        if (r == -EBUSY)
            return result<Void>{
                std::unexpect,
                error::from_errno(r, "it is attached to an event loop already", "attach")};
        return to_result<Void>(done(r, "attach"));
    }
    template <class Style = error_style>
    void attach(sd_event* loop, int priority = SD_EVENT_PRIORITY_NORMAL) {
        or_throw<Style>(try_attach<detail::depending_on<Style, void>>(loop, priority));
    }
    /// What a foreign loop has to wait for; ask again after each process().
    template <class Data = struct poll_data>
    [[nodiscard]] result<Data> try_poll_data() const {
        Data data{};
        const int r = detail::get_foreign_poll_data(*state_, data);
        return to_result(done(r, "poll_data"), std::move(data));
    }
    template <class Style = error_style, class Data = struct poll_data>
    Data poll_data() const {
        return or_throw<Style>(try_poll_data<Data>());
    }

protected:
    explicit bus_loop(bus_ref&& state) : bus_names{std::move(state)} {}

private:
    int process_once() {
        const bus_ref keep = state_; // a handler may destroy the connection
        return detail::process_one(*keep);
    }
    static error done(int r, const char* what) {
        return r < 0 ? detail::loop_error(r, what) : error{};
    }
};

} // namespace ctbus
