// A client and a service in one event loop, the same under each: S15 to S19, S36, timers, work from
// other threads, coroutines. Compiled once; what loop it is, is linked to it.
#include "bus/support/processes.hpp"
#include "loop.hpp"

#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

using std::chrono::steady_clock;

class service {
public:
    std::vector<ctbus::deferred<std::int32_t>> waiting;
    std::function<void()> action;
    std::size_t received = 0;
    ctbus::connection* bus = nullptr;

    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void wait(ctbus::deferred<std::int32_t> reply) { waiting.push_back(std::move(reply)); }
    std::int32_t maybe(bool later, const ctbus::message& call) {
        if (later) waiting.push_back(call.defer<std::int32_t>());
        return -1;
    }
    ctbus::task<std::int32_t> slow(std::int32_t n) {
        co_await ctbus::after(*bus, 5ms);
        co_return 2 * n;
    }
    std::uint64_t take(std::string_view text) { return received += text.size(); }
    void act() { action(); }
};

// clang-format off
struct service_table : ctbus::vtable<"org.ctbus.Looped",
    ctbus::handler<"Twice", &service::twice>,
    ctbus::handler<"Wait", &service::wait>,
    ctbus::handler<"Maybe", &service::maybe>,
    ctbus::handler<"Slow", &service::slow>,
    ctbus::handler<"Take", &service::take>,
    ctbus::handler<"Act", &service::act>,
    ctbus::signal<"Said", void(std::string)>> {};
// clang-format on

using proxy = ctbus::proxy<service_table>;
constexpr ctbus::object_path_view path = "/looped";

struct looped : test::alarmed {
    std::unique_ptr<test::loop> loop = test::make_loop();

    void until(const std::function<bool()>& done) { loop->run_until(done); }
};

// A callback that notes what a call returned, or the error's name.
auto noting(std::vector<std::string>& answers) {
    return [&answers](const ctbus::result<std::int32_t>& r) {
        answers.push_back(r ? std::to_string(*r) : std::string{r.error().name()});
    };
}

// Two peers.
struct peers : looped {
    std::pair<std::unique_ptr<ctbus::connection>, std::unique_ptr<ctbus::connection>> ends = [] {
        auto [one, other] = ctbus::connection::pair();
        return std::pair{std::make_unique<ctbus::connection>(std::move(one)),
                         std::make_unique<ctbus::connection>(std::move(other))};
    }();
    service served;
    std::optional<ctbus::object<service_table>> object{std::in_place, *ends.first, path, served};
    proxy remote{*ends.second, path};

    peers() {
        served.bus = ends.first.get();
        loop->add(*ends.first);
        loop->add(*ends.second);
    }
    ~peers() {
        close(ends.first);
        close(ends.second);
    }
    ctbus::connection& client() { return *ends.second; }

    void close(std::unique_ptr<ctbus::connection>& end) {
        if (!end) return;
        loop->closing(*end);
        end.reset();
    }
    // Calls Wait, and comes back when it waits.
    [[nodiscard]] ctbus::async_handle wait(std::vector<std::string>& answers) {
        const std::size_t before = served.waiting.size();
        auto handle = remote.async_call<"Wait">().then(noting(answers));
        until([&] { return served.waiting.size() > before; });
        return handle;
    }
};

// Two connections to a bus.
struct bus_peers : looped {
    ctbus::connection bus = ctbus::connection::session();
    ctbus::connection other = ctbus::connection::session();
    service served;
    ctbus::object<service_table> object{bus, path, served};

    bus_peers() {
        served.bus = &bus;
        loop->add(bus);
        loop->add(other);
    }
    ~bus_peers() {
        loop->closing(bus);
        loop->closing(other);
    }
};

constexpr const char* timed_out = "org.freedesktop.DBus.Error.Timeout";
constexpr const char* failed = "org.freedesktop.DBus.Error.Failed";

using texts = std::vector<std::string>;

} // namespace

// ---- S15 to S19 ----

TEST_CASE_FIXTURE(peers, "S15 a call ends with its timeout though nothing else happens") {
    texts answers;
    const auto begin = steady_clock::now();
    auto handle = remote.with_timeout(30ms).async_call<"Wait">().then(noting(answers));
    until([&] { return !answers.empty(); });
    CHECK(answers == texts{timed_out});
    CHECK(steady_clock::now() - begin >= 30ms);
    CHECK(steady_clock::now() - begin < 10s);
    // The late answer is dropped, the next call works.
    served.waiting.front().reply(1);
    handle = remote.async_call<"Twice">(4).then(noting(answers));
    until([&] { return answers.size() == 2; });
    CHECK(answers == texts{timed_out, "8"});
}

TEST_CASE_FIXTURE(peers, "S15 timeouts of several calls, the later ones first") {
    texts answers;
    std::vector<ctbus::async_handle> calls;
    for (const auto limit : {80ms, 60ms, 40ms, 20ms})
        calls.push_back(
            remote.with_timeout(limit).async_call<"Wait">().then([&answers, limit](const auto& r) {
                CHECK_FALSE(r);
                answers.push_back(std::to_string(limit.count()));
            }));
    client().default_timeout(10ms);
    calls.push_back(remote.async_call<"Wait">().then(noting(answers)));
    until([&] { return answers.size() == 5; });
    CHECK(answers == texts{timed_out, "20", "40", "60", "80"});
}

TEST_CASE_FIXTURE(peers, "S16 a deferred reply comes later, or at once where it was not deferred") {
    texts answers;
    auto now = remote.async_call<"Maybe">(false).then(noting(answers));
    auto later = remote.async_call<"Maybe">(true).then(noting(answers));
    until([&] { return served.waiting.size() == 1 && answers.size() == 1; });
    CHECK(answers == texts{"-1"});
    const auto timer = ctbus::after(*served.bus, 10ms).then([&] { served.waiting[0].reply(5); });
    until([&] { return answers.size() == 2; });
    CHECK(answers == texts{"-1", "5"});
}

TEST_CASE_FIXTURE(peers, "S17 others are served meanwhile, and replies go in another order") {
    texts answers;
    std::vector<ctbus::async_handle> calls;
    for (int i = 0; i < 3; ++i) calls.push_back(wait(answers));
    calls.push_back(remote.async_call<"Twice">(7).then(noting(answers)));
    until([&] { return answers.size() == 1; });
    for (const int i : {3, 1, 2}) {
        served.waiting[static_cast<std::size_t>(i) - 1].reply(i);
        until([&, before = answers.size()] { return answers.size() > before; });
    }
    CHECK(answers == texts{"14", "3", "1", "2"});
}

TEST_CASE_FIXTURE(peers, "S18 a reply from outside any handler, while the loop does not run") {
    texts answers;
    auto call = wait(answers);
    served.waiting.front().reply(9); // by main(), so to say
    until([&] { return !answers.empty(); });
    CHECK(answers == texts{"9"});
}

TEST_CASE_FIXTURE(peers, "S18 a reply of another thread wakes the loop") {
    for (int i = 0; i < 3; ++i) {
        texts answers;
        auto call = wait(answers);
        const std::thread::id here = std::this_thread::get_id();
        std::thread::id ran;
        std::thread other{[&, poster = served.bus->poster()] {
            std::this_thread::sleep_for(20ms); // it sleeps by now, most likely
            poster.post([&] {
                ran = std::this_thread::get_id();
                served.waiting.back().reply(i);
            });
        }};
        until([&] { return !answers.empty(); });
        other.join();
        CHECK(ran == here);
        CHECK(answers == texts{std::to_string(i)});
    }
}

TEST_CASE_FIXTURE(peers, "S19 dropped unanswered: an error at once") {
    texts answers;
    auto call = wait(answers);
    served.waiting.clear();
    until([&] { return !answers.empty(); });
    CHECK(answers == texts{failed});
}

TEST_CASE_FIXTURE(peers, "S19 the object goes, the reply still comes") {
    texts answers;
    auto call = wait(answers);
    object.reset();
    served.waiting.front().reply(2);
    until([&] { return !answers.empty(); });
    CHECK(answers == texts{"2"});
}

TEST_CASE_FIXTURE(peers, "S19 the caller goes, and the service is told that it is alone") {
    texts answers;
    auto call = wait(answers);
    close(ends.second);
    CHECK_FALSE(static_cast<bool>(call));
    served.bus = nullptr;
    if (loop->can_remove()) {
        until([&] { return !loop->lost.empty(); });
        REQUIRE(loop->lost.size() == 1);
        CHECK(loop->lost[0].find("the connection is lost") != std::string::npos);
    } else { // sd-event ends it without a word
        until([&] { return sd_bus_is_open(ends.first->get()) <= 0; });
    }
    CHECK_FALSE(served.waiting.front().try_reply(1));
    served.waiting.clear();
    CHECK(answers.empty());
}

TEST_CASE_FIXTURE(peers, "S19 the service goes, and calls in flight end") {
    texts answers;
    auto one = wait(answers), two = wait(answers);
    close(ends.first);
    until([&] { return answers.size() == 2; });
    CHECK(answers[0] != "2");
    CHECK(answers[1] == answers[0]);
    CHECK_FALSE(served.waiting.front().try_reply(1));
}

TEST_CASE_FIXTURE(peers,
                  "S19 a connection closed by one of its own handlers, and by one of another's") {
    texts answers;
    served.action = [&] { close(ends.first); };
    auto call = remote.async_call<"Act">().then([&](const auto& r) {
        answers.push_back(r ? "answered" : "failed");
        close(ends.second);
    });
    until([&] { return !answers.empty(); });
    CHECK(answers == texts{"failed"});
    CHECK_FALSE(ends.first);
    CHECK_FALSE(ends.second);
}

// ---- S36 ----

TEST_CASE_FIXTURE(bus_peers, "S36 blocking on oneself fails at once, in a handler and outside") {
    bus.request_name("org.ctbus.Looped");
    const std::vector<ctbus::bus_name> names{bus.unique_name(),
                                             ctbus::bus_name{"org.ctbus.Looped"}};
    int refused = 0;
    const auto block = [&] {
        for (const auto& name : names) {
            const auto begin = steady_clock::now();
            const auto r = proxy{bus, name, path}.try_call<"Twice">(1);
            REQUIRE_FALSE(r);
            CHECK(r.error().code() == EDEADLK);
            CHECK(r.error().message().find("wait for itself") != std::string_view::npos);
            CHECK(steady_clock::now() - begin < 10s);
            ++refused;
        }
    };
    block();
    served.action = block;
    bool done = false;
    auto call = proxy{other, bus.unique_name(), path}.async_call<"Act">().then(
        [&](const auto& r) { done = r.has_value(); });
    until([&] { return done; });
    CHECK(refused == 4);
    // To call oneself without waiting is all right.
    std::int32_t twice = 0;
    auto own = proxy{bus, names[1], path}.async_call<"Twice">(6).then(
        [&](const auto& r) { twice = r.value_or(-1); });
    until([&] { return twice != 0; });
    CHECK(twice == 12);
}

TEST_CASE_FIXTURE(bus_peers, "S36 to run the connection inside one of its handlers fails at once") {
    std::vector<ctbus::error> why;
    const proxy self{bus, bus.unique_name(), path};
    const auto call_self = [](const proxy& p) -> ctbus::task<std::int32_t> {
        co_return (co_await p.async_call<"Twice">(1)).value();
    };
    served.action = [&] {
        why.push_back(bus.try_run(call_self(self)).error());
        why.push_back(bus.try_run().error());
        why.push_back(bus.try_process().error());
    };
    bool done = false;
    auto call = proxy{other, bus.unique_name(), path}.async_call<"Act">().then(
        [&](const auto& r) { done = r.has_value(); });
    until([&] { return done; });
    REQUIRE(why.size() == 3);
    for (const ctbus::error& e : why) {
        CHECK(e.code() == EBUSY);
        CHECK(e.message() == "this would wait for itself: a handler of this connection is running");
    }
    // The loop goes on as before.
    std::int32_t twice = 0;
    auto next = self.async_call<"Twice">(6).then([&](const auto& r) { twice = r.value_or(-1); });
    until([&] { return twice != 0; });
    CHECK(twice == 12);
}

TEST_CASE_FIXTURE(bus_peers, "S21 signals of a name, which goes to another owner") {
    std::vector<std::string> heard;
    const auto hears = ctbus::match_signal<service_table, "Said">(
        bus, [&](std::string_view what) { heard.emplace_back(what); },
        {.sender = "org.ctbus.Moves"});
    const auto say = [](const ctbus::connection& from, const char* what) {
        ctbus::emit<service_table, "Said">(from, "/elsewhere", what);
    };
    other.request_name("org.ctbus.Moves");
    say(other, "one");
    until([&] { return heard.size() == 1; });
    other.release_name("org.ctbus.Moves");
    auto third = ctbus::connection::session();
    third.request_name("org.ctbus.Moves");
    say(other, "not any more");
    static_cast<void>(other.list_names()); // the bus has it
    say(third, "two");
    third.flush();
    until([&] { return heard.size() == 2; });
    CHECK(heard == texts{"one", "two"});
}

TEST_CASE_FIXTURE(looped, "a bus that goes and comes back: the loop goes on, asleep meanwhile") {
    test::own_bus daemon;
    // Without the daemon's id: another one will come.
    const std::string address = daemon.address().substr(0, daemon.address().find(','));
    auto bus = ctbus::connection::open(address);
    bus.reconnecting(20ms, 20ms);
    int returned = 0;
    bool lost = false;
    bus.on_disconnect([&](const ctbus::error&) { lost = true; });
    bus.on_reconnect([&] { ++returned; });
    service served;
    const ctbus::object<service_table> object{bus, path, served};
    loop->add(bus);
    daemon.kill();
    until([&] { return lost; });
    const std::string config = address.substr(address.find('=') + 1) + ".conf";
    const test::process again{
        {"dbus-daemon", "--config-file=" + config, "--nofork", "--nopidfile", "--print-address=1"},
        true};
    until([&] { return returned == 1; });
    // What is started outside of any handler wakes it as before.
    for (int i = 0; i < 3; ++i) {
        bool slept = false;
        const auto timer = ctbus::after(bus, 30ms).then([&] { slept = true; });
        until([&] { return slept; });
        std::int32_t twice = 0;
        auto call = proxy{bus, bus.unique_name(), path}.async_call<"Twice">(i + 1).then(
            [&](const auto& r) { twice = r.value_or(-1); });
        until([&] { return twice != 0; });
        CHECK(twice == 2 * i + 2);
    }
    loop->closing(bus);
}

// ---- what comes while something else is awaited ----

TEST_CASE_FIXTURE(bus_peers, "what came in during a blocking call is handled soon") {
    int heard = 0;
    const auto hears = ctbus::match_signal<service_table, "Said">(
        bus, [&](std::string_view) { ++heard; }, {.sender = "org.ctbus.Follow"});
    auto third = ctbus::connection::session();
    third.request_name("org.ctbus.Follow");
    std::optional<ctbus::subscription> more;
    const std::function<void()> blocking[] = {
        [&] { static_cast<void>(bus.list_names()); },
        [&] { bus.request_name("org.ctbus.Blocking"); },
        [&] { bus.release_name("org.ctbus.Blocking"); },
        [&] {
            more = ctbus::match_signal<service_table, "Said">(bus, [](std::string_view) {},
                                                              {.sender = "org.ctbus.Another"});
        },
        [&] {
            more.reset();
            static_cast<void>(bus.unique_name());
        },
        [&] { CHECK_FALSE(proxy(bus, bus.unique_name(), path).try_call<"Twice">(1)); },
    };
    int n = 0;
    for (const auto& block : blocking) {
        CAPTURE(n);
        // The loop has gone to sleep before, and knows nothing of this.
        bool slept = false;
        const auto timer = ctbus::after(bus, 1ms).then([&] { slept = true; });
        until([&] { return slept; });
        ctbus::emit<service_table, "Said">(third, "/elsewhere", "hello");
        static_cast<void>(third.list_names()); // it has reached the bus
        block();
        ++n;
        until([&] { return heard == n; });
    }
}

// ---- timers, threads, coroutines ----

TEST_CASE_FIXTURE(peers, "timers: in their order, cancelled, and set by one another") {
    texts rang;
    const auto begin = steady_clock::now();
    std::vector<ctbus::timer> timers;
    const auto add = [&](auto wait, const char* name) {
        timers.push_back(
            ctbus::after(client(), wait).then([&rang, name] { rang.push_back(name); }));
    };
    add(60ms, "d");
    add(20ms, "b");
    add(40ms, "cancelled");
    add(0ms, "a");
    timers[2].cancel();
    timers.push_back(ctbus::after(*served.bus, 30ms).then([&] {
        rang.push_back("c");
        timers.push_back(ctbus::after(*served.bus, 1h).then([&] { rang.push_back("never"); }));
    }));
    until([&] { return rang.size() == 4; });
    CHECK(std::erase(rang, "c") == 1); // another connection's: on a busy machine both may be due
    CHECK(rang == texts{"a", "b", "d"});
    CHECK(steady_clock::now() - begin >= 60ms);
    CHECK(steady_clock::now() - begin < 10s);
}

TEST_CASE_FIXTURE(peers, "a loop with nothing to do sleeps") {
    bool rang = false;
    const auto timer = ctbus::after(client(), 200ms).then([&] { rang = true; });
    auto call = remote.async_call<"Wait">().then([](const auto&) {});
    loop->turns = 0;
    until([&] { return rang; });
    if (loop->sleeps()) CHECK(loop->turns < 40);
}

TEST_CASE_FIXTURE(peers, "post: many threads, in order, and what it starts goes on") {
    constexpr int threads = 4, each = 250;
    std::vector<int> next(threads);
    bool in_order = true;
    int total = 0, answered = 0;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
        all.emplace_back([&, t, poster = client().poster()] {
            for (int i = 0; i < each; ++i)
                poster.post([&, t, i] {
                    if (std::exchange(next[static_cast<std::size_t>(t)], i + 1) != i)
                        in_order = false;
                    ++total;
                    if (i % 50 == 0)
                        remote.async_call<"Twice">(i)
                            .then([&](const auto&) { ++answered; })
                            .detach();
                });
        });
    until([&] { return total == threads * each && answered == threads * each / 50; });
    for (std::thread& t : all) t.join();
    CHECK(in_order);
}

TEST_CASE_FIXTURE(peers, "coroutines: a handler and a client that wait") {
    std::int32_t sum = 0;
    const auto work = [&]() -> ctbus::task<void> {
        for (int i = 1; i <= 3; ++i) {
            sum += (co_await remote.async_call<"Slow">(i)).value();
            co_await ctbus::after(client(), 1ms);
        }
    };
    const auto task = client().spawn(work());
    CHECK(static_cast<bool>(task));
    until([&] { return !task; });
    CHECK(sum == 12);
}

TEST_CASE_FIXTURE(peers, "100 calls at once") {
    std::vector<ctbus::async_handle> calls;
    std::int32_t sum = 0, count = 0;
    for (int i = 0; i < 100; ++i)
        calls.push_back((i % 2 == 0 ? remote.async_call<"Slow">(i).then([&](const auto& r) {
            sum += r.value();
            ++count;
        })
                                    : remote.async_call<"Twice">(i).then([&](const auto& r) {
                                          sum += r.value();
                                          ++count;
                                      })));
    until([&] { return count == 100; });
    CHECK(sum == 9900);
}

TEST_CASE_FIXTURE(peers, "a socket that is full is written to when it can be") {
    const std::string much(1 << 20, 'x');
    std::vector<ctbus::async_handle> calls;
    std::size_t answered = 0;
    std::uint64_t queued = 0;
    while (queued < 3) {
        calls.push_back(remote.async_call<"Take">(much).then([&](const auto& r) {
            CHECK(r.has_value());
            ++answered;
        }));
        REQUIRE(sd_bus_get_n_queued_write(client().get(), &queued) >= 0);
    }
    until([&] { return answered == calls.size(); });
    CHECK(served.received == calls.size() * much.size());
    REQUIRE(sd_bus_get_n_queued_write(client().get(), &queued) >= 0);
    CHECK(queued == 0);
}

// ---- the loop's hold on the connection ----

TEST_CASE_FIXTURE(peers, "a loop lets a connection go while calls are in flight") {
    if (!loop->can_remove()) return;
    texts answers;
    auto one = wait(answers);
    auto two = remote.async_call<"Twice">(1).then(noting(answers));
    loop->remove(client());
    served.waiting.front().reply(3);
    bool later = false;
    const auto timer = ctbus::after(*served.bus, 20ms).then([&] { later = true; });
    until([&] { return later; });
    CHECK(answers.empty());
    loop->add(client());
    until([&] { return answers.size() == 2; });
    CHECK(answers == texts{"3", "2"}); // in the order that they were sent in
}

TEST_CASE_FIXTURE(peers, "a loop lets a connection go inside one of its handlers") {
    if (!loop->can_remove()) return;
    texts answers;
    int acted = 0;
    served.action = [&] {
        ++acted;
        loop->remove(*served.bus);
    };
    std::vector<ctbus::async_handle> calls;
    for (int i = 0; i < 2; ++i)
        calls.push_back(
            remote.async_call<"Act">().then([&](const auto&) { answers.push_back("acted"); }));
    until([&] { return answers.size() == 1; });
    bool later = false;
    const auto timer = ctbus::after(client(), 20ms).then([&] { later = true; });
    until([&] { return later; });
    CHECK(acted == 1);
    served.action = [&] { ++acted; };
    loop->add(*served.bus);
    until([&] { return answers.size() == 2; });
    CHECK(acted == 2);
}

TEST_CASE_FIXTURE(peers, "a connection that never rests leaves the others their turns") {
    // Each answer is the next call.
    std::optional<ctbus::async_handle> call;
    std::uint64_t calls = 0;
    const std::function<void()> again = [&] {
        call = remote.async_call<"Twice">(1).then([&](const auto&) {
            ++calls;
            again();
        });
    };
    again();
    int rang = 0;
    std::optional<ctbus::timer> timer;
    const std::function<void()> tick = [&] {
        timer = ctbus::after(*served.bus, 1ms).then([&] {
            ++rang;
            tick();
        });
    };
    tick();
    until([&] { return rang >= 20; });
    CHECK(calls > 0);
}

TEST_CASE_FIXTURE(peers, "a flood leaves the others their turns") {
    constexpr std::size_t all = 1000;
    std::size_t heard = 0, when_others_ran = 0;
    const auto hears = remote.on<"Said">([&](std::string_view) {
        if (++heard == 1) served.bus->post([&] { when_others_ran = heard; });
    });
    for (std::size_t i = 0; i < all; ++i) object->emit<"Said">("hello");
    until([&] { return heard == all && when_others_ran != 0; });
    if (loop->sleeps()) CHECK(when_others_ran < all / 2);
}
