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

namespace detail {

/// The same sequence by sequence.
constexpr text_fault check_sequences(std::string_view text) {
    const char* p = text.data();
    for (const char* const end = p + text.size(); p != end;) {
        if (*p == 0) return text_fault::embedded_nul;
        const std::size_t length = utf8_sequence(p, end);
        if (length == 0) return text_fault::not_utf8;
        p += length;
    }
    return text_fault::none;
}

/// Nonzero if one of the first bytes at `from`, as many as a `Word` has, is not ASCII or is NUL: it
/// has its high bit set, or gets it when 1 is subtracted.
template <class Word>
Word not_ascii(const char* from) {
    constexpr Word ones = static_cast<Word>(0x0101010101010101), high = ones * 0x80;
    Word word;
    std::memcpy(&word, from, sizeof word);
    return static_cast<Word>((word - ones) | word) & high;
}

/// How much of the start of the text is ASCII without NUL: all of it, or some multiple of 8.
inline std::size_t ascii_prefix(const char* text, std::size_t size) {
    if (size < 8) { // what is left goes by two words that overlap
        std::uint64_t bad = 0;
        if (size >= 4)
            bad = not_ascii<std::uint32_t>(text) | not_ascii<std::uint32_t>(text + size - 4);
        else if (size >= 2)
            bad = not_ascii<std::uint16_t>(text) | not_ascii<std::uint16_t>(text + size - 2);
        else if (size == 1) bad = not_ascii<std::uint8_t>(text);
        return bad == 0 ? size : 0;
    }
    std::size_t at = 0;
    for (; size - at >= 32; at += 32)
        if ((not_ascii<std::uint64_t>(text + at) | not_ascii<std::uint64_t>(text + at + 8) |
             not_ascii<std::uint64_t>(text + at + 16) | not_ascii<std::uint64_t>(text + at + 24)) !=
            0)
            break;
    for (; size - at >= 8; at += 8)
        if (not_ascii<std::uint64_t>(text + at) != 0) return at;
    return not_ascii<std::uint64_t>(text + size - 8) == 0 ? size : at;
}

[[gnu::noinline]] inline text_fault check_mixed(const char* p, const char* end) {
    for (;;) {
        if (p == end) return text_fault::none;
        if (*p == 0) return text_fault::embedded_nul;
        const std::size_t length = utf8_sequence(p, end);
        if (length == 0) return text_fault::not_utf8;
        p += length;
        if (length == 1) p += ascii_prefix(p, static_cast<std::size_t>(end - p));
    }
}

} // namespace detail

/// Whether `text` may be a D-Bus string. ASCII is passed eight bytes at a time.
constexpr text_fault check_text(std::string_view text) {
    // clang-format 14 does not know `if consteval`.
    // clang-format off
    if consteval {
        return detail::check_sequences(text);
    }
    // clang-format on
    const std::size_t passed = detail::ascii_prefix(text.data(), text.size());
    if (passed == text.size()) [[likely]]
        return text_fault::none;
    return detail::check_mixed(text.data() + passed, text.data() + text.size());
}

/// Copies text that may be a D-Bus string; of other text it says what is wrong.
[[gnu::noinline]] inline text_fault copy_text(char* to, std::string_view text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return check_text(text);
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
