// Raw sd-bus on a private bus: a client that keeps all that comes to it, and a monitor that sees
// every message on the bus, whoever it is for.
#pragma once

#include "raw_peer.hpp"

#include <ctbus/connection.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <poll.h>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>
#include <vector>

namespace test {

/// Waits until one of them has something to do; a test that would wait for long fails.
inline void wait_for_any(std::initializer_list<sd_bus*> all) {
    pollfd fds[4] = {};
    nfds_t count = 0;
    for (sd_bus* bus : all) {
        const int events = sd_bus_get_events(bus);
        if (events >= 0) fds[count++] = {sd_bus_get_fd(bus), static_cast<short>(events), 0};
    }
    if (::poll(fds, count, 20'000) == 0) FAIL("nothing comes");
}

/// A raw sd-bus connection to the session bus.
class raw_client {
public:
    raw_client() : raw_client{false} {}
    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;
    ~raw_client() {
        sd_bus_slot_unref(filter_);
        sd_bus_flush_close_unref(bus_);
    }

    sd_bus* get() const { return bus_; }
    std::string unique_name() const {
        const char* name = "";
        REQUIRE(sd_bus_get_unique_name(bus_, &name) >= 0);
        return name;
    }

    /// A call, not sent yet; `types` and `args` as in sd_bus_message_append().
    template <class... Args>
    raw_message make_call(const std::string& to, const char* at, const char* interface,
                          const char* member, const char* types = "", Args... args) const {
        sd_bus_message* m = nullptr;
        REQUIRE(sd_bus_message_new_method_call(bus_, &m, to.c_str(), at, interface, member) >= 0);
        if constexpr (sizeof...(Args) != 0) {
            const int appended = sd_bus_message_append(m, types, args...);
            REQUIRE(appended >= 0);
        }
        return raw_message::adopt(m);
    }
    /// Sends it, at once; its serial number.
    std::uint64_t send(const raw_message& m) const {
        std::uint64_t cookie = 0; // asked for, or sd-bus would set NO_REPLY_EXPECTED
        REQUIRE(sd_bus_send(bus_, m.get(), &cookie) >= 0);
        REQUIRE(sd_bus_flush(bus_) >= 0);
        return cookie;
    }
    void hear(const char* rule) const {
        REQUIRE(sd_bus_add_match(bus_, nullptr, rule, nullptr, nullptr) >= 0);
    }

    /// Handles what is there. Whether there was anything.
    bool process() {
        bool worked = false;
        for (;;) {
            const int r = sd_bus_process(bus_, nullptr);
            if (r < 0 && sd_bus_is_open(bus_) <= 0) return worked;
            if (r < 0) FAIL("the raw client fails with " << r);
            if (r == 0) return worked;
            worked = true;
        }
    }
    /// Whether the answer to that call of `caller` (a unique name) has come.
    bool has_answer(std::uint64_t cookie, std::string_view caller) const {
        for (const arrived& a : got)
            if (a.answers() == cookie && destination(a) == caller) return true;
        return false;
    }
    /// Waits for the bus itself: all that was sent to us before has come then.
    void catch_up() {
        const std::uint64_t fence = send(make_call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                   "org.freedesktop.DBus.Peer", "Ping"));
        const std::string me = unique_name();
        while (!has_answer(fence, me))
            if (!process()) wait_for_any({bus_});
        std::erase_if(got, [fence](const arrived& a) { return a.answers() == fence; });
    }
    arrivals take() { return std::exchange(got, {}); }
    bool is_open() const { return sd_bus_is_open(bus_) > 0; }

    static std::string_view destination(const arrived& a) {
        const char* text = sd_bus_message_get_destination(a.get());
        return text ? text : "";
    }
    static std::string_view sender(const arrived& a) {
        const char* text = sd_bus_message_get_sender(a.get());
        return text ? text : "";
    }

    arrivals got;

protected:
    explicit raw_client(bool monitor) {
        const char* address = ::getenv("DBUS_SESSION_BUS_ADDRESS");
        REQUIRE(address);
        REQUIRE(sd_bus_new(&bus_) >= 0);
        REQUIRE(sd_bus_set_address(bus_, address) >= 0);
        REQUIRE(sd_bus_set_bus_client(bus_, 1) >= 0);
        REQUIRE(sd_bus_set_monitor(bus_, monitor) >= 0);
        REQUIRE(sd_bus_start(bus_) >= 0);
        REQUIRE(sd_bus_add_filter(bus_, &filter_, &record, this) >= 0);
        while (sd_bus_is_ready(bus_) == 0)
            if (sd_bus_process(bus_, nullptr) == 0) wait_for_any({bus_});
    }

private:
    static int record(sd_bus_message* m, void* userdata, sd_bus_error*) {
        // It comes to everybody, sooner or later.
        if (sd_bus_message_is_signal(m, "org.freedesktop.DBus", "NameAcquired") <= 0)
            static_cast<raw_client*>(userdata)->got.emplace_back(m);
        return 1;
    }

    sd_bus* bus_ = nullptr;
    sd_bus_slot* filter_ = nullptr;
};

/// Sees every message on the session bus, also what the bus refuses to deliver.
class raw_monitor : public raw_client {
public:
    raw_monitor() : raw_client{true} {
        const raw_message m =
            make_call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                      "org.freedesktop.DBus.Monitoring", "BecomeMonitor", "asu", 0, 0);
        const int r = sd_bus_call(get(), m.get(), 0, nullptr, nullptr);
        REQUIRE(r >= 0);
        got.clear();
    }
};

/// A ctbus service on the session bus, a raw client that calls it, and a monitor; in one thread.
class observed {
public:
    ctbus::connection service = ctbus::connection::session();
    raw_client client;

    observed() : name_{service.unique_name().str()} {}

    const std::string& name() const { return name_; }

    template <class... Args>
    raw_message make_call(const char* at, const char* interface, const char* member,
                          const char* types = "", Args... args) {
        return client.make_call(name_, at, interface, member, types, args...);
    }
    template <class... Args>
    arrivals call(const char* at, const char* interface, const char* member, const char* types = "",
                  Args... args) {
        return exchange(make_call(at, interface, member, types, args...));
    }
    /// Calls, and returns what the service sent from then until it answered another call; all of it
    /// but signals has to have reached the client.
    arrivals exchange(const raw_message& m) {
        client.send(m);
        arrivals all = sent_by_service();
        client.catch_up();
        const auto answers = [](const arrivals& list) {
            return std::count_if(list.begin(), list.end(),
                                 [](const arrived& a) { return a.type() != "signal"; });
        };
        CHECK(answers(client.take()) == answers(all));
        return all;
    }
    /// What the service has sent by the time that it answers one more call, but for this answer and
    /// for calls of the bus itself.
    arrivals sent_by_service() {
        raw_client caller; // not the client, which a test may have closed
        const std::string me = caller.unique_name();
        const std::uint64_t fence =
            caller.send(caller.make_call(name_, "/", "org.freedesktop.DBus.Peer", "Ping"));
        while (!monitor_.has_answer(fence, me)) {
            const auto worked = service.try_process();
            if (!worked) FAIL(std::string{worked.error().what()});
            bool busy = client.process();
            busy |= caller.process();
            busy |= monitor_.process();
            if (!busy && !*worked)
                wait_for_any({service.get(), client.get(), caller.get(), monitor_.get()});
        }
        arrivals found = monitor_.take();
        std::erase_if(found, [&](const arrived& a) {
            const std::string_view to = raw_client::destination(a);
            return raw_client::sender(a) != name_ || to == me || to == "org.freedesktop.DBus";
        });
        return found;
    }

private:
    raw_monitor monitor_;
    std::string name_;
};

} // namespace test
