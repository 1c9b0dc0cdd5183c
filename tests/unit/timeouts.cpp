// S15: timeouts of synchronous calls. Nobody answers here, or too late. The clock is watched only
// to tell our timeouts from sd-bus's own 25 seconds.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <thread>

using namespace std::chrono_literals;
using test::contains;
using test::must;

namespace {

struct Slow : ctbus::interface<"org.example.Slow", ctbus::method<"Count", std::uint32_t()>,
                               ctbus::method<"Hinted", std::uint32_t(), ctbus::timeout_hint<3>>,
                               ctbus::property<"Value", std::uint32_t, ctbus::writable>> {};
struct service {
    std::uint32_t calls = 0;
    std::uint32_t value = 5;
    std::uint32_t count() { return ++calls; }
};
struct service_vtable : ctbus::implements<Slow, ctbus::handler<"Count", &service::count>,
                                          ctbus::handler<"Hinted", &service::count>,
                                          ctbus::accessor<"Value", &service::value>> {};

struct fixture {
    std::pair<ctbus::connection, ctbus::connection> pair = must(ctbus::connection::try_pair());
    ctbus::connection& ours = pair.first; // the service; it runs only where a test says so
    ctbus::connection& theirs = pair.second;
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    ctbus::proxy<Slow> proxy{theirs, "/test"};
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();

    ~fixture() { CHECK(std::chrono::steady_clock::now() - begin < 20s); }

    void catch_up() { // answers what came too late
        while (must(ours.try_process())) {
        }
    }
};

void is_timeout(const auto& outcome) {
    REQUIRE(!outcome);
    CHECK(outcome.error().template is<"org.freedesktop.DBus.Error.Timeout">());
    CHECK(outcome.error().code() == ETIMEDOUT);
    CHECK(contains(outcome.error().what(), "no reply came in time"));
}

} // namespace

TEST_CASE_FIXTURE(fixture, "S15 a timeout per proxy, of calls and properties") {
    const auto quick = proxy.with_timeout(2ms);
    is_timeout(quick.try_call<"Count">());
    is_timeout(quick.try_get<"Value">());
    is_timeout(quick.try_set<"Value">(6u));
    is_timeout(quick.try_get_all());
    const auto outcome = quick.try_call<"Count">();
    CHECK(contains(outcome.error().what(), "Count"));
    CHECK(contains(outcome.error().what(), "/test"));
#ifdef __cpp_exceptions
    try {
        quick.call<"Count">();
        FAIL("no exception");
    } catch (const ctbus::error& e) {
        CHECK(e.code() == ETIMEDOUT);
    }
#endif
}

TEST_CASE_FIXTURE(fixture, "S15 a late reply is dropped and the next call works") {
    is_timeout(proxy.with_timeout(2ms).try_call<"Count">());
    is_timeout(proxy.with_timeout(2ms).try_get<"Value">());
    catch_up();
    CHECK(served.calls == 1); // it was answered: 1
    test::service_thread thread{ours};
    CHECK(must(proxy.try_call<"Count">()) == 2);
    CHECK(must(proxy.try_get<"Value">()) == 5);
    CHECK(must(proxy.try_call<"Count">()) == 3);
}

TEST_CASE_FIXTURE(fixture, "S15 a timeout per call, by hand") {
    const auto call = must(theirs.try_new_call("", "/test", "org.example.Slow", "Count"));
    is_timeout(theirs.try_call(call, 2ms));
    const auto again = must(theirs.try_new_call("", "/test", "org.example.Slow", "Count"));
    CHECK_THROWS_AS(theirs.call(again, 2ms), ctbus::error);
}

TEST_CASE_FIXTURE(fixture, "S15 a timeout per connection") {
    theirs.default_timeout(2ms);
    is_timeout(proxy.try_call<"Count">());
    is_timeout(proxy.try_get<"Value">());
    is_timeout(
        theirs.try_call(must(theirs.try_new_call("", "/test", "org.example.Slow", "Count"))));
    // What a proxy says of itself goes first.
    catch_up();
    test::service_thread thread{ours};
    CHECK(must(proxy.with_timeout(1min).try_call<"Count">()) == 3);
}

TEST_CASE_FIXTURE(fixture, "S15 the option timeout_hint, which a proxy's own timeout overrides") {
    is_timeout(proxy.try_call<"Hinted">()); // 3 ms, not 25 s
    theirs.default_timeout(10min);
    is_timeout(proxy.try_call<"Hinted">());
    const auto patient = proxy.with_timeout(ctbus::infinite);
    catch_up();
    test::service_thread thread{ours};
    CHECK(must(patient.try_call<"Hinted">()) == 3);
}

TEST_CASE_FIXTURE(fixture, "S15 an infinite timeout outlasts the connection's") {
    theirs.default_timeout(1us);
    std::thread later{[this] {
        // Longer than the connection's timeout, which therefore is not in force.
        std::this_thread::sleep_for(30ms);
        while (served.calls == 0) must(ours.try_process());
    }};
    CHECK(must(proxy.with_timeout(ctbus::infinite).try_call<"Count">()) == 1);
    later.join();
}

TEST_CASE("S15 the timeout at first is sd-bus's 25 seconds") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    std::uint64_t timeout = 0;
    REQUIRE(sd_bus_get_method_call_timeout(theirs.get(), &timeout) >= 0);
    CHECK(timeout == 25'000'000);
    theirs.default_timeout(7s);
    REQUIRE(sd_bus_get_method_call_timeout(theirs.get(), &timeout) >= 0);
    CHECK(timeout == 7'000'000);
    theirs.default_timeout(ctbus::infinite);
    REQUIRE(sd_bus_get_method_call_timeout(theirs.get(), &timeout) >= 0);
    CHECK(timeout == UINT64_MAX);
}

TEST_CASE("durations of any unit become microseconds, rounded up") {
    using ctbus::detail::microseconds;
    CHECK(microseconds(1s) == 1'000'000);
    CHECK(microseconds(1500us) == 1500);
    CHECK(microseconds(1ns) == 1);
    CHECK(microseconds(1001ns) == 2);
    CHECK(microseconds(2h) == 7'200'000'000);
    CHECK(microseconds(std::chrono::duration<double>{0.25}) == 250'000);
    CHECK(microseconds(0s) == 1); // 0 would mean the default
    CHECK(microseconds(-5s) == 1);
    CHECK(microseconds(std::chrono::hours::max()) == UINT64_MAX);
    CHECK(microseconds(ctbus::infinite) == UINT64_MAX);
}

TEST_CASE_FIXTURE(fixture, "a wait may be longer than a time_t of 32 bits can tell") {
    const auto say = [&] {
        must(must(theirs.try_new_signal("/test", "org.example.Slow", "Said")).try_send());
    };
    say();
    while (must(theirs.try_process()) || must(ours.try_process())) {
    }
    say();
    CHECK(must(ours.try_wait(std::chrono::hours{700'000})));
}

TEST_CASE_FIXTURE(fixture, "S15 a service that goes while it is awaited is no timeout") {
    test::raw_peer peer;
    ctbus::proxy<Slow> waiting{peer.ours, "/test"};
    peer.hang_up();
    const auto outcome = waiting.try_call<"Count">();
    REQUIRE(!outcome);
    CHECK(outcome.error().code() != ETIMEDOUT);
}
