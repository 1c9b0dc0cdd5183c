// Anything may be destroyed at any time and in any order, also inside its own callback (S38, S42).
#include <ctbus/ctbus.hpp>

#include "marshalled.hpp"
#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using test::contains;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Lifetimes";

struct service {
    std::function<void()> action, on_get, on_set;
    int value = 1;
    int ran = 0;

    int act() {
        ++ran;
        const int result = value; // *this may be gone afterwards
        if (action) std::function<void()>{action}();
        return result;
    }
    void act_quietly(const ctbus::message& m) {
        static_cast<void>(m);
        act();
    }
    int reply_then_act(const ctbus::message& m) {
        must(m.try_reply(7));
        return act();
    }
    ctbus::result<int> act_then_reply(const ctbus::message& m) {
        const ctbus::message keep = m;
        act();
        if (const auto sent = keep.try_reply(8); !sent) return test::refuse(sent.error());
        return 9;
    }
    ctbus::result<int> act_then_throw() {
        act();
        return test::refuse(ctbus::error::make<"org.example.After">("after the action"));
    }
    int get() {
        if (on_get) std::function<void()>{on_get}();
        return 5;
    }
    void set(int) {
        if (on_set) std::function<void()>{on_set}();
    }
};

struct service_vtable
    : ctbus::vtable<"org.example.Lifetimes", ctbus::handler<"Act", &service::act>,
                    ctbus::handler<"ActQuietly", &service::act_quietly>,
                    ctbus::handler<"ReplyThenAct", &service::reply_then_act>,
                    ctbus::handler<"ActThenReply", &service::act_then_reply>,
                    ctbus::handler<"ActThenThrow", &service::act_then_throw>,
                    ctbus::accessor<"Value", &service::get, &service::set, ctbus::emits_change>,
                    ctbus::signal<"Said", void(int)>> {};
struct second_vtable : ctbus::vtable<"org.example.Second", ctbus::handler<"Act", &service::act>> {};

using object = test::exported<service_vtable>;
using two_interfaces = test::exported<service_vtable, second_vtable>;

// Everything that can be made from a connection, each on the heap so that ASan watches it.
struct everything {
    std::unique_ptr<raw_peer> peer = std::make_unique<raw_peer>();
    std::unique_ptr<service> served = std::make_unique<service>();
    std::unique_ptr<ctbus::connection> bus =
        std::make_unique<ctbus::connection>(std::move(peer->ours));
    std::unique_ptr<object> exported =
        std::make_unique<object>(*bus, ctbus::object_path_view{"/test"}, *served);
    std::unique_ptr<ctbus::proxy<service_vtable>> proxy =
        std::make_unique<ctbus::proxy<service_vtable>>(*bus, ctbus::object_path_view{"/there"});
    std::unique_ptr<ctbus::subscription> heard =
        std::make_unique<ctbus::subscription>(must(ctbus::try_match_signal<service_vtable, "Said">(
            *bus, [copy = std::string(100, 'x')](int) {})));
    std::unique_ptr<ctbus::message> message = std::make_unique<ctbus::message>(
        must(bus->try_new_call("", "/there", "org.example.I", "M")));

    void destroy(int which) {
        switch (which) {
        case 0: bus.reset(); break;
        case 1: exported.reset(); break;
        case 2: proxy.reset(); break;
        case 3: heard.reset(); break;
        case 4: message.reset(); break;
        default: break;
        }
    }
    // What is left of a connection that is gone says so.
    void check() {
        if (bus) return;
        const auto gone = [](const auto& outcome) {
            REQUIRE(!outcome);
            CHECK(outcome.error().code() == ENOTCONN);
        };
        if (exported) {
            gone((*exported)->try_emit<"Said">(1));
            gone((*exported)->try_changed<"Value">());
            CHECK((*exported)->path() == "/test");
        }
        if (proxy) {
            gone(proxy->try_call<"Act">());
            gone(proxy->try_get<"Value">());
            gone(proxy->try_set<"Value">(1));
            gone(proxy->try_on<"Said">([](int) {}));
        }
        if (message) {
            gone(message->try_send());
            CHECK(message->member() == "M");
        }
    }
};

// The socket holds as little as the kernel allows (by itself, 8 MiB for root): the rest is queued.
void narrow(const ctbus::connection& bus) {
    const int least = 1;
    REQUIRE(::setsockopt(sd_bus_get_fd(bus.get()), SOL_SOCKET, SO_SNDBUF, &least, sizeof least) ==
            0);
}
std::uint64_t queued(const ctbus::connection& bus) {
    std::uint64_t messages = 0;
    REQUIRE(sd_bus_get_n_queued_write(bus.get(), &messages) >= 0);
    return messages;
}

} // namespace

TEST_CASE("lifetimes: every order of destruction, each use afterwards is ENOTCONN") {
    std::array<int, 5> order{0, 1, 2, 3, 4};
    do {
        everything all;
        for (int which : order) {
            all.destroy(which);
            all.check();
        }
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("lifetimes: no_reply calls and free signals after the end are ENOTCONN") {
    struct Fire
        : ctbus::interface<"org.example.Fire", ctbus::method<"Go", void(), ctbus::no_reply>> {};
    auto pair = must(ctbus::connection::try_pair());
    auto bus = std::make_unique<ctbus::connection>(std::move(pair.first));
    ctbus::proxy<Fire> proxy{*bus, "/x"};
    ctbus::proxy<Fire> copy = proxy;
    bus.reset();
    REQUIRE(!proxy.try_call<"Go">());
    CHECK(proxy.try_call<"Go">().error().code() == ENOTCONN);
    CHECK_THROWS_AS(copy.call<"Go">(), ctbus::error);
}

TEST_CASE("lifetimes: destroying the connection sends what is queued") {
    raw_peer peer;
    service served;
    auto bus = std::make_unique<ctbus::connection>(std::move(peer.ours));
    narrow(*bus);
    {
        object exported{*bus, "/test", served};
        for (int i = 0; i < 2000; ++i) must(exported->try_emit<"Said">(i));
    }
    CHECK(queued(*bus) > 0);
    std::thread end{[&] { bus.reset(); }};
    std::size_t got = 0;
    while (sd_bus_is_open(peer.client()) > 0) got += peer.settle_client().size();
    end.join();
    CHECK(got == 2000);
}

TEST_CASE("lifetimes: a peer that does not read holds nobody up for long") {
    raw_peer peer;
    service served;
    auto bus = std::make_unique<ctbus::connection>(std::move(peer.ours));
    object exported{*bus, "/test", served};
    struct Big : ctbus::interface<"org.example.Big", ctbus::signal<"Data", void(std::string)>> {};
    const std::string much(1 << 20, 'x');
    narrow(*bus);
    for (int i = 0; i < 8; ++i) must(ctbus::try_emit<Big, "Data">(*bus, "/x", much));
    CHECK(queued(*bus) > 0);
    bus.reset(); // comes back, in about a second
    CHECK(exported->try_emit<"Said">(1).error().code() == ENOTCONN);
}

TEST_CASE("lifetimes: connections move") {
    raw_peer peer;
    service served;
    ctbus::connection moved = std::move(peer.ours);
    object exported{moved, "/test", served};
    peer.ours = std::move(moved);
    CHECK(peer.call(path, name, "Act").reply() == "1");
    auto [one, two] = must(ctbus::connection::try_pair());
    ctbus::proxy<service_vtable> proxy{one, "/x"};
    one = std::move(two); // closes what it held
    CHECK(proxy.try_call<"Act">().error().code() == ENOTCONN);
}

TEST_CASE("lifetimes: what was moved from shares the connection, until its new owner closes it") {
    raw_peer peer;
    auto owner = std::make_unique<ctbus::connection>(std::move(peer.ours));
    CHECK(peer.ours.try_process().has_value());
    CHECK(peer.ours.get() == owner->get());
    CHECK(peer.ours.try_new_signal("/x", "org.example.I", "S").has_value());
    CHECK_FALSE(peer.ours.try_unique_name().has_value()); // a direct connection has none
    owner.reset();
    CHECK(peer.ours.try_process().error().code() == ENOTCONN);
    CHECK(peer.ours.try_run().error().code() == ENOTCONN);
    CHECK(peer.ours.try_flush().error().code() == ENOTCONN);
}

// ---- inside handlers ----

namespace {

struct fixture {
    raw_peer peer;
    std::unique_ptr<service> served = std::make_unique<service>();
    std::unique_ptr<object> exported;

    fixture() { export_it(); }
    void export_it() {
        exported = std::make_unique<object>(peer.ours, ctbus::object_path_view{"/test"}, *served);
    }
    test::arrivals act(const char* member = "Act") { return peer.call(path, name, member); }
    bool there() {
        const auto got = peer.get(path, name, "Value");
        if (got.only().type() == "reply") return true;
        CHECK(got.error_name() == "org.freedesktop.DBus.Error.UnknownObject");
        return false;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture,
                  "lifetimes: an object dropped in its own handler: one answer, then gone") {
    served->action = [this] { exported.reset(); };
    const auto check = [&](const char* member, std::string_view type, std::string_view body) {
        CAPTURE(member);
        if (!exported) export_it();
        const auto got = act(member);
        CHECK(got.only().type() == type);
        if (type == "reply") CHECK(got.reply() == body);
        CHECK(!there());
    };
    check("Act", "reply", "1");
    check("ActQuietly", "reply", "");
    check("ReplyThenAct", "reply", "7");
    check("ActThenReply", "reply", "8");
    check("ActThenThrow", "error", "");
    if (!exported) export_it();
    CHECK(peer.call_no_reply(path, name, "Act").empty());
    CHECK(!there());
    served->action = nullptr;
    export_it();
    CHECK(act().reply() == "1");
}

TEST_CASE_FIXTURE(fixture, "lifetimes: the object and its instance dropped in its own handler") {
    served->action = [this] {
        exported.reset();
        served.reset();
    };
    CHECK(act().reply() == "1");
    CHECK(!there());
    served = std::make_unique<service>();
    export_it();
    served->value = 2;
    CHECK(act().reply() == "2");
}

TEST_CASE_FIXTURE(fixture, "S42 an object that drops itself and exports its path again") {
    const auto renew = [this] {
        exported.reset();
        export_it();
    };
    served->action = renew;
    for (const auto& [member, type] : {std::pair{"Act", "reply"},
                                       {"ActQuietly", "reply"},
                                       {"ReplyThenAct", "reply"},
                                       {"ActThenReply", "reply"},
                                       {"ActThenThrow", "error"},
                                       {"Act", "reply"}}) {
        CAPTURE(member);
        CHECK(act(member).only().type() == type);
        CHECK(there());
    }
    CHECK(served->ran == 6);
    // Twice in one call.
    served->action = [&] {
        renew();
        renew();
    };
    CHECK(act().reply() == "1");
    CHECK(there());
    // With another instance, which the next call reaches.
    served->action = [this] {
        exported.reset();
        auto next = std::make_unique<service>();
        next->value = 42;
        served.swap(next);
        export_it();
    };
    CHECK(act().reply() == "1");
    CHECK(act().reply() == "42");
    // And dropped for good.
    served->action = [&] {
        renew();
        exported.reset();
    };
    CHECK(act().only().type() == "reply");
    CHECK(!there());
    export_it();
    served->action = nullptr;
    CHECK(act().only().type() == "reply");
}

TEST_CASE_FIXTURE(fixture, "S42 elsewhere, or with another interface: it works or says why not") {
    std::unique_ptr<object> other;
    served->action = [&] {
        exported.reset();
        other = std::make_unique<object>(peer.ours, ctbus::object_path_view{"/other"}, *served);
    };
    CHECK(act().reply() == "1");
    CHECK(!there());
    served->action = nullptr;
    CHECK(peer.call("/other", name, "Act").reply() == "1");

    export_it();
    std::unique_ptr<two_interfaces> more;
    ctbus::result<void> outcome;
    served->action = [&] {
        exported.reset();
        auto made =
            ctbus::object<service_vtable, second_vtable>::try_make(peer.ours, "/test", *served);
        if (!made) outcome = ctbus::failure{made.error()};
    };
    CHECK(act().reply() == "1");
    if (!outcome) CHECK(contains(outcome.error().what(), "exported already"));
    served->action = nullptr;
    more = std::make_unique<two_interfaces>(peer.ours, ctbus::object_path_view{"/test"}, *served);
    CHECK(act().reply() == "1");
    CHECK(peer.call(path, "org.example.Second", "Act").reply() == "1");
    // The one that is not running drops both.
    served->action = [&] { more.reset(); };
    CHECK(peer.call(path, "org.example.Second", "Act").reply() == "1");
    CHECK(!there());
}

TEST_CASE_FIXTURE(fixture, "S42 an object of two interfaces that exports its path again") {
    exported.reset();
    std::unique_ptr<two_interfaces> both;
    const auto renew = [&] {
        both.reset();
        both =
            std::make_unique<two_interfaces>(peer.ours, ctbus::object_path_view{"/test"}, *served);
    };
    renew();
    served->action = renew;
    for (int i = 0; i < 3; ++i) {
        CHECK(act().reply() == "1");
        CHECK(peer.call(path, "org.example.Second", "Act").reply() == "1");
    }
    CHECK(there());
}

namespace {

// The same functions under two names.
struct state_one : ctbus::vtable<"org.example.One", ctbus::handler<"Act", &service::act>> {};
struct state_two : ctbus::vtable<"org.example.Two", ctbus::handler<"Act", &service::act>> {};

} // namespace

TEST_CASE_FIXTURE(fixture, "S42 an object that becomes another interface inside its handler") {
    exported.reset();
    auto one = std::make_unique<test::exported<state_one>>(
        peer.ours, ctbus::object_path_view{"/test"}, *served);
    std::unique_ptr<test::exported<state_two>> two;
    served->action = [&] {
        one.reset();
        two = std::make_unique<test::exported<state_two>>(
            peer.ours, ctbus::object_path_view{"/test"}, *served);
    };
    CHECK(peer.call(path, "org.example.One", "Act").reply() == "1");
    served->action = nullptr;
    CHECK(peer.call(path, "org.example.Two", "Act").reply() == "1");
    CHECK(peer.call(path, "org.example.One", "Act").only().type() == "error");
}

TEST_CASE_FIXTURE(fixture, "lifetimes: objects created and dropped inside handlers, many times") {
    std::vector<std::unique_ptr<object>> children;
    int round = 0;
    served->action = [&] {
        if (round % 2 == 0) {
            for (int i = 0; i < 50; ++i) {
                const auto where =
                    ctbus::object_path{"/test"}.child_escaped(std::to_string(round * 100 + i));
                children.push_back(std::make_unique<object>(peer.ours, where, *served));
            }
        } else {
            children.erase(children.begin(), children.begin() + 40);
        }
        ++round;
    };
    for (int i = 0; i < 20; ++i) CHECK(act().reply() == "1");
    CHECK(children.size() == 100);
    for (const auto& child : children) {
        served->action = nullptr;
        CHECK(peer.call((*child)->path().c_str(), name, "Act").reply() == "1");
    }
    // One child drops all others, then itself.
    served->action = [&] { children.clear(); };
    CHECK(peer.call((*children[50])->path().c_str(), name, "Act").reply() == "1");
    CHECK(there());
}

TEST_CASE_FIXTURE(fixture,
                  "lifetimes: one handler drops the object of the next call in the queue") {
    served->action = [this] { exported.reset(); };
    for (int i = 0; i < 5; ++i) peer.send(peer.make_call(path, name, "Act"));
    const auto got = peer.settle();
    REQUIRE(got.size() == 5);
    CHECK(got[0].type() == "reply");
    for (std::size_t i = 1; i < 5; ++i) {
        CHECK(got[i].type() == "error");
        CHECK(got[i].error_name() == "org.freedesktop.DBus.Error.UnknownObject");
    }
    CHECK(served->ran == 1);
}

TEST_CASE("lifetimes: the connection destroyed inside a handler, a getter, a setter, a callback") {
    for (const char* where : {"Act", "ReplyThenAct", "ActThenReply", "ActThenThrow", "Get",
                              "GetAll", "Set", "Signal"}) {
        for (const bool object_first : {false, true}) {
            CAPTURE(where);
            CAPTURE(object_first);
            ctbus::set_report_handler([](const ctbus::error&) {});
            raw_peer peer;
            auto served = std::make_unique<service>();
            auto bus = std::make_unique<ctbus::connection>(std::move(peer.ours));
            auto exported =
                std::make_unique<object>(*bus, ctbus::object_path_view{"/test"}, *served);
            ctbus::subscription heard;
            const auto end = [&] {
                if (object_first) exported.reset();
                bus.reset();
            };
            heard =
                must(ctbus::try_match_signal<service_vtable, "Said">(*bus, [&](int) { end(); }));
            served->action = served->on_get = served->on_set = end;
            const std::string_view which = where;
            const char* properties = "org.freedesktop.DBus.Properties";
            if (which == "Get")
                peer.send(peer.make_call(path, properties, "Get", "ss", name, "Value"));
            else if (which == "GetAll")
                peer.send(peer.make_call(path, properties, "GetAll", "s", name));
            else if (which == "Set")
                peer.send(peer.make_call(path, properties, "Set", "ssv", name, "Value", "i", 1));
            else if (which == "Signal") {
                sd_bus_message* m = nullptr;
                REQUIRE(sd_bus_message_new_signal(peer.client(), &m, "/", name, "Said") >= 0);
                const auto owned = test::raw_message::adopt(m);
                REQUIRE(sd_bus_message_append(m, "i", 1) >= 0);
                REQUIRE(sd_bus_send(peer.client(), m, nullptr) >= 0);
            } else peer.send(peer.make_call(path, name, where));
            const auto ended = bus->try_run(); // returns: the connection is closed
            CHECK(ended.has_value());
            CHECK(!bus);
            if (exported) CHECK((*exported)->try_emit<"Said">(1).error().code() == ENOTCONN);
            CHECK(peer.settle_client().size() <= 1);
            ctbus::set_report_handler(nullptr);
        }
    }
}

TEST_CASE("lifetimes: the connection and all that was made from it destroyed inside a handler") {
    for (const bool by_run : {false, true}) {
        CAPTURE(by_run);
        raw_peer peer;
        service served;
        auto bus = std::make_unique<ctbus::connection>(std::move(peer.ours));
        auto exported = std::make_unique<object>(*bus, ctbus::object_path_view{"/test"}, served);
        served.action = [&] {
            exported.reset();
            bus.reset();
        };
        peer.send(peer.make_call(path, name, "Act"));
        while (bus) CHECK((by_run ? bus->try_run().has_value() : bus->try_process().has_value()));
        CHECK(served.ran == 1);
    }
}

TEST_CASE("lifetimes: an object whose handler closes the connection cannot be made again there") {
    raw_peer peer;
    service served;
    auto exported = std::make_unique<object>(peer.ours, ctbus::object_path_view{"/test"}, served);
    bool refused = false;
    served.action = [&] {
        exported.reset();
        { const ctbus::connection owner{std::move(peer.ours)}; }
        // NOLINTNEXTLINE(bugprone-use-after-move): it shares the connection that was closed
        const auto made = ctbus::object<service_vtable>::try_make(peer.ours, "/test", served);
        refused = !made && made.error().code() == ENOTCONN;
    };
    peer.send(peer.make_call(path, name, "Act"));
    while (served.ran == 0) CHECK(peer.ours.try_process().has_value());
    CHECK(refused);
}

TEST_CASE("lifetimes: proxies and subscriptions destroyed in their own callbacks") {
    raw_peer peer;
    auto proxy =
        std::make_unique<ctbus::proxy<service_vtable>>(peer.ours, ctbus::object_path_view{"/test"});
    auto heard = std::make_unique<ctbus::subscription>();
    int calls = 0;
    const std::string keep(100, 'k'); // captured: its copy must live as long as the callback runs
    *heard = must(proxy->try_on<"Said">([&, keep](int n) {
        heard.reset();
        proxy.reset();
        calls += n + static_cast<int>(keep.size());
    }));
    sd_bus_message* m = nullptr;
    REQUIRE(sd_bus_message_new_signal(peer.client(), &m, path, name, "Said") >= 0);
    const auto owned = test::raw_message::adopt(m);
    REQUIRE(sd_bus_message_append(m, "i", 1) >= 0);
    REQUIRE(sd_bus_send(peer.client(), m, nullptr) >= 0);
    peer.settle();
    CHECK(calls == 101);
    CHECK(!heard);
}

TEST_CASE("lifetimes: names made at run time are kept, not borrowed") {
    raw_peer peer;
    service served;
    std::unique_ptr<object> exported;
    std::unique_ptr<ctbus::proxy<service_vtable>> proxy;
    {
        auto where = ctbus::object_path::parse("/made/at/run/time");
        REQUIRE(where);
        exported = std::make_unique<object>(peer.ours, *where, served);
        proxy = std::make_unique<ctbus::proxy<service_vtable>>(peer.ours, *where);
        *where = ctbus::object_path{"/x"};
    }
    CHECK((*exported)->path() == "/made/at/run/time");
    CHECK(peer.call("/made/at/run/time", name, "Act").reply() == "1");
    ctbus::proxy<service_vtable> copy = *proxy;
    proxy.reset();
    CHECK(copy.path() == "/made/at/run/time");
    ctbus::proxy<service_vtable> assigned{peer.ours, "/y"};
    assigned = copy;
    CHECK(assigned.path() == "/made/at/run/time");
}

TEST_CASE("lifetimes: the paths of objects, short and long ones") {
    raw_peer peer;
    service served;
    for (const std::size_t size :
         std::initializer_list<std::size_t>{2, 7, 8, 37, 38, 39, 40, 41, 64, 1000}) {
        const std::string text = '/' + std::string(size - 1, 'x');
        std::unique_ptr<object> exported;
        {
            const auto where = ctbus::object_path::parse(text);
            REQUIRE(where);
            exported = std::make_unique<object>(peer.ours, *where, served);
        }
        CHECK((*exported)->path() == text);
        CHECK(peer.call(text.c_str(), name, "Act").reply() == "1");
    }
}

TEST_CASE("stop() makes run() return once, from outside and from a handler") {
    raw_peer peer;
    service served;
    object exported{peer.ours, "/test", served};
    peer.ours.stop();
    must(peer.ours.try_run()); // returns at once
    served.action = [&] { peer.ours.stop(); };
    peer.send(peer.make_call(path, name, "Act"));
    must(peer.ours.try_run());
    CHECK(served.ran == 1);
    // What was queued before is handled before it waits.
    served.action = [&] {
        if (served.ran == 21) peer.ours.stop();
    };
    for (int i = 0; i < 20; ++i) peer.send(peer.make_call(path, name, "Act"));
    must(peer.ours.try_run());
    CHECK(served.ran == 21);
    CHECK(peer.settle().size() == 21);
}

TEST_CASE("a stop() stays with the loop that runs: what is called in a handler does not take it") {
    raw_peer peer;
    service served;
    object exported{peer.ours, "/test", served};
    std::vector<int> why;
    served.action = [&] {
        peer.ours.stop();
        why.push_back(peer.ours.try_run().error().code());
        why.push_back(peer.ours.try_process().error().code());
        why.push_back(peer.ours.try_run().error().code());
    };
    peer.send(peer.make_call(path, name, "Act"));
    must(peer.ours.try_run()); // hangs where that was taken
    CHECK(why == std::vector{EBUSY, EBUSY, EBUSY});
}

TEST_CASE("run_until() ends with a signal's number, or 0 after stop()") {
    raw_peer peer;
    service served;
    object exported{peer.ours, "/test", served};
    served.action = [] { ::raise(SIGUSR1); }; // blocked meanwhile: it waits for run_until()
    peer.send(peer.make_call(path, name, "Act"));
    CHECK(must(peer.ours.try_run_until({SIGUSR1, SIGUSR2})) == SIGUSR1);
    CHECK(peer.settle().size() == 1);
    served.action = [&] { peer.ours.stop(); };
    peer.send(peer.make_call(path, name, "Act"));
    CHECK(must(peer.ours.try_run_until(SIGUSR1)) == 0);
    sigset_t blocked;
    REQUIRE(::pthread_sigmask(SIG_SETMASK, nullptr, &blocked) == 0);
    CHECK(::sigismember(&blocked, SIGUSR1) == 0); // as it was
}

TEST_CASE("process() and run() inside a handler are refused") {
    raw_peer peer;
    service served;
    object exported{peer.ours, "/test", served};
    int code = 0, run_code = 0;
    served.action = [&] {
        const auto processed = peer.ours.try_process();
        code = processed ? 0 : processed.error().code();
        const auto ran = peer.ours.try_run();
        run_code = ran ? 0 : ran.error().code();
    };
    CHECK(peer.call(path, name, "Act").reply() == "1");
    CHECK(code == EBUSY);
    CHECK(run_code == EBUSY);
}

TEST_CASE("wait() says whether there may be something to do") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    while (must(ours.try_process()) || must(theirs.try_process())) {
    }
    CHECK(!must(ours.try_wait(std::chrono::milliseconds{1})));
    must(ctbus::try_emit<service_vtable, "Said">(theirs, "/x", 1));
    CHECK(must(ours.try_wait(std::chrono::minutes{1})));
    CHECK(must(ours.try_wait()));
    CHECK(must(ours.try_process()));
    const auto wanted = must(ours.try_poll_data());
    CHECK(wanted.fd >= 0);
    CHECK((wanted.events & POLLIN) != 0);
    CHECK(wanted.timeout == UINT64_MAX);
    CHECK(ours.try_flush().has_value());
}

TEST_CASE("run() on a connection that is lost is an error") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    { ctbus::connection gone = std::move(theirs); }
    const auto end = ours.try_run();
    REQUIRE(!end);
    CHECK(end.error().code() == ECONNRESET);
    CHECK_THROWS_AS(ours.run(), ctbus::error);
    CHECK(!ours.try_process());
    CHECK(!ours.try_wait());
}

TEST_CASE("an sd-event loop runs a connection") {
    raw_peer peer;
    service served;
    object exported{peer.ours, "/test", served};
    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    must(peer.ours.try_attach(loop));
    served.action = [&] { sd_event_exit(loop, 3); };
    peer.send(peer.make_call(path, name, "Act"));
    CHECK(sd_event_loop(loop) == 3);
    CHECK(served.ran == 1);
    sd_event_unref(loop); // when it ends, it closes the connection
    CHECK(peer.settle_client().size() == 1);
}

// sd-bus reads what comes with the end of the greeting, but its source for sd-event does not look.
TEST_CASE("an sd-event loop handles a call that comes together with the greeting") {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
    auto ours = must(ctbus::connection::try_from_fd(fds[0], ctbus::role::server));
    service served;
    object exported{ours, "/test", served};
    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    std::string all{"\0AUTH EXTERNAL ", 15};
    for (const char digit : std::to_string(::getuid())) all += {'3', digit};
    all += "\r\nBEGIN\r\n";
    for (std::uint32_t serial : {1u, 2u})
        all += test::message_bytes(
            {.serial = serial, .path = path, .interface = name, .member = "Act"},
            test::marshalled{});
    REQUIRE(::write(fds[1], all.data(), all.size()) == static_cast<ssize_t>(all.size()));
    int expected = 2;
    SUBCASE("greeted in the loop") {
        must(ours.try_attach(loop));
    }
    SUBCASE("greeted before it is attached") {
        must(ours.try_flush());
        must(ours.try_attach(loop));
    }
    SUBCASE("greeted before the loop runs") {
        must(ours.try_attach(loop));
        must(ours.try_flush());
    }
    SUBCASE("closed before the loop runs") { // (what is left behind a sanitizer would find)
        must(ours.try_attach(loop));
        ctbus::connection{std::move(ours)};
        expected = 0;
    }
    for (int turn = 0; turn < 20; ++turn) REQUIRE(sd_event_run(loop, 0) >= 0);
    CHECK(served.ran == expected);
    sd_event_unref(loop);
    ::close(fds[1]);
}

TEST_CASE("a raw bus is shared, not closed") {
    raw_peer peer;
    service served;
    {
        ctbus::connection shared{peer.ours.get()};
        object exported{shared, "/test", served};
        CHECK(peer.call(path, name, "Act").reply() == "1");
    }
    object exported{peer.ours, "/test", served};
    CHECK(peer.call(path, name, "Act").reply() == "1");
}

namespace {

struct idle {
    void nothing() {}
};
struct idle_vtable : ctbus::vtable<"org.example.Idle", ctbus::handler<"Nothing", &idle::nothing>> {
};

} // namespace

TEST_CASE("lifetimes: an object is not made on a closed connection") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    { const ctbus::connection owner{std::move(ours)}; }
    idle served;
    // NOLINTNEXTLINE(bugprone-use-after-move): it shares the connection that was closed
    const auto made = ctbus::object<idle_vtable>::try_make(ours, "/test", served);
    REQUIRE(!made);
    CHECK(made.error().code() == ENOTCONN);
    CHECK(contains(made.error().message(), "the connection is closed"));
}
