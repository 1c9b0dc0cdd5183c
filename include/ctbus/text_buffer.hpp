// Text that grows, for what is rarely printed: small code rather than fast.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace ctbus {

/// Collects text, ending in NUL. What does not fit into memory is left out.
class text_buffer {
public:
    text_buffer() = default;
    text_buffer(const text_buffer&) = delete;
    text_buffer& operator=(const text_buffer&) = delete;
    ~text_buffer() { std::free(text_); }

    [[gnu::cold, gnu::noinline]] void insert(std::size_t at, const char* text, std::size_t size) {
        if (size_ + size + 1 > room_) {
            const std::size_t room = 2 * (size_ + size) + 256;
            auto* larger = static_cast<char*>(std::realloc(text_, room));
            if (!larger) return;
            text_ = larger;
            room_ = room;
        }
        std::memmove(text_ + at + size, text_ + at, size_ - at);
        std::memcpy(text_ + at, text, size);
        text_[size_ += size] = 0;
    }
    [[gnu::cold, gnu::noinline]] void add(const char* text) {
        insert(size_, text, std::strlen(text));
    }
    [[gnu::cold, gnu::noinline, gnu::format(printf, 2, 3)]] void print(const char* pattern, ...) {
        char text[64];
        va_list values;
        va_start(values, pattern);
        std::vsnprintf(text, sizeof text, pattern, values);
        va_end(values);
        add(text);
    }

    const char* c_str() const { return text_ ? text_ : ""; }
    std::size_t size() const { return size_; }
    operator std::string_view() const { return {c_str(), size_}; }

private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::size_t room_ = 0;
};

} // namespace ctbus
