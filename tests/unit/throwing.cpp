// Each throwing spelling, once where it works and once where it throws; the other tests use
// try_x(). That session(), request_name() and the like work is seen on a bus, in tests/bus.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_object.hpp>

#include "one_thread.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <tuple>
#include <utility>

using namespace std::chrono_literals;
using test::contains;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Throwing";

struct Throwing : ctbus::interface<"org.example.Throwing", ctbus::method<"Halve", int(int)>,
                                   ctbus::property<"Level", int, ctbus::writable>,
                                   ctbus::property<"Text", std::string, ctbus::emits_change>,
                                   ctbus::signal<"Said", void(std::string)>> {};
struct service {
    int level = 1;
    bool fails = false;

    int halve(int n) {
        if (n % 2 != 0) throw ctbus::error::make<"org.example.Odd">("an odd number");
        return n / 2;
    }
    int get_level() const { return level; }
    void set_level(int n) {
        if (n < 0) throw ctbus::error::make<"org.example.Negative">("below 0");
        level = n;
    }
    std::string text() const {
        if (fails) throw ctbus::error::make<"org.example.NoText">("none yet");
        return "text";
    }
};
struct service_vtable
    : ctbus::implements<Throwing, ctbus::handler<"Halve", &service::halve>,
                        ctbus::accessor<"Level", &service::get_level, &service::set_level>,
                        ctbus::accessor<"Text", &service::text>> {};
struct alone : ctbus::vtable<"org.example.Alone", ctbus::handler<"Answer", [] { return 42; }>> {};

/// A connection that is lost.
ctbus::connection lost() {
    auto [ours, theirs] = ctbus::connection::pair();
    sd_bus_close(ours.get());
    return std::move(ours);
}

const std::string bad_text = "\xff";

} // namespace

TEST_CASE("what is thrown is a ctbus::error and a std::exception, with the same words") {
    auto [ours, theirs] = ctbus::connection::pair();
    service served;
    ctbus::object<service_vtable> object{ours, "/test", served};
    const test::service_thread thread{ours};
    const ctbus::proxy<Throwing> proxy{theirs, "/test"};
    const ctbus::error tried = proxy.try_call<"Halve">(3).error();
    try {
        proxy.call<"Halve">(3);
        FAIL("nothing thrown");
    } catch (const ctbus::error& e) {
        CHECK(e == tried);
        CHECK(std::string_view{e.what()} == tried.what());
    }
    try {
        proxy.call<"Halve">(3);
        FAIL("nothing thrown");
    } catch (const std::exception& e) {
        CHECK(std::string_view{e.what()} == tried.what());
    }
}

TEST_CASE("connections: opening") {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
    auto server = ctbus::connection::from_fd(fds[0], ctbus::role::server);
    auto client = ctbus::connection::from_fd(ctbus::unix_fd{fds[1]}, ctbus::role::client);
    CHECK(server.get() != nullptr);
    CHECK(client.get() != nullptr);
    CHECK_THROWS_AS(ctbus::connection::from_fd(-1, ctbus::role::server), ctbus::error);
    CHECK_THROWS_AS(ctbus::connection::from_fd(ctbus::unix_fd{}, ctbus::role::server),
                    ctbus::error);
    CHECK_THROWS_AS(ctbus::connection::open("unix:path=/nowhere"), ctbus::error);
    CHECK_THROWS_AS(ctbus::connection::open_remote("[no host"), ctbus::error);
    CHECK_THROWS_AS(ctbus::connection::open_machine("no machine"), ctbus::error);
    for (const char* variable :
         {"DBUS_STARTER_ADDRESS", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"})
        REQUIRE(::setenv(variable, "unix:path=/nowhere", 1) == 0);
    CHECK_THROWS_AS(ctbus::connection::session(), ctbus::error);
    CHECK_THROWS_AS(ctbus::connection::system(), ctbus::error);
    CHECK_THROWS_AS(ctbus::connection::open_default(), ctbus::error);
}

TEST_CASE("connections: running") {
    auto [ours, theirs] = ctbus::connection::pair();
    ctbus::emit<Throwing, "Said">(theirs, "/x", "words");
    theirs.flush();
    CHECK(ours.wait(1min));
    CHECK(ours.wait());
    CHECK(ours.process());
    CHECK(ours.poll_data().fd >= 0);
    ours.stop();
    ours.run();
    ours.stop();
    CHECK(ours.run_until({SIGUSR1}) == 0);
    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    ours.attach(loop);
    CHECK_THROWS_AS(ours.attach(loop), ctbus::error); // once is enough
    REQUIRE(sd_bus_detach_event(ours.get()) >= 0);
    sd_event_unref(loop);

    ctbus::connection gone = lost();
    CHECK_THROWS_AS(gone.flush(), ctbus::error);
    CHECK_THROWS_AS(gone.wait(1ms), ctbus::error);
    CHECK_THROWS_AS(gone.wait(), ctbus::error);
    CHECK_THROWS_AS(gone.process(), ctbus::error);
    CHECK_THROWS_AS(gone.poll_data(), ctbus::error);
    CHECK_THROWS_AS(gone.run(), ctbus::error);
    CHECK_THROWS_AS(gone.run_until({SIGUSR1}), ctbus::error);
}

TEST_CASE("connections: names, which a direct one has not") {
    auto [ours, theirs] = ctbus::connection::pair();
    CHECK_THROWS_AS(ours.request_name("org.example.Name"), ctbus::error);
    CHECK_THROWS_AS(ours.release_name("org.example.Name"), ctbus::error);
    CHECK_THROWS_AS(ours.unique_name(), ctbus::error);
    CHECK_THROWS_AS(ours.list_names(), ctbus::error);
    CHECK_THROWS_AS(ours.list_activatable_names(), ctbus::error);
    CHECK_THROWS_AS(ours.name_has_owner("org.example.Name"), ctbus::error);
    CHECK_THROWS_AS(ours.name_owner("org.example.Name"), ctbus::error);
    CHECK_THROWS_AS(ours.name_pid("org.example.Name"), ctbus::error);
    CHECK_THROWS_AS(ours.name_uid("org.example.Name"), ctbus::error);
    CHECK_THROWS_AS(ours.start_service("org.example.Name"), ctbus::error);
}

TEST_CASE("messages by hand") {
    auto [ours, theirs] = ctbus::connection::pair();
    service served;
    ctbus::object<service_vtable> object{ours, "/test", served};
    const test::service_thread thread{ours};

    ctbus::message call = theirs.new_call("", "/test", "org.example.Throwing", "Halve");
    call.append(4);
    ctbus::message reply = theirs.call(call);
    CHECK(reply.read<int>() == 2);
    CHECK_THROWS_AS(reply.read<int>(), ctbus::error); // there is but one
    reply.rewind();
    CHECK(theirs.call(theirs.new_call("", "/test", "org.example.Throwing", "Halve").append(6), 20s)
              .read<int>() == 3);
    CHECK_THROWS_AS(
        theirs.call(theirs.new_call("", "/test", "org.example.Throwing", "Halve").append(3)),
        ctbus::error);
    CHECK_THROWS_AS(
        static_cast<void>(theirs.new_call("no name", "/test", "org.example.Throwing", "Halve")),
        ctbus::error);

    ctbus::message two = theirs.new_signal("/test", "org.example.Throwing", "Other");
    two.append("one").append(2);
    two.seal();
    CHECK(two.read<std::string, int>() == std::tuple{std::string{"one"}, 2});
    CHECK_THROWS_AS(two.seal(), ctbus::error);
    CHECK_THROWS_AS(two.append(3), ctbus::error);
    two.send();
    theirs.send(theirs.new_signal("/test", "org.example.Throwing", "Other"));
    ctbus::message bad = theirs.new_signal("/test", "org.example.Throwing", "Other");
    CHECK_THROWS_AS(bad.append(bad_text), ctbus::error);
    CHECK_THROWS_AS(bad.send(), ctbus::error);
    CHECK_THROWS_AS(theirs.send(bad), ctbus::error);
    CHECK_THROWS_AS(ctbus::message{}.rewind(), ctbus::error);
}

TEST_CASE("replies by hand") {
    struct vtable
        : ctbus::vtable<
              "org.example.Throwing",
              ctbus::handler<"Reply", [](const ctbus::message& m, int&) { m.reply(1); }>,
              ctbus::handler<"Error",
                             [](const ctbus::message& m) {
                                 m.reply_error(ctbus::error::make<"org.example.E">("by hand"));
                             }>,
              ctbus::handler<"NewReply",
                             [](const ctbus::message& m, int&) { m.new_reply().append(2).send(); }>,
              ctbus::handler<"NewError",
                             [](const ctbus::message& m) {
                                 m.new_error(ctbus::error::make<"org.example.F">("new")).send();
                             }>,
              ctbus::handler<"Wrong", [](const ctbus::message& m, int&) { m.reply("text"); }>> {};
    raw_peer peer;
    const ctbus::object<vtable> object{peer.ours, "/test"};
    CHECK(peer.call("/test", name, "Reply").reply() == "1");
    CHECK(peer.call("/test", name, "Error").error_name() == "org.example.E");
    CHECK(peer.call("/test", name, "NewReply").reply() == "2");
    CHECK(peer.call("/test", name, "NewError").error_name() == "org.example.F");
    CHECK(contains(peer.call("/test", name, "Wrong").error_text(), "signature"));

    const ctbus::message own = peer.ours.new_call("", "/test", "org.example.Throwing", "Reply");
    CHECK_THROWS_AS(own.reply(1), ctbus::error);
    CHECK_THROWS_AS(own.reply_error(ctbus::error::make<"org.example.E">("e")), ctbus::error);
    CHECK_THROWS_AS(static_cast<void>(own.new_reply()), ctbus::error);
    CHECK_THROWS_AS(static_cast<void>(own.new_error(ctbus::error::make<"org.example.E">("e"))),
                    ctbus::error);
}

TEST_CASE("proxies") {
    auto [ours, theirs] = ctbus::connection::pair();
    service served;
    ctbus::object<service_vtable> object{ours, "/test", served};
    const ctbus::proxy<Throwing> proxy{theirs, "/test"};
    int heard = 0;
    const auto subscription = proxy.on<"Said">([&](std::string_view) { ++heard; });
    object.emit<"Said">("words");
    CHECK(theirs.process());
    CHECK(heard == 1);
    {
        const test::service_thread thread{ours};
        CHECK(proxy.call<"Halve">(4) == 2);
        CHECK_THROWS_AS(proxy.call<"Halve">(3), ctbus::error);
        proxy.set<"Level">(5);
        CHECK(proxy.get<"Level">() == 5);
        CHECK_THROWS_AS(proxy.set<"Level">(-1), ctbus::error);
        CHECK(proxy.get_all().find("Level")->second == ctbus::variant{5});
        served.fails = true;
        CHECK_THROWS_AS(proxy.get<"Text">(), ctbus::error);
        CHECK_THROWS_AS(proxy.get_all(), ctbus::error);
    }
    const ctbus::connection gone = lost();
    const ctbus::proxy<Throwing> nowhere{gone, "/test"};
    CHECK_THROWS_AS((void)nowhere.on<"Said">([](std::string_view) {}), ctbus::error);
}

TEST_CASE("objects and signals") {
    raw_peer peer;
    service served;
    ctbus::object<service_vtable> object{peer.ours, "/test", served};
    const ctbus::object<alone> other{peer.ours, "/test"};
    CHECK_THROWS_AS(static_cast<void>(ctbus::object<service_vtable>{peer.ours, "/test", served}),
                    ctbus::error);
    CHECK_THROWS_AS(static_cast<void>(ctbus::object<alone>{peer.ours, "/test"}), ctbus::error);
    CHECK(peer.call("/test", "org.example.Alone", "Answer").reply() == "42");

    object.emit<"Said">("one");
    CHECK(peer.settle().only().body() == R"("one")");
    object.emit<Throwing, "Said">("two");
    CHECK(peer.settle().only().body() == R"("two")");
    ctbus::emit<Throwing, "Said">(peer.ours, "/test", "three");
    CHECK(peer.settle().only().body() == R"("three")");
    CHECK_THROWS_AS(object.emit<"Said">(bad_text), ctbus::error);
    CHECK_THROWS_AS((object.emit<Throwing, "Said">(bad_text)), ctbus::error);
    CHECK_THROWS_AS((ctbus::emit<Throwing, "Said">(peer.ours, "/test", bad_text)), ctbus::error);

    object.changed<"Text">();
    CHECK(peer.settle().only().member() == "PropertiesChanged");
    object.changed<Throwing, "Text">();
    CHECK(peer.settle().only().member() == "PropertiesChanged");
    served.fails = true;
    CHECK_THROWS_AS(object.changed<"Text">(), ctbus::error);
    CHECK_THROWS_AS((object.changed<Throwing, "Text">()), ctbus::error);

    int heard = 0;
    const auto hears = [&](std::string_view) { ++heard; };
    const auto subscription = ctbus::match_signal<Throwing, "Said">(peer.ours, hears);
    CHECK(static_cast<bool>(subscription));
    const auto gone = lost();
    CHECK_THROWS_AS((void)(ctbus::match_signal<Throwing, "Said">(gone, hears)), ctbus::error);

    const auto answer = [](const ctbus::message& call) { call.reply(7); };
    const ctbus::raw_object raw{peer.ours, "/raw", answer};
    CHECK(peer.call("/raw", "org.example.Any", "Thing").reply() == "7");
    CHECK_THROWS_AS((void)(ctbus::raw_object{gone, "/raw", answer}), ctbus::error);
}

TEST_CASE("variants and paths") {
    const ctbus::variant held{5};
    CHECK(held.get<int>() == 5);
    CHECK_THROWS_AS(held.get<double>(), ctbus::error);
    CHECK_THROWS_AS(ctbus::variant{bad_text}, ctbus::error);

    const ctbus::object_path owned{"/a"};
    const ctbus::object_path_view view{"/a"};
    CHECK(owned.child("b") == "/a/b");
    CHECK(view.child("b") == "/a/b");
    CHECK(owned / "b" == "/a/b");
    CHECK(view / "b" == "/a/b");
    CHECK_THROWS_AS(owned.child("b-c"), ctbus::error);
    CHECK_THROWS_AS(view.child("b/c"), ctbus::error);
    CHECK_THROWS_AS(owned / "", ctbus::error);
    CHECK_THROWS_AS(view / "b c", ctbus::error);
}

// ---- what a user's own type throws while it is written ----

namespace {

struct even {
    int number = 0;
};
struct not_even {};

} // namespace

template <>
struct ctbus::wire<even> {
    using type = int;
    static int to(const even& e) {
        if (e.number % 2 != 0) throw not_even{};
        return e.number;
    }
    static even from(int number) { return {number}; }
};

namespace {

struct Evens : ctbus::interface<"org.example.Evens", ctbus::method<"Take", int(even)>,
                                ctbus::method<"Tell", void(even), ctbus::no_reply>,
                                ctbus::method<"Later", even()>, ctbus::signal<"Seen", void(even)>> {
};
struct evens {
    ctbus::deferred<even> later;

    int take(even e) { return e.number; }
    void tell(even) {}
    void answer_later(ctbus::deferred<even> reply) { later = std::move(reply); }
};
struct evens_vtable : ctbus::implements<Evens, ctbus::handler<"Take", &evens::take>,
                                        ctbus::handler<"Tell", &evens::tell>,
                                        ctbus::handler<"Later", &evens::answer_later>> {};

} // namespace

// What is left behind, LeakSanitizer tells.
TEST_CASE("wire<T>::to that throws leaves nothing behind, and nothing is sent") {
    auto [ours, theirs] = ctbus::connection::pair();
    evens served;
    ctbus::object<evens_vtable> object{ours, "/test", served};
    const ctbus::proxy<Evens> proxy{theirs, "/test"};
    int answers = 0;
    const auto count = [&answers](const auto&) { ++answers; };

    CHECK_THROWS_AS(object.emit<"Seen">(even{1}), not_even);
    CHECK_THROWS_AS(proxy.call<"Take">(even{1}), not_even);
    CHECK_THROWS_AS(proxy.call<"Tell">(even{1}), not_even);
    CHECK_THROWS_AS(proxy.async_call<"Take">(even{1}).then(count).detach(), not_even);
    CHECK_THROWS_AS(proxy.async_call<"Tell">(even{1}).then(count).detach(), not_even);

    proxy.async_call<"Later">().then(count).detach();
    while (ours.process() || theirs.process()) {
    }
    CHECK_THROWS_AS(served.later.reply(even{1}), not_even);
    served.later.reply(even{2}); // it can still be answered
    while (ours.process() || theirs.process()) {
    }
    CHECK(answers == 1);

    ctbus::message by_hand = theirs.new_call("", "/test", "org.example.Evens", "Take");
    CHECK_THROWS_AS(by_hand.append(even{1}), not_even);
    CHECK_THROWS_AS(theirs.send(by_hand), ctbus::error);
}

// ---- and while it is read ----

namespace {

struct positive {
    int number = 1;
};

} // namespace

template <>
struct ctbus::wire<positive> {
    using type = int;
    static int to(const positive& p) { return p.number; }
    static positive from(int number) {
        if (number == 0) throw ctbus::error::make<"org.example.Zero">("is nothing");
        if (number < 0) throw std::runtime_error{"is negative"};
        return {number};
    }
};

namespace {

struct positives {
    positive member, own;

    positive echo(int, positive p) { return p; }
    positive get() const { return own; }
    void set(positive p) {
        if (p.number == 13) throw std::runtime_error{"is unlucky"};
        own = p;
    }
};
struct positives_vtable
    : ctbus::vtable<"org.example.Positives", ctbus::handler<"Echo", &positives::echo>,
                    ctbus::accessor<"Member", &positives::member, ctbus::writable>,
                    ctbus::accessor<"Own", &positives::get, &positives::set>> {};
struct numbers {
    int number = -3;

    int echo(int n) { return n; }
};
struct numbers_vtable
    : ctbus::vtable<"org.example.Positives", ctbus::handler<"Echo", &numbers::echo>,
                    ctbus::accessor<"Number", &numbers::number>> {};
struct Positives : ctbus::interface<"org.example.Positives", ctbus::method<"Echo", positive(int)>,
                                    ctbus::property<"Number", positive>,
                                    ctbus::signal<"Seen", void(int, positive)>> {};

} // namespace

TEST_CASE("wire<T>::from that throws is the caller's mistake, of an argument and of a property") {
    raw_peer peer;
    positives served;
    ctbus::object<positives_vtable> object{peer.ours, "/test", served};
    const char* const interface = "org.example.Positives";
    const auto echo = [&](int n) { return peer.call("/test", interface, "Echo", "ii", 7, n); };
    const auto set = [&](const char* property, int n) {
        return peer.call("/test", "org.freedesktop.DBus.Properties", "Set", "ssv", interface,
                         property, "i", n);
    };
    CHECK(echo(3).reply() == "3");
    CHECK(echo(-3).error_name() == test::invalid_args);
    CHECK(echo(-3).error_text() == "argument 2 of Echo: is negative");
    CHECK(echo(0).error_name() == "org.example.Zero");
    for (const std::string property : {"Member", "Own"}) {
        CHECK(set(property.c_str(), 3).reply().empty());
        CHECK(set(property.c_str(), -3).error_name() == test::invalid_args);
        CHECK(set(property.c_str(), -3).error_text() ==
              "the value of " + property + ": is negative");
        CHECK(set(property.c_str(), 0).error_name() == "org.example.Zero");
        CHECK(set(property.c_str(), 0).error_text() == "is nothing");
    }
    CHECK(served.member.number == 3);
    CHECK(served.own.number == 3);
    // What the setter itself throws is its own answer.
    CHECK(set("Own", 13).error_name() == test::failed);
    CHECK(set("Own", 13).error_text() == "is unlucky");
}

TEST_CASE("wire<T>::from that throws is reported with the argument of the signal") {
    raw_peer peer;
    const test::reports reported;
    int heard = 0;
    auto subscription = ctbus::match_signal<Positives, "Seen">(peer.ours, [&](int, positive p) {
        ++heard;
        if (p.number == 13) throw std::runtime_error{"is unlucky"};
    });
    for (const int n : {3, -3, 0, 13}) {
        REQUIRE(sd_bus_emit_signal(peer.client(), "/test", "org.example.Positives", "Seen", "ii", 7,
                                   n) >= 0);
        peer.settle();
    }
    CHECK(heard == 2);
    REQUIRE(reported.texts().size() == 3);
    CHECK(reported.texts()[0] ==
          std::string{test::invalid_args} + ": argument 2 of Seen: is negative");
    CHECK(reported.texts()[1] == "org.example.Zero: is nothing (argument 2 of Seen)");
    CHECK(contains(reported.texts()[2], "is unlucky (in the callback of signal Seen)"));
}

TEST_CASE("wire<T>::from that throws is the result of an asynchronous call") {
    auto [ours, theirs] = ctbus::connection::pair();
    numbers served;
    ctbus::object<numbers_vtable> object{ours, "/test", served};
    const ctbus::proxy<Positives> proxy{theirs, "/test"};
    const test::reports reported;
    std::string what;
    int good = 0;
    const auto note = [&](const ctbus::result<positive>& r) {
        if (r) good = r->number;
        else what += std::string{r.error().what()} + '\n';
    };
    proxy.async_call<"Echo">(3).then(note).detach();
    proxy.async_call<"Echo">(-3).then(note).detach();
    proxy.async_call<"Echo">(0).then(note).detach();
    proxy.async_get<"Number">().then(note).detach();
    auto task =
        theirs.spawn([&]() -> ctbus::task<> { note(co_await proxy.async_call<"Echo">(0)); });
    while (ours.process() || theirs.process()) {
    }
    CHECK(good == 3);
    const std::string zero =
        "org.example.Zero: is nothing (calling org.example.Positives.Echo at /test, reading the "
        "answer)\n";
    CHECK(what == std::string{test::failed} +
                      ": is negative (calling org.example.Positives.Echo at /test, reading the "
                      "answer)\n" +
                      zero + std::string{test::failed} +
                      ": is negative (property Number of org.example.Positives, calling "
                      "org.freedesktop.DBus.Properties.Get at /test, reading the answer)\n" +
                      zero);
    CHECK(reported.texts().empty());
}
