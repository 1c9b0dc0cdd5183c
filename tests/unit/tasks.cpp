// Coroutines: task<T>, bus.run(task), bus.spawn(task).
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using ctbus::connection;
using ctbus::task;
using test::contains;
using test::local;
using test::must;
using namespace std::chrono_literals;

namespace {

struct slow {
    std::vector<ctbus::deferred<std::int32_t>> waiting;
    std::function<void()> action;

    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void wait(ctbus::deferred<std::int32_t> reply) { waiting.push_back(std::move(reply)); }
    void act() { action(); }
};
// clang-format off
struct slow_vtable : ctbus::vtable<"org.ctbus.Slow",
    ctbus::handler<"Twice", &slow::twice>,
    ctbus::handler<"Wait", &slow::wait>,
    ctbus::handler<"Act", &slow::act>> {};
// clang-format on

struct fixture : test::both_ends {
    slow served;
    test::exported<slow_vtable> object{service, "/slow", served};
    ctbus::proxy<slow_vtable> proxy{client, "/slow"};
    int alive = 0;
};

struct no_default {
    explicit no_default(std::int32_t v) : n{v} {}
    std::int32_t n;
};
struct move_only_no_default {
    explicit move_only_no_default(std::int32_t v) : n{std::make_unique<std::int32_t>(v)} {}
    std::unique_ptr<std::int32_t> n;
};

task<std::int32_t> number(std::int32_t n) {
    co_return n;
}
task<void> nothing() {
    co_return;
}
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wreturn-type" // GCC does not warn
#endif
task<std::string> forgetful(bool returns) {
    if (returns) co_return "text";
}
task<ctbus::result<std::string>> forgetful_result(bool returns) {
    if (returns) co_return "text";
}
task<void> add(int& to, int n) {
    to += n;
    co_return;
}
task<std::unique_ptr<std::int32_t>> pointer(std::int32_t n) {
    co_return std::make_unique<std::int32_t>(n);
}
task<no_default> without_default(std::int32_t n) {
    co_return no_default{n};
}
task<move_only_no_default> moved_only(std::int32_t n) {
    co_return move_only_no_default{n};
}
task<ctbus::result<std::int32_t>> maybe(bool fine) {
    if (!fine) co_return ctbus::failure{ctbus::error::make<"org.ctbus.Error.Sorry">("not today")};
    co_return 5;
}
task<ctbus::result<void>> maybe_nothing(bool fine) {
    if (!fine) co_return ctbus::failure{ctbus::error::make<"org.ctbus.Error.Sorry">("not today")};
    co_return {};
}
task<std::int32_t> everything() {
    std::int32_t sum = co_await number(1);
    co_await nothing();
    sum += *co_await pointer(10);
    sum += (co_await without_default(100)).n;
    sum += *(co_await moved_only(1000)).n;
    sum += *co_await maybe(true) * 10'000;
    const auto refused = co_await maybe(false);
    const auto refused_void = co_await maybe_nothing(false);
    const auto fine = co_await maybe_nothing(true);
    co_return refused || refused_void || !fine ? -1 : sum;
}
task<void> forever(connection& bus, int& alive) {
    const local here{alive};
    for (;;) co_await ctbus::after(bus, 1h);
}
task<std::int32_t> later(connection& bus, std::int32_t n) {
    co_await ctbus::after(bus, 1ms);
    co_return n;
}
task<std::int32_t> call_twice(ctbus::proxy<slow_vtable> proxy, std::int32_t n, int& alive) {
    const local here{alive};
    co_return (co_await proxy.async_call<"Twice">(n)).value_or(-1);
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a task that nobody awaits runs nothing, and leaks nothing") {
    auto argument = std::make_shared<int>(1);
    int ran = 0;
    {
        const auto made = [](std::shared_ptr<int> kept, int& count) -> task<void> {
            ++count;
            static_cast<void>(kept);
            co_return;
        }(argument, ran);
        CHECK(argument.use_count() == 2);
        auto one = number(1);
        auto two = std::move(one);
        two = number(3); // the first is destroyed
        CHECK(must(client.try_run(std::move(two))) == 3);
    }
    CHECK(argument.use_count() == 1);
    CHECK(ran == 0);
}

TEST_CASE_FIXTURE(fixture, "co_await on tasks gives every kind of value") {
    CHECK(must(client.try_run(everything())) == 51'111);
}

TEST_CASE_FIXTURE(fixture, "a task that ends without co_return of its value is an error") {
    constexpr const char* why = "without co_return";
    CHECK(must(client.try_run(forgetful(true))) == "text");
    CHECK(must(client.try_run(forgetful_result(true))) == "text");
    const auto forgot = client.try_run(forgetful_result(false));
    REQUIRE(!forgot);
    CHECK(contains(forgot.error().message(), why));
#ifdef __cpp_exceptions // otherwise it ends the program
    const auto plain = client.try_run(forgetful(false));
    REQUIRE(!plain);
    CHECK(contains(plain.error().message(), why));
    const auto through =
        client.try_run([]() -> task<std::string> { co_return co_await forgetful(false) + "more"; });
    REQUIRE(!through);
    CHECK(contains(through.error().message(), why));
#endif
}

TEST_CASE_FIXTURE(fixture, "run() of a task: values, void, results") {
    int count = 0;
    CHECK(must(client.try_run(number(3))) == 3);
    must(client.try_run(add(count, 2)));
    CHECK(count == 2);
    CHECK(*must(client.try_run(pointer(4))) == 4);
    CHECK(*must(client.try_run(moved_only(6))).n == 6);
    CHECK(must(client.try_run(later(client, 7))) == 7);
    CHECK(must(client.try_run(maybe(true))) == 5);
    must(client.try_run(maybe_nothing(true)));
    const ctbus::result<std::int32_t> no = client.try_run(maybe(false));
    REQUIRE_FALSE(no.has_value());
    CHECK(no.error().is<"org.ctbus.Error.Sorry">());
    const ctbus::result<void> none = client.try_run(maybe_nothing(false));
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().is<"org.ctbus.Error.Sorry">());
#ifdef __cpp_exceptions
    CHECK(client.run(number(3)) == 3);
    client.run(add(count, 2));
    CHECK(client.run(maybe(true)) == 5);
    client.run(maybe_nothing(true));
    CHECK_THROWS_AS(client.run(maybe(false)), ctbus::error);
    CHECK_THROWS_AS(client.run(maybe_nothing(false)), ctbus::error);
    CHECK(*client.run(pointer(9)) == 9);
#endif
}

#ifdef __cpp_exceptions
namespace {

task<std::int32_t> thrower(connection& bus, bool waits, int& alive) {
    const local here{alive};
    if (waits) co_await ctbus::after(bus, 1ms);
    throw std::runtime_error{"deep down"};
}
task<std::int32_t> level(connection& bus, bool waits, int depth, int& alive) {
    const local here{alive};
    if (depth == 0) co_return co_await thrower(bus, waits, alive);
    co_return 1 + co_await level(bus, waits, depth - 1, alive);
}
task<std::string> catcher(connection& bus, bool waits, int& alive) {
    std::string what;
    try {
        static_cast<void>(co_await level(bus, waits, 5, alive));
    } catch (const std::runtime_error& e) {
        what = e.what();
    }
    co_await ctbus::after(bus, 1ms); // it goes on as if nothing had happened
    co_return what;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "what a task throws goes through all levels") {
    for (const bool waits : {false, true}) {
        CHECK(client.run(catcher(client, waits, alive)) == "deep down");
        CHECK_THROWS_WITH_AS(client.run(level(client, waits, 3, alive)), "deep down",
                             std::runtime_error);
        const auto tried = client.try_run(level(client, waits, 3, alive));
        REQUIRE_FALSE(tried.has_value());
        CHECK(tried.error().is<"org.freedesktop.DBus.Error.Failed">());
        CHECK(tried.error().message() == "deep down");
        CHECK(alive == 0);
    }
}
#endif

TEST_CASE_FIXTURE(fixture, "stop() ends run(task) with an error, and the task with it") {
    must(client.try_on_disconnect([](const ctbus::error&) {})); // some part of its own beside
    CHECK(client.post([this] { client.stop(); }));
    const auto stopped = client.try_run(forever(client, alive));
    REQUIRE_FALSE(stopped.has_value());
    CHECK(stopped.error().code() == ECANCELED);
    CHECK(contains(stopped.error().what(), "stop() came before the task's end"));
    CHECK(alive == 0);
    CHECK(must(client.try_run(later(client, 1))) == 1); // the next one is not stopped
}

TEST_CASE_FIXTURE(fixture,
                  "a task that was moved into run() ends with it, also where that is stopped") {
    auto work = [](ctbus::proxy<slow_vtable> p, int& here) -> task<> {
        const local counted{here};
        static_cast<void>(co_await p.async_call<"Wait">());
    }(proxy, alive);
    const auto stopping = ctbus::after(client, 0ms).then([&] { client.stop(); });
    REQUIRE(!client.try_run(std::move(work)));
    CHECK(alive == 0);
    settle();
}

TEST_CASE_FIXTURE(fixture, "run(task) on a connection that is closed, or closes, or is lost") {
    test::close(client);
    const auto closed = client.try_run(forever(client, alive));
    REQUIRE_FALSE(closed.has_value());
    CHECK(closed.error().code() == ENOTCONN);
    CHECK(alive == 0);

    test::both_ends others;
    others.client.post([&] { test::close(others.client); });
    CHECK_FALSE(others.client.try_run(forever(others.client, alive)).has_value());
    CHECK(alive == 0);

    test::both_ends third;
    test::close(third.service);
    const auto lost = third.client.try_run(forever(third.client, alive));
    REQUIRE_FALSE(lost.has_value());
    CHECK(contains(lost.error().what(), "the connection is lost"));
    CHECK(alive == 0);
}

TEST_CASE_FIXTURE(fixture, "run(task) inside a handler of the same connection says that it waits "
                           "for itself") {
    std::optional<ctbus::result<std::int32_t>> inside, at_once;
    served.action = [&] {
        inside = service.try_run(later(service, 1));
        at_once = service.try_run(number(2));
    };
    bool answered = false;
    auto handle = proxy.async_call<"Act">().then([&](auto r) { answered = r.has_value(); });
    settle();
    CHECK(answered);
    REQUIRE(inside.has_value());
    REQUIRE_FALSE(inside->has_value());
    CHECK(inside->error().code() == EBUSY);
    CHECK(contains(inside->error().what(),
                   "this would wait for itself: a handler of this connection is running"));
    REQUIRE(at_once.has_value());
    CHECK(must(std::move(*at_once)) == 2); // needs no loop
}

TEST_CASE_FIXTURE(fixture, "run(task) inside a posted function, a timer, and another task") {
    std::int32_t sum = 0;
    CHECK(client.post([&] { sum += must(client.try_run(later(client, 1))); }));
    auto timer =
        ctbus::after(client, 1ms).then([&] { sum += 10 * must(client.try_run(later(client, 2))); });
    auto handle = client.spawn([](connection& bus, std::int32_t& to) -> task<void> {
        co_await ctbus::after(bus, 2ms);
        to += 100 * must(bus.try_run(later(bus, 3)));
    }(client, sum));
    CHECK(until([&] { return sum == 321; }));
}

TEST_CASE_FIXTURE(fixture, "a loop inside a posted function runs what was posted after it") {
    bool second = false, first = false;
    const auto wait = [](connection& bus, const bool& flag) -> task<bool> {
        for (int i = 0; i < 300 && !flag; ++i) co_await ctbus::after(bus, 1ms);
        co_return flag;
    };
    std::vector<int> order;
    CHECK(client.post([&] {
        first = must(client.try_run(wait(client, second)));
        order.push_back(1);
    }));
    CHECK(client.post([&] { second = true; }));
    CHECK(client.post([&] { order.push_back(3); }));
    settle();
    CHECK(first);
    CHECK(order.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "spawn: a task that ends at once, and one that ends later") {
    int count = 0;
    const auto at_once = client.spawn(add(count, 1));
    CHECK_FALSE(static_cast<bool>(at_once));
    CHECK(count == 1);
    const auto handle = client.spawn([](connection& bus, int& to) -> task<void> {
        co_await ctbus::after(bus, 1ms);
        co_await add(to, 10);
    }(client, count));
    CHECK(static_cast<bool>(handle));
    CHECK(until([&] { return count == 11; }));
    CHECK_FALSE(static_cast<bool>(handle));
}

TEST_CASE_FIXTURE(fixture, "spawn: what a task returns or throws as an error is reported") {
    const test::reports reported;
    client.spawn(maybe(false));
    client.spawn(maybe(true));
    client.spawn(maybe_nothing(false));
    client.spawn(number(3));
    client.spawn([](connection& bus) -> task<ctbus::result<void>> {
        co_await ctbus::after(bus, 1ms);
        co_return ctbus::failure{ctbus::error::make<"org.ctbus.Error.Late">("late")};
    }(client));
    CHECK(until([] { return test::reports::texts().size() == 3; }));
    CHECK(contains(test::reports::texts()[0], "not today (in a spawned task)"));
    CHECK(contains(test::reports::texts()[2], "late (in a spawned task)"));
#ifdef __cpp_exceptions
    test::reports::texts().clear();
    for (const bool waits : {false, true}) client.spawn(thrower(client, waits, alive));
    CHECK(until([] { return test::reports::texts().size() == 2; }));
    for (const std::string& text : test::reports::texts())
        CHECK(contains(text, "deep down (in a spawned task)"));
    CHECK(alive == 0);
#endif
}

TEST_CASE_FIXTURE(fixture, "spawn: cancelled at each moment") {
    // While it waits.
    auto waiting = client.spawn(forever(client, alive));
    CHECK(alive == 1);
    waiting.cancel();
    CHECK(alive == 0);
    CHECK_FALSE(static_cast<bool>(waiting));
    waiting.cancel(); // again, and after the end
    auto ended = client.spawn(nothing());
    ended.cancel();

    // While it waits for a call, several levels down.
    auto calling = client.spawn([](ctbus::proxy<slow_vtable> p, int& count) -> task<void> {
        const local here{count};
        co_await [](ctbus::proxy<slow_vtable> inner, int& inner_count) -> task<void> {
            const local there{inner_count};
            static_cast<void>(co_await inner.async_call<"Wait">());
            FAIL("it was cancelled");
        }(p, count);
    }(proxy, alive));
    settle();
    CHECK(alive == 2);
    REQUIRE(served.waiting.size() == 1);
    calling.cancel();
    CHECK(alive == 0);
    must(served.waiting.front().try_reply(1)); // goes nowhere
    settle();

    // From inside itself: it goes when it waits next.
    ctbus::task_handle own;
    int went_on = 0;
    own = client.spawn(
        [](connection& bus, ctbus::task_handle& me, int& count, int& after) -> task<void> {
            const local here{count};
            co_await ctbus::after(bus, 1ms);
            me.cancel();
            ++after;
            co_await nothing(); // this does not wait
            ++after;
            co_await ctbus::after(bus, 1ms);
            after += 100;
        }(client, own, alive, went_on));
    CHECK(until([&] { return alive == 0; }));
    CHECK(went_on == 2);
    CHECK_FALSE(static_cast<bool>(own));

    // From inside itself, and then it ends without waiting.
    own = client.spawn([](connection& bus, ctbus::task_handle& me, int& count) -> task<void> {
        const local here{count};
        co_await ctbus::after(bus, 1ms);
        me.cancel();
    }(client, own, alive));
    CHECK(until([&] { return alive == 0; }));

    // From the callback of something else, and from another task.
    own = client.spawn(forever(client, alive));
    auto timer = ctbus::after(client, 1ms).then([&] { own.cancel(); });
    CHECK(until([&] { return alive == 0; }));
    own = client.spawn(forever(client, alive));
    client.spawn([](connection& bus, ctbus::task_handle& other) -> task<void> {
        co_await ctbus::after(bus, 1ms);
        other.cancel();
    }(client, own));
    CHECK(until([&] { return alive == 0; }));
}

TEST_CASE_FIXTURE(fixture, "spawn: the handle moves, and lets go") {
    ctbus::task_handle second;
    {
        ctbus::task_handle first = client.spawn(forever(client, alive));
        second = std::move(first);
        CHECK(static_cast<bool>(second));
        first = client.spawn(forever(client, alive)); // the connection's own, when this goes
    }
    CHECK(alive == 2);
    ctbus::task_handle third{std::move(second)};
    std::vector<ctbus::task_handle> all;
    all.push_back(std::move(third));
    for (int i = 0; i < 20; ++i) all.push_back(client.spawn(forever(client, alive)));
    CHECK(alive == 22);
    all.clear();
    CHECK(alive == 22);
    // The handle outlives the connection.
    second = client.spawn(forever(client, alive));
    test::close(client);
    CHECK(alive == 0);
    CHECK_FALSE(static_cast<bool>(second));
    second.cancel();
}

TEST_CASE_FIXTURE(fixture, "spawn: the connection closes with 1000 suspended tasks") {
    std::vector<ctbus::task_handle> handles;
    for (int i = 0; i < 500; ++i) {
        handles.push_back(client.spawn(forever(client, alive)));
        client.spawn([](ctbus::proxy<slow_vtable> p, int& count) -> task<void> {
            const local here{count};
            static_cast<void>(co_await p.async_call<"Wait">());
        }(proxy, alive));
    }
    settle();
    CHECK(alive == 1000);
    SUBCASE("closed") {
        test::close(client);
    }
    SUBCASE("closed from inside one of them") {
        client.spawn([](connection& bus, int& count) -> task<void> {
            const local here{count};
            co_await ctbus::after(bus, 1ms);
            test::close(bus);
            CHECK(count == 1); // all others have gone
            co_await ctbus::after(bus, 1ms);
            FAIL("it goes when it waits");
        }(client, alive));
        CHECK(until([&] { return alive == 0; }));
    }
    SUBCASE("closed from inside one that has not waited yet") {
        client.spawn([](connection& bus, int& count) -> task<void> {
            const local here{count};
            test::close(bus);
            co_await ctbus::after(bus, 1ms);
            FAIL("it goes when it waits");
        }(client, alive));
    }
    SUBCASE("closed by a destructor of one of them") {
        struct closer {
            connection& bus;
            ~closer() { test::close(bus); }
        };
        auto handle = client.spawn([](connection& bus, int& count) -> task<void> {
            const local here{count};
            const closer at_end{bus};
            co_await ctbus::after(bus, 1h);
        }(client, alive));
        handle.cancel();
    }
    SUBCASE("destroyed") {
        ends = must(connection::try_pair());
    }
    CHECK(alive == 0);
    CHECK(std::none_of(handles.begin(), handles.end(),
                       [](const auto& h) { return static_cast<bool>(h); }));
}

TEST_CASE_FIXTURE(fixture, "spawn: on a closed connection, and by what goes when it closes") {
    const test::reports reported;
    struct starter {
        connection& bus;
        int& count;
        ~starter() { bus.spawn(forever(bus, count)); }
    };
    client.spawn([](connection& bus, int& count) -> task<void> {
        const starter at_end{bus, count};
        co_await ctbus::after(bus, 1h);
    }(client, alive));
    test::close(client);
    CHECK(alive == 0);
    REQUIRE(test::reports::texts().size() == 1);
    CHECK(contains(test::reports::texts()[0], "a task was spawned on a closed connection"));
    CHECK_FALSE(static_cast<bool>(client.spawn(forever(client, alive))));
    CHECK(test::reports::texts().size() == 2);
    CHECK(alive == 0);
}

TEST_CASE_FIXTURE(fixture, "10,000 tasks at once, each with a call in flight, end once each") {
    constexpr int count = 10'000;
    std::vector<int> ends_of(count);
    int wrong = 0;
    for (int i = 0; i < count; ++i)
        client.spawn([](ctbus::proxy<slow_vtable> p, int n, std::vector<int>& counted, int& bad,
                        int& living) -> task<void> {
            const local here{living};
            const std::int32_t twice = co_await call_twice(std::move(p), n, living);
            bad += twice == 2 * n ? 0 : 1;
            ++counted[static_cast<std::size_t>(n)];
        }(proxy, i, ends_of, wrong, alive));
    CHECK(alive == 2 * count);
    CHECK(until([&] { return alive == 0; }, 60s));
    CHECK(wrong == 0);
    CHECK(std::count(ends_of.begin(), ends_of.end(), 1) == count);
}

namespace {

task<std::int32_t> chain(connection& bus, int depth, int& alive) {
    const local here{alive};
    if (depth == 0) {
        co_await ctbus::after(bus, 1ms);
        co_return 1;
    }
    co_return 1 + co_await chain(bus, depth - 1, alive);
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a chain of 100 tasks: ended, cancelled, closed") {
    CHECK(must(client.try_run(chain(client, 99, alive))) == 100);
    CHECK(alive == 0);
    auto handle = client.spawn(chain(client, 99, alive));
    CHECK(alive == 100);
    handle.cancel();
    CHECK(alive == 0);
    client.spawn(chain(client, 99, alive));
    test::close(client);
    CHECK(alive == 0);
}

namespace {

// How far the stack reached down.
struct stack_depth {
    std::uintptr_t top = 0, lowest = 0;

    [[gnu::noinline]] void look() {
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        if (top == 0) top = lowest = here;
        lowest = std::min(lowest, here);
    }
    std::uintptr_t grown() const { return top - lowest; }
};

task<int> looking(stack_depth& stack) {
    stack.look();
    co_return 1;
}
task<int> many_tasks(int count, stack_depth& stack) {
    int sum = 0;
    for (int i = 0; i < count; ++i) sum += co_await looking(stack);
    co_return sum;
}
task<int> many_calls(ctbus::proxy<slow_vtable> proxy, int count, stack_depth& stack) {
    int sum = 0;
    for (int i = 0; i < count; ++i) {
        static_cast<void>(co_await proxy.async_call<"Twice">(1));
        stack.look();
        ++sum;
    }
    co_return sum;
}
task<int> many_races(connection& bus, int count, stack_depth& stack) {
    int sum = 0;
    for (int i = 0; i < count; ++i) {
        const auto first = co_await ctbus::first_of(looking(stack), ctbus::after(bus, 1h));
        stack.look();
        sum += static_cast<int>(first.index()) + 1;
    }
    co_return sum;
}

} // namespace

// Going on with another coroutine without a return is a tail call: Clang makes one always, GCC 12
// only from -O2 on. Without it each co_await of a task that ends at once takes a few hundred bytes
// of stack, until the task really waits for the first time; so 2000 are safe everywhere.
TEST_CASE_FIXTURE(fixture, "awaiting many things that end at once does not grow the stack") {
#if defined(__clang__) || (defined(__OPTIMIZE__) && defined(NDEBUG)) // that is a release
    constexpr bool tail_calls = true;
#else
    constexpr bool tail_calls = false;
#endif
    constexpr int count = tail_calls ? 200'000 : 2000;
    test::close(client); // calls fail at once
    stack_depth tasks, calls, races;
    CHECK(must(client.try_run(many_tasks(count, tasks))) == count);
    CHECK(must(client.try_run(many_calls(proxy, 20'000, calls))) == 20'000);
    CHECK(must(client.try_run(many_races(client, 20'000, races))) == 20'000);
    CHECK(tasks.grown() < (tail_calls ? 10'000 : 2'000'000));
    CHECK(calls.grown() < 10'000);
    CHECK(races.grown() < 10'000);
}
