// S26 at the proxy: a call that starts a service, and what is said where that fails.
#include "support/processes.hpp"

#include <ctbus/ctbus.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <ostream> // doctest prints string_views
#include <string>
#include <string_view>
#include <vector>

namespace {

using ctbus::connection;
using ctbus::dict;

// clang-format off
struct Changing : ctbus::interface<"org.ctbus.Changing",
    ctbus::method<"Pid", std::uint32_t()>,
    ctbus::property<"Children", std::uint32_t, ctbus::writable, ctbus::emits_change>> {};
struct Properties : ctbus::interface<"org.freedesktop.DBus.Properties",
    ctbus::signal<"PropertiesChanged",
        void(std::string, dict<std::string, ctbus::variant>, std::vector<std::string>)>> {};
// clang-format on

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

// Lets the session bus start `command` for `name`.
void install(connection& bus, const std::string& name, const std::string& command) {
    std::ofstream{test::environment("CTBUS_SERVICE_DIR") + "/" + name + ".service"}
        << "[D-BUS Service]\nName=" << name << "\nExec=" << command << "\n";
    bus.call(bus.new_call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "ReloadConfig"));
}

// The error of a call to a service that the bus fails to start, which says what was called.
ctbus::error failure_to_start(connection& bus, const std::string& name, const char* command) {
    install(bus, name, command);
    const auto destination = ctbus::bus_name::parse(name);
    REQUIRE(destination);
    const ctbus::proxy<Changing> proxy{bus, *destination, "/org/ctbus/changing"};
    for (int turn = 0; turn < 2; ++turn) {
        const auto started = bus.try_start_service(*destination);
        const auto read = proxy.try_get<"Children">();
        const auto called = proxy.try_call<"Pid">();
        REQUIRE_FALSE(started);
        REQUIRE_FALSE(read);
        REQUIRE_FALSE(called);
        CHECK(started.error().name() == called.error().name());
        CHECK(read.error().name() == called.error().name());
        CHECK(contains(read.error().what(), "Properties.Get on " + name));
        CHECK(contains(called.error().what(), "org.ctbus.Changing.Pid on " + name));
        CHECK(contains(called.error().what(), called.error().message()));
        if (turn == 1) return called.error(); // the second attempt is no different
    }
    return {};
}

} // namespace

TEST_CASE("S26 a service whose program ends at once is a clear error") {
    auto bus = connection::session();
    const auto ended = failure_to_start(bus, "org.ctbus.Ends", "/bin/sh -c 'exit 3'");
    CHECK(ended.is<"org.freedesktop.DBus.Error.Spawn.ChildExited">());
    CHECK(contains(ended.message(), "org.ctbus.Ends"));
    CHECK(contains(ended.message(), "3"));
    const auto killed = failure_to_start(bus, "org.ctbus.Killed", "/bin/sh -c 'kill -KILL $$'");
    CHECK(killed.is<"org.freedesktop.DBus.Error.Spawn.ChildSignaled">());
    CHECK(contains(killed.message(), "org.ctbus.Killed"));
}

TEST_CASE("S26 a service whose program is not there is a clear error") {
    auto bus = connection::session();
    const auto absent = failure_to_start(bus, "org.ctbus.NoProgram", "/nonexistent/program");
    CHECK(contains(absent.name(), "org.freedesktop.DBus.Error.Spawn."));
    CHECK(contains(absent.message(), "org.ctbus.NoProgram"));
}

TEST_CASE("S26 a service that never takes its name is a timeout, like any other") {
    auto bus = connection::session();
    install(bus, "org.ctbus.NeverThere", "/bin/sleep 1000"); // which with_bus.sh ends
    const ctbus::proxy<Changing> proxy{bus, "org.ctbus.NeverThere", "/org/ctbus/changing"};
    const auto answer = proxy.with_timeout(std::chrono::milliseconds{50}).try_call<"Pid">();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().is<"org.freedesktop.DBus.Error.Timeout">());
    CHECK(contains(answer.error().what(), "org.ctbus.NeverThere"));
    CHECK(bus.name_has_owner("org.freedesktop.DBus")); // the connection is as good as before
}

TEST_CASE("S26 a call starts the service, without auto-start none does") {
    auto bus = connection::session();
    install(bus, "org.ctbus.Changing",
            "/bin/sh -c 'exec " + test::environment("CTBUS_BUILD_DIR") +
                "/tests/bus/changing_service >/dev/null'");
    const auto names = bus.list_activatable_names();
    CHECK(std::find(names.begin(), names.end(), "org.ctbus.Changing") != names.end());
    const ctbus::proxy<Changing> proxy{bus, "org.ctbus.Changing", "/org/ctbus/changing"};

    // None of these wants it to run.
    int heard = 0;
    bool gone = false;
    const auto changes = ctbus::match_signal<Properties, "PropertiesChanged">(
        bus,
        [&](std::string_view, const dict<std::string, ctbus::variant>&,
            const std::vector<std::string>&) { ++heard; },
        {.sender = "org.ctbus.Changing"});
    CHECK_FALSE(bus.name_has_owner("org.ctbus.Changing"));
    CHECK_FALSE(bus.try_name_owner("org.ctbus.Changing"));
    const auto refused = proxy.without_auto_start().try_call<"Pid">();
    REQUIRE_FALSE(refused);
    const bool known = refused.error().is<"org.freedesktop.DBus.Error.ServiceUnknown">() ||
                       refused.error().is<"org.freedesktop.DBus.Error.NameHasNoOwner">();
    CHECK(known);
    CHECK_FALSE(proxy.without_auto_start().try_get<"Children">());
    CHECK_FALSE(proxy.without_auto_start().try_set<"Children">(1));
    CHECK_FALSE(bus.name_has_owner("org.ctbus.Changing"));

    for (int turn = 1; turn <= 2; ++turn) {
        const std::uint32_t pid = proxy.call<"Pid">();
        CHECK(pid == bus.name_pid("org.ctbus.Changing"));
        CHECK(proxy.without_auto_start().call<"Pid">() == pid);
        // It was not there when its signals were asked for.
        proxy.set<"Children">(5);
        while (heard < turn)
            if (!bus.process()) bus.wait();
        struct Bus
            : ctbus::interface<
                  "org.freedesktop.DBus",
                  ctbus::signal<"NameOwnerChanged", void(std::string, std::string, std::string)>> {
        };
        gone = false;
        const auto ends = ctbus::match_signal<Bus, "NameOwnerChanged">(
            bus,
            [&](std::string_view, std::string_view, std::string_view owner) {
                gone = owner.empty();
            },
            {.sender = "org.freedesktop.DBus", .arg0 = "org.ctbus.Changing"});
        ::kill(static_cast<pid_t>(pid), SIGTERM);
        while (!gone)
            if (!bus.process()) bus.wait();
    }
    CHECK(heard == 2);
}
