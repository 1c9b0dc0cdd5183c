// Following the owner of a well-known name, for subscriptions to what it sends.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/outgoing.hpp>
#include <ctbus/report.hpp>

#include <cstdio>
#include <cstring>
#include <string_view>
#include <systemd/sd-bus.h>

namespace ctbus {

namespace detail {

/// What the bus answered to a match that nobody waited for. (Without such a function sd-bus closes
/// the connection where the bus refuses.)
inline int report_refused_match(sd_bus_message* m, void*, sd_bus_error*) {
    const sd_bus_error* e = sd_bus_message_get_error(m);
    // Where the bus is lost, that is what its users hear of.
    if (e && sd_bus_is_open(sd_bus_message_get_bus(m)) > 0)
        report(error{e->name, e->message ? e->message : ""}.during("subscribing"));
    return 1;
}

inline void set_owner(followed_name& followed, std::string_view owner) {
    followed.owner[owner.copy(followed.owner, sizeof followed.owner - 1)] = 0;
}

/// Hears who owns the name from now on. `later`: does not wait for the bus, which answers in order,
/// so that the owner is known when it answers whatever is asked next.
[[gnu::noinline]] inline int install_following(followed_name& f, bool later) {
    const auto changed = [](sd_bus_message* m, void* userdata, sd_bus_error*) {
        const char *who = "", *before = "", *now = "";
        // sd-bus lets every unique sender pass for a well-known one, and anybody may send this.
        const char* sender = sd_bus_message_get_sender(m);
        if (!sender || std::strcmp(sender, "org.freedesktop.DBus") != 0) return 0;
        if (sd_bus_message_read(m, "sss", &who, &before, &now) >= 0)
            set_owner(*static_cast<followed_name*>(userdata), now);
        return 0;
    };
    const auto answered = [](sd_bus_message* m, void* userdata, sd_bus_error*) {
        // No owner yet is no error: there may be one later.
        const char* owner = "";
        if (!sd_bus_message_is_method_error(m, nullptr) &&
            sd_bus_message_read_basic(m, 's', &owner) > 0)
            set_owner(*static_cast<followed_name*>(userdata), owner);
        return 0;
    };
    char rule[sizeof f.name + 128];
    std::snprintf(rule, sizeof rule,
                  "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                  "member='NameOwnerChanged',arg0='%s'",
                  f.name);
    sd_bus* bus = f.bus->bus;
    f.owner[0] = 0;
    if (later) {
        const int r =
            sd_bus_add_match_async(bus, &f.slot, rule, changed, &report_refused_match, &f);
        if (r < 0) return r;
        return sd_bus_call_method_async(bus, &f.asking, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                        "GetNameOwner", answered, &f, "s", f.name);
    }
    int r = sd_bus_add_match(bus, &f.slot, rule, changed, &f);
    if (r < 0) return r;
    message call, answer;
    if (error e = new_call(*f.bus, "org.freedesktop.DBus",
                           object_path_view::trusted("/org/freedesktop/DBus"),
                           interface_name_view::trusted("org.freedesktop.DBus"),
                           member_name_view::trusted("GetNameOwner"), call))
        return -ENOMEM;
    r = sd_bus_message_append_basic(call.get(), 's', f.name);
    if (r < 0) return r;
    const error failed = detail::call(*f.bus, call.get(), 0, answer);
    if (!failed) return answered(answer.get(), &f, nullptr);
    // No owner yet is no error: there may be one later. (is<>() would be compiled everywhere.)
    if (failed.name().compare(SD_BUS_ERROR_NAME_HAS_NO_OWNER) == 0) return 0;
    return failed.code() > 0 ? -failed.code() : -EIO;
}

/// Follows the owner of `name` from now on; null: `*r` says why.
inline followed_name* follow(bus_state& state, const char* name, int* r, bool later) {
    if (followed_name* known = bus_state::find(state.followed, name)) return ++known->users, known;
    followed_name* f = state.add_name(state.followed, name);
    if (!f) return *r = -ENOMEM, nullptr;
    if ((*r = install_following(*f, later)) >= 0) return f;
    bus_state::remove_name(state.followed, f);
    return nullptr;
}

inline void unfollow(bus_state& state, followed_name* name) {
    if (--name->users == 0) bus_state::remove_name(state.followed, name);
}

} // namespace detail

} // namespace ctbus
