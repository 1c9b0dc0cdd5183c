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

/// Nonzero if a byte of the word is not ASCII or is NUL: it has its high bit set, or gets it when 1
/// is subtracted.
template <class Word>
constexpr Word not_ascii(Word word) {
    constexpr Word ones = static_cast<Word>(0x0101010101010101), high = ones * 0x80;
    return static_cast<Word>((word - ones) | word) & high;
}

/// Whether the text, of `Words` to twice as many words, is ASCII without NUL: the words from its
/// start and those up to its end overlap. It is copied, too, unless `to` is null.
template <class Word, std::size_t Words>
[[gnu::always_inline]] inline bool all_ascii(const char* from, std::size_t size, char* to) {
    constexpr std::size_t half = Words * sizeof(Word);
    std::uint64_t bad = 0;
    for (std::size_t at = 0; at < half; at += sizeof(Word)) {
        Word front, back;
        std::memcpy(&front, from + at, sizeof front);
        std::memcpy(&back, from + size - half + at, sizeof back);
        bad |= not_ascii(front) | not_ascii(back);
        if (!to) continue;
        std::memcpy(to + at, &front, sizeof front);
        std::memcpy(to + size - half + at, &back, sizeof back);
    }
    return bad == 0;
}

/// The same for a text of any size up to 32 bytes.
[[gnu::always_inline]] inline bool short_ascii(const char* from, std::size_t size, char* to) {
    if (size >= 16) return all_ascii<std::uint64_t, 2>(from, size, to);
    if (size >= 8) return all_ascii<std::uint64_t, 1>(from, size, to);
    if (size >= 4) return all_ascii<std::uint32_t, 1>(from, size, to);
    if (size >= 2) return all_ascii<std::uint16_t, 1>(from, size, to);
    return size == 0 || all_ascii<std::uint8_t, 1>(from, size, to);
}

/// The rest of a check: from `p` on, where something may not be ASCII.
[[gnu::noinline]] inline text_fault check_rest(const char* p, const char* end) {
    while (p != end) {
        if (*p == 0) return text_fault::embedded_nul;
        const std::size_t length = utf8_sequence(p, end);
        if (length == 0) return text_fault::not_utf8;
        p += length;
        if (length == 1)
            while (end - p >= 8 && all_ascii<std::uint64_t, 1>(p, 8, nullptr)) p += 8;
    }
    return text_fault::none;
}

[[gnu::noinline]] inline text_fault check_long(const char* text, std::size_t size) {
    const char* const end = text + size;
    for (; end - text >= 32; text += 32)
        if (!all_ascii<std::uint64_t, 2>(text, 32, nullptr)) break;
    return check_rest(text, end);
}

[[gnu::noinline]] inline text_fault copy_long(char* to, const char* text, std::size_t size) {
    std::memcpy(to, text, size);
    return check_long(text, size);
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
    if (text.size() <= 32 && detail::short_ascii(text.data(), text.size(), nullptr)) [[likely]]
        return text_fault::none;
    return detail::check_long(text.data(), text.size());
}

/// Copies text that may be a D-Bus string; of other text it says what is wrong.
[[gnu::noinline]] inline text_fault copy_text(char* to, std::string_view text) {
    if (text.size() <= 32 && detail::short_ascii(text.data(), text.size(), to)) [[likely]]
        return text_fault::none;
    return detail::copy_long(to, text.data(), text.size());
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
