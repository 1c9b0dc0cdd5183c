// S22: connecting to what is not there, or to what is no bus, says what was tried.
#include "support/processes.hpp"

#include <ctbus/ctbus.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <ostream> // doctest prints string_views
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace {

using ctbus::connection;

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

// A variable of the environment as a test wants it, and afterwards as it was.
class variable {
public:
    variable(const char* name, const char* value) : name_{name} {
        if (const char* before = ::getenv(name)) before_ = before;
        if (value) ::setenv(name, value, 1);
        else ::unsetenv(name);
    }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;
    ~variable() {
        if (before_) ::setenv(name_, before_->c_str(), 1);
        else ::unsetenv(name_);
    }

private:
    const char* name_;
    std::optional<std::string> before_;
};

// The text of an error to connect, which has to be of that kind.
template <class Connection>
std::string text_of(const Connection& opened, int code) {
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code() == code);
    CHECK(contains(opened.error().what(), "cannot connect to "));
    CHECK(contains(opened.error().what(), std::strerror(code)));
    return opened.error().what();
}

// A socket that listens, and hangs up on whoever comes.
class no_bus {
public:
    no_bus() : path_{test::environment("XDG_RUNTIME_DIR") + "/no_bus"} {
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        path_.copy(where.sun_path, sizeof where.sun_path - 1);
        ::unlink(path_.c_str());
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
        REQUIRE(::listen(fd_, 10) == 0);
        thread_ = std::thread{[this] {
            for (int peer; (peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;)
                ::close(peer);
        }};
    }
    no_bus(const no_bus&) = delete;
    no_bus& operator=(const no_bus&) = delete;
    ~no_bus() {
        ::shutdown(fd_, SHUT_RDWR); // ends the accept
        thread_.join();
        ::close(fd_);
        ::unlink(path_.c_str());
    }
    std::string address() const { return "unix:path=" + path_; }

private:
    std::string path_;
    int fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::thread thread_;
};

} // namespace

TEST_CASE("S22 an address where nothing is: the error names it") {
    for (const char* address : {"unix:path=/absent", "unix:abstract=ctbus-absent", "unix:path=/"}) {
        CAPTURE(address);
        const auto opened = connection::try_open(address);
        REQUIRE_FALSE(opened);
        CHECK(contains(text_of(opened, opened.error().code()), address));
        CHECK_THROWS_AS(connection::open(address), ctbus::error);
    }
    CHECK(connection::try_open("unix:path=/absent").error().code() == ENOENT);
    CHECK(connection::try_open("unix:path=/").error().code() == ECONNREFUSED);
}

TEST_CASE("S22 a port where nothing is: an error, at the latest at the first use") {
    auto bus = connection::try_open("tcp:host=127.0.0.1,port=1"); // which nobody waits for
    if (!bus) return;
    const auto used = bus->try_list_names();
    REQUIRE_FALSE(used);
    const int code = used.error().code(); // sd-bus forgets which it was
    const bool lost = code == ECONNREFUSED || code == ENOTCONN || code == ECONNRESET;
    CHECK(lost);
}

TEST_CASE("S22 what is no address: the error names it") {
    for (const char* address : {"unix", "unix:", "unix:path", "nothing:at=all", "/run/x"}) {
        CAPTURE(address);
        const auto opened = connection::try_open(address);
        REQUIRE_FALSE(opened);
        CHECK(contains(text_of(opened, opened.error().code()), address));
    }
    CHECK_FALSE(connection::try_open("").has_value());
}

TEST_CASE("S22 of several addresses the first that works is taken") {
    const std::string there = test::environment("DBUS_SESSION_BUS_ADDRESS");
    CHECK_FALSE(connection::open("unix:path=/absent;" + there).list_names().empty());
    const auto none = connection::try_open("unix:path=/absent;unix:path=/absent2");
    CHECK(contains(text_of(none, ENOENT), "unix:path=/absent;unix:path=/absent2"));
}

TEST_CASE("S22 each bus that is not there is named, and the other still works") {
    {
        const variable absent{"DBUS_SESSION_BUS_ADDRESS", "unix:path=/absent/session"};
        const std::string text = text_of(connection::try_session(), ENOENT);
        CHECK(contains(text, "the session bus"));
        CHECK(contains(text, "DBUS_SESSION_BUS_ADDRESS=unix:path=/absent/session"));
        CHECK_FALSE(connection::system().list_names().empty());
    }
    {
        const variable absent{"DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/absent/system"};
        const std::string text = text_of(connection::try_system(), ENOENT);
        CHECK(contains(text, "the system bus"));
        CHECK(contains(text, "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/absent/system"));
        CHECK_FALSE(connection::session().list_names().empty());
    }
}

TEST_CASE("S22 no address of a session bus at all") {
    const variable unset{"DBUS_SESSION_BUS_ADDRESS", nullptr};
    {
        const variable nowhere{"XDG_RUNTIME_DIR", "/absent"};
        const std::string text = text_of(connection::try_session(), ENOENT);
        CHECK(contains(text, "DBUS_SESSION_BUS_ADDRESS is not set"));
    }
    const variable unset_too{"XDG_RUNTIME_DIR", nullptr};
    const auto opened = connection::try_session();
    REQUIRE_FALSE(opened);
    CHECK(contains(text_of(opened, opened.error().code()), "DBUS_SESSION_BUS_ADDRESS is not set"));
}

TEST_CASE("S22 the bus that started a program, and that is not there any more") {
    const variable type{"DBUS_STARTER_BUS_TYPE", nullptr};
    {
        // That one is taken, though it is neither of the other two.
        const test::own_bus starter;
        const variable there{"DBUS_STARTER_ADDRESS", starter.address().c_str()};
        auto bus = connection::open_default(), same = starter.connect();
        bus.request_name("org.example.Started");
        CHECK(same.name_has_owner("org.example.Started"));
        CHECK_FALSE(connection::session().name_has_owner("org.example.Started"));
    }
    const variable absent{"DBUS_STARTER_ADDRESS", "unix:path=/absent/starter"};
    static_cast<void>(text_of(connection::try_open_default(), ENOENT));
}

TEST_CASE("S22 the address of the bus that started a program is in the error") {
    ::unsetenv("DBUS_STARTER_BUS_TYPE");
    ::setenv("DBUS_STARTER_ADDRESS", "unix:path=/absent/starter", 1);
    const auto opened = connection::try_open_default();
    ::unsetenv("DBUS_STARTER_ADDRESS");
    REQUIRE_FALSE(opened.has_value());
    CHECK(contains(opened.error().what(), "/absent/starter"));
}

TEST_CASE("S22 a peer that hangs up instead of being a bus: each use is an error at once") {
    const no_bus not_one;
    const variable address{"DBUS_SESSION_BUS_ADDRESS", not_one.address().c_str()};
    auto bus = connection::try_session();
    if (!bus) return; // seen already
    const auto is_clear = [](const auto& outcome) {
        REQUIRE_FALSE(outcome.has_value());
        const int code = outcome.error().code();
        const bool lost = code == ECONNRESET || code == ENOTCONN || code == EPIPE;
        CHECK(lost);
    };
    is_clear(bus->try_list_names());
    is_clear(bus->try_request_name("org.example.Name"));
    is_clear(bus->try_unique_name());
    is_clear(bus->try_run());
}
