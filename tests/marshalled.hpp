// D-Bus messages put together byte by byte, in either byte order, right or wrong as a test wants.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace test {

inline constexpr std::endian other_order =
    std::endian::native == std::endian::little ? std::endian::big : std::endian::little;

/// Values as they travel. Each function adds one, after the padding that its type wants.
class marshalled {
public:
    explicit marshalled(std::endian order = std::endian::native) : order_{order} {}

    std::endian order() const { return order_; }
    const std::string& bytes() const { return bytes_; }

    marshalled& align(std::size_t n) {
        bytes_.resize((bytes_.size() + n - 1) / n * n);
        return *this;
    }
    marshalled& raw(std::string_view more) {
        bytes_ += more;
        return *this;
    }
    marshalled& y(std::uint8_t v) { return number(v); }
    marshalled& b(bool v) { return number(std::uint32_t{v}); }
    marshalled& n(std::int16_t v) { return number(v); }
    marshalled& q(std::uint16_t v) { return number(v); }
    marshalled& i(std::int32_t v) { return number(v); }
    marshalled& u(std::uint32_t v) { return number(v); }
    marshalled& x(std::int64_t v) { return number(v); }
    marshalled& t(std::uint64_t v) { return number(v); }
    marshalled& d(double v) { return number(v); }
    /// Strings and object paths.
    marshalled& s(std::string_view v) {
        u(static_cast<std::uint32_t>(v.size()));
        return raw(v).raw({"", 1});
    }
    marshalled& g(std::string_view v) {
        y(static_cast<std::uint8_t>(v.size()));
        return raw(v).raw({"", 1});
    }
    /// An array whose elements are aligned to `alignment`; `fill` adds them.
    template <class F>
    marshalled& a(std::size_t alignment, F&& fill) {
        u(0);
        const std::size_t length_at = bytes_.size() - 4;
        align(alignment);
        const std::size_t begin = bytes_.size();
        fill();
        put(static_cast<std::uint32_t>(bytes_.size() - begin), length_at);
        return *this;
    }

private:
    template <class T>
    marshalled& number(T value) {
        align(sizeof value);
        bytes_.resize(bytes_.size() + sizeof value);
        put(value, bytes_.size() - sizeof value);
        return *this;
    }
    template <class T>
    void put(T value, std::size_t at) {
        char raw_bytes[sizeof value];
        std::memcpy(raw_bytes, &value, sizeof value);
        for (std::size_t k = 0; k < sizeof value; ++k)
            bytes_[at + k] = raw_bytes[order_ == std::endian::native ? k : sizeof value - 1 - k];
    }

    std::endian order_;
    std::string bytes_;
};

/// What stands in a message's header; what is empty or 0 is left out.
struct header {
    std::uint8_t type = 1; // 1 call, 2 reply, 3 error, 4 signal
    std::uint32_t serial = 1;
    std::uint32_t answers = 0;
    std::string path = {}, interface = {}, member = {}, error_name = {};
    std::string signature = {};
    std::uint8_t flags = 0;
    std::uint8_t version = 1;
};

/// The whole message, in the byte order of its body.
inline std::string message_bytes(const header& h, const marshalled& body) {
    marshalled m{body.order()};
    m.y(body.order() == std::endian::little ? 'l' : 'B').y(h.type).y(h.flags).y(h.version);
    m.u(static_cast<std::uint32_t>(body.bytes().size())).u(h.serial);
    const auto field = [&m](std::uint8_t code, std::string_view type, std::string_view value) {
        if (value.empty()) return;
        m.align(8).y(code).g(type);
        if (type == "g") m.g(value);
        else m.s(value);
    };
    m.a(8, [&] {
        field(1, "o", h.path);
        field(2, "s", h.interface);
        field(3, "s", h.member);
        field(4, "s", h.error_name);
        if (h.answers != 0) m.align(8).y(5).g("u").u(h.answers);
        field(8, "g", h.signature);
    });
    return m.align(8).raw(body.bytes()).bytes();
}

} // namespace test
