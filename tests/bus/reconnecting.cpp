// A bus that goes away and comes back: nothing is lost that was there, nothing is asked for twice.
#include "one_thread.hpp"
#include "raw_peer.hpp"
#include "support/processes.hpp"
#include "support/raw_bus.hpp"

#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>
#include <ctbus/object_watch.hpp>
#include <ctbus/raw_object.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <string>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

using ctbus::connection;
using ctbus::task;
using test::contains;
using test::must;
using namespace std::chrono_literals;

namespace {

/// A bus that can be killed and started again at the same address, which raw clients find as the
/// session bus.
class mortal_bus {
public:
    mortal_bus() {
        ::setenv("DBUS_SESSION_BUS_ADDRESS", address().c_str(), 1);
        start();
    }
    mortal_bus(const mortal_bus&) = delete;
    mortal_bus& operator=(const mortal_bus&) = delete;
    ~mortal_bus() {
        daemon_.reset();
        ::setenv("DBUS_SESSION_BUS_ADDRESS", before_.c_str(), 1);
    }

    std::string address() const { return "unix:path=" + path_; }
    /// By the address that the daemon tells, which has its guid: that changes with each start.
    connection connect() const { return must(connection::try_open(told_)); }
    void start() {
        daemon_ = std::make_unique<test::process>(
            std::vector<std::string>{"dbus-daemon", "--session", "--nofork", "--nopidfile",
                                     "--address=" + address(), "--print-address=1"},
            true);
        told_ = daemon_->read_line();
        REQUIRE(contains(told_, "guid="));
        told_.pop_back(); // the end of the line
    }
    void kill() { daemon_.reset(); }

private:
    std::string before_ = test::environment("DBUS_SESSION_BUS_ADDRESS");
    std::string path_ =
        test::environment("XDG_RUNTIME_DIR") + "/mortal" + std::to_string(::getpid());
    std::string told_;
    std::unique_ptr<test::process> daemon_;
};

std::size_t open_descriptors() {
    using std::filesystem::directory_iterator;
    return static_cast<std::size_t>(
        std::distance(directory_iterator{"/proc/self/fd"}, directory_iterator{}));
}

struct worker {
    std::vector<ctbus::deferred<std::int32_t>> waiting;
    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void wait(ctbus::deferred<std::int32_t> reply) { waiting.push_back(std::move(reply)); }
};
// clang-format off
struct worker_vtable : ctbus::vtable<"org.ctbus.Mortal",
    ctbus::handler<"Twice", &worker::twice>,
    ctbus::handler<"Wait", &worker::wait>,
    ctbus::signal<"Tick", void(std::int32_t)>> {};
// clang-format on

ctbus::result<void> one_signal(const connection& bus, const char* from = "/one",
                               std::int32_t n = 0) {
    return ctbus::try_emit<worker_vtable, "Tick">(bus, must(ctbus::object_path::parse(from)), n);
}

/// Lets the connections work until `done()`; false: that took too long.
bool pump(std::initializer_list<connection*> all, const std::function<bool()>& done,
          std::chrono::milliseconds most = 10s) {
    const auto end = std::chrono::steady_clock::now() + most;
    while (!done()) {
        if (std::chrono::steady_clock::now() > end) return false;
        bool busy = false;
        for (connection* bus : all) busy |= bus->try_process().value_or(false);
        if (busy) continue;
        for (connection* bus : all) static_cast<void>(bus->try_wait(500us));
    }
    return true;
}

} // namespace

TEST_CASE("a bus that is killed and started again, 100 times, under load") {
    mortal_bus daemon;
    const std::size_t descriptors = open_descriptors();
    {
        connection service = daemon.connect(), client = daemon.connect();
        int lost = 0, back = 0;
        for (connection* bus : {&service, &client}) {
            must(bus->try_reconnecting(1ms, 4ms));
            must(bus->try_on_disconnect([&](const ctbus::error& e) {
                CHECK(e.code() == ECONNRESET);
                ++lost;
            }));
            must(bus->try_on_reconnect([&] { ++back; }));
        }
        worker served;
        const test::exported<worker_vtable> one{service, "/one", served};
        test::exported<worker_vtable> two{service, "/two", served};
        std::optional<test::exported<worker_vtable>> changing;
        auto raw = must(ctbus::raw_object::try_make(
            service, "/raw", [](const ctbus::message& call) { must(call.try_reply(3)); }));
        must(service.try_request_name("org.ctbus.One"));
        must(service.try_request_name("org.ctbus.Two", ctbus::name_flag::queue));

        const ctbus::proxy<worker_vtable> first{client, "org.ctbus.One", "/one"};
        const ctbus::proxy<worker_vtable> second{client, "org.ctbus.Two", "/two"};
        std::int32_t heard = -1, streamed = -1, changed = -1;
        int times = 0;
        const auto kept = must(first.try_on<"Tick">([&](std::int32_t n) {
            heard = n;
            ++times;
        }));
        auto sometimes = must(second.try_on<"Tick">([&](std::int32_t n) { changed = n; }));
        auto reading = client.spawn([](auto stream, std::int32_t& to) -> task<void> {
            for (;;) {
                const auto next = co_await stream.next();
                if (!next) {
                    to = -2; // a stream goes on
                    co_return;
                }
                to = *next;
            }
        }(first.stream<"Tick">(), streamed));
        int ended = 0, answered = 0, other_errors = 0;
        const auto count = [&](const ctbus::result<std::int32_t>& r) {
            ++ended;
            if (r) ++answered;
            else if (r.error().code() != ECONNRESET) ++other_errors;
        };
        std::size_t in_the_middle = 0;
        for (std::int32_t round = 0; round < 100; ++round) {
            CAPTURE(round);
            // Some calls that are never answered, and some that may be.
            ended = answered = 0;
            std::vector<ctbus::async_handle> calls;
            for (int i = 0; i < 10; ++i) {
                calls.push_back(first.async_call<"Wait">().then(count));
                calls.push_back(second.async_call<"Twice">(i).then(count));
            }
            for (int i = 0; i < round % 7; ++i)
                pump({&service, &client}, [n = 0]() mutable { return ++n > 2; });
            lost = back = 0;
            daemon.kill();
            REQUIRE(pump({&service, &client}, [&] { return lost == 2; }));
            CHECK(ended == 20); // each once
            CHECK(answered <= 10);
            CHECK(other_errors == 0);
            calls.clear();
            served.waiting.clear();

            // Away.
            CHECK(back == 0);
            if (round % 3 == 0) changing.reset();
            if (round % 3 == 1)
                changing.emplace(service, ctbus::object_path_view{"/changing"}, served);
            const auto away = first.try_call<"Twice">(1);
            CHECK(away.error().code() == ENOTCONN);
            CHECK_FALSE(one_signal(service).has_value());
            if (round % 5 == 0) {
                sometimes.reset();
                CHECK_FALSE(second.try_on<"Tick">([](std::int32_t) {}).has_value());
            }
            CHECK_FALSE(service.try_request_name("org.ctbus.Three").has_value());
            if (round % 2 == 0) pump({&service, &client}, [n = 0]() mutable { return ++n > 5; });

            // Back. Nothing happens until they are pumped, so that the monitor sees it all.
            daemon.start();
            test::raw_monitor monitor;
            REQUIRE(pump({&service, &client}, [&] { return back == 2; }));
            if (!sometimes)
                sometimes = must(second.try_on<"Tick">([&](std::int32_t n) { changed = n; }));
            bool called = false;
            for (const auto& [name, at, exists] :
                 {std::tuple{"org.ctbus.One", "/one", true},
                  std::tuple{"org.ctbus.Two", "/two", true},
                  std::tuple{"org.ctbus.One", "/raw", true},
                  std::tuple{"org.ctbus.Two", "/changing", changing.has_value()}}) {
                CAPTURE(at);
                ctbus::proxy<worker_vtable> proxy{client, must(ctbus::bus_name::parse(name)),
                                                  must(ctbus::object_path::parse(at))};
                // The first may come before the name is there again.
                std::optional<ctbus::result<std::int32_t>> got;
                for (int tries = 0; tries < 100; ++tries) {
                    got.reset();
                    const auto call =
                        proxy.async_call<"Twice">(round).then([&](auto r) { got = std::move(r); });
                    REQUIRE(pump({&service, &client}, [&] { return got.has_value(); }));
                    if (*got || !got->error().is<"org.freedesktop.DBus.Error.ServiceUnknown">())
                        break;
                }
                CHECK(got->has_value() == exists);
                called = true;
            }
            CHECK(called);
            // Each subscription hears each signal, once.
            times = 0;
            must(one_signal(service, "/one", 1000 + round));
            must(one_signal(service, "/two", 2000 + round));
            static_cast<void>(pump({&service, &client}, [&] {
                return heard == 1000 + round && streamed == 1000 + round && changed == 2000 + round;
            }));
            REQUIRE(heard == 1000 + round);
            REQUIRE(streamed == 1000 + round);
            REQUIRE(changed == 2000 + round);
            CHECK(times == 1);
            // Each name was requested once.
            std::map<std::string, int> requests;
            const auto fence = [&] {
                for (const test::arrived& a : monitor.got)
                    if (a.type() == "signal" && a.path() == "/two") return true;
                return false;
            };
            while (!fence())
                if (!monitor.process()) test::wait_for_any({monitor.get()});
            for (const test::arrived& a : monitor.got)
                if (a.type() == "call" && a.member() == "RequestName") ++requests[a.body()];
            CHECK(requests == std::map<std::string, int>{{"\"org.ctbus.One\" 4", 1},
                                                         {"\"org.ctbus.Two\" 0", 1}});
            if (round == 50) in_the_middle = open_descriptors();
            if (round == 99) CHECK(open_descriptors() == in_the_middle);
        }
        reading.cancel();
    }
    CHECK(open_descriptors() == descriptors);
}

namespace {

/// A service with one object and one name.
struct small_service {
    connection bus;
    worker served;
    std::optional<test::exported<worker_vtable>> object;

    explicit small_service(const mortal_bus& daemon) : bus{daemon.connect()} {
        object.emplace(bus, ctbus::object_path_view{"/one"}, served);
        must(bus.try_request_name("org.ctbus.One"));
        must(bus.try_reconnecting(1ms, 4ms));
    }
};

/// Whether a service that others run answers, in time.
bool answers(const std::function<void()>& step) {
    test::raw_client client;
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < end) {
        const auto m =
            client.make_call("org.ctbus.One", "/one", "org.ctbus.Mortal", "Twice", "i", 4);
        REQUIRE(sd_bus_message_set_auto_start(m.get(), 0) >= 0);
        const std::uint64_t cookie = client.send(m);
        while (!client.has_answer(cookie, client.unique_name())) {
            step();
            if (!client.process()) std::this_thread::sleep_for(100us);
            if (std::chrono::steady_clock::now() > end) return false;
        }
        for (const test::arrived& a : client.take())
            if (a.answers() == cookie && a.type() == "reply") return a.body() == "8";
    }
    return false;
}

} // namespace

TEST_CASE("a bus that comes back: under run(), in another thread") {
    mortal_bus daemon;
    small_service service{daemon};
    std::thread loop{[&] { CHECK(service.bus.try_run().has_value()); }};
    for (int round = 0; round < 10; ++round) {
        CHECK(answers([] {}));
        daemon.kill();
        if (round % 2 == 0) std::this_thread::sleep_for(10ms);
        daemon.start();
    }
    CHECK(answers([] {}));
    daemon.kill();
    std::this_thread::sleep_for(5ms);
    service.bus.stop(); // while it is away
    loop.join();
}

TEST_CASE("a bus that comes back: run(task)") {
    mortal_bus daemon;
    small_service service{daemon};
    int rounds = 0;
    must(service.bus.try_run([](connection& bus, mortal_bus& mortal, int& n) -> task<void> {
        for (; n < 5; ++n) {
            mortal.kill();
            co_await ctbus::after(bus, 5ms);
            mortal.start();
            for (;;) {
                const auto owner =
                    co_await ctbus::proxy<worker_vtable>{bus, "org.ctbus.One", "/one"}
                        .async_call<"Twice">(1);
                if (owner && *owner == 2) break;
                co_await ctbus::after(bus, 1ms);
            }
        }
    }(service.bus, daemon, rounds)));
    CHECK(rounds == 5);
}

TEST_CASE("a bus that comes back: under sd-event") {
    mortal_bus daemon;
    const std::size_t descriptors = open_descriptors();
    {
        small_service service{daemon};
        sd_event* loop = nullptr;
        REQUIRE(sd_event_new(&loop) >= 0);
        must(service.bus.try_attach(loop));
        int ticks = 0;
        ctbus::timer timer;
        const std::function<void()> tick = [&] {
            ++ticks;
            timer = ctbus::after(service.bus, 1ms).then(tick);
        };
        tick();
        for (int round = 0; round < 10; ++round) {
            CHECK(answers([&] { REQUIRE(sd_event_run(loop, 1000) >= 0); }));
            daemon.kill();
            const int before = ticks; // timers go on while it is away
            while (ticks < before + 3) REQUIRE(sd_event_run(loop, 1'000'000) >= 0);
            bool posted = false;
            CHECK(service.bus.post([&] { posted = true; }));
            while (!posted) REQUIRE(sd_event_run(loop, 1'000'000) >= 0);
            daemon.start();
        }
        CHECK(answers([&] { REQUIRE(sd_event_run(loop, 1000) >= 0); }));
        timer.cancel();
        sd_event_unref(loop);
    }
    CHECK(open_descriptors() == descriptors);
}

TEST_CASE("a bus that comes back: under epoll, with one descriptor that stays the same") {
    mortal_bus daemon;
    small_service service{daemon};
    const int all = ::epoll_create1(EPOLL_CLOEXEC);
    const int fd = must(service.bus.try_poll_data()).fd;
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    REQUIRE(::epoll_ctl(all, EPOLL_CTL_ADD, fd, &wanted) == 0);
    const auto step = [&] {
        while (must(service.bus.try_process())) {
        }
        const auto data = must(service.bus.try_poll_data());
        CHECK(data.fd == fd);
        CHECK(data.events == EPOLLIN);
        const std::uint64_t now = ctbus::detail::now();
        const int most = data.timeout <= now ? 0 : data.timeout < now + 1000 ? 1 : 2;
        epoll_event got{};
        REQUIRE(::epoll_wait(all, &got, 1, most) >= 0);
    };
    for (int round = 0; round < 10; ++round) {
        CHECK(answers(step));
        daemon.kill();
        for (int i = 0; i < round; ++i) step();
        bool posted = false;
        CHECK(service.bus.post([&] { posted = true; }));
        step();
        step();
        CHECK(posted);
        daemon.start();
    }
    CHECK(answers(step));
    ::close(all);
}

TEST_CASE("a bus that goes while nobody opens it again: run() says so, on_disconnect() too") {
    mortal_bus daemon;
    connection bus = daemon.connect();
    std::vector<std::string> told;
    must(bus.try_on_disconnect([&](const ctbus::error& e) { told.emplace_back(e.what()); }));
    must(bus.try_on_disconnect([&](const ctbus::error& e) {
        told.emplace_back(std::string{"second "} + e.what()); // in place of the first
    }));
    const auto killer = ctbus::after(bus, 1ms).then([&] { daemon.kill(); });
    const auto ran = bus.try_run();
    REQUIRE_FALSE(ran.has_value());
    CHECK(contains(ran.error().what(), "the connection is lost"));
    REQUIRE(told.size() == 1);
    CHECK(contains(told[0], "second "));
    CHECK(contains(told[0], "the connection is lost"));
    CHECK_FALSE(bus.try_run().has_value());
}

TEST_CASE("on_disconnect() may replace itself, and destroy what it likes") {
    mortal_bus daemon;
    auto service = std::make_unique<small_service>(daemon);
    std::optional<connection> client{daemon.connect()};
    must(client->try_reconnecting(1ms, 4ms));
    auto proxy = std::make_optional<ctbus::proxy<worker_vtable>>(
        *client, ctbus::bus_name_view{"org.ctbus.One"}, ctbus::object_path_view{"/one"});
    auto heard = must(proxy->try_on<"Tick">([](std::int32_t) {}));
    std::optional stream{proxy->stream<"Tick">()};
    int called = 0;
    auto call = proxy->async_call<"Wait">().then([&](const auto&) {
        ++called;
        stream.reset();
    });
    std::array<int, 100> large{};
    large[99] = 1;
    bool told = false;
    must(client->try_on_disconnect([&, large](const ctbus::error&) {
        must(client->try_on_disconnect([](const ctbus::error&) {}));
        heard.reset();
        proxy.reset();
        client.reset();
        told = large[99] == 1;
    }));
    must(service->bus.try_on_disconnect([&](const ctbus::error&) {
        service->object.reset();
        test::close(service->bus);
    }));
    while (client->try_process().value_or(false)) {
    }
    daemon.kill();
    while (client && client->try_process().has_value()) {
    }
    CHECK(told);
    CHECK(called == 1);
    // run() ends, though it would have come back.
    must(service->bus.try_run());
}

TEST_CASE("on_reconnect() may replace itself, and destroy the connection") {
    mortal_bus daemon;
    std::optional<connection> bus{daemon.connect()};
    must(bus->try_reconnecting(1ms, 4ms));
    int back = 0;
    std::array<int, 100> large{};
    large[99] = 1;
    must(bus->try_on_reconnect([&, large] {
        must(bus->try_on_reconnect([&] {
            bus.reset();
            ++back;
        }));
        back += large[99];
    }));
    for (int round = 1; round <= 2; ++round) {
        daemon.kill();
        daemon.start();
        while (bus && back < round) {
            if (!bus->try_process().value_or(false) && bus) static_cast<void>(bus->try_wait(1ms));
        }
    }
    CHECK(back == 2);
    CHECK_FALSE(bus.has_value());
}

TEST_CASE("a connection destroyed, or closed, while its bus is away") {
    const auto await_loss = [](connection& bus, bool& lost) {
        must(bus.try_on_disconnect([&lost](const ctbus::error&) { lost = true; }));
        return [&] { return lost; };
    };
    for (const int how : {0, 1, 2, 3}) {
        CAPTURE(how);
        mortal_bus daemon;
        auto service = std::make_unique<small_service>(daemon);
        bool lost = false;
        const auto is_lost = await_loss(service->bus, lost);
        daemon.kill();
        if (how == 0) {
            REQUIRE(pump({&service->bus}, is_lost));
            service.reset();
        } else if (how == 1) { // what is made from it lives on
            REQUIRE(pump({&service->bus}, is_lost));
            const ctbus::proxy<worker_vtable> proxy{service->bus, "org.ctbus.One", "/one"};
            service.reset();
            CHECK(proxy.try_call<"Twice">(1).error().code() == ENOTCONN);
        } else { // run() ends, and nothing is opened again
            const auto close = [&] {
                CHECK(lost);
                test::close(service->bus);
                daemon.start();
            };
            ctbus::timer timer;
            std::thread poster;
            if (how == 2) timer = ctbus::after(service->bus, 20ms).then(close);
            else
                poster = std::thread{[close, to = service->bus.poster()] {
                    std::this_thread::sleep_for(20ms);
                    to.post(close);
                }};
            const auto watchdog = ctbus::after(service->bus, 10s).then([&] { std::abort(); });
            static_cast<void>(service->bus.try_run());
            if (poster.joinable()) poster.join();
            test::raw_client other;
            sd_bus_creds* owner = nullptr;
            CHECK(sd_bus_get_name_creds(other.get(), "org.ctbus.One", 0, &owner) < 0);
        }
    }
}

TEST_CASE("subscriptions that are on their way when the bus is lost") {
    mortal_bus daemon;
    small_service service{daemon};
    connection client = daemon.connect();
    bool lost = false;
    must(client.try_on_disconnect([&](const ctbus::error&) { lost = true; }));
    must(client.try_reconnecting(1ms, 4ms));
    const ctbus::proxy<worker_vtable> proxy{client, "org.ctbus.One", "/one"};
    int heard = 0, streamed = 0;
    std::optional<ctbus::subscription> kept;
    const auto asking = proxy.async_on<"Tick">([&](std::int32_t) { ++heard; }).then([&](auto r) {
        kept = must(std::move(r));
    });
    client.spawn([](auto stream, int& n) -> task<void> {
        for (;;) {
            const auto next = co_await stream.next();
            if (!next) break;
            ++n;
        }
    }(proxy.stream<"Tick">(), streamed));
    daemon.kill();
    REQUIRE(pump({&service.bus, &client}, [&] { return lost; }));
    CHECK(kept.has_value());
    daemon.start();
    CHECK(pump({&service.bus, &client}, [&] {
        std::this_thread::sleep_for(1ms);
        static_cast<void>(one_signal(service.bus));
        return heard > 1 && streamed > 1;
    }));
}

TEST_CASE("a direct connection cannot come back") {
    auto [one, other] = must(connection::try_pair());
    const auto refused = one.try_reconnecting(1ms, 1s);
    REQUIRE_FALSE(refused.has_value());
    CHECK(contains(refused.error().what(), "a direct connection cannot be opened again"));
    CHECK_FALSE(one.try_reconnecting().has_value());
    CHECK_FALSE(one.try_on_reconnect([] {}).has_value());
    bool lost = false;
    must(one.try_on_disconnect([&](const ctbus::error&) { lost = true; }));
    test::close(other);
    CHECK_FALSE(one.try_run().has_value());
    CHECK(lost);
}

TEST_CASE("the bus of somebody else is not opened again") {
    mortal_bus daemon;
    small_service service{daemon};
    connection wrapped{service.bus.get()};
    const auto refused = wrapped.try_reconnecting(1ms, 1s);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == EOPNOTSUPP);
    CHECK(contains(refused.error().what(), "the bus of somebody else cannot be opened again"));
}

TEST_CASE("names and subscriptions asked for without waiting") {
    mortal_bus daemon;
    small_service service{daemon};
    connection client = daemon.connect();
    must(client.try_reconnecting(1ms, 4ms));
    int heard = 0, lost = 0;
    bool done = false;
    std::optional<ctbus::subscription> kept;
    client.spawn([](connection& bus, std::optional<ctbus::subscription>& to, int& n,
                    bool& out) -> task<void> {
        const auto mine = co_await bus.async_request_name("org.ctbus.Three");
        CHECK(mine.value_or(false));
        const auto taken = co_await bus.async_request_name("org.ctbus.One");
        CHECK(taken.error().code() == EEXIST);
        const auto queued =
            co_await bus.async_request_name("org.ctbus.One", ctbus::name_flag::queue);
        CHECK(queued.has_value());
        CHECK_FALSE(queued.value_or(true));
        const ctbus::proxy<worker_vtable> proxy{bus, "org.ctbus.One", "/one"};
        auto on = co_await proxy.async_on<"Tick">([&n](std::int32_t) { ++n; });
        to = must(std::move(on));
        out = true;
    }(client, kept, heard, done));
    REQUIRE(pump({&service.bus, &client}, [&] { return done; }));
    must(one_signal(service.bus));
    REQUIRE(pump({&service.bus, &client}, [&] { return heard == 1; }));
    must(client.try_release_name("org.ctbus.One"));
    must(client.try_on_disconnect([&](const ctbus::error&) { ++lost; }));
    daemon.kill();
    REQUIRE(pump({&service.bus, &client}, [&] { return lost == 1; }));
    daemon.start();
    test::raw_client other;
    REQUIRE(pump({&service.bus, &client}, [&] {
        std::this_thread::sleep_for(1ms);
        static_cast<void>(one_signal(service.bus));
        return heard > 1;
    }));
    sd_bus_creds* owner = nullptr;
    CHECK(sd_bus_get_name_creds(other.get(), "org.ctbus.Three", 0, &owner) >= 0);
    sd_bus_creds_unref(owner);
}

TEST_CASE("reconnecting() asks for a name as it was asked for last") {
    mortal_bus daemon;
    connection client = daemon.connect();
    must(client.try_reconnecting(1ms, 4ms));
    must(client.try_request_name("org.ctbus.Asked", ctbus::name_flag::allow_replacement));
    must(client.try_request_name("org.ctbus.Asked"));
    int back = 0;
    must(client.try_on_reconnect([&] { ++back; }));
    daemon.kill();
    daemon.start();
    REQUIRE(pump({&client}, [&] { return back == 1; }));
    CHECK_FALSE(daemon.connect()
                    .try_request_name("org.ctbus.Asked", ctbus::name_flag::replace_existing)
                    .has_value());
}

TEST_CASE("managed objects and who watches them are there again when the bus is") {
    mortal_bus daemon;
    connection service = daemon.connect(), client = daemon.connect();
    for (connection* bus : {&service, &client}) must(bus->try_reconnecting(1ms, 4ms));
    struct book {
        std::int32_t pages;
    } one{1}, two{2};
    const auto manager = must(ctbus::object_manager::try_make(service, "/books"));
    struct book_vtable : ctbus::vtable<"org.ctbus.Book", ctbus::accessor<"pages", &book::pages>> {};
    const auto first = ctbus::managed_object<book_vtable>::try_make(service, "/books/one", one);
    REQUIRE(first);
    must(service.try_request_name("org.ctbus.Books"));
    std::vector<std::string> heard;
    const auto watch = must(ctbus::try_watch_objects<book_vtable>(
        client, "org.ctbus.Books", "/books",
        [&](ctbus::object_path_view path, const std::map<std::string, ctbus::variant>& all) {
            heard.push_back("+" + path.str() + " " + all.at("pages").to_string());
        },
        [&](ctbus::object_path_view path) { heard.push_back("-" + path.str()); }));
    const test::reports reported;
    const auto hears = [&](std::vector<std::string> wanted) {
        const bool all = pump({&service, &client}, [&] { return heard.size() >= wanted.size(); });
        CHECK(all);
        CHECK(heard == wanted);
        heard.clear();
    };
    hears({"+/books/one i 1"});
    for (int i = 0; i < 5; ++i) {
        daemon.kill();
        hears({"-/books/one"});
        one.pages = 10 + i; // while nobody can be told
        std::optional<ctbus::managed_object<book_vtable>> other;
        if (i % 2 != 0) other.emplace(service, ctbus::object_path_view{"/books/two"}, two);
        daemon.start();
        if (i % 2 != 0) {
            hears({"+/books/one i " + std::to_string(10 + i), "+/books/two i 2"});
            other.reset();
            hears({"-/books/two"});
        } else hears({"+/books/one i " + std::to_string(10 + i)});
    }
    CHECK(reported.texts().empty());
}
