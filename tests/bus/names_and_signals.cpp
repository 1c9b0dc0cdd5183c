// What needs a bus: names, senders, signals to many, and calls that would wait for themselves.
#include "../service_thread.hpp"

#include <ctbus/ctbus.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <ostream> // doctest prints string_views
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace {

using namespace std::chrono_literals;
using ctbus::connection;
using ctbus::name_flag;

struct news : ctbus::interface<"org.example.News", ctbus::signal<"Said", void(std::string)>,
                               ctbus::method<"Who", std::string()>> {};

class paper {
public:
    std::string who(const ctbus::message& call) {
        last = call;
        return call.sender().str();
    }
    ctbus::message last;
};
struct paper_vtable : ctbus::implements<news, ctbus::handler<"Who", &paper::who>> {};

// Part of what types_service serves.
struct greeter : ctbus::interface<"org.ctbus.MoreCalls", ctbus::method<"Greet", int(int)>> {};

// Handles what has come for `bus`, and what comes within the time that a round trip takes.
void settle(connection& bus) {
    static_cast<void>(bus.list_names()); // all that was sent to us before has arrived then
    while (bus.process()) {
    }
}

// Sends all of `from`, and lets `to` handle it.
void deliver(connection& from, connection& to) {
    from.flush();
    static_cast<void>(from.list_names()); // the bus has seen all of it then
    settle(to);
}

// Hears what one signal says.
class ear {
public:
    ear(connection& bus, const ctbus::signal_filter& filter)
        : subscription_{ctbus::match_signal<news, "Said">(
              bus, [this](const std::string& what) { heard.push_back(what); }, filter)} {}
    void stop() { subscription_.reset(); }
    std::vector<std::string> heard;

private:
    ctbus::subscription subscription_;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("S3 the message is the call: its sender is the caller's unique name, also later") {
    auto server = connection::session(), client = connection::session();
    paper daily;
    ctbus::object<paper_vtable> object{server, "/news", daily};
    const ctbus::bus_name service = server.unique_name();
    {
        test::service_thread run{server};
        const ctbus::proxy<news> proxy{client, service, "/news"};
        CHECK(proxy.call<"Who">() == client.unique_name().str());
    }
    CHECK(daily.last.sender() == client.unique_name());
    CHECK(daily.last.destination() == service);
    CHECK(daily.last.path() == "/news");
    CHECK(daily.last.interface() == "org.example.News");
    CHECK(daily.last.member() == "Who");
    CHECK(daily.last.signature() == "");
}

TEST_CASE("S21 a signal reaches every subscriber, and nobody else") {
    auto sender = connection::session(), one = connection::session(), two = connection::session();
    ear first{one, {}}, second{two, {}};
    ear elsewhere{two, {.path = "/other"}};
    ctbus::emit<news, "Said">(sender, "/news", "a");
    deliver(sender, one);
    settle(two);
    CHECK(first.heard == texts{"a"});
    CHECK(second.heard == texts{"a"});
    CHECK(elsewhere.heard.empty());
    first.stop();
    ctbus::emit<news, "Said">(sender, "/news", "b");
    deliver(sender, one);
    settle(two);
    CHECK(first.heard == texts{"a"});
    CHECK(second.heard == texts{"a", "b"});
}

TEST_CASE("S21 filters by sender, path and argument") {
    auto sender = connection::session(), other = connection::session(),
         hearer = connection::session();
    const ctbus::bus_name unique = sender.unique_name();
    ear by_sender{hearer, {.sender = unique}};
    ear by_path{hearer, {.path = "/a/b"}};
    ear below{hearer, {.path_namespace = "/a"}};
    ear by_argument{hearer, {.arg0 = "it's 'quoted', \\ and more"}};
    ear by_namespace{hearer, {.arg0_namespace = "org.example"}};
    ctbus::emit<news, "Said">(sender, "/a/b", "x");
    ctbus::emit<news, "Said">(sender, "/c", "it's 'quoted', \\ and more");
    ctbus::emit<news, "Said">(sender, "/c", "org.example.Deep");
    ctbus::emit<news, "Said">(sender, "/c", "org.examples");
    ctbus::emit<news, "Said">(other, "/a", "y");
    deliver(sender, hearer);
    deliver(other, hearer);
    CHECK(by_sender.heard ==
          texts{"x", "it's 'quoted', \\ and more", "org.example.Deep", "org.examples"});
    CHECK(by_path.heard == texts{"x"});
    CHECK(below.heard == texts{"x", "y"});
    CHECK(by_argument.heard == texts{"it's 'quoted', \\ and more"});
    CHECK(by_namespace.heard == texts{"org.example.Deep"});
}

TEST_CASE("S21 a well-known sender is followed to its new owner") {
    auto old_owner = connection::session(), new_owner = connection::session(),
         hearer = connection::session();
    old_owner.request_name("org.example.Paper");
    ear well_known{hearer, {.sender = "org.example.Paper"}};
    ctbus::emit<news, "Said">(old_owner, "/news", "old");
    ctbus::emit<news, "Said">(new_owner, "/news", "not yet");
    deliver(old_owner, hearer);
    deliver(new_owner, hearer);
    CHECK(well_known.heard == texts{"old"});
    old_owner.release_name("org.example.Paper");
    new_owner.request_name("org.example.Paper");
    ctbus::emit<news, "Said">(old_owner, "/news", "no more");
    ctbus::emit<news, "Said">(new_owner, "/news", "new");
    deliver(old_owner, hearer);
    deliver(new_owner, hearer);
    CHECK(well_known.heard == texts{"old", "new"});
}

namespace {
struct bus_signals
    : ctbus::interface<
          "org.freedesktop.DBus",
          ctbus::signal<"NameOwnerChanged", void(std::string, std::string, std::string)>> {};
} // namespace

// Anybody may send one client what looks like a signal of the bus; the bus delivers it.
TEST_CASE("S38 nobody can pretend that a name has another owner") {
    auto service = connection::session(), attacker = connection::session(),
         client = connection::session();
    service.request_name("org.example.Trusted");
    texts heard;
    int changes = 0;
    const ctbus::proxy<news> proxy{client, "org.example.Trusted", "/news"};
    auto subscription = proxy.on<"Said">([&](std::string_view what) { heard.emplace_back(what); });
    auto owners = ctbus::match_signal<bus_signals, "NameOwnerChanged">(
        client,
        [&](std::string_view name, std::string_view, std::string_view) {
            changes += name == "org.example.Trusted" ? 1 : 0;
        },
        {.sender = "org.freedesktop.DBus"});
    const std::string mine = attacker.unique_name().str();
    auto forged =
        attacker.new_signal("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged");
    forged.append("org.example.Trusted", service.unique_name().str(), mine);
    REQUIRE(sd_bus_message_set_destination(forged.get(), client.unique_name().c_str()) >= 0);
    attacker.send(forged);
    deliver(attacker, client);
    ctbus::emit<news, "Said">(attacker, "/news", "a lie");
    deliver(attacker, client);
    ctbus::emit<news, "Said">(service, "/news", "true");
    deliver(service, client);
    CHECK(heard == texts{"true"});
    CHECK(changes == 0);
}

TEST_CASE("S21 two proxies with equal path and interface hear their own service only") {
    auto one = connection::session(), two = connection::session(), client = connection::session();
    one.request_name("org.example.One");
    two.request_name("org.example.Two");
    texts from_one, from_two, from_unique;
    const ctbus::proxy<news> first{client, "org.example.One", "/news"};
    const ctbus::proxy<news> second{client, "org.example.Two", "/news"};
    const ctbus::proxy<news> unique{client, two.unique_name(), "/news"};
    auto a = first.on<"Said">([&](std::string_view what) { from_one.emplace_back(what); });
    auto b = second.on<"Said">([&](std::string_view what) { from_two.emplace_back(what); });
    auto c = unique.on<"Said">([&](std::string_view what) { from_unique.emplace_back(what); });
    ctbus::emit<news, "Said">(one, "/news", "1");
    ctbus::emit<news, "Said">(two, "/news", "2");
    deliver(one, client);
    deliver(two, client);
    CHECK(from_one == texts{"1"});
    CHECK(from_two == texts{"2"});
    CHECK(from_unique == texts{"2"});
}

TEST_CASE("S22 session and system bus are separate, and an absent one is a clear error") {
    auto session = connection::session(), system = connection::system();
    session.request_name("org.example.Here");
    CHECK(session.name_has_owner("org.example.Here"));
    CHECK_FALSE(system.name_has_owner("org.example.Here"));

    const std::string session_address = ::getenv("DBUS_SESSION_BUS_ADDRESS");
    const std::string system_address = ::getenv("DBUS_SYSTEM_BUS_ADDRESS");
    ::setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/session", 1);
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/system", 1);
    const auto no_session = connection::try_session();
    const auto no_system = connection::try_system();
    ::setenv("DBUS_SESSION_BUS_ADDRESS", session_address.c_str(), 1);
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", system_address.c_str(), 1);
    REQUIRE_FALSE(no_session.has_value());
    REQUIRE_FALSE(no_system.has_value());
    const std::string_view session_text = no_session.error().what();
    const std::string_view system_text = no_system.error().what();
    CHECK(session_text.find("session bus") != session_text.npos);
    CHECK(session_text.find("DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/session") !=
          session_text.npos);
    CHECK(system_text.find("system bus") != system_text.npos);
    CHECK(no_session.error().code() == ENOENT);
}

TEST_CASE("S23 a denied name is AccessDenied, a taken one says so, flags are explicit") {
    auto first = connection::session(), second = connection::session();
    const auto denied = first.try_request_name("org.ctbus.Denied");
    REQUIRE_FALSE(denied.has_value());
    CHECK(denied.error().is<"org.freedesktop.DBus.Error.AccessDenied">());

    CHECK(first.request_name("org.example.Taken"));
    CHECK(first.request_name("org.example.Taken")); // it is ours already
    const auto taken = second.try_request_name("org.example.Taken");
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().code() == EEXIST);
    CHECK(taken.error().message().find("org.example.Taken") != std::string_view::npos);
    CHECK(taken.error().message().find("taken") != std::string_view::npos);
    CHECK_FALSE(second.try_request_name("org.example.Taken", name_flag::replace_existing));

    CHECK_FALSE(second.request_name("org.example.Taken", name_flag::queue));
    first.release_name("org.example.Taken");
    CHECK(second.name_owner("org.example.Taken") == second.unique_name());

    const auto nobodys = first.try_release_name("org.example.Unowned");
    REQUIRE_FALSE(nobodys.has_value());
    CHECK(nobodys.error().message() ==
          "cannot release the name org.example.Unowned: nobody owns it");
    const auto anothers = first.try_release_name("org.example.Taken");
    REQUIRE_FALSE(anothers.has_value());
    CHECK(anothers.error().message() ==
          "cannot release the name org.example.Taken: another connection owns it");

    CHECK(first.request_name("org.example.Soft", name_flag::allow_replacement));
    CHECK(
        second.request_name("org.example.Soft", SD_BUS_NAME_REPLACE_EXISTING | SD_BUS_NAME_QUEUE));
    CHECK(first.name_owner("org.example.Soft") == second.unique_name());
}

TEST_CASE("S25 names, owners, process and user") {
    auto bus = connection::session(), other = connection::session();
    bus.request_name("org.example.Known");
    const auto names = other.list_names();
    const auto has = [](const texts& all, std::string_view name) {
        return std::find(all.begin(), all.end(), name) != all.end();
    };
    CHECK(has(names, "org.example.Known"));
    CHECK(has(names, bus.unique_name()));
    CHECK(has(other.list_activatable_names(), "org.freedesktop.DBus"));
    CHECK_FALSE(has(other.list_activatable_names(), "org.example.Known"));
    CHECK(other.name_has_owner("org.example.Known"));
    CHECK_FALSE(other.name_has_owner("org.example.Unknown"));
    CHECK(other.name_owner("org.example.Known") == bus.unique_name());
    const auto nobody = other.try_name_owner("org.example.Unknown");
    REQUIRE_FALSE(nobody.has_value());
    CHECK(nobody.error().is<"org.freedesktop.DBus.Error.NameHasNoOwner">());
    CHECK(other.name_pid("org.example.Known") == static_cast<std::uint32_t>(::getpid()));
    CHECK(other.name_uid("org.example.Known") == ::getuid());
}

TEST_CASE("S26 without auto-start, a service that is not there is ServiceUnknown") {
    auto bus = connection::session();
    const ctbus::proxy<news> absent{bus, "org.example.Absent", "/news"};
    const auto answer = absent.without_auto_start().try_call<"Who">();
    REQUIRE_FALSE(answer.has_value());
    const bool known = answer.error().is<"org.freedesktop.DBus.Error.ServiceUnknown">() ||
                       answer.error().is<"org.freedesktop.DBus.Error.NameHasNoOwner">();
    CHECK(known);
    CHECK_FALSE(bus.try_start_service("org.example.Absent").has_value());
}

TEST_CASE("S26 a call starts the service and gets its answer; without auto-start it does not") {
    const std::string name = "org.ctbus.Types", folder = ::getenv("CTBUS_SERVICE_DIR");
    std::ofstream{folder + '/' + name + ".service"} << "[D-BUS Service]\nName=" << name
                                                    << "\nExec=" << ::getenv("CTBUS_BUILD_DIR")
                                                    << "/tests/bus/types_service\n";
    auto bus = connection::session();
    bus.call(bus.new_call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "ReloadConfig"));
    const ctbus::proxy<greeter> proxy{bus, "org.ctbus.Types", "/org/ctbus/calls"};
    const auto answer = proxy.without_auto_start().try_call<"Greet">(1);
    CHECK_FALSE(answer.has_value());
    CHECK_FALSE(bus.name_has_owner("org.ctbus.Types"));
    CHECK(proxy.call<"Greet">(1) == 1); // its objects are there before its name is
    CHECK(bus.name_has_owner("org.ctbus.Types"));
}

TEST_CASE("S36 waiting for oneself fails at once") {
    auto bus = connection::session();
    paper daily;
    ctbus::object<paper_vtable> object{bus, "/news", daily};
    bus.request_name("org.example.Self");
    const ctbus::proxy<news> by_name{bus, "org.example.Self", "/news"};
    const ctbus::proxy<news> by_unique{bus, bus.unique_name(), "/news"};
    for (const auto& answer : {by_name.try_call<"Who">(), by_unique.try_call<"Who">()}) {
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().code() == EDEADLK);
        const std::string_view what = answer.error().what();
        CHECK(what.find("Who") != what.npos);
    }
    const auto message = bus.new_call("org.example.Self", "/news", "org.example.News", "Who");
    CHECK(bus.try_call(message).error().code() == EDEADLK);
}

TEST_CASE("S36 a name that another has taken over may be called") {
    auto first = connection::session(), second = connection::session();
    first.request_name("org.example.Moving", name_flag::allow_replacement);
    second.request_name("org.example.Moving", name_flag::replace_existing);
    paper daily;
    ctbus::object<paper_vtable> object{second, "/news", daily};
    test::service_thread run{second};
    const ctbus::proxy<news> proxy{first, "org.example.Moving", "/news"};
    CHECK(proxy.call<"Who">() == first.unique_name().str());
}

TEST_CASE("objects of one connection on a path, and errors of what is not exported") {
    auto server = connection::session(), client = connection::session();
    paper daily;
    ctbus::object<paper_vtable> object{server, "/news", daily};
    const ctbus::bus_name service = server.unique_name();
    test::service_thread run{server};
    const auto ask = [&](ctbus::object_path_view path, ctbus::interface_name_view interface,
                         ctbus::member_name_view member) {
        const auto call = client.new_call(service.view(), path, interface, member);
        return std::string{client.try_call(call, 5s).error().name()};
    };
    CHECK(ask("/news", "org.example.News", "Nothing") ==
          "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(ask("/news", "org.example.Other", "Who") == "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(ask("/other", "org.example.News", "Who") == "org.freedesktop.DBus.Error.UnknownObject");
}

TEST_CASE("blocking on oneself: by a name that a call by hand asked for") {
    auto bus = connection::session();
    auto call = bus.new_call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus", "RequestName");
    call.append("org.example.ByHand", 0u);
    CHECK(bus.call(call).read<std::uint32_t>() == 1);
    const auto waited =
        bus.try_call(bus.new_call("org.example.ByHand", "/", "org.example.Own", "Wait"));
    REQUIRE_FALSE(waited);
    CHECK(waited.error().code() == EDEADLK);
    CHECK(waited.error().message().starts_with(
        "this would wait for itself: the destination is this connection"));

    // A service's own error of that kind is no such thing.
    auto server = connection::session();
    struct looping : ctbus::vtable<"org.example.Links", ctbus::handler<"Follow", [] {
                                       throw std::system_error{ELOOP, std::generic_category()};
                                   }>> {};
    ctbus::object<looping> object{server, "/links"};
    const ctbus::bus_name service = server.unique_name();
    test::service_thread run{server};
    const ctbus::proxy<looping> links{bus, service, "/links"};
    const auto followed = links.try_call<"Follow">();
    REQUIRE_FALSE(followed);
    CHECK(followed.error().code() == ELOOP);
    CHECK(followed.error().message().starts_with("Too many levels of symbolic links"));
}
