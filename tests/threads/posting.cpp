// Work from other threads: what they post, their stop() and stop requests, and the end of it all.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/stop.hpp>

#include "must.hpp"
#include "one_thread.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <poll.h>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using ctbus::connection;
using ctbus::task;
using test::must;
using namespace std::chrono_literals;

namespace {

/// Ends the program where a test hangs: a thread that waits cannot be told otherwise.
class watchdog {
public:
    watchdog() = default;
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;
    ~watchdog() { thread_.request_stop(); }

private:
    std::jthread thread_{[](const std::stop_token& done) {
        for (int i = 0; i < 1000 && !done.stop_requested(); ++i) std::this_thread::sleep_for(100ms);
        if (done.stop_requested()) return;
        std::fputs("a loop was not woken\n", stderr);
        std::abort();
    }};
};

/// Counts the copies of itself that live.
struct counted {
    std::atomic<int>* count;
    explicit counted(std::atomic<int>& of) : count{&of} { ++*count; }
    counted(counted&& other) noexcept : count{other.count} { ++*count; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --*count; }
};

} // namespace

TEST_CASE("post(): 8 threads, 10,000 functions each: all run here, in the order of each thread") {
    const watchdog guard;
    constexpr int threads = 8, each = 10'000;
    auto [bus, peer] = must(connection::try_pair());
    const auto here = std::this_thread::get_id();
    std::vector<int> last(threads, -1);
    int ran = 0, wrong = 0;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
        all.emplace_back([&, t, to = bus.poster()] {
            for (int i = 0; i < each; ++i) {
                const bool posted = to.post([&, t, i] {
                    int& before = last[static_cast<std::size_t>(t)];
                    if (std::this_thread::get_id() != here || before != i - 1) ++wrong;
                    before = i;
                    if (++ran == threads * each) bus.stop();
                });
                if (!posted) std::abort();
                if (i % 1000 == 999) std::this_thread::sleep_for(1ms); // lets the loop sleep
            }
        });
    must(bus.try_run());
    for (std::thread& t : all) t.join();
    CHECK(ran == threads * each);
    CHECK(wrong == 0);
}

TEST_CASE("post(): wakes a loop that sleeps, whoever it is that waits") {
    const watchdog guard;
    auto [bus, peer] = must(connection::try_pair());
    const auto soon = [](std::function<void()> what) {
        return std::thread{[what = std::move(what)] {
            std::this_thread::sleep_for(5ms);
            what();
        }};
    };
    std::thread one = soon([&] { bus.post([&] { bus.stop(); }); });
    must(bus.try_run());
    one.join();
    // wait(), and a foreign loop's poll().
    bool ran = false;
    one = soon([&] { bus.post([&] { ran = true; }); });
    while (!ran) {
        must(bus.try_wait());
        must(bus.try_process());
    }
    one.join();
    ran = false;
    one = soon([&] { bus.post([&] { ran = true; }); });
    while (!ran) {
        while (must(bus.try_process())) {
        }
        if (ran) break;
        const auto wanted = must(bus.try_poll_data());
        pollfd fd{wanted.fd, wanted.events, 0};
        REQUIRE(::poll(&fd, 1, 20'000) == 1);
    }
    one.join();
    // A task.
    one = soon([&] { bus.post([&] { ran = false; }); });
    const auto until = [](connection& on, const bool& flag) -> task<void> {
        while (flag) co_await ctbus::after(on, 1ms);
    };
    must(bus.try_run(until(bus, ran)));
    one.join();
}

TEST_CASE("post(): functions that only move, and large ones") {
    auto [bus, peer] = must(connection::try_pair());
    int sum = 0;
    std::array<int, 100> large{};
    large[99] = 10;
    CHECK(bus.post([own = std::make_unique<int>(1), &sum] { sum += *own; }));
    CHECK(bus.post([large, &sum] { sum += large[99]; }));
    std::function<void()> kept = [&sum] { sum += 100; };
    CHECK(bus.post(kept)); // copied
    CHECK(bus.post(std::move(kept)));
    while (must(bus.try_process())) {
    }
    CHECK(sum == 211);
}

#ifdef __cpp_exceptions
TEST_CASE("post(): what a function throws is reported, and the next ones run") {
    const test::reports reported;
    auto [bus, peer] = must(connection::try_pair());
    bool ran = false;
    CHECK(bus.post([] { throw std::runtime_error{"oh"}; }));
    CHECK(bus.post([&] { ran = true; }));
    while (must(bus.try_process())) {
    }
    CHECK(ran);
    REQUIRE(test::reports::texts().size() == 1);
    CHECK(test::reports::texts()[0].find("oh (in a posted function)") != std::string::npos);
}
#endif

TEST_CASE("post(): a poster outlives its connection") {
    std::atomic<int> alive{0};
    std::optional<ctbus::poster> poster;
    {
        auto [bus, peer] = must(connection::try_pair());
        poster.emplace(bus.poster());
        CHECK(poster->post([kept = counted{alive}] { FAIL("it was closed first"); }));
        CHECK(alive == 1);
    }
    CHECK(alive == 0);
    const ctbus::poster copy = *poster;
    poster.reset();
    std::thread other{[&] {
        if (copy.post([kept = counted{alive}] { std::abort(); })) std::abort();
    }};
    other.join();
    CHECK(alive == 0);
}

TEST_CASE("post(): closed by what runs while more is posted already") {
    std::atomic<int> alive{0};
    for (const int how : {0, 1, 2}) {
        CAPTURE(how);
        auto [bus, peer] = must(connection::try_pair());
        int ran = 0;
        ctbus::timer timer;
        const auto close = [&, &own = bus] {
            ++ran;
            CHECK(own.post([kept = counted{alive}, &ran] { ++ran; }));
            test::close(own);
            CHECK_FALSE(own.post([&ran] { ++ran; }));
        };
        if (how == 0) CHECK(bus.post(close));
        if (how == 1) timer = ctbus::after(bus, 1ms).then(close);
        if (how == 2)
            bus.spawn([](connection& on, const auto& act) -> task<void> {
                co_await ctbus::after(on, 1ms);
                act();
            }(bus, close));
        CHECK(bus.post([kept = counted{alive}] {}));
        static_cast<void>(bus.try_run());
        static_cast<void>(bus.try_process());
        CHECK(ran == 1);
        CHECK_FALSE(bus.post([&ran] { ++ran; }));
        CHECK(alive == 0);
    }
}

TEST_CASE("post(): from threads while the connection closes: each function ends once") {
    const watchdog guard;
    for (int round = 0; round < 60; ++round) {
        std::atomic<int> alive{0}, posted{0};
        int ran = 0;
        {
            auto ends = std::make_optional(must(connection::try_pair()));
            connection& bus = ends->first;
            std::vector<std::thread> all;
            for (int t = 0; t < 4; ++t)
                all.emplace_back([&, to = bus.poster()] {
                    while (to.post([kept = counted{alive}, &ran] { ++ran; }))
                        // Not ever more than is run, on a machine that has other work to do.
                        if (++posted % 50 == 0 || alive > 500) std::this_thread::sleep_for(50us);
                });
            // Closed by a function of its own, after a while, or by what destroys it.
            if (round % 2 == 0) {
                const auto timer =
                    ctbus::after(bus, std::chrono::microseconds{round * 10}).then([&] {
                        test::close(bus);
                    });
                static_cast<void>(bus.try_run());
            } else {
                for (int i = 0; i < round; ++i) must(bus.try_process());
                ends.reset();
            }
            for (std::thread& t : all) t.join();
        }
        CHECK(alive == 0);
        CHECK(ran <= posted);
    }
}

TEST_CASE("stop() from another thread ends run(), every time") {
    const watchdog guard;
    auto [bus, peer] = must(connection::try_pair());
    // The other thread posts too, so that the loop is awake or about to sleep when it is stopped.
    std::atomic<int> wanted{0}, done{0};
    constexpr int rounds = 5000;
    std::thread other{[&, to = bus.poster()] {
        for (int i = 1; i <= rounds; ++i) {
            while (wanted.load() < i) std::this_thread::yield();
            if (i % 4 != 0) to.post([] {});
            for (int spin = 0; spin < i % 50 * 20; ++spin)
                std::atomic_signal_fence(std::memory_order_seq_cst);
            bus.stop();
            while (done.load() < i) std::this_thread::yield();
        }
    }};
    for (int i = 1; i <= rounds; ++i) {
        wanted = i;
        must(bus.try_run());
        done = i;
    }
    other.join();
}

namespace {

struct slow {
    std::vector<ctbus::deferred<std::int32_t>> waiting;
    std::vector<std::thread> threads;
    ctbus::poster home;
    std::thread::id replied_in{};

    explicit slow(const connection& bus) : home{bus.poster()} {}
    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void compute(std::int32_t n, ctbus::deferred<std::int32_t> reply) {
        threads.emplace_back([this, n, later = std::move(reply)]() mutable {
            std::this_thread::sleep_for(1ms);
            home.post([this, n, answer = std::move(later)]() mutable {
                replied_in = std::this_thread::get_id();
                must(answer.try_reply(n + 1));
            });
        });
    }
};
// clang-format off
struct slow_vtable : ctbus::vtable<"org.ctbus.Slow",
    ctbus::handler<"Twice", &slow::twice>,
    ctbus::handler<"Compute", &slow::compute>> {};
// clang-format on

} // namespace

TEST_CASE("S18 a deferred reply that another thread makes is posted, and wakes the loop") {
    const watchdog guard;
    auto [bus, peer] = must(connection::try_pair());
    slow served{bus};
    test::exported<slow_vtable> object{bus, "/slow", served};
    std::thread::id service_id{};
    std::thread service{[&, &own = bus] {
        service_id = std::this_thread::get_id();
        must(own.try_run());
    }};
    {
        const ctbus::proxy<slow_vtable> proxy{peer, "/slow"};
        for (std::int32_t i = 0; i < 50; ++i) {
            CHECK(must(proxy.try_call<"Compute">(i)) == i + 1);
            CHECK(must(proxy.try_call<"Twice">(i)) == 2 * i);
        }
    }
    bus.stop();
    service.join();
    for (std::thread& t : served.threads) t.join();
    CHECK(served.replied_in == service_id);
}

TEST_CASE("stopped(): requests from other threads, waited for and given up") {
    const watchdog guard;
    auto [bus, peer] = must(connection::try_pair());
    const auto wait = [](connection& on, std::stop_token token) -> task<void> {
        co_await ctbus::stopped(on, std::move(token));
    };
    int called = 0;
    for (int i = 0; i < 300; ++i) {
        std::stop_source source, given_up;
        auto handle = std::make_optional(
            ctbus::stopped(bus, given_up.get_token()).then([&called] { ++called; }));
        std::thread other{[&] {
            given_up.request_stop();
            source.request_stop();
        }};
        if (i % 2 == 0) std::this_thread::yield();
        handle.reset();
        const int before = called;
        must(bus.try_run(wait(bus, source.get_token())));
        CHECK(called == before);
        other.join();
    }
}
