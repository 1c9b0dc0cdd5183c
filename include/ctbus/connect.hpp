// Opening a connection: to a bus by its kind or address, or to one peer.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/error.hpp>
#include <ctbus/trace.hpp>
#include <ctbus/types.hpp>

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>
#include <utility>

namespace ctbus {

/// Which side of a direct connection we are; the two sides have to differ.
enum class role : unsigned char { client, server };

namespace detail {

// What a later part does with every connection that is opened.
using bus_watcher = void (*)(bus_state&);
inline constinit bus_watcher bus_opened = nullptr;

/// A state for `bus`, whose reference it takes over; for one who adopts it.
[[gnu::cold, gnu::noinline]] inline bus_state* make_state(sd_bus* bus, bool is_system) {
    auto* state = new bus_state;
    state->bus = bus;
    state->is_system = is_system;
    if (tracing) [[unlikely]]
        trace_incoming(*state);
    if (bus_opened) [[unlikely]]
        bus_opened(*state);
    return state;
}

/// `detail`: which one. `variable`: the environment's that says so, or null.
[[gnu::cold, gnu::noinline]] inline error cannot_open(int r, const char* what,
                                                      const char* detail = "",
                                                      const char* variable = nullptr) {
    const char* address = variable ? ::secure_getenv(variable) : nullptr;
    const char* why = words_of(r);
    return error::format(nullptr, r,
                         !variable ? "cannot connect to %s%s: %s"
                         : address ? "cannot connect to %s (%s=%s): %s"
                                   : "cannot connect to %s (%s is not set): %s",
                         what, variable ? variable : detail, address ? address : why, why);
}

// Each opens one kind of bus, `to` (for one who adopts it), or says why it cannot.

[[gnu::cold]] inline error open_session(bus_state*& to) {
    sd_bus* bus = nullptr;
    const int r = sd_bus_open_user(&bus);
    if (r < 0) return cannot_open(r, "the session bus", "", "DBUS_SESSION_BUS_ADDRESS");
    to = make_state(bus, false);
    return {};
}

[[gnu::cold]] inline error open_system(bus_state*& to) {
    sd_bus* bus = nullptr;
    const int r = sd_bus_open_system(&bus);
    if (r < 0) return cannot_open(r, "the system bus", "", "DBUS_SYSTEM_BUS_ADDRESS");
    to = make_state(bus, true);
    return {};
}

[[gnu::cold]] inline error open_starter(bus_state*& to) {
    sd_bus* bus = nullptr;
    const int r = sd_bus_open(&bus);
    const char* starter = std::getenv("DBUS_STARTER_BUS_TYPE");
    const bool is_system = starter && std::strcmp(starter, "system") == 0;
    if (r < 0)
        return cannot_open(r, "the default bus", "",
                           is_system ? "DBUS_SYSTEM_BUS_ADDRESS"
                           : starter ? "DBUS_SESSION_BUS_ADDRESS"
                                     : "DBUS_STARTER_ADDRESS");
    to = make_state(bus, is_system);
    return {};
}

[[gnu::cold]] inline error open_remote(bus_state*& to, const char* host) {
    sd_bus* bus = nullptr;
    const int r = sd_bus_open_system_remote(&bus, host);
    if (r < 0) return cannot_open(r, "the system bus of host ", host);
    to = make_state(bus, true);
    return {};
}

[[gnu::cold]] inline error open_machine(bus_state*& to, const char* name) {
    sd_bus* bus = nullptr;
    const int r = sd_bus_open_system_machine(&bus, name);
    if (r < 0) return cannot_open(r, "the system bus of machine ", name);
    to = make_state(bus, true);
    return {};
}

/// What is wrong with an address that cannot be opened: the end of a sentence, empty where the
/// errno says it. sd-bus passes over what it does not know.
[[gnu::cold, gnu::noinline]] inline const char* address_fault(int r, const char* address) {
    if (!*address) return ": the address is empty";
    if (r == -EINVAL) return ": the address is malformed, or lacks what its transport needs";
    if (r != -ECONNREFUSED) return "";
    for (const char* transport : {"unix:", "tcp:", "unixexec:", "x-machine-unix:"})
        if (const char* at = std::strstr(address, transport);
            at && (at == address || at[-1] == ';'))
            return "";
    return ": the address has none of the transports unix:, tcp:, unixexec: and x-machine-unix:";
}

[[gnu::cold]] inline error open_address(bus_state*& to, const char* address) {
    sd_bus* bus = nullptr;
    int r = sd_bus_new(&bus);
    if (r >= 0 && (r = sd_bus_set_address(bus, address)) >= 0 &&
        (r = sd_bus_set_bus_client(bus, 1)) >= 0 && (r = sd_bus_start(bus)) >= 0) {
        to = make_state(bus, false);
        return {};
    }
    sd_bus_unref(bus);
    return error::format(nullptr, r, "cannot connect to the bus at %s: %s%s",
                         *address ? address : "\"\"", words_of(r), address_fault(r, address));
}

[[gnu::cold]] inline error open_fd(bus_state*& to, unix_fd fd, role as, bool trusted) {
    sd_bus* bus = nullptr;
    const bool is_open = ::fcntl(fd.get(), F_GETFD) >= 0;
    if (!is_open) fd.release(); // sd-bus would end the process where it closes it
    int r = is_open ? sd_bus_new(&bus) : -EBADF;
    if (r >= 0 && (r = sd_bus_set_fd(bus, fd.get(), fd.get())) >= 0) fd.release();
    if (r >= 0 && as == role::server) {
        sd_id128_t id;
        if ((r = sd_id128_randomize(&id)) >= 0) r = sd_bus_set_server(bus, 1, id);
    }
    if (r >= 0 && trusted) r = sd_bus_set_trusted(bus, 1);
    if (r >= 0 && (r = sd_bus_start(bus)) >= 0) {
        to = make_state(bus, false);
        return {};
    }
    sd_bus_unref(bus);
    return cannot_open(r, "the peer");
}

/// Lets both ends of a pair greet each other, which takes turns.
inline int shake_hands(sd_bus* one, sd_bus* other) {
    for (int turn = 0; turn < 1000; ++turn) {
        const int a = sd_bus_is_ready(one), b = sd_bus_is_ready(other);
        if (a < 0 || b < 0) return a < 0 ? a : b;
        if (a > 0 && b > 0) return 0;
        int r = 0;
        if (a == 0 && (r = sd_bus_process(one, nullptr)) < 0) return r;
        if (b == 0 && (r = sd_bus_process(other, nullptr)) < 0) return r;
    }
    return -ETIMEDOUT;
}

[[gnu::cold, gnu::noinline]] inline error open_pair(bus_ref& first, bus_ref& second) {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
        return cannot_open(errno, "a pair of sockets");
    unix_fd left{fds[1]};
    bus_state* one = nullptr;
    bus_state* other = nullptr;
    if (error e = open_fd(one, unix_fd{fds[0]}, role::server, true)) return e;
    first = bus_ref::adopt(one);
    if (error e = open_fd(other, std::move(left), role::client, true)) return e;
    second = bus_ref::adopt(other);
    if (const int r = shake_hands(one->bus, other->bus); r < 0)
        return cannot_open(r, "the other end of the pair");
    return {};
}

} // namespace detail

} // namespace ctbus
