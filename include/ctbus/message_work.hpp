// What a message's functions do underneath: sending, answering, and what their errors say.
#pragma once

#include <ctbus/codec.hpp>
#include <ctbus/error.hpp>
#include <ctbus/running_call.hpp>
#include <ctbus/trace.hpp>

#include <cerrno>
#include <cstdint>
#include <systemd/sd-bus.h>

namespace ctbus::detail {

/// The error of `what` that failed with `r`; none where `r` is not negative.
[[gnu::noinline]] inline error message_error(int r, const char* what) {
    if (r >= 0) [[likely]]
        return {};
    return error::from_errno(
        r,
        r == -EPERM ? "a sealed message cannot be changed, and one that is not cannot be read" : "",
        what);
}

/// The error of an argument that could not be appended; the message cannot be sent any more.
[[gnu::cold, gnu::noinline]] inline error append_error(sd_bus_message* m, int r, int position) {
    if (r == -EPERM) return message_error(r, "append");
    // What has a container open cannot be sealed; where this fails, it could not be anyway.
    sd_bus_message_open_container(m, 'a', "y");
    return codec::explain(r, {}, codec::short_text{"argument %d", position});
}

/// The error of a value that could not be read; `why`: what the reader knows.
[[gnu::cold, gnu::noinline]] inline error read_error(sd_bus_message* m, int r, const error& why,
                                                     int position) {
    if (r == -EPERM) return message_error(r, "read");
    if (r == -ENXIO && sd_bus_message_at_end(m, 1) > 0)
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                             "value %d: there is nothing left to read; rewind() goes back to the "
                             "start",
                             position);
    char type = 0;
    const char* contents = nullptr;
    if (r == -ENXIO && sd_bus_message_peek_type(m, &type, &contents) > 0)
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                             "value %d has another type: '%c' comes next", position, type);
    return codec::explain(r, why, codec::short_text{"value %d", position});
}

inline bool is_reply(sd_bus_message* m) {
    std::uint8_t type = 0;
    return sd_bus_message_get_type(m, &type) >= 0 &&
           (type == SD_BUS_MESSAGE_METHOD_RETURN || type == SD_BUS_MESSAGE_METHOD_ERROR);
}

/// Sends the one reply to a call that is being handled; `call` null: to none that is.
[[gnu::noinline]] inline error send_reply(running_call* call, sd_bus_message* reply) {
    if (!call || call->replied) return running_call::refused(call);
    int r = 1;
    if (sd_bus_message_get_expect_reply(call->message) > 0)
        r = traced_send(nullptr, reply, call->sensitive);
    if (r < 0)
        return call->reply_failure = r == -ENOMSG
                                         ? running_call::wrong_types(reply)
                                         : error::from_errno(r, nullptr, "sending a reply");
    call->replied = true;
    return {};
}

} // namespace ctbus::detail
