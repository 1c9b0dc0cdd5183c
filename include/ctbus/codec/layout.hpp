// Values laid out as D-Bus lays them out: in a place that counts the bytes, or in one that takes
// them.
#pragma once

#include <ctbus/codec/message_io.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ctbus::codec {

namespace detail {

constexpr std::size_t fixed_size(char type) {
    switch (type) {
    case 'y': return 1;
    case 'n':
    case 'q': return 2;
    case 'i':
    case 'u': return 4;
    case 'x':
    case 't':
    case 'd': return 8;
    default: return 0;
    }
}

/// The same, and of a boolean, which not every number is.
constexpr std::size_t value_size(char type) {
    return type == 'b' ? 4 : fixed_size(type);
}

constexpr bool is_text_type(char type) {
    return type == 's' || type == 'o' || type == 'g';
}

constexpr std::size_t alignment_of(char type) {
    switch (type) {
    case 'y':
    case 'g':
    case 'v': return 1;
    case 'n':
    case 'q': return 2;
    case 'x':
    case 't':
    case 'd':
    case '(':
    case 'r':
    case '{':
    case 'e': return 8;
    default: return 4;
    }
}

} // namespace detail

/// A writer like message_writer, for any place that has room for bytes.
template <class Place>
class layout_writer : public Place {
public:
    using Place::Place;

    [[gnu::always_inline]] int basic(char type, const void* value) {
        if (detail::is_text_type(type)) return Place::text(type, static_cast<const char*>(value));
        if (type == 'h') return Place::descriptor(*static_cast<const int*>(value));
        return Place::number(value, detail::value_size(type));
    }
    int string(std::string_view text) { return Place::string_text(text); }
    int array(char type, const void* data, std::size_t bytes) {
        int r = Place::begin_array(detail::alignment_of(type));
        if (r < 0 || (r = Place::raw(1, data, bytes)) < 0) return r;
        return Place::end_array();
    }
    [[gnu::always_inline]] int open(char type, std::string_view contents) {
        if (const int r = Place::enter(); r < 0) return r;
        if (type == 'v') return Place::text('g', contents);
        if (type == 'a') return Place::begin_array(detail::alignment_of(contents[0]));
        return Place::align(8);
    }
    [[gnu::always_inline]] int close(char type) {
        Place::leave();
        return type == 'a' ? Place::end_array() : 0;
    }
};

/// Only counts. It refuses what cannot be laid out without sd-bus; whether text is right, those
/// find who write it.
class counted {
public:
    /// `depth`: how many containers around the values are open already; `size`: what was before.
    explicit counted(int depth, std::uint64_t size = 0) : size_{size}, depth_{depth} {}

    int depth() const { return depth_; }

    /// How many bytes there were, from an address that is a multiple of 8: more than memory has,
    /// where many elements are the same text.
    std::uint64_t size() const { return size_; }
    bool can_open(int levels) const { return depth_ + levels <= 64; }

    int raw(std::size_t alignment, const void*, std::size_t bytes) {
        align(alignment);
        size_ += bytes;
        return 0;
    }

protected:
    int enter() { return ++depth_ > 64 ? nested_too_deeply : 0; }
    void leave() { --depth_; }
    int align(std::size_t to) {
        size_ = (size_ + to - 1) & ~std::uint64_t{to - 1};
        return 0;
    }
    int number(const void*, std::size_t size) {
        align(size);
        size_ += size;
        return 0;
    }
    int text(char type, std::string_view text) {
        // A path that was moved from is empty.
        if (type == 'o' && text.empty()) return -EINVAL;
        if (type == 'g') size_ += 2 + text.size();
        else string_text(text);
        return 0;
    }
    int string_text(std::string_view text) {
        align(4);
        size_ += 4 + text.size() + 1;
        return 0;
    }
    int begin_array(std::size_t alignment) {
        align(4);
        size_ += 4;
        return align(alignment);
    }
    static int end_array() { return 0; }
    static int descriptor(int) { return -EOPNOTSUPP; }

private:
    std::uint64_t size_;
    int depth_;
};

/// Memory of limited size. What does not fit, or cannot be laid out, is `changed`, as it should
/// have been counted before.
class reserved {
public:
    /// `offset`: where `at` lies from an address that is a multiple of 8 in the message; `depth`:
    /// as for counted.
    void begin(char* at, std::size_t size, std::size_t offset, int depth) {
        depth_ = depth;
        array_ = nullptr;
        at_ = at;
        end_ = at + size;
        origin_ = reinterpret_cast<std::uintptr_t>(at) - offset;
    }

    bool full() const { return at_ == end_; }
    std::size_t size(const char* from) const { return static_cast<std::size_t>(at_ - from); }
    bool can_open(int levels) const { return depth_ + levels <= 64; }

    int raw(std::size_t alignment, const void* data, std::size_t bytes) {
        if (align(alignment) < 0 || bytes > room()) return changed;
        if (bytes != 0) std::memcpy(at_, data, bytes);
        at_ += bytes;
        return 0;
    }

protected:
    int enter() { return ++depth_ > 64 ? nested_too_deeply : 0; }
    void leave() { --depth_; }
    int align(std::size_t to) {
        char* const next = at_ + padding(to);
        if (room() >= 8) [[likely]] {
            std::memset(at_, 0, 8); // more than the gap, but at once
        } else {
            if (next > end_) return changed;
            std::memset(at_, 0, static_cast<std::size_t>(next - at_));
        }
        at_ = next;
        return 0;
    }
    int number(const void* value, std::size_t size) {
        char* const next = at_ + padding(size);
        if (next + size > end_) [[unlikely]]
            return changed;
        std::memset(at_, 0, size); // the gap is smaller
        std::memcpy(next, value, size);
        at_ = next + size;
        return 0;
    }
    int text(char type, std::string_view text) {
        if ((type == 'o' && text.empty()) || begin_text(type, text.size()) < 0) [[unlikely]]
            return changed;
        std::memcpy(at_, text.data(), text.size());
        return end_text(text.size());
    }
    int string_text(std::string_view text) {
        if (begin_text('s', text.size()) < 0) [[unlikely]]
            return changed;
        if (const text_fault bad = copy_text(at_, text); bad != text_fault::none) [[unlikely]]
            return bad == text_fault::not_utf8 ? not_utf8 : embedded_nul;
        return end_text(text.size());
    }
    int begin_array(std::size_t alignment) {
        if (number("\0\0\0", 4) < 0) return changed;
        char* const length = at_ - 4;
        if (align(alignment) < 0) return changed;
        put_length(length, static_cast<std::size_t>(array_ ? length - array_ : 0) |
                               static_cast<std::size_t>(at_ - length) / 8);
        array_ = length;
        return 0;
    }
    int end_array() {
        std::uint32_t left = 0;
        std::memcpy(&left, array_, sizeof left);
        const std::size_t before = (left & 1) != 0 ? 8 : 4;
        put_length(array_, static_cast<std::size_t>(at_ - array_) - before);
        array_ = left < 4 ? nullptr : array_ - left / 4 * 4;
        return 0;
    }
    static int descriptor(int) { return changed; }

private:
    std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }
    std::size_t padding(std::size_t to) const {
        return (origin_ - reinterpret_cast<std::uintptr_t>(at_)) & (to - 1);
    }
    /// The length of a text that, with its NUL, still has room.
    int begin_text(char type, std::size_t size) {
        const std::size_t width = type == 'g' ? 1 : 4, gap = padding(width);
        if (gap + width + size >= room()) [[unlikely]]
            return changed;
        const auto length = static_cast<std::uint32_t>(size);
        const auto byte = static_cast<std::uint8_t>(size);
        std::memset(at_, 0, width); // the gap is smaller
        at_ += gap;
        std::memcpy(at_, width == 1 ? static_cast<const void*>(&byte) : &length, width);
        at_ += width;
        return 0;
    }
    int end_text(std::size_t size) {
        at_ += size;
        *at_++ = 0;
        return 0;
    }
    static void put_length(char* at, std::size_t length) {
        const auto travels = static_cast<std::uint32_t>(length);
        std::memcpy(at, &travels, sizeof travels);
    }

    char* at_ = nullptr;
    char* end_ = nullptr;
    std::uintptr_t origin_ = 0;
    // The length of the innermost array that is open. There stands how far behind the next outer
    // one its length is, as both are multiples of 4, and in the last bit whether 4 bytes of padding
    // follow.
    char* array_ = nullptr;
    int depth_ = 0;
};

/// Counts what values need.
using counting_writer = layout_writer<counted>;
/// Writes values into memory that was counted.
using memory_writer = layout_writer<reserved>;

} // namespace ctbus::codec
