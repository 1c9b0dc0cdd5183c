// What coroutines wait for: timers, the first of several, streams of signals, stop requests.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/stop.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <random>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using ctbus::after;
using ctbus::connection;
using ctbus::first_of;
using ctbus::task;
using test::contains;
using test::local;
using test::must;
using namespace std::chrono_literals;

namespace {

struct source {
    std::vector<ctbus::deferred<std::int32_t>> waiting;
    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void wait(ctbus::deferred<std::int32_t> reply) { waiting.push_back(std::move(reply)); }
};
// clang-format off
struct source_vtable : ctbus::vtable<"org.ctbus.Source",
    ctbus::handler<"Twice", &source::twice>,
    ctbus::handler<"Wait", &source::wait>,
    ctbus::signal<"Tick", void(std::int32_t, std::string)>,
    ctbus::signal<"One", void(std::string)>,
    ctbus::signal<"None", void()>> {};
// clang-format on

struct fixture : test::both_ends {
    source served;
    std::optional<test::exported<source_vtable>> object;
    ctbus::proxy<source_vtable> proxy{client, "/source"};
    int alive = 0;

    fixture() { object.emplace(service, ctbus::object_path_view{"/source"}, served); }
    void tick(std::int32_t n) {
        must(ctbus::try_emit<source_vtable, "Tick">(service, "/source", n, std::to_string(n)));
    }
    void emit_none() { must(ctbus::try_emit<source_vtable, "None">(service, "/source")); }
};

task<std::int32_t> answer(ctbus::proxy<source_vtable> proxy, int& alive) {
    const local here{alive};
    const auto got = co_await proxy.async_call<"Wait">();
    co_return got.value_or(-1);
}
task<void> forever(connection& bus, int& alive) {
    const local here{alive};
    for (;;) co_await after(bus, 1h);
}
task<std::int32_t> at_once(std::int32_t n) {
    co_return n;
}

} // namespace

// ---- timers ----

TEST_CASE_FIXTURE(fixture, "after(): callbacks come in the order of their times") {
    std::vector<int> order;
    std::vector<ctbus::timer> all;
    for (const int ms : {9, 1, 5, 3, 7})
        all.push_back(after(client, std::chrono::milliseconds{20 * ms}).then([&order, ms] {
            order.push_back(ms);
        }));
    const auto infinite = after(client, ctbus::infinite).then([] { FAIL("never"); });
    const auto negative = after(client, -1s).then([&order] { order.push_back(0); });
    CHECK(until([&] { return order.size() == 6; }));
    CHECK(order == std::vector{0, 1, 3, 5, 7, 9});
    CHECK(static_cast<bool>(infinite));
    CHECK(std::none_of(all.begin(), all.end(), [](const auto& t) { return static_cast<bool>(t); }));
}

TEST_CASE_FIXTURE(fixture, "after(): by co_await, in time, and never too early") {
    const auto begin = std::chrono::steady_clock::now();
    must(client.try_run([](connection& bus) -> task<void> {
        for (int i = 0; i < 5; ++i) co_await after(bus, 2ms);
    }(client)));
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took >= 10ms);
    CHECK(took < 5s);
    // Destroyed, or moved from, without being awaited.
    { [[maybe_unused]] const auto dropped = after(client, 1ms); }
}

TEST_CASE_FIXTURE(fixture, "after(): cancelled at any moment") {
    auto token = std::make_shared<int>(0);
    int called = 0;
    // Before it is due, by its destructor, by cancel() and by assignment.
    {
        const auto timer = after(client, 1ms).then([&called, token] { ++called; });
    }
    auto timer = after(client, 1ms).then([&called, token] { ++called; });
    CHECK(token.use_count() == 2);
    timer.cancel();
    timer.cancel();
    CHECK(token.use_count() == 1);
    timer = after(client, 1ms).then([&called, token] { ++called; });
    timer = after(client, 1ms).then([&called, token] { called += 10; });
    CHECK(token.use_count() == 2);
    CHECK(until([&] { return called != 0; }));
    CHECK(called == 10);
    CHECK(token.use_count() == 1);
    // Inside its own callback, which goes on; and armed again there.
    std::optional<ctbus::timer> own;
    own = after(client, 1ms).then([&, token] {
        own.reset();
        called += 100 + *token;
    });
    CHECK(until([&] { return called == 110; }));
    int rounds = 0;
    const std::function<void()> again = [&] {
        if (++rounds < 100) timer = after(client, 0us).then([&again] { again(); });
    };
    again();
    CHECK(until([&] { return rounds == 100; }));
    // By another timer that is due at the same time, in both orders.
    for (const bool first : {true, false}) {
        std::array<ctbus::timer, 2> both;
        int ran = 0;
        const auto make = [&](std::size_t i) {
            both[i] = after(client, 1ms).then([&, i] {
                both[1 - i].cancel();
                ++ran;
            });
        };
        make(first ? 0 : 1);
        make(first ? 1 : 0);
        std::this_thread::sleep_for(3ms);
        settle();
        CHECK(ran == 1);
    }
}

TEST_CASE_FIXTURE(fixture, "after(): moved while it is armed") {
    std::vector<ctbus::timer> all; // moves all when it grows
    std::array<int, 50> large{};
    large[49] = 1;
    int sum = 0;
    for (int i = 0; i < 200; ++i) {
        all.push_back(after(client, std::chrono::microseconds{i * 17 % 3000}).then([&] { ++sum; }));
        all.push_back(after(client, 1ms).then([&sum, large] { sum += large[49]; }));
    }
    auto other = std::move(all);
    std::rotate(other.begin(), other.begin() + 100, other.end());
    CHECK(until([&] { return sum == 400; }));
}

TEST_CASE_FIXTURE(fixture, "after(): 10,000 timers in random order, with random cancels") {
    std::mt19937 random{20240901};
    constexpr std::size_t count = 10'000;
    std::vector<ctbus::timer> all(count);
    std::vector<int> state(count);                             // 0: waits, 1: called, 2: cancelled
    std::vector<std::uint64_t> earliest(count), latest(count); // when it may be due
    std::uint64_t last = 0;
    bool sorted = true, once = true;
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::chrono::microseconds when{random() % 50'000};
        const auto length = static_cast<std::uint64_t>(when.count());
        earliest[i] = ctbus::detail::now() + length;
        all[i] = after(client, when).then([&, i] {
            once = once && state[i] == 0;
            state[i] = 1;
            ++done;
            sorted = sorted && latest[i] >= last;
            last = std::max(last, earliest[i]);
            const std::size_t victim = random() % count;
            if (random() % 2 == 0 && state[victim] == 0) {
                all[victim].cancel();
                state[victim] = 2;
                ++done;
            }
        });
        latest[i] = ctbus::detail::now() + length + 1;
    }
    for (int i = 0; i < 1000; ++i) {
        const std::size_t victim = random() % count;
        if (state[victim] != 0) continue;
        all[victim].cancel();
        state[victim] = 2;
        ++done;
    }
    CHECK(until([&] { return done == count; }));
    CHECK(once);
    CHECK(sorted);
    CHECK(std::none_of(all.begin(), all.end(), [](const auto& t) { return static_cast<bool>(t); }));
}

TEST_CASE_FIXTURE(fixture, "after(): timers and messages do not starve one another") {
    int timers = 0, calls = 0;
    ctbus::timer timer;
    const std::function<void()> again = [&] {
        ++timers;
        timer = after(service, 0us).then([&again] { again(); });
    };
    again();
    ctbus::async_handle call;
    const std::function<void()> next = [&] {
        ++calls;
        call = proxy.async_call<"Twice">(1).then([&next](const auto&) { next(); });
    };
    next();
    CHECK(until([&] { return timers > 300 && calls > 300; }));
    call.cancel();
    // A flood of messages, and timers between them.
    timers = 0;
    int ticks = 0;
    const auto heard = must(proxy.try_on<"Tick">([&](std::int32_t, std::string_view) { ++ticks; }));
    int at_tick = 0;
    const auto early = after(client, 0us).then([&] { at_tick = ticks; });
    for (int i = 0; i < 1000; ++i) tick(i);
    CHECK(until([&] { return ticks == 1000; }));
    CHECK(at_tick < 1000);
    timer.cancel();
}

TEST_CASE_FIXTURE(fixture, "after(): the connection closes, in a callback and while timers wait") {
    int called = 0;
    auto waiting = after(client, 1h).then([&] { ++called; });
    auto same_time = after(client, 1ms).then([&] {
        ++called;
        test::close(client);
    });
    auto other = after(client, 1ms).then([&] {
        ++called;
        test::close(client);
    });
    static_cast<void>(until([&] { return called != 0; }));
    std::this_thread::sleep_for(2ms);
    settle();
    CHECK(called == 1);
    const auto afterwards = after(client, 1ms).then([&] { ++called; });
    ends = must(connection::try_pair());
    CHECK(called == 1);
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(fixture, "after(): what a callback throws is reported") {
    const test::reports reported;
    const auto timer = after(client, 1ms).then([] { throw std::runtime_error{"oh"}; });
    CHECK(until([] { return !test::reports::texts().empty(); }));
    CHECK(contains(test::reports::texts()[0], "oh (in the callback of a timer)"));
}
#endif

// ---- the first of several ----

TEST_CASE_FIXTURE(fixture, "first_of: each may win; the others are cancelled") {
    for (std::size_t winner = 0; winner < 4; ++winner) {
        CAPTURE(winner);
        served.waiting.clear();
        settle();
        std::optional<std::size_t> index;
        client.spawn([](fixture& f, std::size_t wins,
                        std::optional<std::size_t>& out) -> task<void> {
            auto stream = f.proxy.stream<"Tick">();
            const auto first =
                co_await first_of(f.proxy.async_call<"Wait">(), answer(f.proxy, f.alive),
                                  after(f.client, wins == 2 ? std::chrono::milliseconds{1} : 1h),
                                  stream.next(), forever(f.client, f.alive));
            CHECK(f.alive == 0); // the others have gone
            if (first.index() == 0) CHECK(*std::get<0>(first) == 5);
            if (first.index() == 1) CHECK(std::get<1>(first) == 6);
            if (first.index() == 3) CHECK(std::get<0>(*std::get<3>(first)) == 7);
            out = first.index();
        }(*this, winner, index));
        settle();
        REQUIRE(served.waiting.size() == 2);
        if (winner < 2)
            must(served.waiting[winner].try_reply(5 + static_cast<std::int32_t>(winner)));
        if (winner == 3) tick(7);
        CHECK(until([&] { return index.has_value(); }));
        CHECK(index == winner);
        CHECK(alive == 0);
        // Late replies and signals go nowhere.
        for (auto& late : served.waiting)
            if (late) must(late.try_reply(1));
        tick(8);
        settle();
    }
    served.waiting.clear();
}

TEST_CASE_FIXTURE(fixture, "first_of: what ends at once wins, and what follows is not begun") {
    int begun = 0;
    const auto counting = [](int& count) -> task<void> {
        ++count;
        co_return;
    };
    must(client.try_run([](fixture& f, int& count, auto begin) -> task<void> {
        const auto first = co_await first_of(at_once(3), begin(count));
        CHECK(std::get<0>(first) == 3);
        CHECK(count == 0);
        const auto second =
            co_await first_of(forever(f.client, f.alive), begin(count), begin(count));
        CHECK(second.index() == 1);
        CHECK(count == 1);
        CHECK(f.alive == 0);
        const auto only = co_await first_of(at_once(4));
        CHECK(std::get<0>(only) == 4);
    }(*this, begun, counting)));
    // A call that fails at once.
    test::close(client);
    must(client.try_run([](fixture& f) -> task<void> {
        const auto first =
            co_await first_of(f.proxy.async_call<"Twice">(1), forever(f.client, f.alive));
        CHECK(std::get<0>(first).error().code() == ENOTCONN);
    }(*this)));
    CHECK(alive == 0);
}

TEST_CASE_FIXTURE(fixture, "first_of: nested, in a row, and move-only") {
    must(client.try_run([](fixture& f) -> task<void> {
        const auto inner = [](fixture& g, int ms) -> task<int> {
            const auto first = co_await first_of(after(g.client, std::chrono::milliseconds{ms}),
                                                 forever(g.client, g.alive));
            CHECK(first.index() == 0);
            co_return ms;
        };
        const auto outer = co_await first_of(inner(f, 50), inner(f, 1), forever(f.client, f.alive));
        CHECK(std::get<1>(outer) == 1);
        CHECK(f.alive == 0);
        const auto directly = co_await first_of(
            first_of(forever(f.client, f.alive), after(f.client, 1ms)), after(f.client, 1h));
        CHECK(std::get<0>(directly).index() == 1);
        for (int i = 0; i < 200; ++i) {
            const auto first = co_await first_of(forever(f.client, f.alive), after(f.client, 0us));
            CHECK(first.index() == 1);
        }
        auto owned = co_await first_of(
            [](connection& bus) -> task<std::unique_ptr<int>> {
                co_await after(bus, 1ms);
                co_return std::make_unique<int>(3);
            }(f.client),
            forever(f.client, f.alive));
        CHECK(*std::get<0>(owned) == 3);
    }(*this)));
    CHECK(alive == 0);
}

#ifdef __cpp_exceptions
namespace {

task<int> thrower(connection& bus, bool waits) {
    if (waits) co_await after(bus, 1ms);
    throw std::runtime_error{"thrown"};
}

} // namespace

TEST_CASE_FIXTURE(fixture, "first_of: an exception of the winner goes on, of a loser nowhere") {
    client.run([](fixture& f) -> task<void> {
        for (const bool waits : {false, true}) {
            std::string what;
            try {
                static_cast<void>(
                    co_await first_of(forever(f.client, f.alive), thrower(f.client, waits)));
            } catch (const std::runtime_error& e) {
                what = e.what();
            }
            CHECK(what == "thrown");
            CHECK(f.alive == 0);
        }
        const auto first = co_await first_of(at_once(1), thrower(f.client, false));
        CHECK(std::get<0>(first) == 1);
    }(*this));
}
#endif

TEST_CASE_FIXTURE(fixture, "first_of: the racing chain is destroyed from outside") {
    auto handle = client.spawn([](fixture& f) -> task<void> {
        const local here{f.alive};
        static_cast<void>(co_await first_of(answer(f.proxy, f.alive), forever(f.client, f.alive),
                                            first_of(after(f.client, 1h), after(f.client, 2h))));
    }(*this));
    settle();
    CHECK(alive == 3);
    SUBCASE("cancelled") {
        handle.cancel();
    }
    SUBCASE("closed") {
        test::close(client);
    }
    CHECK(alive == 0);
}

namespace {

// Acts when the test says so, and then waits again or ends.
task<void> branch(fixture& f, std::function<void()> action, int before, bool waits) {
    const local here{f.alive};
    for (int i = 0; i < before; ++i) co_await after(f.client, 1ms);
    action();
    if (waits) co_await after(f.client, 1h);
}
task<void> racing(fixture& f, std::function<void()> action, int before, bool waits) {
    const local here{f.alive};
    static_cast<void>(co_await first_of(branch(f, std::move(action), before, waits),
                                        forever(f.client, f.alive), answer(f.proxy, f.alive)));
    co_await after(f.client, 1h);
}

} // namespace

TEST_CASE("first_of: a branch that destroys what owns the race") {
    for (const int before : {0, 1, 2}) {
        for (const bool waits : {true, false}) {
            for (const bool close : {true, false}) {
                CAPTURE(before);
                CAPTURE(waits);
                CAPTURE(close);
                fixture f;
                ctbus::task_handle handle;
                bool acted = false;
                const std::function<void()> action = [&] {
                    if (close) test::close(f.client);
                    else handle.cancel();
                    acted = true;
                };
                const auto start = [](fixture& all, std::function<void()> act, int n,
                                      bool again) -> task<void> {
                    co_await after(all.client, 1ms); // so that the handle is there
                    co_await racing(all, std::move(act), n, again);
                    FAIL("it goes when it waits");
                };
                handle = f.client.spawn(start(f, action, before, waits));
                CHECK(f.until([&] { return acted; }, 5s));
                CHECK(f.alive == 0);
                CHECK_FALSE(static_cast<bool>(handle));
            }
        }
    }
}

namespace {

struct racer {
    fixture* all;
    std::function<void()> action;
    task<std::int32_t> race(std::int32_t before, bool waits) {
        const local here{all->alive};
        static_cast<void>(co_await first_of(branch(*all, action, before, waits),
                                            forever(all->client, all->alive)));
        co_return 1;
    }
};
struct racer_vtable : ctbus::vtable<"org.ctbus.Racer", ctbus::handler<"Race", &racer::race>> {};

} // namespace

TEST_CASE_FIXTURE(fixture, "first_of: a branch of a handler that destroys the object") {
    std::optional<test::exported<racer_vtable>> racing_object;
    racer owner{this, [&] { racing_object.reset(); }};
    const ctbus::proxy<racer_vtable> caller{client, "/racer"};
    for (const int before : {0, 1, 2}) {
        for (const bool waits : {true, false}) {
            CAPTURE(before);
            CAPTURE(waits);
            racing_object.emplace(service, ctbus::object_path_view{"/racer"}, owner);
            std::optional<ctbus::result<std::int32_t>> got;
            auto call = caller.async_call<"Race">(before, waits).then([&](auto r) { got = r; });
            CHECK(until([&] { return got.has_value(); }, 5s));
            CHECK(alive == 0);
            // One that ends without waiting again still has its value.
            if (waits) CHECK(contains(got->error().what(), "gave this call up"));
            else CHECK(must(std::move(*got)) == 1);
        }
    }
}

TEST_CASE_FIXTURE(fixture, "within(): in time, too late, failed") {
    must(client.try_run([](fixture& f) -> task<void> {
        auto late = co_await ctbus::within(f.client, 2ms, forever(f.client, f.alive));
        CHECK_FALSE(late.has_value());
        CHECK(late.error().is<"org.freedesktop.DBus.Error.Timeout">());
        CHECK(late.error().code() == ETIMEDOUT);
        CHECK(f.alive == 0);
        const auto fine = co_await ctbus::within(f.client, 1h, at_once(3));
        CHECK(fine.value_or(0) == 3);
        const auto nothing = co_await ctbus::within(f.client, 1h, after(f.client, 1ms));
        CHECK(nothing.has_value());
        auto stream = f.proxy.stream<"One">();
        const auto none = co_await ctbus::within(f.client, 1ms, stream.next());
        CHECK(none.error().code() == ETIMEDOUT);
        const auto again = co_await ctbus::within(f.client, 1ms, stream.next()); // not "busy"
        CHECK(again.error().code() == ETIMEDOUT);
        const auto forever_waiting = co_await ctbus::within(
            f.client, 1ms, ctbus::within(f.client, ctbus::infinite, forever(f.client, f.alive)));
        CHECK(forever_waiting.error().code() == ETIMEDOUT);
    }(*this)));
}

// ---- streams ----

TEST_CASE_FIXTURE(fixture, "streams: in order, none lost up to the capacity, the oldest dropped") {
    auto stream = proxy.stream<"Tick">(10);
    for (int i = 0; i < 25; ++i) tick(i);
    settle();
    CHECK(stream.dropped() == 15);
    auto moved = std::move(stream);
    must(client.try_run([](auto& s) -> task<void> {
        for (int i = 15; i < 25; ++i) {
            const auto next = co_await s.next();
            CHECK(*next == std::tuple{i, std::to_string(i)});
        }
    }(moved)));
    CHECK(moved.dropped() == 15);
    // One that is waited for.
    std::vector<std::int32_t> got;
    client.spawn([](auto& s, std::vector<std::int32_t>& out) -> task<void> {
        for (;;) {
            auto next = co_await s.next();
            if (!next) co_return;
            out.push_back(std::get<0>(*next));
        }
    }(moved, got));
    for (int i = 0; i < 1000; ++i) {
        tick(i);
        if (i % 7 == 0) settle();
    }
    settle();
    CHECK(got.size() == 1000);
    CHECK(std::is_sorted(got.begin(), got.end()));
    CHECK(moved.dropped() == 15);
    test::close(client);
}

TEST_CASE_FIXTURE(fixture, "streams: no value, one value, capacity 0") {
    must(client.try_run([](fixture& f) -> task<void> {
        auto one = f.proxy.stream<"One">(0);
        auto none = f.proxy.stream<"None">();
        must(ctbus::try_emit<source_vtable, "One">(f.service, "/source", "text"));
        f.emit_none();
        f.settle();
        const ctbus::result<std::string> text = co_await one.next();
        CHECK(text.value_or("") == "text");
        const ctbus::result<void> nothing = co_await none.next();
        CHECK(nothing.has_value());
    }(*this)));
}

TEST_CASE_FIXTURE(fixture, "streams: one coroutine at a time") {
    auto stream = proxy.stream<"Tick">();
    ctbus::error why;
    int got = 0;
    const auto read = [](auto& s, ctbus::error& e, int& n) -> task<void> {
        const auto next = co_await s.next();
        if (next) n += std::get<0>(*next);
        else e = next.error();
    };
    auto first = client.spawn(read(stream, why, got));
    client.spawn(read(stream, why, got));
    CHECK(why.code() == EBUSY);
    CHECK(contains(why.what(), "another coroutine reads this stream"));
    tick(5);
    settle();
    CHECK(got == 5);
    // Cancelled while it reads: the next one may.
    first = client.spawn(read(stream, why, got));
    first.cancel();
    client.spawn(read(stream, why, got));
    tick(6);
    settle();
    CHECK(got == 11);
    CHECK(stream.dropped() == 0);
}

TEST_CASE_FIXTURE(fixture, "streams: destroyed while they are read, and by their reader") {
    using stream = decltype(proxy.stream<"Tick">());
    std::optional<stream> one{proxy.stream<"Tick">()};
    const auto read_once = [](std::optional<stream>& s, int& living) -> task<void> {
        const local here{living};
        static_cast<void>(co_await s->next());
        s.reset();
    };
    client.spawn(read_once(one, alive));
    tick(1);
    tick(2);
    settle();
    CHECK(alive == 0);
    CHECK_FALSE(one.has_value());
    one.emplace(proxy.stream<"Tick">());
    auto handle = client.spawn(read_once(one, alive));
    one.reset(); // what reads it will hear nothing
    tick(3);
    settle();
    CHECK(alive == 1);
    handle.cancel();
    CHECK(alive == 0);
}

TEST_CASE_FIXTURE(fixture, "streams: a lost connection is an error, not a hang") {
    auto stream = proxy.stream<"Tick">();
    std::vector<std::string> errors;
    const auto read = [](auto& s, std::vector<std::string>& out, int& living) -> task<void> {
        const local here{living};
        for (int i = 0; i < 2; ++i) {
            const auto next = co_await s.next();
            out.emplace_back(next ? "" : next.error().what());
        }
    };
    tick(1);
    settle();
    client.spawn(read(stream, errors, alive));
    const auto next = [](fixture& f, std::vector<std::string>& out) -> task<void> {
        const auto got = co_await f.proxy.next<"None">();
        out.emplace_back(got ? "" : got.error().what());
    };
    client.spawn(next(*this, errors));
    CHECK(errors.size() == 1); // what came before
    test::close(service);
    settle();
    REQUIRE(errors.size() == 3);
    CHECK(contains(errors[1], "the connection is lost"));
    CHECK(contains(errors[2], "the connection is lost"));
    CHECK(alive == 0);
    // And at once from then on.
    client.spawn(read(stream, errors, alive));
    CHECK(errors.size() == 5);
    client.spawn(next(*this, errors));
    CHECK(errors.size() == 6);
    test::close(client);
    client.spawn(next(*this, errors));
    auto late = proxy.stream<"Tick">();
}

TEST_CASE_FIXTURE(fixture, "streams: signals of another signature do not reach them") {
    const test::reports reported;
    auto stream = proxy.stream<"Tick">();
    auto wrong = must(service.try_new_signal("/source", "org.ctbus.Source", "Tick"));
    must(wrong.try_append("text"));
    must(wrong.try_send());
    tick(4);
    settle();
    CHECK(test::reports::texts().size() == 1);
    const auto got = must(client.try_run([](auto& s) -> task<std::int32_t> {
        auto next = co_await s.next();
        co_return std::get<0>(*next);
    }(stream)));
    CHECK(got == 4);
}

TEST_CASE_FIXTURE(fixture, "next(): the one signal that comes next, and no other") {
    must(client.try_run([](fixture& f) -> task<void> {
        f.tick(1); // sent before, but read after
        f.settle();
        auto next = f.proxy.next<"Tick">();
        f.tick(2);
        f.settle();
        f.tick(3);
        f.settle();
        const auto got = co_await std::move(next);
        CHECK(std::get<0>(*got) == 2);
        const auto timer = after(f.client, 1ms).then([&f] { f.emit_none(); });
        const auto none = co_await f.proxy.next<"None">();
        CHECK(none.has_value());
    }(*this)));
}

TEST_CASE_FIXTURE(fixture, "async_on, async_match_signal and async_request_name without a bus") {
    int heard = 0;
    must(client.try_run([](fixture& f, int& count) -> task<void> {
        auto on = co_await f.proxy.async_on<"None">([&count] { ++count; });
        CHECK(on.has_value());
        auto match = co_await ctbus::async_match_signal<source_vtable, "None">(
            f.client, [&count] { count += 10; }, {.path = "/source"});
        CHECK(match.has_value());
        f.emit_none();
        f.settle();
        CHECK(count == 11);
        const auto name = co_await f.client.async_request_name("org.ctbus.Name");
        CHECK_FALSE(name.has_value());
        CHECK(contains(name.error().what(), "direct connection"));
    }(*this, heard)));
    emit_none();
    settle();
    CHECK(heard == 11); // both went with the task
    std::optional<ctbus::result<ctbus::subscription>> made;
    test::close(client);
    auto on = proxy.async_on<"None">([] {}).then([&](auto r) { made = std::move(r); });
    REQUIRE(made.has_value());
    CHECK(made->error().code() == ENOTCONN);
}

// ---- stop requests ----

TEST_CASE_FIXTURE(fixture, "stopped(): requested already, later, and from another thread") {
    std::stop_source before;
    before.request_stop();
    must(client.try_run([](fixture& f, std::stop_token token) -> task<void> {
        co_await ctbus::stopped(f.client, token);
        co_await ctbus::stopped(f.client, token);
    }(*this, before.get_token())));
    std::stop_source later;
    const auto timer = after(client, 1ms).then([&] { later.request_stop(); });
    must(client.try_run([](fixture& f, std::stop_token token) -> task<void> {
        co_await ctbus::stopped(f.client, token);
    }(*this, later.get_token())));
    std::stop_source threaded;
    std::thread other{[&] {
        std::this_thread::sleep_for(2ms);
        threaded.request_stop();
    }};
    must(client.try_run([](fixture& f, std::stop_token token) -> task<void> {
        co_await ctbus::stopped(f.client, token);
    }(*this, threaded.get_token())));
    other.join();
}

TEST_CASE_FIXTURE(fixture, "stopped(): cancelled, moved, and destroyed in its own callback") {
    auto token = std::make_shared<int>(0);
    std::array<int, 100> large{};
    large[99] = 1;
    int called = 0;
    std::stop_source source;
    {
        const auto dropped =
            ctbus::stopped(client, source.get_token()).then([&, token] { ++called; });
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
    auto cancelled = ctbus::stopped(client, source.get_token()).then([&, token] { ++called; });
    auto kept = ctbus::stopped(client, source.get_token()).then([&, token] { called += 10; });
    std::optional<ctbus::stop_wait> own;
    own = ctbus::stopped(client, source.get_token()).then([&own, &called, large, token] {
        own.reset();
        called += 100 * large[99] + *token;
    });
    auto moved = std::move(kept);
    source.request_stop();
    cancelled.cancel(); // requested, but not called yet
    settle();
    CHECK(called == 110);
    CHECK(token.use_count() <= 2); // `moved` may keep its callback
    moved.cancel();
    CHECK(token.use_count() == 1);
    // No token that could be stopped.
    const auto never = ctbus::stopped(client, {}).then([&] { ++called; });
    settle();
    CHECK(called == 110);
}

TEST_CASE_FIXTURE(fixture, "stopped(): destroyed while the request is made in another thread") {
    int called = 0;
    for (int i = 0; i < 1000; ++i) {
        std::stop_source source;
        auto wait = std::make_optional(
            ctbus::stopped(client, source.get_token()).then([&called] { ++called; }));
        std::thread other{[&] { source.request_stop(); }};
        if (i % 3 == 0) std::this_thread::yield();
        if (i % 2 == 0) settle();
        wait.reset();
        const int now = called;
        other.join();
        settle();
        CHECK(called == now);
    }
}

TEST_CASE_FIXTURE(fixture, "stopped(): the connection closes first") {
    std::stop_source source;
    client.spawn([](fixture& f, std::stop_token token) -> task<void> {
        const local here{f.alive};
        co_await ctbus::stopped(f.client, token);
    }(*this, source.get_token()));
    auto held = ctbus::stopped(client, source.get_token()).then([] { FAIL("never"); });
    test::close(client);
    CHECK(alive == 0);
    source.request_stop();
    settle();
}
