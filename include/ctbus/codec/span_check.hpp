// Whether the memory in which sd-bus gives room looks as spans.hpp needs it: tried at first use.
#pragma once

#include <cstdint>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus::codec {

namespace detail {

/// Whether spans can be used: 1 yes, 0 no, -1 not known yet. Tests set it.
inline int spans_work = -1;

/// Where the length is of the text or array whose contents begin at `space`: sd-bus has just given
/// room for `bytes`, which is not 0. Between it and numbers of eight bytes may be a gap.
inline char* length_before(char* space, std::uint32_t bytes) {
    std::uint32_t seen = 0;
    std::memcpy(&seen, space - 4, 4);
    return seen == bytes ? space - 4 : space - 8;
}

/// Writes two small arrays so, and reads them back.
[[gnu::cold, gnu::noinline]] inline bool try_spans(sd_bus* bus) {
    sd_bus_message* m = nullptr;
    char* space = nullptr;
    void* numbers = nullptr;
    constexpr char between[] = "a\0\1\0____bc"; // of [("a", 1), ("bc", 2)]; lengths are put later
    constexpr std::uint32_t size = sizeof between - 1, length = 1, length_of_two = 16;
    constexpr std::uint64_t rows[] = {3, 4, 0, 5}; // of [[3, 4], [5]], but for the second length
    constexpr std::uint32_t length_of_one = 8;
    const std::uint8_t two = 2;
    const char *a = nullptr, *b = nullptr;
    std::uint8_t y = 0, z = 0;
    std::uint64_t seen[3] = {};
    const auto put = [](char* at, std::uint32_t value) { std::memcpy(at, &value, sizeof value); };
    const bool work =
        sd_bus_message_new_signal(bus, &m, "/", "ctbus.Span", "Span") >= 0 &&
        sd_bus_message_open_container(m, 'a', "(sy)") >= 0 &&
        sd_bus_message_open_container(m, 'r', "sy") >= 0 &&
        sd_bus_message_append_string_space(m, size, &space) >= 0 &&
        length_before(space, size) == space - 4 &&
        (put(space - 4, length), std::memcpy(space, between, size), put(space + 4, two), true) &&
        sd_bus_message_append_basic(m, 'y', &two) >= 0 && sd_bus_message_close_container(m) >= 0 &&
        sd_bus_message_close_container(m) >= 0 &&
        sd_bus_message_open_container(m, 'a', "at") >= 0 &&
        sd_bus_message_append_array_space(m, 't', sizeof rows, &numbers) >= 0 &&
        (space = static_cast<char*>(numbers), std::memcpy(space, rows, sizeof rows),
         put(length_before(space, sizeof rows), length_of_two), put(space + 16, length_of_one),
         true) &&
        sd_bus_message_close_container(m) >= 0 && sd_bus_message_seal(m, 1, 0) >= 0 &&
        sd_bus_message_read(m, "a(sy)aat", 2, &a, &y, &b, &z, 2, 2, &seen[0], &seen[1], 1,
                            &seen[2]) > 0 &&
        sd_bus_message_at_end(m, 1) > 0 && std::strcmp(a, "a") == 0 && y == 1 &&
        std::strcmp(b, "bc") == 0 && z == 2 && seen[0] == 3 && seen[1] == 4 && seen[2] == 5;
    sd_bus_message_unref(m);
    __atomic_store_n(&spans_work, work, __ATOMIC_RELAXED);
    return work;
}

inline bool can_span(sd_bus_message* m) {
    const int work = __atomic_load_n(&spans_work, __ATOMIC_RELAXED);
    if (work >= 0) [[likely]]
        return work != 0;
    return try_spans(sd_bus_message_get_bus(m));
}

} // namespace detail

} // namespace ctbus::codec
