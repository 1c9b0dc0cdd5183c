// A raw sd-bus client at the other end of a ctbus connection: it shows what really arrives.
#pragma once

#include <ctbus/connection.hpp>
#include <ctbus/handle.hpp>

#include "must.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <ostream> // doctest prints string_views
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace test {

inline constexpr std::string_view invalid_args = "org.freedesktop.DBus.Error.InvalidArgs";
inline constexpr std::string_view failed = "org.freedesktop.DBus.Error.Failed";

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

/// The path in 'peer.call("/x", ...)' and elsewhere, where a test needs only one.
inline constexpr const char* path = "/test";

using raw_message = ctbus::handle<sd_bus_message, sd_bus_message_ref, sd_bus_message_unref>;

/// Writes the rest of a message, or of a container: 5 "text" [1 2] (1 2) {"key": <s "value">}
inline void print_body(sd_bus_message* m, std::string& out, std::string_view between = " ") {
    char type = 0;
    const char* contents = nullptr;
    for (bool first = true; sd_bus_message_peek_type(m, &type, &contents) > 0; first = false) {
        if (!first) out += between;
        if (contents) {
            const std::string inner = contents;
            REQUIRE(sd_bus_message_enter_container(m, type, inner.c_str()) > 0);
            out += type == 'a' ? "[" : type == 'r' ? "(" : type == 'e' ? "{" : "<" + inner + " ";
            print_body(m, out, type == 'e' ? ": " : " ");
            out += type == 'a' ? "]" : type == 'r' ? ")" : type == 'e' ? "}" : ">";
            REQUIRE(sd_bus_message_exit_container(m) >= 0);
            continue;
        }
        union {
            std::uint8_t y;
            int i; // b too
            std::int16_t n;
            std::uint16_t q;
            std::uint32_t u;
            std::int64_t x;
            std::uint64_t t;
            double d;
            const char* s;
        } value{};
        REQUIRE(sd_bus_message_read_basic(m, type, &value) > 0);
        char number[64];
        switch (type) {
        case 'y': out += std::to_string(value.y); break;
        case 'b': out += value.i ? "true" : "false"; break;
        case 'n': out += std::to_string(value.n); break;
        case 'q': out += std::to_string(value.q); break;
        case 'i': out += std::to_string(value.i); break;
        case 'u': out += std::to_string(value.u); break;
        case 'x': out += std::to_string(value.x); break;
        case 't': out += std::to_string(value.t); break;
        case 'd':
            std::snprintf(number, sizeof number, "%.17g", value.d);
            out += number;
            break;
        case 'h': out += "fd"; break;
        default: out.append("\"").append(value.s).append("\"");
        }
    }
}

/// One message that came to the raw client.
class arrived {
public:
    explicit arrived(sd_bus_message* m) : m_{m} {}

    sd_bus_message* get() const { return m_.get(); }
    /// "call", "reply", "error" or "signal".
    std::string_view type() const {
        std::uint8_t type = 0;
        sd_bus_message_get_type(get(), &type);
        constexpr std::string_view names[] = {"?", "call", "reply", "error", "signal"};
        return names[type < 5 ? type : 0];
    }
    std::uint64_t answers() const {
        std::uint64_t cookie = 0;
        sd_bus_message_get_reply_cookie(get(), &cookie);
        return cookie;
    }
    bool expects_reply() const { return sd_bus_message_get_expect_reply(get()) > 0; }
    std::string_view member() const { return text(sd_bus_message_get_member(get())); }
    std::string_view interface() const { return text(sd_bus_message_get_interface(get())); }
    std::string_view path() const { return text(sd_bus_message_get_path(get())); }
    std::string_view signature() const { return text(sd_bus_message_get_signature(get(), 1)); }
    std::string_view error_name() const {
        const sd_bus_error* e = sd_bus_message_get_error(get());
        return text(e ? e->name : nullptr);
    }
    std::string_view error_text() const {
        const sd_bus_error* e = sd_bus_message_get_error(get());
        return text(e ? e->message : nullptr);
    }
    /// The body, as print_body() writes it.
    std::string body() const {
        std::string out;
        REQUIRE(sd_bus_message_rewind(get(), 1) >= 0);
        print_body(get(), out);
        return out;
    }

private:
    static std::string_view text(const char* t) { return t ? t : ""; }

    raw_message m_;
};

/// What arrived, in order. A test that expects one message says so with only().
class arrivals : public std::vector<arrived> {
public:
    const arrived& only() const {
        REQUIRE(size() == 1);
        return front();
    }
    /// The body of the one reply.
    std::string reply() const {
        REQUIRE(only().type() == "reply");
        return only().body();
    }
    /// The name of the one error.
    std::string_view error_name() const {
        REQUIRE(only().type() == "error");
        return only().error_name();
    }
    std::string_view error_text() const {
        REQUIRE(only().type() == "error");
        return only().error_text();
    }
};

/// `ours`, a ctbus connection, and the raw client at its other end; both run in this thread.
class raw_peer {
public:
    ctbus::connection ours;

    raw_peer() : raw_peer{make_sockets(), true} {}
    /// A client that neither sends nor takes file descriptors.
    static raw_peer without_descriptors() { return raw_peer{make_sockets(), false}; }
    raw_peer(const raw_peer&) = delete;
    raw_peer& operator=(const raw_peer&) = delete;
    ~raw_peer() {
        sd_bus_slot_unref(filter_);
        sd_bus_close_unref(client_);
    }

    sd_bus* client() const { return client_; }

    /// A call by the raw client, not sent yet; `types` and `args` as in sd_bus_message_append().
    template <class... Args>
    raw_message make_call(const char* at, const char* interface, const char* member,
                          const char* types = "", Args... args) {
        sd_bus_message* m = nullptr;
        REQUIRE(sd_bus_message_new_method_call(client_, &m, nullptr, at, interface, member) >= 0);
        if constexpr (sizeof...(Args) != 0) {
            const int appended = sd_bus_message_append(m, types, args...);
            REQUIRE(appended >= 0);
        } else {
            REQUIRE(*types == 0);
        }
        return raw_message::adopt(m);
    }

    /// Sends it; its serial number.
    std::uint64_t send(const raw_message& m) {
        std::uint64_t cookie = 0; // asked for, or sd-bus would set NO_REPLY_EXPECTED
        REQUIRE(sd_bus_send(client_, m.get(), &cookie) >= 0);
        return cookie;
    }

    /// Lets both ends work until neither has anything to do: all that the client got meanwhile.
    arrivals settle() {
        // Written without REQUIRE: that costs too much for thousands of rounds.
        for (bool busy = true; busy;) {
            busy = false;
            for (;;) {
                const auto r = ours.try_process();
                if (!r) FAIL(std::string{r.error().what()});
                if (!*r) break;
                busy = true;
            }
            busy |= process_client();
        }
        return take();
    }

    /// As settle(), for the client's end only; for use inside a handler.
    arrivals settle_client() {
        process_client();
        return take();
    }

    arrivals exchange(const raw_message& m) {
        const std::uint64_t cookie = send(m);
        arrivals all = settle();
        for (const arrived& a : all)
            if (a.type() == "reply" || a.type() == "error") CHECK(a.answers() == cookie);
        return all;
    }

    /// Calls a method, and returns all that came back.
    template <class... Args>
    arrivals call(const char* at, const char* interface, const char* member, const char* types = "",
                  Args... args) {
        return exchange(make_call(at, interface, member, types, args...));
    }

    /// The same with NO_REPLY_EXPECTED.
    template <class... Args>
    arrivals call_no_reply(const char* at, const char* interface, const char* member,
                           const char* types = "", Args... args) {
        const raw_message m = make_call(at, interface, member, types, args...);
        REQUIRE(sd_bus_message_set_expect_reply(m.get(), 0) >= 0);
        return exchange(m);
    }

    arrivals get(const char* at, const char* interface, const char* property) {
        return call(at, "org.freedesktop.DBus.Properties", "Get", "ss", interface, property);
    }
    arrivals get_all(const char* at, const char* interface) {
        return call(at, "org.freedesktop.DBus.Properties", "GetAll", "s", interface);
    }
    /// `types` and `args`: the value.
    template <class... Args>
    arrivals set(const char* at, const char* interface, const char* property, const char* types,
                 Args... args) {
        return call(at, "org.freedesktop.DBus.Properties", "Set", "ssv", interface, property, types,
                    args...);
    }

    /// Writes bytes of our own making into the client's socket.
    void write(std::string_view bytes) {
        const int fd = sd_bus_get_fd(client_);
        while (!bytes.empty()) {
            const ssize_t n = ::write(fd, bytes.data(), bytes.size());
            if (n < 0) {
                REQUIRE(errno == EAGAIN); // the socket is full
                REQUIRE(ours.try_process());
                continue;
            }
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    arrivals exchange_bytes(std::string_view bytes) {
        write(bytes);
        return settle();
    }

    /// Closes the client's end.
    void hang_up() { sd_bus_close(client_); }

private:
    struct sockets {
        int ours, client;
    };
    static sockets make_sockets() {
        int fds[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
        return {fds[0], fds[1]};
    }

    raw_peer(sockets s, bool descriptors)
        : ours{must(ctbus::connection::try_from_fd(s.ours, ctbus::role::server))} {
        REQUIRE(sd_bus_new(&client_) >= 0);
        REQUIRE(sd_bus_set_fd(client_, s.client, s.client) >= 0);
        REQUIRE(sd_bus_negotiate_fds(client_, descriptors) >= 0);
        REQUIRE(sd_bus_start(client_) >= 0);
        REQUIRE(sd_bus_add_filter(client_, &filter_, &record, this) >= 0);
        for (int turn = 0; turn < 100; ++turn) {
            if (sd_bus_is_ready(client_) > 0 && sd_bus_is_ready(ours.get()) > 0) return;
            if (sd_bus_is_ready(client_) == 0) REQUIRE(sd_bus_process(client_, nullptr) >= 0);
            if (sd_bus_is_ready(ours.get()) == 0) must(ours.try_process());
        }
        FAIL("the two ends do not greet each other");
    }

    bool process_client() {
        bool busy = false;
        for (;;) {
            const int r = sd_bus_process(client_, nullptr);
            if (r < 0 && sd_bus_is_open(client_) == 0) return busy; // either end hung up
            if (r < 0) FAIL("the raw client fails with " << r);
            if (r == 0) return busy;
            busy = true;
        }
    }

    static int record(sd_bus_message* m, void* userdata, sd_bus_error*) {
        // Made by sd-bus itself when the other end hangs up.
        if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Local", nullptr) > 0) return 0;
        static_cast<raw_peer*>(userdata)->got_.emplace_back(m);
        return 1; // handled: sd-bus answers nothing by itself
    }
    arrivals take() { return std::exchange(got_, {}); }

    sd_bus* client_ = nullptr;
    sd_bus_slot* filter_ = nullptr;
    arrivals got_;
};

} // namespace test
