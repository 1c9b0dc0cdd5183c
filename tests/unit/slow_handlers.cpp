// set_slow_handler_threshold(): who held the loop is reported, whatever kind of handler it was.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_object.hpp>

#include "must.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ostream> // doctest prints string_views
#include <stdexcept>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <thread>
#include <utility>
#include <vector>

using test::contains;
using test::must;

namespace {

using namespace std::chrono_literals;

constexpr auto some_time = 20ms; // four times the threshold
constexpr auto threshold = 5ms;

void sleep() {
    std::this_thread::sleep_for(some_time);
}

struct sleeper {
    std::int32_t value = 1;

    std::int32_t work(std::int32_t n) {
        sleep();
        return n;
    }
    std::int32_t get_slow() const {
        sleep();
        return value;
    }
    std::int32_t get_quick() const { return value; }
    void set_slow(std::int32_t n) {
        sleep();
        value = n;
    }
    ctbus::result<void> fail() {
        sleep();
        return test::refuse<std::runtime_error>("not today");
    }
};

// clang-format off
struct sleeper_vtable : ctbus::vtable<"org.ctbus.Sleeper",
    ctbus::handler<"Work", &sleeper::work>,
    ctbus::handler<"Fail", &sleeper::fail>,
    ctbus::accessor<"Slow", &sleeper::get_slow>,
    ctbus::accessor<"Quick", &sleeper::get_quick, &sleeper::set_slow>,
    ctbus::signal<"Woke", void(std::int32_t)>> {};
// clang-format on

std::vector<ctbus::error> reported;

struct fixture {
    std::pair<ctbus::connection, ctbus::connection> ends = must(ctbus::connection::try_pair());
    ctbus::connection& service = ends.first;
    ctbus::connection& client = ends.second;
    sleeper served;
    test::exported<sleeper_vtable> object{service, "/bed", served};
    ctbus::proxy<sleeper_vtable> proxy{client, "/bed"};
    ctbus::report_handler before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.push_back(e); });

    fixture() {
        reported.clear();
        ctbus::set_slow_handler_threshold(threshold);
    }
    fixture(const fixture&) = delete;
    fixture& operator=(const fixture&) = delete;
    ~fixture() {
        ctbus::set_slow_handler_threshold(ctbus::infinite);
        ctbus::set_report_handler(before);
    }

    void settle() {
        for (bool busy = true; busy;) {
            const bool served_one = service.try_process().value_or(false);
            busy = client.try_process().value_or(false) || served_one;
        }
    }
    // Whether each report since the last time begins with one of these, in that order. A machine
    // that is busy may report more.
    static bool told(std::initializer_list<std::string> wanted) {
        auto next = reported.begin();
        bool all = true;
        for (const std::string& begin : wanted) {
            while (next != reported.end() && !next->message().starts_with(begin)) ++next;
            all = all && next != reported.end();
        }
        reported.clear();
        return all;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "slow handlers: a method, and what the report says") {
    std::int32_t got = 0;
    auto call = proxy.async_call<"Work">(7).then([&](auto r) { got = must(std::move(r)); });
    settle();
    CHECK(got == 7);
    REQUIRE_FALSE(reported.empty());
    const ctbus::error& report = reported.front();
    CHECK(report.code() == ETIME);
    CHECK(report.is<"org.freedesktop.DBus.Error.Failed">());
    const std::string text{report.message()};
    constexpr std::string_view begin = "org.ctbus.Sleeper.Work at /bed held the loop for ";
    REQUIRE(text.starts_with(begin));
    CHECK(std::stoi(text.substr(begin.size())) >= 20);
    CHECK(text.ends_with(" ms: take longer work to a deferred reply or a thread"));
}

TEST_CASE_FIXTURE(fixture, "slow handlers: one that fails is reported too") {
    std::string what;
    auto call = proxy.async_call<"Fail">().then([&](const auto& r) { what = r.error().message(); });
    settle();
    CHECK(what == "not today");
    CHECK(told({"org.ctbus.Sleeper.Fail at /bed held the loop for "}));
}

TEST_CASE_FIXTURE(fixture, "slow handlers: getters and setters, also in GetAll") {
    std::int32_t slow = 0;
    auto get = proxy.async_get<"Slow">().then([&](auto r) { slow = must(std::move(r)); });
    settle();
    CHECK(slow == 1);
    CHECK(told({"the getter of org.ctbus.Sleeper.Slow at /bed held the loop for "}));
    auto set = proxy.async_set<"Quick">(5).then([&](auto r) { must(std::move(r)); });
    settle();
    CHECK(served.value == 5);
    CHECK(told({"the setter of org.ctbus.Sleeper.Quick at /bed held the loop for "}));
    auto all = proxy.async_get_all().then([&](const auto& r) { CHECK(r.has_value()); });
    settle();
    CHECK(told({"the getter of org.ctbus.Sleeper.Slow at /bed held the loop for "}));
}

TEST_CASE_FIXTURE(fixture, "slow handlers: the callback of a signal") {
    std::int32_t heard = 0;
    const auto subscription = must(proxy.try_on<"Woke">([&](std::int32_t n) {
        sleep();
        heard = n;
    }));
    must(object->try_emit<"Woke">(3));
    settle();
    CHECK(heard == 3);
    CHECK(told({"the callback of signal org.ctbus.Sleeper.Woke at /bed held the loop for "}));
}

TEST_CASE_FIXTURE(fixture, "slow handlers: the callbacks of calls that do not wait") {
    int answers = 0;
    const auto slow_callback = [&](const auto& r) {
        sleep();
        answers += r.has_value() ? 1 : 0;
    };
    auto call = proxy.async_call<"Work">(1).then(slow_callback);
    settle();
    CHECK(told({"org.ctbus.Sleeper.Work at /bed held the loop for ",
                "the callback of a call of org.ctbus.Sleeper.Work at /bed held the loop for "}));
    auto get = proxy.async_get<"Quick">().then(slow_callback);
    settle();
    CHECK(
        told({"the callback of a call about org.ctbus.Sleeper.Quick at /bed held the loop for "}));
    CHECK(answers == 2);
}

TEST_CASE_FIXTURE(fixture, "slow handlers: raw objects, and what a handler waits for") {
    auto other_ends = must(ctbus::connection::try_pair());
    ctbus::connection& near = other_ends.first;
    std::thread far{[bus = other_ends.second.get()] {
        sd_bus_message* call = nullptr;
        while (sd_bus_process(bus, &call) >= 0 && !call) sd_bus_wait(bus, 5000);
        sleep();
        sd_bus_reply_method_return(call, nullptr);
        sd_bus_message_unref(call);
    }};
    const auto raw =
        must(ctbus::raw_object::try_make(service, "/any", [&near](const ctbus::message& call) {
            must(near.try_call(must(near.try_new_call("", "/far", "org.ctbus.Any", "Ask"))));
            must(call.try_reply());
        }));
    must(must(client.try_new_call("", "/any", "org.ctbus.Any", "Do")).try_send());
    settle();
    far.join();
    CHECK(told({"org.ctbus.Any.Do at /any held the loop for "}));
}

namespace {
struct leaving {
    std::optional<ctbus::raw_object> raw;
    std::optional<test::exported<struct leaving_vtable>> object;
    std::int32_t leave() {
        object.reset();
        sleep();
        return 1;
    }
};
struct leaving_vtable
    : ctbus::vtable<"org.ctbus.Leaving", ctbus::accessor<"Last", &leaving::leave>> {};
} // namespace

TEST_CASE_FIXTURE(fixture, "slow handlers: an object that goes in its own handler is named") {
    leaving served_once;
    const auto drop = [&served_once](const ctbus::message& call) {
        must(call.try_reply());
        served_once.raw.reset();
        sleep();
    };
    served_once.raw.emplace(must(ctbus::raw_object::try_make(service, "/once", drop)));
    must(must(client.try_new_call("", "/once", "org.ctbus.Any", "Do")).try_send());
    settle();
    CHECK(told({"org.ctbus.Any.Do at /once held the loop for "}));

    const std::string path = "/made/at/run/time";
    served_once.object.emplace(service, must(ctbus::object_path::parse(path)), served_once);
    const ctbus::proxy<leaving_vtable> there{client, must(ctbus::object_path::parse(path))};
    auto get = there.async_get<"Last">().then([](const auto&) {});
    settle();
    CHECK_FALSE(served_once.object.has_value());
    CHECK(told({"the getter of org.ctbus.Leaving.Last at /made/at/run/time held the loop for "}));
}

TEST_CASE_FIXTURE(fixture, "slow handlers: nothing is reported below the threshold, or without") {
    const auto run_all = [&] {
        const auto subscription = must(proxy.try_on<"Woke">([](std::int32_t) { sleep(); }));
        auto call = proxy.async_call<"Work">(1).then([](const auto&) { sleep(); });
        auto get = proxy.async_get<"Slow">().then([](const auto&) {});
        auto set = proxy.async_set<"Quick">(1).then([](const auto&) {});
        must(object->try_emit<"Woke">(3));
        settle();
    };
    ctbus::set_slow_handler_threshold(std::chrono::hours{1});
    run_all();
    CHECK(reported.empty());
    ctbus::set_slow_handler_threshold(ctbus::infinite);
    run_all();
    CHECK(reported.empty());
    ctbus::set_slow_handler_threshold(threshold);
    run_all();
    CHECK(reported.size() >= 5);
}
