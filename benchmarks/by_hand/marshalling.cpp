// Bodies of messages written by hand, as fast as we know how: what is left to gain. sd-bus makes
// the message with its header, as in the other rows; the body goes into a fresh buffer of its exact
// size, in place of sd-bus's, after each text was checked to be UTF-8 without a NUL.
#include "../marshalling.hpp"
#include "../raw_sd_bus/message.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace {

// ---- UTF-8 ----

// What is not ASCII; `s` starts with such a byte.
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

// Eight bytes at a time: none may have its highest bit set or be zero.
bool valid(std::string_view s) {
    constexpr std::uint64_t high = 0x8080808080808080, ones = 0x0101010101010101;
    std::size_t i = 0;
    for (; i + 8 <= s.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, s.data() + i, 8);
        if (((word | (word - ones)) & high) != 0) return valid_rest(s.substr(i));
    }
    for (; i < s.size(); ++i)
        if (static_cast<signed char>(s[i]) <= 0) return valid_rest(s.substr(i));
    return true;
}

// ---- the wire's form ----

constexpr std::size_t aligned(std::size_t n, std::size_t to) {
    return (n + to - 1) & ~(to - 1);
}

class body {
public:
    explicit body(std::size_t size)
        : buffer_{static_cast<char*>(std::malloc(size))}, end_{buffer_.get()} {}

    void number(const auto& value) {
        std::memcpy(end_, &value, sizeof value);
        end_ += sizeof value;
    }
    void text(std::string_view s) {
        bench::must(valid(s), "UTF-8");
        number(static_cast<std::uint32_t>(s.size()));
        std::memcpy(end_, s.data(), s.size());
        end_ += s.size();
        *end_++ = 0;
    }
    void variant_of(char type) {
        const char signature[] = {1, type, 0};
        std::memcpy(end_, signature, 3);
        end_ += 3;
    }
    void align(std::size_t to) {
        while (size() % to != 0) *end_++ = 0;
    }
    std::size_t size() const { return static_cast<std::size_t>(end_ - buffer_.get()); }
    const char* data() const { return buffer_.get(); }

private:
    struct freed {
        void operator()(char* p) const { std::free(p); }
    };
    std::unique_ptr<char, freed> buffer_;
    char* end_;
};

struct codec {
    static void marshal(const auto& value) {
        sd_bus_message* m = bench::new_signal();
        body b{size_of(value)};
        write(b, value);
        bench::keep(*b.data());
        sd_bus_message_unref(m);
    }

private:
    static std::size_t size_of(const std::string& s) { return 4 + s.size() + 1; }
    static void write(body& b, const std::string& s) { b.text(s); }

    static std::size_t size_of(const std::vector<std::string>& all) {
        std::size_t n = 4;
        for (const std::string& s : all) n = aligned(n, 4) + 4 + s.size() + 1;
        return n;
    }
    static void write(body& b, const std::vector<std::string>& all) {
        b.number(static_cast<std::uint32_t>(size_of(all) - 4));
        for (const std::string& s : all) {
            b.align(4);
            b.text(s);
        }
    }

    static std::size_t size_of(const std::vector<bench::item>& all) {
        std::size_t n = 8;
        for (const bench::item& i : all)
            n = aligned(aligned(aligned(n, 8) + 4 + i.name.size() + 1, 4) + 4, 8) + 8;
        return n;
    }
    static void write(body& b, const std::vector<bench::item>& all) {
        b.number(static_cast<std::uint32_t>(size_of(all) - 8));
        for (const bench::item& i : all) {
            b.align(8);
            b.text(i.name);
            b.align(4);
            b.number(i.number);
            b.align(8);
            b.number(i.weight);
        }
    }

    static std::size_t size_of(const bench::dictionary& all) {
        std::size_t n = 8;
        for (const auto& [key, v] : all) {
            n = aligned(n, 8) + 4 + key.size() + 1 + 3;
            if (v.index() == 0) n = aligned(n, 4) + 4;
            else if (const auto* s = std::get_if<std::string>(&v))
                n = aligned(n, 4) + 4 + s->size() + 1;
            else n = aligned(n, 8) + 8;
        }
        return n;
    }
    static void write(body& b, const bench::dictionary& all) {
        b.number(static_cast<std::uint32_t>(size_of(all) - 8));
        for (const auto& [key, v] : all) {
            b.align(8);
            b.text(key);
            if (const auto* i = std::get_if<std::int32_t>(&v)) {
                b.variant_of('i');
                b.align(4);
                b.number(*i);
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
    }
};

[[maybe_unused]] const bool added =
    (bench::add_codec<codec>("by_hand", "s_4096", bench::text_of(4096)),
     bench::add_codec<codec>("by_hand", "as_100", bench::words(100)),
     bench::add_codec<codec>("by_hand", "a(sud)_100", bench::items(100)),
     bench::add_codec<codec>("by_hand", "a{sv}_100", bench::entries_of(100)), true);

} // namespace
