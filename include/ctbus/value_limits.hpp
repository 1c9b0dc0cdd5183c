// How deep and how large the values of properties may be that go to one message together.
#pragma once

#include <ctbus/codec/message_io.hpp>
#include <ctbus/exported.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus::detail {

/// The message that values are being counted for. sd-bus does not mind how many they are, but a bus
/// drops whoever sends more than 64 MiB in one array, or more than 64 levels.
struct value_surroundings {
    sd_bus_message* message = nullptr;
    int depth = 3;     // open containers: the array of GetAll or of an announcement, its entry,
                       // the variant
    bool ours = false; // filled here, not by sd-bus for a GetAll
    std::uint64_t bytes = 0; // what was counted for it, and perhaps a little more
    std::uint64_t call = 0;  // which GetAll
};
inline constinit thread_local value_surroundings surroundings;

/// Values go to `m`, at that depth, for as long as this lives.
class counted_values {
public:
    counted_values(sd_bus_message* m, int depth) : before_{surroundings} {
        surroundings = {m, depth, true};
    }
    counted_values(const counted_values&) = delete;
    counted_values& operator=(const counted_values&) = delete;
    ~counted_values() { surroundings = before_; }

    /// Counts what is around the values in `m`.
    static void add(const sd_bus_message* m, std::uint64_t bytes) {
        if (surroundings.message == m) surroundings.bytes += bytes;
    }
    /// Whether all are still few enough for the array that they are in.
    static int check() {
        return surroundings.bytes > codec::message_writer::most_in_array ? -EMSGSIZE : 0;
    }

private:
    value_surroundings before_;
};

inline bool is_properties_call(sd_bus_message* m, const char* member) {
    return m && sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", member) > 0;
}

/// Tells one GetAll from another; 0: none is being answered on the bus of `m`.
[[gnu::cold]] inline std::uint64_t which_get_all(sd_bus_message* m) {
    sd_bus* const bus = sd_bus_message_get_bus(m);
    sd_bus_message* const call = sd_bus_get_current_message(bus);
    std::uint64_t which = 0;
    if (!is_properties_call(call, "GetAll") || sd_bus_message_get_cookie(call, &which) < 0)
        return 0;
    const auto mix = [&](std::uint64_t more) { which = (which ^ more) * 0x9e3779b97f4a7c15u; };
    mix(0);
    const char* sender = sd_bus_message_get_sender(call);
    while (sender && *sender != 0) mix(static_cast<unsigned char>(*sender++));
    // Memory is used again for the next message, and peers and buses count anew: all of them have
    // an id of their own.
    sd_id128_t id{};
    if (sd_bus_get_bus_id(bus, &id) < 0) return 0;
    mix(id.qwords[0]);
    mix(id.qwords[1]);
    return which | 1;
}

/// After a value of that many bytes went to `m` which is large, or goes with others that are
/// counted.
[[gnu::cold, gnu::noinline]] inline int count_value(sd_bus_message* m, std::uint64_t bytes,
                                                    const exported* of, const char* property) {
    value_surroundings& s = surroundings;
    if (s.message != m && s.ours) return 0; // for something else, meanwhile
    if (!s.ours) {
        const std::uint64_t call = which_get_all(m);
        if (call == 0 || !of) return s = {}, 0;
        if (s.message != m || s.call != call) {
            // Those that came before, and what is around all of them, were not counted.
            s = {m, 3, false, 0, call};
            for (const sd_bus_vtable* row = of->rows + 1; row->type != _SD_BUS_VTABLE_END; ++row) {
                if (std::strcmp(row->x.property.member, property) == 0) s.bytes *= 128; // 64 KiB
                s.bytes += 512;
            }
        }
    }
    s.bytes += bytes;
    return counted_values::check();
}
/// The result of having appended a value of other kinds than numbers.
[[gnu::always_inline]] inline int appended_value(int r, const codec::message_writer& writer,
                                                 const exported* of, const char* property) {
    constexpr std::uint64_t large = 65536;
    if (r >= 0 && (writer.most_written() > large || writer.get() == surroundings.message))
        [[unlikely]]
        return count_value(writer.get(), writer.most_written(), of, property);
    return r;
}
/// How deep in the message a value lies.
inline int value_depth(const sd_bus_message* m) {
    return m == surroundings.message ? surroundings.depth : 3;
}

} // namespace ctbus::detail
