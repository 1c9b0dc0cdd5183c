// Text that may go on the bus: UTF-8 without NUL, checked as sd-bus does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ctbus {

namespace detail {

/// Length of the well-formed UTF-8 sequence at `p` (1 to 4), or 0.
constexpr std::size_t utf8_sequence(const char* p, const char* end) {
    const unsigned first = static_cast<unsigned char>(*p);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (static_cast<std::size_t>(end - p) < length) return 0;
    unsigned point = first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned next = static_cast<unsigned char>(p[i]);
        if ((next & 0xC0) != 0x80) return 0;
        point = point << 6 | (next & 0x3F);
    }
    const bool overlong = point < (length == 2 ? 0x80u : length == 3 ? 0x800u : 0x10000u);
    const bool surrogate = point - 0xD800 < 0x800;
    // Noncharacters: legal for dbus-daemon, but a receiver built on sd-bus could not read them.
    const bool noncharacter = (point & 0xFFFE) == 0xFFFE || point - 0xFDD0 < 0x20;
    return overlong || surrogate || noncharacter || point > 0x10FFFF ? 0 : length;
}

} // namespace detail

enum class text_fault : unsigned char { none, not_utf8, embedded_nul };

/// Whether `text` may be a D-Bus string. ASCII is passed eight bytes at a time.
constexpr text_fault check_text(std::string_view text) {
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p != end) {
        // clang-format 14 does not know `if !consteval`.
        // clang-format off
        if !consteval {
            constexpr std::uint64_t high = 0x8080808080808080, ones = 0x0101010101010101;
            std::uint64_t eight = 0;
            while (end - p >= 8) {
                std::memcpy(&eight, p, 8);
                // Nonzero if a byte has its high bit set or is 0 (for bytes below 0x80).
                if ((eight & high) != 0 || ((eight - ones) & ~eight & high) != 0) break;
                p += 8;
            }
            if (p == end) break;
        }
        // clang-format on
        if (*p == 0) return text_fault::embedded_nul;
        const std::size_t length = detail::utf8_sequence(p, end);
        if (length == 0) return text_fault::not_utf8;
        p += length;
    }
    return text_fault::none;
}

/// Replaces every byte that may not go on the bus by '?'.
[[gnu::cold, gnu::noinline]] inline void repair_text(char* text, std::size_t size) {
    for (char *p = text, *const end = text + size; p != end;) {
        const std::size_t length = *p == 0 ? 0 : detail::utf8_sequence(p, end);
        if (length == 0) *p = '?';
        p += length == 0 ? 1 : length;
    }
}

} // namespace ctbus
