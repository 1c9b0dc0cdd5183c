// CTBUS_DEBUG=1: one line on standard error for every message sent and dispatched.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/report.hpp>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus {

/// Whether the environment asks for tracing; read once, when the program starts.
inline const bool tracing = [] {
    const char* wish = ::secure_getenv("CTBUS_DEBUG");
    return wish && wish[0] == '1' && wish[1] == 0;
}();

namespace detail {

[[gnu::cold]] inline void print_text(std::FILE* out, const char* text) {
    std::fprintf(out, " %c", '"');
    unsigned char c;
    do {
        c = static_cast<unsigned char>(*text++);
        std::fprintf(out,
                     c == 0                  ? "\""
                     : c < 0x20 || c == 0x7f ? "\\x%02x"
                     : c == '"' || c == '\\' ? "\\%c"
                                             : "%c",
                     c);
    } while (c != 0);
}

// Negative or 0: there is nothing (more) to read.
[[gnu::cold]] inline int print_basic(std::FILE* out, sd_bus_message* m, char type) {
    union {
        const char* text;
        double real;
        std::int64_t large;
        std::int32_t word;
        std::int16_t half;
        std::uint8_t byte;
    } value{};
    const int r = sd_bus_message_read_basic(m, type, &value);
    if (r <= 0) return r;
    if (type == 's' || type == 'o' || type == 'g') print_text(out, value.text);
    else if (type == 'd') std::fprintf(out, " %g", value.real);
    else {
        using wide = std::int64_t;
        const wide number = type == 'x' || type == 't' ? value.large
                            : type == 'u' ? wide{static_cast<std::uint32_t>(value.word)}
                            : type == 'n' ? wide{value.half}
                            : type == 'q' ? wide{static_cast<std::uint16_t>(value.half)}
                            : type == 'y' ? wide{value.byte}
                                          : wide{value.word};
        std::fprintf(out,
                     type == 'b'   ? number != 0 ? " true" : " false"
                     : type == 't' ? " %" PRIu64
                                   : " %" PRId64,
                     number);
    }
    return r;
}

[[gnu::cold, gnu::noinline]] inline void print_name(std::FILE* out, const char* pattern,
                                                    const char* name) {
    if (name) std::fprintf(out, pattern, name);
}

/// Prints what is left in the container that is being read.
[[gnu::cold, gnu::noinline]] inline void print_values(std::FILE* out, sd_bus_message* m) {
    char type = 0;
    const char* contents = nullptr;
    while (sd_bus_message_peek_type(m, &type, &contents) > 0) {
        if (!contents) {
            if (print_basic(out, m, type) <= 0) return;
            continue;
        }
        if (sd_bus_message_enter_container(m, type, contents) <= 0) return;
        if (type == 'v' || type == 'a') std::fprintf(out, type == 'v' ? " %s" : " [", contents);
        print_values(out, m);
        if (type == 'a') std::fprintf(out, " %c", ']');
        if (sd_bus_message_exit_container(m) < 0) return;
    }
}

} // namespace detail

/// Prints one sealed message: direction, type, serials, names, signature and body. `sensitive`: the
/// body is left out. The message can be read from its start afterwards.
[[gnu::cold, gnu::noinline]] inline void trace(const char* direction, sd_bus_message* m,
                                               bool sensitive = false) {
    static constexpr char types[][7] = {"?", "call", "reply", "error", "signal"};
    std::uint8_t type = 0;
    std::uint64_t cookie = 0, answered = 0;
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* line = ::open_memstream(&text, &size); // so that it comes out in one piece
    if (!line) return;
    sd_bus_message_get_type(m, &type);     // a message has one
    sd_bus_message_get_cookie(m, &cookie); // 0 where it is not sealed
    std::fprintf(line, "ctbus %s %s %" PRIu64, direction, types[type < 5 ? type : 0], cookie);
    if (sd_bus_message_get_reply_cookie(m, &answered) >= 0)
        std::fprintf(line, " to %" PRIu64, answered);
    const sd_bus_error* e = sd_bus_message_get_error(m);
    const char* signature = sd_bus_message_get_signature(m, 1);
    detail::print_name(line, " from %s", sd_bus_message_get_sender(m));
    detail::print_name(line, " for %s", sd_bus_message_get_destination(m));
    detail::print_name(line, " %s", sd_bus_message_get_path(m));
    detail::print_name(line, " %s", sd_bus_message_get_interface(m));
    detail::print_name(line, ".%s", sd_bus_message_get_member(m));
    detail::print_name(line, " %s", e ? e->name : nullptr);
    if (signature && *signature) {
        std::fprintf(line, sensitive ? " %s (sensitive)" : " %s", signature);
        if (!sensitive && sd_bus_message_rewind(m, 1) >= 0) detail::print_values(line, m);
        sd_bus_message_rewind(m, 1); // as above
    }
    if (std::fclose(line) == 0) std::fprintf(stderr, "%s\n", text);
    std::free(text);
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

/// Whether `m` is a call of a member that is marked sensitive, or a Set that does not say of
/// what.
[[gnu::cold, gnu::noinline]] inline bool is_sensitive(const bus_state& bus,
                                                      sd_bus_message* m) noexcept {
    const char* path = sd_bus_message_get_path(m);
    const char* interface = sd_bus_message_get_interface(m);
    const char* member = sd_bus_message_get_member(m);
    if (!path || !interface || !member) return false;
    const bool sets =
        sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", "Set") > 0;
    if (sets) {
        const bool named = sd_bus_message_read_basic(m, 's', &interface) > 0 &&
                           sd_bus_message_read_basic(m, 's', &member) > 0;
        if (sd_bus_message_rewind(m, 1) < 0 || !named) return true;
    }
    for (const exported* e = bus.objects; e; e = e->next) {
        if (std::strcmp(e->path, path) != 0 || std::strcmp(e->interface, interface) != 0) continue;
        const sd_bus_vtable* row =
            e->row_of_text(member, sets ? _SD_BUS_VTABLE_PROPERTY : _SD_BUS_VTABLE_METHOD,
                           sets ? _SD_BUS_VTABLE_WRITABLE_PROPERTY : _SD_BUS_VTABLE_METHOD);
        return row && (row->flags & SD_BUS_VTABLE_SENSITIVE) != 0;
    }
    return false;
}

namespace detail {
/// Whether the body of what is received is left out. Who hears of properties that a contract marks
/// sensitive has signals left out too.
inline bool (*has_hidden_body)(const bus_state&, sd_bus_message*) noexcept = &is_sensitive;

// For sd-bus, as its filter. (A lambda is three functions to compile.)
[[gnu::cold]] inline int trace_filter(sd_bus_message* m, void* userdata, sd_bus_error*) {
    const auto hidden = __atomic_load_n(&has_hidden_body, __ATOMIC_RELAXED);
    trace("receives", m, hidden(*static_cast<bus_state*>(userdata), m));
    return 0;
}
} // namespace detail

/// Leaves out, on all connections, what signals say of properties: some that a contract marks
/// sensitive are heard of from now on.
[[gnu::cold]] inline void hide_property_signals() {
    constexpr auto hidden = [](const bus_state& bus, sd_bus_message* m) noexcept {
        return is_sensitive(bus, m) ||
               sd_bus_message_is_signal(m, "org.freedesktop.DBus.Properties", "PropertiesChanged") >
                   0 ||
               sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager",
                                        "InterfacesAdded") > 0;
    };
    __atomic_store_n(&detail::has_hidden_body, +hidden, __ATOMIC_RELAXED);
}

/// Prints every message that is dispatched on this connection, before anything else sees it.
[[gnu::cold]] inline void trace_incoming(bus_state& state) {
    if (const int r =
            sd_bus_add_filter(state.bus, &state.trace_slot, &detail::trace_filter, &state);
        r < 0)
        report(r, nullptr, "tracing what is received");
}

} // namespace ctbus
