// Writes values as `busctl` prints them.
#pragma once

#include <ctbus/text_buffer.hpp>

#include <cerrno>
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace ctbus::codec {

/// A writer that prints: ` 2 "a" "b"` for an array of two strings.
class text_writer {
public:
    explicit text_writer(text_buffer& out) : out_{out} {}

    [[gnu::cold, gnu::noinline]] int basic(char type, const void* value) {
        begin_value();
        switch (type) {
        case 's':
        case 'o':
        case 'g': quote(static_cast<const char*>(value)); break;
        case 'b': out_.add(load<int>(value) != 0 ? "true" : "false"); break;
        case 'y': out_.print("%u", load<std::uint8_t>(value)); break;
        case 'n': out_.print("%d", load<std::int16_t>(value)); break;
        case 'q': out_.print("%u", load<std::uint16_t>(value)); break;
        case 'u': out_.print("%" PRIu32, load<std::uint32_t>(value)); break;
        case 'x': out_.print("%" PRId64, load<std::int64_t>(value)); break;
        case 't': out_.print("%" PRIu64, load<std::uint64_t>(value)); break;
        case 'd': out_.print("%g", load<double>(value)); break;
        default: out_.print("%" PRId32, load<std::int32_t>(value)); break; // i, h
        }
        return 0;
    }
    [[gnu::cold, gnu::noinline]] int array(char type, const void* data, std::size_t bytes) {
        const std::size_t size = type == 'y'                  ? 1
                                 : type == 'n' || type == 'q' ? 2
                                 : type == 'i' || type == 'u' ? 4
                                                              : 8;
        open('a', "");
        for (std::size_t at = 0; at + size <= bytes; at += size)
            basic(type, static_cast<const char*>(data) + at);
        return close('a');
    }
    [[gnu::cold, gnu::noinline]] int open(char type, std::string_view contents) {
        if (depth_ == max_depth) return -EBADMSG;
        if (type == 'a') {
            begin_value();
        } else if (type == 'v') {
            begin_value();
            out_.add(contents.data());
        } else {
            count();
        }
        frames_[depth_++] = {out_.size(), 0, type == 'a'};
        return 0;
    }
    [[gnu::cold, gnu::noinline]] int close(char /*type*/) {
        const frame done = frames_[--depth_];
        if (!done.is_array) return 0;
        char text[24];
        const int size = std::snprintf(text, sizeof text, "%zu", done.count);
        out_.insert(done.at, text, static_cast<std::size_t>(size));
        return 0;
    }

private:
    static constexpr int max_depth = 132; // sd-bus allows 128
    struct frame {
        std::size_t at;
        std::size_t count;
        bool is_array;
    };

    // A variant's number lies in a string, which aligns it to no more than a pointer.
    template <class Number>
    static Number load(const void* from) {
        Number number;
        std::memcpy(&number, from, sizeof number);
        return number;
    }
    void count() {
        if (depth_ != 0) ++frames_[depth_ - 1].count;
    }
    void begin_value() {
        count();
        if (out_.size() != 0) out_.add(" ");
    }
    void quote(const char* text) {
        out_.add("\"");
        for (; *text; ++text) {
            const auto c = static_cast<unsigned char>(*text);
            if (c == '"' || c == '\\') out_.print("\\%c", c);
            else if (c == '\n') out_.add("\\n");
            else if (c == '\t') out_.add("\\t");
            else if (c < 0x20 || c == 0x7f) out_.print("\\x%02x", c);
            else out_.insert(out_.size(), text, 1);
        }
        out_.add("\"");
    }

    text_buffer& out_;
    int depth_ = 0;
    frame frames_[max_depth];
};

} // namespace ctbus::codec
