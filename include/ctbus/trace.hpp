// CTBUS_DEBUG=1: one line on standard error for every message sent and dispatched.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/codec/message_io.hpp>
#include <ctbus/codec/text_writer.hpp>
#include <ctbus/codec/transfer.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/report.hpp>
#include <ctbus/text_buffer.hpp>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <systemd/sd-bus.h>

namespace ctbus {

/// Whether the environment asks for tracing; read once, when the program starts.
inline const bool tracing = [] {
    const char* wish = ::secure_getenv("CTBUS_DEBUG");
    return wish && std::strcmp(wish, "1") == 0;
}();

namespace detail {

/// Adds what a message holds, as `busctl` prints it; it can be read from its start afterwards.
[[gnu::cold, gnu::noinline]] inline void print_body(text_buffer& line, sd_bus_message* m,
                                                    std::string_view types) {
    codec::message_reader reader{m};
    codec::text_writer writer{line};
    if (sd_bus_message_rewind(m, 1) < 0) return;
    while (!types.empty()) {
        const std::size_t length = complete_type(types);
        if (length == 0 || codec::transfer(reader, writer, types.substr(0, length)) <= 0) break;
        types.remove_prefix(length);
    }
    sd_bus_message_rewind(m, 1); // as above
}

} // namespace detail

/// Prints one sealed message: direction, type, serials, names, signature and body. `sensitive`: the
/// body is left out. The message can be read from its start afterwards.
[[gnu::cold, gnu::noinline]] inline void trace(const char* direction, sd_bus_message* m,
                                               bool sensitive = false) {
    static constexpr const char* types[] = {"?", "call", "reply", "error", "signal"};
    std::uint8_t type = 0;
    std::uint64_t cookie = 0, answered = 0;
    sd_bus_message_get_type(m, &type);     // a message has one
    sd_bus_message_get_cookie(m, &cookie); // 0 where it is not sealed
    text_buffer line;
    line.print("ctbus %s %s %" PRIu64, direction, types[type < 5 ? type : 0], cookie);
    if (sd_bus_message_get_reply_cookie(m, &answered) >= 0) line.print(" to %" PRIu64, answered);
    const auto add = [&line](const char* before, const char* text) {
        if (text) line.add(before), line.add(text);
    };
    add(" from ", sd_bus_message_get_sender(m));
    add(" for ", sd_bus_message_get_destination(m));
    add(" ", sd_bus_message_get_path(m));
    add(" ", sd_bus_message_get_interface(m));
    add(".", sd_bus_message_get_member(m));
    if (const sd_bus_error* e = sd_bus_message_get_error(m)) add(" ", e->name);
    const char* signature = sd_bus_message_get_signature(m, 1);
    if (signature && *signature) {
        add(" ", signature);
        if (sensitive) line.add(" (sensitive)");
        else detail::print_body(line, m, signature);
    }
    line.add("\n");
    std::fputs(line.c_str(), stderr);
}

/// `sd_bus_send`, traced.
inline int traced_send(sd_bus* bus, sd_bus_message* m, bool sensitive = false) {
    const int r = sd_bus_send(bus, m, nullptr);
    if (tracing && r >= 0) [[unlikely]]
        trace("sends", m, sensitive);
    detail::foreign_loop::interest_changed(bus);
    return r;
}

/// A call and the reply or error that came for it. (sd-bus hands replies to nobody else.)
[[gnu::cold, gnu::noinline]] inline void trace_call(sd_bus_message* call, sd_bus_message* reply,
                                                    const sd_bus_error* e, bool sensitive) {
    if (sd_bus_message_is_empty(call) >= 0) trace("sends", call, sensitive);
    if (reply) trace("receives", reply, sensitive);
    else if (e && e->name)
        std::fprintf(stderr, "ctbus receives error %s \"%s\"\n", e->name,
                     sensitive || !e->message ? "" : e->message);
}

/// Prints every message that is dispatched on this connection, before anything else sees it.
[[gnu::cold]] inline void trace_incoming(bus_state& state) {
    const auto print = [](sd_bus_message* m, void* userdata, sd_bus_error*) {
        trace("receives", m, static_cast<bus_state*>(userdata)->is_sensitive(m));
        return 0;
    };
    if (const int r = sd_bus_add_filter(state.bus, &state.trace_slot, print, &state); r < 0)
        report(error::from_errno(r, {}, "tracing what is received"));
}

} // namespace ctbus
