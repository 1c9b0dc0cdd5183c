// Following the owner of a well-known name, for subscriptions to what it sends.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/outgoing.hpp>

#include <cstring>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>

namespace ctbus {

namespace detail {

/// Follows the owner of `name` from now on; null: `*r` says why.
[[gnu::noinline]] inline followed_name* follow(bus_state& state, const char* name, int* r) {
    if (followed_name* known = bus_state::find(state.followed, name)) return ++known->users, known;
    followed_name* f = state.add_name(state.followed, name);
    if (!f) return *r = -ENOMEM, nullptr;
    const auto changed = [](sd_bus_message* m, void* userdata, sd_bus_error*) {
        const char *who = "", *before = "", *now = "";
        // sd-bus lets every unique sender pass for a well-known one, and anybody may send this.
        const char* sender = sd_bus_message_get_sender(m);
        if (!sender || std::strcmp(sender, "org.freedesktop.DBus") != 0) return 0;
        if (sd_bus_message_read(m, "sss", &who, &before, &now) >= 0) {
            auto* followed = static_cast<followed_name*>(userdata);
            followed
                ->owner[std::string_view{now}.copy(followed->owner, sizeof followed->owner - 1)] =
                0;
        }
        return 0;
    };
    const std::string rule = "type='signal',sender='org.freedesktop.DBus',"
                             "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" +
                             std::string{name} + '\'';
    *r = sd_bus_add_match(state.bus, &f->slot, rule.c_str(), changed, f);
    if (*r >= 0) {
        const char* owner = "";
        auto reply = call_bus(state, "GetNameOwner", std::string_view{name});
        if (reply) *r = sd_bus_message_read_basic(reply->get(), 's', &owner);
        // No owner yet is no error: there may be one later.
        else if (!reply.error().is<SD_BUS_ERROR_NAME_HAS_NO_OWNER>())
            *r = reply.error().code() > 0 ? -reply.error().code() : -EIO;
        f->owner[std::string_view{owner}.copy(f->owner, sizeof f->owner - 1)] = 0;
        if (*r >= 0) return f;
    }
    bus_state::remove_name(state.followed, f);
    return nullptr;
}

inline void unfollow(bus_state& state, followed_name* name) {
    if (--name->users == 0) bus_state::remove_name(state.followed, name);
}

} // namespace detail

} // namespace ctbus
