// Cancelling what owns itself, and what is being executed: nothing is used after it is gone.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include "one_thread.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <coroutine>
#include <memory>
#include <ostream> // doctest prints string_views
#include <stdexcept>
#include <string>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <thread>
#include <utility>

using namespace std::chrono_literals;

using test::must;

namespace {

struct silent {
    ctbus::deferred<> held;
    void never(ctbus::deferred<> reply) { held = std::move(reply); }
};
struct silent_vtable : ctbus::vtable<"org.ctbus.Silent", ctbus::handler<"Never", &silent::never>> {
};

// Its callback holds the last share of what holds the handle.
template <class Handle>
struct session : std::enable_shared_from_this<session<Handle>> {
    Handle handle;
    bool* gone;
    explicit session(bool* flag) : gone{flag} {}
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session() { *gone = true; }
};

// An event of the user's, which resumes who waits at once.
struct user_event {
    std::coroutine_handle<> waiting;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> h) { waiting = h; }
    void await_resume() const {}
    void set() {
        if (waiting) std::exchange(waiting, nullptr).resume();
    }
};

} // namespace

TEST_CASE_FIXTURE(test::both_ends, "a handle whose callback owns it may be cancelled or replaced") {
    silent served;
    const test::exported<silent_vtable> object{service, "/silent", served};
    const ctbus::proxy<silent_vtable> proxy{client, "/silent"};
    for (const bool replaces : {false, true}) {
        bool timer_gone = false, call_gone = false;
        auto timer = std::make_shared<session<ctbus::timer>>(&timer_gone);
        timer->handle = ctbus::after(client, 1h).then([timer] {});
        auto* raw_timer = std::exchange(timer, nullptr).get();
        auto call = std::make_shared<session<ctbus::async_handle>>(&call_gone);
        call->handle = proxy.async_call<"Never">().then([call](const auto&) {});
        auto* raw_call = std::exchange(call, nullptr).get();
        CHECK_FALSE(timer_gone);
        if (replaces) raw_timer->handle = {}, raw_call->handle = {};
        else raw_timer->handle.cancel(), raw_call->handle.cancel();
        CHECK(timer_gone);
        CHECK(call_gone);
    }
}

TEST_CASE_FIXTURE(test::both_ends, "what is executed is not destroyed, whoever waits meanwhile") {
    user_event event;
    ctbus::task_handle handle;
    std::string text(100, 'a');
    bool went_on = false;
    const auto listen = [](user_event& e) -> ctbus::task<> {
        for (;;) co_await e;
    };
    const auto work = [](test::both_ends& all, user_event& e, ctbus::task_handle& own,
                         std::string& out, bool& reached) -> ctbus::task<> {
        std::string local = out;
        co_await ctbus::after(all.client, 1ms);
        e.set(); // the other branch runs, and waits again
        own.cancel();
        local[0] = 'b';
        out = local;
        co_await ctbus::after(all.client, 1ms);
        reached = true;
    };
    const auto both = [&](auto& l, auto& w) -> ctbus::task<> {
        co_await ctbus::first_of(l(event), w(*this, event, handle, text, went_on));
    };
    handle = client.spawn(both(listen, work));
    REQUIRE(until([&] { return !handle; }));
    settle();
    CHECK(text[0] == 'b');
    CHECK_FALSE(went_on);
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(test::both_ends, "an awaiter that throws leaves its coroutine running") {
    struct bad {
        bool await_ready() const { return false; }
        void await_suspend(std::coroutine_handle<>) const { throw std::runtime_error{"no"}; }
        void await_resume() const {}
    };
    ctbus::task_handle handle;
    std::string text;
    const auto work = [](const ctbus::connection& bus, ctbus::task_handle& own,
                         std::string& out) -> ctbus::task<> {
        std::string local(100, 'a');
        co_await ctbus::after(bus, 1ms);
        try {
            co_await bad{};
        } catch (const std::runtime_error& e) {
            local += e.what();
        }
        own.cancel();
        out = local;
        co_await ctbus::after(bus, 1ms);
        out.clear();
    };
    handle = client.spawn(work(client, handle, text));
    REQUIRE(until([&] { return !handle; }));
    CHECK(text.ends_with("ano"));
}
#endif

TEST_CASE_FIXTURE(test::both_ends, "a function of a coroutine is kept until its task has ended") {
    const std::string text(100, 'x');
    std::string got;
    client.spawn([copy = text, &got, &bus = client]() -> ctbus::task<> {
        co_await ctbus::after(bus, 1ms);
        got = copy;
    });
    REQUIRE(until([&] { return !got.empty(); }));
    CHECK(got == text);
    CHECK(must(client.try_run([copy = text, &bus = client]() -> ctbus::task<std::size_t> {
              co_await ctbus::after(bus, 1ms);
              co_return copy.size();
          })) == 100);
}

TEST_CASE_FIXTURE(test::both_ends, "a race that waits for what is executed leaves nothing behind") {
    for (const bool all_run : {false, true}) {
        int alive = 0, raced = 0;
        const auto runs_others = [&](std::chrono::milliseconds begins) -> ctbus::task<> {
            const test::local here{alive};
            co_await ctbus::after(client, begins);
            std::this_thread::sleep_for(5ms);
            static_cast<void>(client.try_process()); // what the others wait for is due
            co_await ctbus::after(client, 1h);
        };
        const auto race = [&]() -> ctbus::task<> {
            const test::local here{alive};
            if (all_run)
                co_await ctbus::first_of(runs_others(2ms), runs_others(1ms),
                                         ctbus::after(client, 3ms)); // the second runs the first
            else co_await ctbus::first_of(runs_others(1ms), ctbus::after(client, 3ms));
            CHECK(alive == 1);
            ++raced;
            co_await ctbus::after(client, 1h);
        };
        auto handle = client.spawn(race);
        REQUIRE(until([&] { return raced == 1; }));
        settle();
        CHECK(alive == 1);
        handle.cancel();
        CHECK(alive == 0);
        CHECK_FALSE(static_cast<bool>(handle));
    }
}

TEST_CASE_FIXTURE(test::both_ends, "a task of which two parts are executed goes when both wait") {
    ctbus::task_handle handle;
    int alive = 0;
    bool cancelled = false, went_on = false;
    const auto outer = [&]() -> ctbus::task<> {
        const test::local here{alive};
        const std::string text(100, 'x');
        co_await ctbus::after(client, 1ms);
        std::this_thread::sleep_for(5ms);
        REQUIRE(client.try_process().value_or(false)); // runs `inner`, which is due
        CHECK(cancelled);
        CHECK(text == std::string(100, 'x'));
        co_await ctbus::after(client, 1ms);
        went_on = true;
    };
    const auto inner = [&]() -> ctbus::task<> {
        const test::local here{alive};
        co_await ctbus::after(client, 3ms);
        handle.cancel();
        cancelled = true;
        co_await ctbus::after(client, 1ms);
        went_on = true;
    };
    handle = client.spawn([&]() -> ctbus::task<> { co_await ctbus::first_of(outer(), inner()); });
    REQUIRE(until([&] { return alive == 0; }));
    settle();
    CHECK_FALSE(went_on);
}

TEST_CASE("closing calls nobody, whatever comes in while it sends what is queued") {
    test::both_ends all;
    silent served;
    const test::exported<silent_vtable> object{all.service, "/silent", served};
    const ctbus::proxy<silent_vtable> proxy{all.client, "/silent"};
    int alive = 0, called = 0, lost = 0;
    all.client.spawn([&]() -> ctbus::task<> {
        const test::local here{alive};
        static_cast<void>(co_await proxy.async_call<"Never">());
        ++called;
    });
    auto held = proxy.async_call<"Never">().then([&](const auto&) { ++called; });
    proxy.async_call<"Never">()
        .then([&](const ctbus::result<void>& answer) {
            CHECK((!answer && answer.error().code() == ENOTCONN));
            ++lost;
        })
        .detach();
    while (all.client.try_process().value_or(false)) {
    }
    while (all.service.try_process().value_or(false)) {
    }
    served.held = {}; // the last of them is answered; the others are, as they were replaced
    while (all.service.try_process().value_or(false)) {
    }
    CHECK(alive == 1);
    // More than the socket takes.
    for (int i = 0; i < 3; ++i) {
        auto large = must(all.client.try_new_signal("/large", "org.ctbus.Large", "Large"));
        must(large.try_append(std::string(8'000'000, 'x')));
        must(large.try_send());
    }
    test::close(all.client);
    CHECK(called == 0);
    CHECK(lost == 1);
    CHECK(alive == 0);
    CHECK_FALSE(static_cast<bool>(held));
}

TEST_CASE("timers and posts of a bus that is in an sd-event loop already") {
    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    {
        test::both_ends all;
        must(all.client.try_attach(loop));
        const ctbus::connection wrapped{all.client.get()};
        int done = 0;
        const auto run_until = [&](int wanted) {
            const auto end = std::chrono::steady_clock::now() + 20s;
            while (done < wanted && std::chrono::steady_clock::now() < end)
                sd_event_run(loop, 100'000);
            CHECK(done == wanted);
        };
        // Alone, so that no timer wakes the loop in its place.
        std::thread poster{[&] { wrapped.post([&] { ++done; }); }};
        run_until(1);
        poster.join();
        const auto timer = ctbus::after(wrapped, 1ms).then([&] { ++done; });
        const auto other = ctbus::after(all.client, 1ms).then([&] { ++done; });
        run_until(3);
        CHECK(sd_bus_detach_event(all.client.get()) >= 0);
    }
    sd_event_unref(loop);
}

TEST_CASE_FIXTURE(test::both_ends, "process() of a connection that its callback closed") {
    const auto timer = ctbus::after(client, 1ms).then([&] { test::close(client); });
    bool failed = false;
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (timer && !failed && std::chrono::steady_clock::now() < end)
        failed = !client.try_process().has_value();
    CHECK_FALSE(failed);
    CHECK_FALSE(client.try_process().has_value());
}
