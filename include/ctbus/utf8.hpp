// Text that may go on the bus: UTF-8 without NUL, checked as sd-bus does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ctbus {

namespace detail {

/// Length of the well-formed UTF-8 sequence at `p` (1 to 4), or 0.
[[gnu::noinline]] constexpr std::size_t utf8_sequence(const char* p, const char* end) {
    std::uint32_t code = static_cast<unsigned char>(*p);
    if (code < 0x80) return 1;
    const std::ptrdiff_t length = code < 0xE0 ? 2 : code < 0xF0 ? 3 : 4;
    if (end - p < length) return 0;
    // Bits, not branches: this is compiled into every program.
    std::uint32_t bad = std::uint32_t{code < 0xC0} | std::uint32_t{code >= 0xF8};
    code &= 0x7Fu >> length;
    for (std::ptrdiff_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(p[i]);
        bad |= (byte & 0xC0u) ^ 0x80u;
        code = code << 6 | (byte & 0x3Fu);
    }
    bad |= code < (length == 2 ? 0x80u : length == 3 ? 0x800u : 0x10000u); // too long
    bad |= code > 0x10FFFF;
    bad |= code >> 11 == 0xD800 >> 11; // a surrogate
    // Noncharacters are legal for dbus-daemon, but a receiver built on sd-bus could not read them.
    bad |= (code & 0xFFFE) == 0xFFFE;
    bad |= code - 0xFDD0 <= 0xFDEF - 0xFDD0;
    return bad == 0 ? static_cast<std::size_t>(length) : 0;
}

} // namespace detail

enum class text_fault : unsigned char { none, not_utf8, embedded_nul };

namespace detail {

/// check_text(), sequence by sequence.
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

template <class Word>
Word load(const char* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// Nonzero if a byte of the word is not ASCII or is NUL: it has its high bit set, or gets it when 1
/// is subtracted.
constexpr std::uint64_t not_ascii(std::uint64_t word) {
    return ((word - 0x0101010101010101) | word) & 0x8080808080808080;
}

/// The same for 64 bytes at once, sixteen in a register, where there are such. (Elsewhere GCC would
/// look at each byte, and 32-bit x86 warn that load() returns a vector.)
inline bool has_others(const char* p) {
#if !defined __SSE2__ && !defined __ARM_NEON
    std::uint64_t found = 0;
    for (const char* const end = p + 64; p != end; p += 8)
        found |= not_ascii(load<std::uint64_t>(p));
    return found != 0;
#else
    using block = signed char __attribute__((vector_size(16)));
    const block found = (load<block>(p) < 1) | (load<block>(p + 16) < 1) |
                        (load<block>(p + 32) < 1) | (load<block>(p + 48) < 1);
    std::uint64_t halves[2];
    std::memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
#endif
}

/// The next eight bytes, the first one lowest.
inline std::uint64_t load_in_order(const char* p) {
    const auto word = load<std::uint64_t>(p);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

/// All of a text of 1 to 7 bytes, some of them twice.
inline std::uint64_t load_short(const char* p, std::size_t size) {
    if (size >= 4)
        return load<std::uint32_t>(p) | std::uint64_t{load<std::uint32_t>(p + size - 4)} << 32;
    const auto byte = [p](std::size_t i) -> std::uint64_t {
        return static_cast<unsigned char>(p[i]);
    };
    return 0x0101010101000000 | byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

/// As utf8_sequence(), of what is not ASCII; most letters are of two bytes, or of three that cannot
/// be wrong in more ways than one.
inline std::size_t other_sequence(const char* p, const char* end) {
    const auto at = [p](int i) { return static_cast<unsigned>(static_cast<unsigned char>(p[i])); };
    const auto follows = [](unsigned byte) { return byte - 0x80 < 0x40; };
    const unsigned first = at(0);
    if (end - p >= 3 && follows(at(1))) {
        if (first - 0xC2 <= 0xDF - 0xC2) return 2;
        if (first - 0xE1 <= 0xEC - 0xE1 && follows(at(2))) return 3;
    }
    return utf8_sequence(p, end);
}

/// The rest of a text, of which something is not ASCII.
[[gnu::noinline]] inline text_fault check_rest(const char* p, const char* end) {
    while (p != end) {
        if (static_cast<signed char>(*p) < 0) {
            const std::size_t length = other_sequence(p, end);
            if (length == 0) return text_fault::not_utf8;
            p += length;
        } else if (end - p >= 8) {
            if (*p == 0) return text_fault::embedded_nul;
            // The lowest bit that it sets is right, also where there are NULs.
            const std::uint64_t found = not_ascii(load_in_order(p));
            p += found == 0 ? 8 : __builtin_ctzll(found) / 8;
        } else {
            if (*p++ == 0) return text_fault::embedded_nul;
        }
    }
    return text_fault::none;
}

[[gnu::noinline]] inline text_fault check_words(const char* p, std::size_t size) {
    const char* const end = p + size;
    std::uint64_t bad = 0;
    if (size >= 8) {
        for (; end - p > 64; p += 64)
            if (has_others(p)) return check_rest(p, end);
        for (; end - p > 16; p += 16)
            if ((not_ascii(load<std::uint64_t>(p)) | not_ascii(load<std::uint64_t>(p + 8))) != 0)
                return check_rest(p, end);
        // The last words overlap what was checked before.
        bad = not_ascii(load<std::uint64_t>(size < 16 ? p : end - 16)) |
              not_ascii(load<std::uint64_t>(end - 8));
    } else if (size != 0) {
        bad = not_ascii(load_short(p, size));
    }
    return bad == 0 ? text_fault::none : check_rest(p, end);
}

[[gnu::noinline]] inline text_fault copy_and_check(char* to, const char* from, std::size_t size) {
    if (size >= 8 || size == 0) {
        std::memcpy(to, from, size);
        return check_words(from, size);
    }
    if (size >= 4) {
        const auto first = load<std::uint32_t>(from), last = load<std::uint32_t>(from + size - 4);
        std::memcpy(to, &first, 4);
        std::memcpy(to + size - 4, &last, 4);
    } else {
        to[0] = from[0];
        to[size / 2] = from[size / 2];
        to[size - 1] = from[size - 1];
    }
    return not_ascii(load_short(from, size)) == 0 ? text_fault::none
                                                  : check_rest(from, from + size);
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
    return detail::check_words(text.data(), text.size());
}

/// Copies text that may be a D-Bus string; of other text it says what is wrong.
inline text_fault copy_text(char* to, std::string_view text) {
    const char* const from = text.data();
    const std::size_t size = text.size();
    if (size - 8 <= 8) { // two words that overlap are all of it
        const auto first = detail::load<std::uint64_t>(from);
        const auto last = detail::load<std::uint64_t>(from + size - 8);
        if ((detail::not_ascii(first) | detail::not_ascii(last)) == 0) [[likely]] {
            std::memcpy(to, &first, 8);
            std::memcpy(to + size - 8, &last, 8);
            return text_fault::none;
        }
    }
    return detail::copy_and_check(to, from, size);
}

/// Replaces every byte that may not go on the bus by '?'. The text ends in NUL, behind `size`.
[[gnu::cold, gnu::noinline]] inline void repair_text(char* text, std::size_t size) {
    for (char *p = text, *const end = text + size;;) {
        while (static_cast<signed char>(*p) > 0) ++p; // ASCII, as most is
        if (p == end) return;
        const std::size_t length = *p == 0 ? 0 : detail::utf8_sequence(p, end);
        if (length == 0) *p = '?';
        p += length == 0 ? 1 : length;
    }
}

} // namespace ctbus
