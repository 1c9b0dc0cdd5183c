// Bodies of messages written by hand, as fast as we know how: what is left to gain. sd-bus makes
// the message with its header, as in the other rows; the body goes into a fresh buffer, in place of
// sd-bus's. Each value is looked at once: there is room for more than a short text at any time, and
// text is checked to be UTF-8 without a NUL while it is copied.
#include "../marshalling.hpp"
#include "../raw_sd_bus/message.hpp"

#include <ctbus/connection.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <variant>
#include <vector>

namespace {

// ---- UTF-8 ----

// Of any text.
bool valid_rest(std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
        const auto at = [&](std::size_t k) { return static_cast<unsigned char>(s[k]); };
        const unsigned char c = at(i);
        if (c == 0) return false;
        if (c < 0x80) {
            ++i;
            continue;
        }
        const std::size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || s.size() - i <= more) return false;
        for (std::size_t k = 1; k <= more; ++k)
            if ((at(i + k) & 0xc0) != 0x80) return false;
        const unsigned char next = at(i + 1);
        if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
            (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
            return false;
        i += more + 1;
    }
    return true;
}

template <class Word>
Word load(const char* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

// Whether a byte has its highest bit set, or is zero.
std::uint64_t not_ascii(std::uint64_t word) {
    return ((word - 0x0101010101010101) | word) & 0x8080808080808080;
}

// Sixteen bytes, as a register of most processors has them.
using block = signed char __attribute__((vector_size(16)));

bool is_ascii(const char* p, std::size_t size) {
    if (size < 16) {
        for (std::size_t i = 0; i < size; ++i)
            if (static_cast<signed char>(p[i]) <= 0) return false;
        return true;
    }
    block bad{};
    const char* const last = p + size - 16; // it may overlap the one before
    for (; last - p > 48; p += 64)
        for (int i = 0; i < 64; i += 16) bad |= load<block>(p + i) < 1;
    for (; p < last; p += 16) bad |= load<block>(p) < 1;
    bad |= load<block>(last) < 1;
    std::uint64_t both[2];
    std::memcpy(both, &bad, sizeof bad);
    return (both[0] | both[1]) == 0;
}

// ---- the wire's form ----

class body {
public:
    body() : buffer_{static_cast<char*>(std::malloc(capacity_))}, end_{buffer_} { limit(); }
    body(const body&) = delete;
    body& operator=(const body&) = delete;
    ~body() { std::free(buffer_); }

    const char* data() const { return buffer_; }
    std::size_t size() const { return static_cast<std::size_t>(end_ - buffer_); }

    // Between two texts there is room for all else that an element has, and it is not looked for.
    void number(const auto& value) {
        std::memcpy(end_, &value, sizeof value);
        end_ += sizeof value;
    }
    void text(const std::string& s) {
        const char* const from = s.data();
        const std::size_t size = s.size();
        if (end_ > limit_) [[unlikely]]
            grow(0);
        if (size - 8 <= 8) { // two words that overlap are all of it
            const auto first = load<std::uint64_t>(from);
            const auto last = load<std::uint64_t>(from + size - 8);
            if ((not_ascii(first) | not_ascii(last)) != 0) [[unlikely]]
                bench::must(valid_rest(s), "UTF-8");
            std::memcpy(end_ + 4, &first, 8);
            std::memcpy(end_ + 4 + size - 8, &last, 8);
        } else {
            if (size > static_cast<std::size_t>(limit_ - end_)) grow(size);
            if (!is_ascii(from, size)) [[unlikely]]
                bench::must(valid_rest(s), "UTF-8");
            std::memcpy(end_ + 4, from, size);
        }
        number(static_cast<std::uint32_t>(size));
        end_ += size;
        std::memset(end_, 0, 16); // the NUL, and padding of what follows
        ++end_;
    }
    void variant_of(char type) {
        const char signature[] = {1, type, 0};
        std::memcpy(end_, signature, sizeof signature);
        end_ += sizeof signature;
    }
    // What is skipped is zero already: text() and padded() write more zeros than are used.
    void align(std::uintptr_t to) { end_ += -reinterpret_cast<std::uintptr_t>(end_) & (to - 1); }
    void padded(const auto& value) {
        number(value);
        std::memset(end_, 0, 8);
    }

    // The length of the array that begins here.
    std::size_t begin_array() {
        const std::size_t at = size();
        padded(std::uint32_t{0});
        return at;
    }
    void end_array(std::size_t at, std::size_t padding) {
        const auto length = static_cast<std::uint32_t>(size() - at - 4 - padding);
        std::memcpy(buffer_ + at, &length, sizeof length);
    }

private:
    static constexpr std::size_t slack = 64; // a short text, and all that an element has besides it

    void limit() {
        if (!buffer_) throw std::bad_alloc{};
        limit_ = buffer_ + capacity_ - slack;
    }
    [[gnu::cold, gnu::noinline]] void grow(std::size_t more) {
        const std::size_t used = size();
        capacity_ = 2 * (capacity_ + more);
        buffer_ = static_cast<char*>(std::realloc(buffer_, capacity_));
        limit();
        end_ = buffer_ + used;
    }

    std::size_t capacity_ = 16384;
    char* buffer_;
    char* end_;
    char* limit_ = nullptr;
};

struct codec {
    static void marshal(const auto& value) {
        sd_bus_message* m = bench::new_signal();
        body b;
        write(b, value);
        bench::keep(*b.data());
        sd_bus_message_unref(m);
    }

    static void write(body& b, const std::string& s) { b.text(s); }

    static void write(body& b, const std::vector<std::string>& all) {
        const std::size_t array = b.begin_array();
        for (const std::string& s : all) {
            b.align(4);
            b.text(s);
        }
        b.end_array(array, 0);
    }

    static void write(body& b, const std::vector<bench::item>& all) {
        const std::size_t array = b.begin_array();
        for (const bench::item& i : all) {
            b.align(8);
            b.text(i.name);
            b.align(4);
            b.padded(i.number);
            b.align(8);
            b.number(i.weight);
        }
        b.end_array(array, 4);
    }

    static void write(body& b, const bench::dictionary& all) {
        const std::size_t array = b.begin_array();
        for (const auto& [key, v] : all) {
            b.align(8);
            b.text(key);
            if (const auto* i = std::get_if<std::int32_t>(&v)) {
                b.variant_of('i');
                b.align(4);
                b.padded(*i);
            } else if (const auto* s = std::get_if<std::string>(&v)) {
                b.variant_of('s');
                b.align(4);
                b.text(*s);
            } else {
                b.variant_of('d');
                b.align(8);
                b.number(std::get<double>(v));
            }
        }
        b.end_array(array, 4);
    }
};

// Whether the bytes are those that another library sends.
template <class T>
void compare(const T& value) {
    auto ends = ctbus::connection::pair();
    ends.first.new_signal("/", "org.example.Interface", "Changed").append(value).send();
    ends.first.flush();
    std::vector<char> sent(1 << 20);
    const ssize_t got = ::recv(sd_bus_get_fd(ends.second.get()), sent.data(), sent.size(), 0);
    body b;
    codec::write(b, value);
    bench::must(
        got >= 0 && static_cast<std::size_t>(got) > b.size() &&
            load<std::uint32_t>(&sent[4]) == b.size() &&
            std::memcmp(&sent[static_cast<std::size_t>(got) - b.size()], b.data(), b.size()) == 0,
        "the bytes by hand");
}

template <class T>
void add_row(const std::string& name, const T& value) {
    auto shared = std::make_shared<const T>(value);
    bench::add("by_hand/marshal_" + name, [shared] {
        compare(*shared);
        return [shared] { codec::marshal(*shared); };
    });
}

[[maybe_unused]] const bool added =
    (add_row("s_4096", bench::text_of(4096)), add_row("as_100", bench::words(100)),
     add_row("a(sud)_100", bench::items(100)), add_row("a{sv}_100", bench::entries_of(100)), true);

} // namespace
