// What a task is inside: its promise, who awaits it, and who started it.
#pragma once

#include <ctbus/error.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/require.hpp>

#include <concepts>
#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace ctbus {

template <class T = void>
class task;

namespace detail {

/// Who started a chain of tasks that await one another.
struct task_root {
    task_root* above = nullptr; // of the chain that waits for this one and owns it
    int running = 0;     // coroutines of the chain, and of what it waits for, that are executed now
    bool doomed = false; // it shall be destroyed as soon as it waits
    bool beginning = false;                // whoever starts it is not done with that
    void (*ended)(task_root&) = nullptr;   // its first task is done; may destroy all
    void (*destroy)(task_root&) = nullptr; // for a doomed one

    void runs(bool now) {
        for (task_root* root = this; root; root = root->above) root->running += now ? 1 : -1;
    }
    bool is_doomed() const {
        const task_root* root = this;
        while (root && !root->doomed) root = root->above;
        return root != nullptr;
    }
    /// Where it, or one above, is doomed (the result), destroys that, or leaves it to who is still
    /// starting or executing a part of it, and looks again afterwards.
    bool end_if_doomed() {
        bool is_beginning = false;
        task_root* root = this;
        for (; root && !root->doomed; root = root->above) is_beginning |= root->beginning;
        if (root && !is_beginning && root->running == 0) root->destroy(*root);
        return root != nullptr;
    }
};

// What `co_await` makes of an operand that is not a task. ctbus's own operators are templates on
// Style: what they give differs between the exception modes.
template <class Style = error_style, class A>
decltype(auto) awaiter_of(A&& awaitable) {
    if constexpr (requires { std::forward<A>(awaitable).template operator co_await <Style>(); })
        return std::forward<A>(awaitable).template operator co_await <Style>();
    else if constexpr (requires { std::forward<A>(awaitable).operator co_await(); })
        return std::forward<A>(awaitable).operator co_await();
    else if constexpr (requires { operator co_await(std::forward<A>(awaitable)); })
        return operator co_await(std::forward<A>(awaitable));
    else return std::forward<A>(awaitable);
}

template <class A>
concept can_await = requires(A&& awaitable) {
    awaiter_of(std::forward<A>(awaitable)).await_ready();
};

/// What is wrong with `co_await` of an `A`, a reference where it is an lvalue: operations and tasks
/// are there once, and so are moved.
template <class A>
consteval mistake awaited_mistake() {
    if constexpr (can_await<A>) return mistake::none;
    else
        return can_await<std::remove_reference_t<A>> ? mistake::awaited_as_lvalue
                                                     : mistake::not_awaitable;
}

/// An operation that a task waits for: lets the root know that it waits, which is when the chain
/// may be destroyed.
template <class Awaiter>
struct tracked {
    Awaiter awaiter;
    task_root* root;
    bool has_waited = false;

    // (As an aggregate all of it would be set to 0 first.)
    template <class Style, class A>
    tracked(Style, A&& awaitable, task_root* of)
        : awaiter(awaiter_of<Style>(std::forward<A>(awaitable))), root{of} {}

    bool await_ready() { return awaiter.await_ready(); }
    // A handle only where the awaiter gives one: GCC 12 makes no tail call of it below -O2, so that
    // going on at once by a handle of its own would cost stack each time.
    template <class Promise>
    auto await_suspend(std::coroutine_handle<Promise> waiting) {
        using returned = decltype(awaiter.await_suspend(waiting));
        constexpr bool transfers = !std::is_void_v<returned> && !std::is_same_v<returned, bool>;
        using outcome = std::conditional_t<transfers, std::coroutine_handle<>, bool>;
        if (root && root->is_doomed()) {
            root->runs(false);
            root->end_if_doomed();
            if constexpr (transfers) return outcome{std::noop_coroutine()};
            else return true;
        }
        // This may be gone when the awaiter returns, but not when it throws.
        struct waits {
            task_root* chain;
            explicit waits(task_root* r) : chain{r} {
                if (chain) chain->runs(false);
            }
            ~waits() {
                if (chain) chain->runs(true);
            }
        } undone{root};
        has_waited = true;
        outcome next{};
        if constexpr (std::is_void_v<returned>) next = (awaiter.await_suspend(waiting), true);
        else next = awaiter.await_suspend(waiting);
        undone.chain = nullptr;
        return next;
    }
    decltype(auto) await_resume() {
        if (root && has_waited) root->runs(true);
        return awaiter.await_resume();
    }
};

/// What of a task's promise does not depend on its type.
struct task_promise_base {
    // Goes on with who awaits the task, or tells the root.
    template <class Style>
    struct final_awaiter {
        static constexpr bool await_ready() noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
            Promise& promise = done.promise();
            if (!promise.has_returned() && !promise.thrown) [[unlikely]]
                promise.template nothing_returned<Style>();
            if (promise.continuation) return promise.continuation;
            promise.root->runs(false);
            promise.root->ended(*promise.root); // the coroutine may be gone now
            return std::noop_coroutine();
        }
        static void await_resume() noexcept {}
    };

    std::coroutine_handle<> continuation;
    task_root* root = nullptr;
    std::exception_ptr thrown;

    static std::suspend_always initial_suspend() noexcept { return {}; }
    template <class Style = error_style>
    static final_awaiter<Style> final_suspend() noexcept {
        return {};
    }
    void unhandled_exception() noexcept { thrown = std::current_exception(); }
    void rethrow() const {
        if (thrown) std::rethrow_exception(thrown);
    }

    template <class Style = error_style, class A>
    auto await_transform(A&& awaitable) {
        constexpr mistake wrong = awaited_mistake<A>();
        static_assert(require::sentence<wrong, A>());
        if constexpr (wrong == mistake::none) return track<Style>(std::forward<A>(awaitable));
        else if constexpr (wrong == mistake::awaited_as_lvalue)
            return await_transform<Style>(std::move(awaitable));
        else return anything{};
    }
    template <class Style = error_style, class T>
    auto await_transform(task<T>&& awaited) {
        return std::move(awaited).operator co_await();
    }

private:
    template <class Style, class A>
    auto track(A&& awaitable) {
        using awaiter = decltype(awaiter_of<Style>(std::forward<A>(awaitable)));
        return tracked<awaiter>{Style{}, std::forward<A>(awaitable), root};
    }
};

template <class T>
struct task_promise : task_promise_base {
    std::optional<std::remove_reference_t<T>> value;

    task<T> get_return_object();
    template <class U = T>
        requires std::constructible_from<T, U>
    void return_value(U&& returned) { value.emplace(std::forward<U>(returned)); }
    template <class U>
        requires(!std::constructible_from<T, U>)
    void return_value(U&&) { static_assert(require::sentence<mistake::wrong_co_return, U, T>()); }
    bool has_returned() const { return value.has_value(); }
    // A path without co_return, of which only some compilers warn.
    template <class Style>
    [[gnu::cold, gnu::noinline]] void nothing_returned() noexcept {
        constexpr char why[] = "a task that is to give a value has ended without co_return";
        if constexpr (is_result<T>) value.emplace(failure{error::failed(why)});
        else {
#ifdef __cpp_exceptions
            try {
                throw_error(error::failed(why));
            } catch (...) {
                thrown = std::current_exception();
            }
#else
            std::fprintf(stderr, "ctbus: %s\n", why);
            std::abort();
#endif
        }
    }
    std::remove_reference_t<T> take() {
        rethrow();
        return *std::move(value);
    }
};
template <>
struct task_promise<void> : task_promise_base {
    task<void> get_return_object();
    void return_void() {}
    static constexpr bool has_returned() { return true; }
    template <class>
    static void nothing_returned() noexcept {}
    void take() { rethrow(); }
};

/// Runs a task in the place of who awaits it.
template <class T>
struct task_awaiter {
    std::coroutine_handle<task_promise<T>> awaited;

    static constexpr bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> waiting) noexcept {
        awaited.promise().continuation = waiting;
        if constexpr (std::is_base_of_v<task_promise_base, Promise>)
            awaited.promise().root = waiting.promise().root;
        return awaited;
    }
    auto await_resume() { return awaited.promise().take(); }
};

} // namespace detail

} // namespace ctbus
