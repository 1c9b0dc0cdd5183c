// Running a connection to a bus: run(), run_until(), stop(), sd-event, loops of one's own; and what
// happens when the bus dies meanwhile.
#include "service_thread.hpp"
#include "support/processes.hpp"
#include "support/raw_bus.hpp"

#include <ctbus/ctbus.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream> // doctest prints string_views
#include <poll.h>
#include <string>
#include <string_view>
#include <systemd/sd-event.h>
#include <thread>
#include <time.h>
#include <utility>
#include <vector>

namespace {

using ctbus::connection;
using test::contains;

class worker {
public:
    std::function<void()> action;
    std::uint32_t ran = 0;

    std::uint32_t work() {
        ++ran;
        if (action) std::function<void()>{action}();
        return ran;
    }
    std::uint32_t state() { return work(); }
};

// clang-format off
struct worker_table : ctbus::vtable<"org.ctbus.Worker",
    ctbus::handler<"Work", &worker::work>,
    ctbus::accessor<"State", &worker::state>,
    ctbus::signal<"Said", void(std::string)>> {};
// clang-format on

using object = ctbus::object<worker_table>;
using proxy = ctbus::proxy<worker_table>;

constexpr const char* interface = "org.ctbus.Worker";
constexpr ctbus::object_path_view path = "/worker";

// Replies that cannot be sent any more are reported; nobody needs to read that here.
struct quiet {
    ctbus::report_handler before = ctbus::set_report_handler([](const ctbus::error&) {});
    ~quiet() { ctbus::set_report_handler(before); }
};

void check_lost(const ctbus::error& e) {
    const std::string what = e.what();
    CAPTURE(what);
    const bool lost = e.code() == ECONNRESET || e.code() == ENOTCONN;
    CHECK(lost);
    CHECK(e.name() != "org.freedesktop.DBus.Error.NoReply");
}

// A loop of one's own: it knows of the connection only what poll_data() says.
template <class Done>
void loop(connection& bus, Done done) {
    while (!done()) {
        const ctbus::poll_data wanted = bus.poll_data();
        pollfd fd{wanted.fd, wanted.events, 0};
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        const std::uint64_t time = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                                   static_cast<std::uint64_t>(now.tv_nsec) / 1000;
        const std::uint64_t left = wanted.timeout > time ? wanted.timeout - time : 0;
        const timespec limit{static_cast<time_t>(left / 1'000'000),
                             static_cast<long>(left % 1'000'000 * 1000)};
        REQUIRE(::ppoll(&fd, 1, wanted.timeout == UINT64_MAX ? nullptr : &limit, nullptr) >= 0);
        bus.process(); // one step for each wait, as poll_data() has to tell what is left
    }
}

// A call by sd-bus itself, whose answer is noted.
class raw_call {
public:
    raw_call(connection& bus, const std::string& to, std::uint64_t timeout) {
        sd_bus_message* m = nullptr;
        REQUIRE(sd_bus_message_new_method_call(bus.get(), &m, to.c_str(), path.c_str(), interface,
                                               "Work") >= 0);
        const auto owned = test::raw_message::adopt(m);
        REQUIRE(sd_bus_call_async(bus.get(), &slot_, m, &answered, this, timeout) >= 0);
    }
    raw_call(const raw_call&) = delete;
    raw_call& operator=(const raw_call&) = delete;
    ~raw_call() { sd_bus_slot_unref(slot_); }

    std::string answer; // the error's name, or "reply"

private:
    static int answered(sd_bus_message* m, void* userdata, sd_bus_error*) {
        const sd_bus_error* e = sd_bus_message_get_error(m);
        static_cast<raw_call*>(userdata)->answer = e ? e->name : "reply";
        return 1;
    }
    sd_bus_slot* slot_ = nullptr;
};

} // namespace

// ---- run_until() ----

TEST_CASE("run_until: a program ends with 0 on its signal, while calls are coming") {
    for (const int signal : {SIGTERM, SIGINT}) {
        for (const std::size_t first : {1U, 600U}) {
            CAPTURE(signal);
            CAPTURE(first);
            test::service_process service{"changing_service"};
            test::raw_client client;
            constexpr std::size_t count = 1000;
            for (std::size_t i = 0; i < count; ++i)
                client.send(client.make_call("org.ctbus.Changing", "/org/ctbus/changing",
                                             "org.ctbus.Changing", "Count"));
            const auto await = [&](std::size_t answers) {
                while (client.got.size() < answers)
                    if (!client.process()) test::wait_for_any({client.get()});
            };
            await(first);
            service.send(signal);
            await(count); // each call is answered, once it has ended by the bus
            const std::string last = service.read_line();
            CHECK(service.wait() == 0);
            client.catch_up();
            REQUIRE(client.got.size() == count);
            // What it handled is answered, in order, the rest is not. (The bus drops answers that
            // it has not read by the time that the connection closes with calls unread.)
            std::size_t answered = 0;
            while (answered < count && client.got[answered].type() == "reply") ++answered;
            CHECK(answered >= first);
            for (std::size_t i = 0; i < answered; ++i)
                if (client.got[i].body() != std::to_string(i + 1)) FAIL("not in order at " << i);
            for (std::size_t i = answered; i < count; ++i)
                if (client.got[i].type() != "error") FAIL("not an error at " << i);
            CHECK(std::stoul(last) >= answered);
            CHECK(contains(last, " handled, ended by " + std::to_string(signal) + "\n"));
        }
    }
}

TEST_CASE("run_until: an idle program ends with 0 on its signal") {
    test::service_process service{"changing_service"};
    auto bus = connection::session();
    bus.call(bus.new_call("org.ctbus.Changing", "/org/ctbus/changing", "org.ctbus.Changing",
                          "Count")); // it is inside run_until() then
    service.send(SIGTERM);
    CHECK(service.read_line() == "1 handled, ended by 15\n");
    CHECK(service.wait() == 0);
}

// ---- run(), stop() ----

namespace {
volatile std::sig_atomic_t signals_caught = 0;
}

TEST_CASE("run: a signal that the program handles itself does not end it") {
    struct sigaction catch_it {};
    struct sigaction before {};
    catch_it.sa_handler = [](int) { signals_caught = signals_caught + 1; }; // no SA_RESTART
    REQUIRE(::sigaction(SIGUSR2, &catch_it, &before) == 0);
    auto bus = connection::session();
    worker served;
    object exported{bus, path, served};
    served.action = [&] {
        if (served.ran == 50) bus.stop();
    };
    const ctbus::bus_name name = bus.unique_name();
    const pthread_t running = ::pthread_self();
    std::uint32_t last = 0;
    std::thread caller{[&] {
        auto client = connection::session();
        const proxy remote{client, name, path};
        for (int i = 0; i < 50; ++i) {
            ::pthread_kill(running, SIGUSR2); // it waits by now, most likely
            last = remote.call<"Work">();
        }
    }};
    bus.run();
    caller.join();
    ::sigaction(SIGUSR2, &before, nullptr);
    CHECK(last == 50);
    CHECK(signals_caught > 0);
}

TEST_CASE("stop: inside a handler, a getter and a callback, run() returns after the answer") {
    test::observed bus;
    worker served;
    object exported{bus.service, path, served};
    served.action = [&] { bus.service.stop(); };
    const auto run_with = [&](const test::raw_message& m) {
        bus.client.send(m);
        bus.service.run();
        return bus.sent_by_service();
    };
    CHECK(run_with(bus.make_call(path.c_str(), interface, "Work")).reply() == "1");
    CHECK(run_with(bus.make_call(path.c_str(), "org.freedesktop.DBus.Properties", "Get", "ss",
                                 interface, "State"))
              .reply() == "<u 2>");
    served.action = nullptr;
    // What comes after it is handled by the next run().
    auto other = connection::session();
    const auto heard = ctbus::match_signal<worker_table, "Said">(
        bus.service, [&](std::string_view) { bus.service.stop(); });
    ctbus::emit<worker_table, "Said">(other, "/elsewhere", "stop");
    other.flush();
    static_cast<void>(other.list_names());
    CHECK(run_with(bus.make_call(path.c_str(), interface, "Work")).reply() == "3");
    CHECK(served.ran == 3);
}

// ---- sd-event ----

TEST_CASE("attach: an sd-event loop serves an object and hears signals of the bus") {
    auto bus = connection::session();
    worker served;
    object exported{bus, path, served};
    const ctbus::bus_name name = bus.unique_name();
    std::vector<std::string> heard;
    const auto subscription = ctbus::match_signal<worker_table, "Said">(
        bus, [&](std::string_view what) { heard.emplace_back(what); });

    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    bus.attach(loop);
    CHECK_FALSE(bus.try_attach(loop)); // once is enough
    served.action = [&] {
        if (served.ran == 20) sd_event_exit(loop, 5);
    };
    std::vector<std::uint32_t> answers;
    std::thread caller{[&] {
        auto client = connection::session();
        const proxy remote{client, name, path};
        for (int i = 0; i < 10; ++i) {
            ctbus::emit<worker_table, "Said">(client, "/elsewhere", std::to_string(i));
            answers.push_back(remote.call<"Work">());
            answers.push_back(remote.get<"State">());
        }
    }};
    CHECK(sd_event_loop(loop) == 5);
    caller.join();
    CHECK(answers.size() == 20);
    for (std::uint32_t i = 0; i < answers.size(); ++i) CHECK(answers[i] == i + 1);
    CHECK(heard.size() == 10);
    sd_event_unref(loop);
}

TEST_CASE("attach: the connections of a client and of a service in one loop") {
    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    {
        auto bus = connection::session(), client = connection::session();
        worker served;
        object exported{bus, path, served};
        bus.attach(loop);
        client.attach(loop, SD_EVENT_PRIORITY_IDLE);
        std::string said;
        const auto subscription =
            proxy{client, bus.unique_name(), path}.on<"Said">([&](std::string_view what) {
                said = what;
                sd_event_exit(loop, 0);
            });
        served.action = [&] { exported.emit<"Said">("done"); };
        raw_call call{client, bus.unique_name().str(), 0};
        CHECK(sd_event_loop(loop) == 0);
        CHECK(said == "done");
        CHECK(served.ran == 1);
    }
    sd_event_unref(loop); // after the connections
}

// ---- a loop of one's own ----

TEST_CASE("poll_data: a loop of one's own serves an object") {
    auto bus = connection::session();
    worker served;
    object exported{bus, path, served};
    const ctbus::bus_name name = bus.unique_name();
    std::uint32_t last = 0;
    std::thread caller{[&] {
        auto client = connection::session();
        const proxy remote{client, name, path};
        for (int i = 0; i < 100; ++i) last = remote.call<"Work">();
    }};
    loop(bus, [&] { return served.ran == 100; });
    caller.join();
    CHECK(last == 100);
}

TEST_CASE("poll_data: the timeouts of pending calls are in it") {
    auto bus = connection::session(), silent = connection::session();
    const std::string to = silent.unique_name().str();
    static_cast<void>(bus.list_names()); // the bus has greeted us then
    while (bus.process()) {
    }
    CHECK(bus.poll_data().timeout == UINT64_MAX);
    raw_call longer{bus, to, 60'000'000};
    const std::uint64_t far = bus.poll_data().timeout;
    CHECK(far != UINT64_MAX);
    raw_call shorter{bus, to, 40'000}, later{bus, to, 80'000};
    CHECK(bus.poll_data().timeout < far);
    // Nothing comes but their ends.
    loop(bus, [&] { return !shorter.answer.empty(); });
    CHECK(later.answer.empty());
    loop(bus, [&] { return !later.answer.empty(); });
    CHECK(shorter.answer == "org.freedesktop.DBus.Error.NoReply");
    CHECK(later.answer == "org.freedesktop.DBus.Error.NoReply");
    CHECK(longer.answer.empty());
    CHECK(bus.poll_data().timeout == far);
    worker served;
    object exported{silent, path, served};
    while (!served.ran)
        if (!silent.process()) silent.wait();
    loop(bus, [&] { return !longer.answer.empty(); });
    CHECK(longer.answer == "reply");
    CHECK(bus.poll_data().timeout == UINT64_MAX);
}

TEST_CASE("poll_data: what came during a blocking call is told by the timeout") {
    auto bus = connection::session(), other = connection::session();
    std::vector<std::string> heard;
    const auto one = ctbus::match_signal<worker_table, "Said">(
        bus, [&](std::string_view what) { heard.emplace_back(what); }, {.sender = "org.example.W"});
    other.request_name("org.example.W");
    while (bus.process()) {
    }
    for (int turn = 0; turn < 3; ++turn) {
        heard.clear();
        ctbus::emit<worker_table, "Said">(other, "/elsewhere", "a");
        ctbus::emit<worker_table, "Said">(other, "/elsewhere", "b");
        static_cast<void>(other.list_names());
        // Each of these reads the signals from the socket, which is silent then.
        if (turn == 0) static_cast<void>(bus.list_names());
        if (turn == 1) bus.request_name("org.example.Own");
        ctbus::subscription late;
        if (turn == 2)
            late = ctbus::match_signal<worker_table, "Said">(bus, [](std::string_view) {});
        CHECK(bus.poll_data().timeout == 0);
        loop(bus, [&] { return heard.size() == 2; });
        CHECK(heard == std::vector<std::string>{"a", "b"});
        while (bus.process()) {
        }
        CHECK(bus.poll_data().timeout == UINT64_MAX);
    }
}

TEST_CASE("poll_data: POLLOUT is wanted as long as something waits to be sent") {
    auto [ours, theirs] = connection::pair();
    std::size_t got = 0;
    const auto heard = ctbus::match_signal<worker_table, "Said">(
        theirs, [&](std::string_view what) { got += what.size(); });
    while (ours.process() || theirs.process()) {
    }
    CHECK(ours.poll_data().events == POLLIN);
    const std::string much(1 << 20, 'x');
    std::size_t sent = 0;
    while (ours.poll_data().events == POLLIN && sent < 1000 * much.size()) {
        ctbus::emit<worker_table, "Said">(ours, "/elsewhere", much);
        sent += much.size();
    }
    CHECK(ours.poll_data().events == (POLLIN | POLLOUT));
    {
        test::service_thread reader{theirs};
        loop(ours, [&] { return (ours.poll_data().events & POLLOUT) == 0; });
    }
    while (theirs.process()) {
    }
    CHECK(got == sent);
}

// ---- the bus dies ----

TEST_CASE("a bus that dies ends run() and run_until() with a clear error") {
    const quiet reports;
    for (const bool until : {false, true}) {
        for (const bool inside_a_handler : {false, true}) {
            CAPTURE(until);
            CAPTURE(inside_a_handler);
            test::own_bus own;
            auto bus = own.connect();
            worker served;
            object exported{bus, path, served};
            bus.request_name("org.example.Service");
            if (inside_a_handler) served.action = [&] { own.kill(); };
            ctbus::result<void> answered;
            std::thread caller{[&] {
                auto client = own.connect();
                const proxy remote{client, "org.example.Service", path};
                const auto got = remote.with_timeout(ctbus::infinite).try_call<"Work">();
                if (!got) answered = ctbus::failure{got.error()};
                if (!inside_a_handler) own.kill();
            }};
            ctbus::error end;
            if (until) {
                const auto ended = bus.try_run_until({SIGUSR1});
                if (!ended) end = ended.error();
            } else {
                const auto ended = bus.try_run();
                if (!ended) end = ended.error();
            }
            caller.join();
            check_lost(end);
            CHECK(contains(end.what(), "the connection is lost"));
            CHECK(contains(end.what(), until ? "run_until" : "run"));
            CHECK(answered.has_value() != inside_a_handler);
            CHECK(served.ran == 1);
            // It stays so, and nothing waits for anything.
            for (int i = 0; i < 2; ++i) {
                check_lost(bus.try_run().error());
                check_lost(bus.try_process().error());
                check_lost(bus.try_wait().error());
                check_lost(exported.try_emit<"Said">("?").error());
                check_lost(bus.try_list_names().error());
            }
            CHECK_THROWS_AS(bus.run(), ctbus::error);
        }
    }
}

TEST_CASE("a bus that dies ends a call in flight at once") {
    const quiet reports;
    test::own_bus own;
    auto bus = own.connect(), client = own.connect();
    worker served;
    object exported{bus, path, served};
    served.action = [&] { own.kill(); };
    const proxy remote = proxy{client, bus.unique_name(), path}.with_timeout(ctbus::infinite);
    const std::string name = bus.unique_name().str();
    const auto subscription = remote.on<"Said">([](std::string_view) {});
    {
        test::service_thread run{bus};
        const auto answer = remote.try_call<"Work">();
        REQUIRE_FALSE(answer);
        check_lost(answer.error());
        CHECK(contains(answer.error().what(), "org.ctbus.Worker.Work on " + name + " at /worker"));
    }
    CHECK(served.ran == 1);
    check_lost(remote.try_call<"Work">().error());
    check_lost(remote.try_get<"State">().error());
    check_lost(remote.try_on<"Said">([](std::string_view) {}).error());
    check_lost(client.try_list_names().error());
    check_lost(client.try_name_owner("org.example.Any").error());
    check_lost(client.try_start_service("org.example.Any").error());
    CHECK_FALSE(client.try_request_name("org.example.Any"));
    CHECK_FALSE(client.try_run());
}

TEST_CASE("a bus that dies ends calls that wait in a loop of one's own, and in sd-event") {
    for (const bool event : {false, true}) {
        CAPTURE(event);
        test::own_bus own;
        auto bus = own.connect(), silent = own.connect();
        raw_call one{bus, silent.unique_name().str(), UINT64_MAX};
        raw_call two{bus, silent.unique_name().str(), UINT64_MAX};
        bus.flush();
        sd_event* events = nullptr;
        if (event) {
            REQUIRE(sd_event_new(&events) >= 0);
            bus.attach(events);
        }
        own.kill();
        while (one.answer.empty() || two.answer.empty()) {
            if (event) REQUIRE(sd_event_run(events, UINT64_MAX) >= 0);
            else loop(bus, [&, steps = 0]() mutable { return steps++ == 1; });
        }
        CHECK(contains(one.answer, ".Error."));
        CHECK(two.answer == one.answer);
        sd_event_unref(events);
    }
}

TEST_CASE("a service that dies ends a call in flight with one clear error") {
    const quiet reports;
    auto client = connection::session();
    auto bus = std::make_unique<connection>(connection::session());
    worker served;
    object exported{*bus, path, served};
    served.action = [&] { bus.reset(); };
    const ctbus::bus_name name = bus->unique_name();
    std::thread service{[&] { static_cast<void>(bus->try_run()); }};
    const proxy remote = proxy{client, name, path}.with_timeout(ctbus::infinite);
    const auto answer = remote.try_call<"Work">();
    service.join();
    REQUIRE_FALSE(answer);
    const std::string what = answer.error().what();
    CAPTURE(what);
    CHECK(contains(answer.error().name(), "org.freedesktop.DBus.Error."));
    CHECK(contains(answer.error().what(), "org.ctbus.Worker.Work on " + name.str()));
    CHECK(remote.try_call<"Work">().error().is<"org.freedesktop.DBus.Error.ServiceUnknown">());
    CHECK(client.name_has_owner("org.freedesktop.DBus"));
}
