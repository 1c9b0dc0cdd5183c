// Asking for a name without waiting.
#pragma once

#include <ctbus/async_call.hpp>
#include <ctbus/bus_names.hpp>

#include <cerrno>
#include <cstdint>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

namespace detail {

// sd-bus's flags and D-Bus's own are not the same; the same change goes both ways.
constexpr std::uint32_t other_name_flags(std::uint32_t flags) {
    return (flags & 1) << 1 | (flags & 2) >> 1 | ((flags & 4) ^ 4);
}
static_assert(other_name_flags(SD_BUS_NAME_ALLOW_REPLACEMENT) == 5 &&
              other_name_flags(SD_BUS_NAME_REPLACE_EXISTING | SD_BUS_NAME_QUEUE) == 2);

inline constexpr call_info request_name_info = {
    "org.freedesktop.DBus", "RequestName", "", "u", 0, false, false};

/// What the bus answered, as request_name() says it.
inline result<bool> read_name_reply(outgoing_call& call) {
    enum : std::uint32_t { is_owner = 1, in_queue, exists, already_owner };
    std::uint32_t answer = 0, flags = 0;
    const char* name = "";
    int r = sd_bus_message_read_basic(call.reply, 'u', &answer);
    if (r > 0) r = sd_bus_message_rewind(call.message, 1);
    if (r >= 0) r = sd_bus_message_read_basic(call.message, 's', &name);
    if (r > 0) r = sd_bus_message_read_basic(call.message, 'u', &flags);
    if (r <= 0) return failure{error::from_errno(r < 0 ? r : -EBADMSG, {}, "request_name")};
    if (answer == exists) return failure{name_error(-EEXIST, name)};
    if (!note_requested(*call.bus, name, other_name_flags(flags)))
        return failure{error::from_errno(ENOMEM)};
    return answer != in_queue;
}

// What bus_names::async_request_name() is made of; bus_names.hpp only knows that it exists.
template <class>
struct asynchronous_names_need_async_hpp {
    static auto request(const bus_ref& bus, bus_name_view name, std::uint64_t flags) {
        const call_target target{bus, kept_name{bus_name_view{"org.freedesktop.DBus"}},
                                 kept_name{object_path_view{"/org/freedesktop/DBus"}}, 0};
        outgoing_call call{request_name_info};
        int r = -EOPNOTSUPP;
        if (sd_bus_is_bus_client(bus->bus) <= 0) {
            call.why = no_names();
        } else if ((r = call.begin(target)) >= 0) {
            const std::uint32_t asked = other_name_flags(static_cast<std::uint32_t>(flags));
            if ((r = sd_bus_message_append_basic(call.message, 's', name.c_str())) >= 0)
                r = sd_bus_message_append_basic(call.message, 'u', &asked);
            r = call.filled(r);
        } else {
            r = call.filled(r);
        }
        return pending_call<bool, &read_name_reply>{target, call, r};
    }
};

} // namespace detail

} // namespace ctbus
