// Values kept in memory, laid out as in a message: what ctbus::variant is made of.
#pragma once

#include <ctbus/codec/layout.hpp>
#include <ctbus/codec/message_io.hpp>
#include <ctbus/codec/transfer.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace ctbus::codec {

inline constexpr int max_containers = 132; // sd-bus allows 128

// All of this is templates, `Bytes` being std::string, so that what it does with strings and
// vectors is compiled only in programs that have variants.

/// Bytes laid out as D-Bus lays them out, in this machine's order, and the descriptors they name.
/// Of a text that is in no container they are the text alone: its length is known, and short ones
/// need no memory.
template <class Bytes>
struct basic_stored_value {
    Bytes bytes;
    // (Would be compiled at once if it did not depend on `Bytes`.)
    std::vector<ctbus::detail::depending_on<Bytes, unix_fd>> fds;
};
using stored_value = basic_stored_value<std::string>;

/// Whether the bytes of a stored value of that type may stand at any place that is aligned for it.
inline bool is_relocatable(std::string_view type) {
    bool wide = false;
    for (char c : type) {
        if (c == 'h' || c == 'v') return false;
        wide |= detail::alignment_of(c) == 8;
    }
    return !wide || detail::alignment_of(type[0]) == 8;
}

/// How many containers may be open in a value of that type, at most; but for what variants hold.
inline int most_levels(std::string_view type) {
    int levels = 0;
    for (char c : type) levels += c == 'a' || c == '(' || c == '{';
    return levels;
}

/// Adds what is written to a stored value.
template <class Bytes>
class basic_stored {
public:
    explicit basic_stored(basic_stored_value<Bytes>& out) : out_{out} {}

    bool can_open(int levels) const { return depth_ + levels <= max_containers; }

    int raw(std::size_t alignment, const void* data, std::size_t bytes) {
        align(alignment);
        if (bytes != 0) out_.bytes.append(static_cast<const char*>(data), bytes);
        return 0;
    }

protected:
    int enter() { return ++depth_ > max_containers ? -EBADMSG : 0; }
    void leave() { --depth_; }
    int align(std::size_t to) {
        out_.bytes.append((to - out_.bytes.size() % to) % to, '\0');
        return 0;
    }
    int number(const void* value, std::size_t size) { return raw(size, value, size); }
    int text(char type, std::string_view text) {
        if (depth_ == 0) return out_.bytes.assign(text), 0;
        if (type == 'g') out_.bytes += static_cast<char>(text.size());
        else put_length(text.size());
        out_.bytes.append(text).append(1, '\0');
        return 0;
    }
    int string_text(std::string_view text) {
        if (const text_fault bad = check_text(text); bad != text_fault::none)
            return bad == text_fault::not_utf8 ? not_utf8 : embedded_nul;
        return this->text('s', text);
    }
    int begin_array(std::size_t alignment) {
        put_length(0);
        const std::size_t length_at = out_.bytes.size() - sizeof(std::uint32_t);
        align(alignment);
        arrays_[open_++] = {length_at, out_.bytes.size()};
        return 0;
    }
    int end_array() {
        const array& done = arrays_[--open_];
        const auto length = static_cast<std::uint32_t>(out_.bytes.size() - done.begin);
        std::memcpy(out_.bytes.data() + done.length_at, &length, sizeof length);
        return 0;
    }
    int descriptor(int fd) {
        unix_fd mine = unix_fd::duplicate_of(unix_fd_view{fd});
        if (!mine) return -errno;
        put_length(out_.fds.size());
        out_.fds.push_back(std::move(mine));
        return 0;
    }

private:
    struct array {
        std::size_t length_at;
        std::size_t begin;
    };

    void put_length(std::size_t length) {
        const auto travels = static_cast<std::uint32_t>(length);
        raw(sizeof travels, &travels, sizeof travels);
    }

    basic_stored_value<Bytes>& out_;
    int depth_ = 0;
    int open_ = 0;
    array arrays_[max_containers + 1]; // an array of bytes needs one more for itself
};

/// Appends to a stored value; the counterpart of message_writer.
template <class Bytes>
using basic_value_writer = layout_writer<basic_stored<Bytes>>;
using value_writer = basic_value_writer<std::string>;

/// Takes what it is given to nowhere.
struct null_writer {
    static int basic(char, const void*) { return 0; }
    static int array(char, const void*, std::size_t) { return 0; }
    static int open(char, std::string_view) { return 0; }
    static int close(char) { return 0; }
};

/// Reads a stored value; the counterpart of message_reader. It trusts what value_writer wrote.
template <class Bytes>
class basic_value_reader : public reader_base {
public:
    explicit basic_value_reader(const basic_stored_value<Bytes>& in) : in_{in} {}

    int basic(char type, void* value) {
        if (at_end()) return 0;
        if (detail::is_text_type(type) && depth_ == 0) {
            const char* text = in_.bytes.data();
            std::memcpy(value, &text, sizeof text);
        } else if (detail::is_text_type(type)) {
            const std::size_t size = type == 'g' ? take<std::uint8_t>() : take<std::uint32_t>();
            const char* text = in_.bytes.data() + at_;
            at_ += size + 1;
            std::memcpy(value, &text, sizeof text);
        } else if (type == 'h') {
            const int fd = in_.fds[take<std::uint32_t>()].get();
            std::memcpy(value, &fd, sizeof fd);
        } else {
            const std::size_t size = detail::value_size(type);
            align(size);
            std::memcpy(value, in_.bytes.data() + at_, size);
            at_ += size;
        }
        return 1;
    }
    int enter(char type, const char* contents) {
        if (at_end()) return 0;
        if (depth_ == max_containers) return -EBADMSG;
        std::size_t end = 0;
        if (type == 'v') {
            const std::size_t size = take<std::uint8_t>();
            if (std::string_view{in_.bytes.data() + at_, size}.compare(contents) != 0)
                return at_ -= 1, -ENXIO;
            at_ += size + 1;
        } else if (type == 'a') {
            const std::size_t length = take<std::uint32_t>();
            align(detail::alignment_of(contents[0]));
            end = at_ + length;
        } else {
            align(8);
        }
        frames_[depth_++] = {end, type == 'a'};
        return 1;
    }
    int exit() {
        const frame left = frames_[--depth_];
        return left.is_array && at_ != left.end ? -EBUSY : 1;
    }
    int peek(char* type, const char** contents) {
        if (at_end()) return 0;
        *type = 'v'; // nothing else is ever peeked
        *contents = in_.bytes.data() + at_ + 1;
        return 1;
    }
    int array(char type, const void** data, std::size_t* bytes) {
        if (at_end()) return 0;
        const std::size_t length = take<std::uint32_t>();
        align(detail::alignment_of(type));
        *data = in_.bytes.data() + at_;
        *bytes = length;
        at_ += length;
        return 1;
    }
    int skip(const char* types) {
        null_writer nowhere;
        return transfer(*this, nowhere, types);
    }

private:
    struct frame {
        std::size_t end;
        bool is_array;
    };

    bool at_end() const {
        return depth_ != 0 && frames_[depth_ - 1].is_array && at_ == frames_[depth_ - 1].end;
    }
    void align(std::size_t to) { at_ = (at_ + to - 1) / to * to; }
    template <class T>
    std::size_t take() {
        align(sizeof(T));
        T value;
        std::memcpy(&value, in_.bytes.data() + at_, sizeof value);
        at_ += sizeof value;
        return value;
    }

    const basic_stored_value<Bytes>& in_;
    std::size_t at_ = 0;
    int depth_ = 0;
    frame frames_[max_containers];
};
using value_reader = basic_value_reader<std::string>;

} // namespace ctbus::codec
