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
    const auto byte = [p](int i) { return static_cast<unsigned char>(p[i]); };
    const auto continues = [&](int i) { return (byte(i) & 0xC0) == 0x80; };
    const auto left = end - p;
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return left >= 2 && continues(1) ? 2 : 0;
    if (first < 0xF0) {
        if (left < 3 || !continues(1) || !continues(2)) return 0;
        if (first == 0xE0 && byte(1) < 0xA0) return 0; // overlong
        if (first == 0xED && byte(1) > 0x9F) return 0; // surrogate
        // Noncharacters: legal for dbus-daemon, but a receiver built on sd-bus could not read them.
        if (first == 0xEF && byte(1) == 0xB7 && byte(2) >= 0x90 && byte(2) <= 0xAF) return 0;
        if (first == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE) return 0;
        return 3;
    }
    if (first > 0xF4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;                                // overlong
    if (first == 0xF4 && byte(1) > 0x8F) return 0;                                // above U+10FFFF
    if ((byte(1) & 0x0F) == 0x0F && byte(2) == 0xBF && byte(3) >= 0xBE) return 0; // noncharacter
    return 4;
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
