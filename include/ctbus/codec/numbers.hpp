// Arrays of numbers, which move in bulk: what is one, and reading and writing their elements.
#pragma once

#include <ctbus/codec/basic.hpp>

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

/// The fixed-size basic type that values travel as, but for bool, whose D-Bus form is another than
/// C++'s: a number or an enumeration, or what wire<T> makes one. `void` where they do not.
template <class T>
consteval auto find_travelling_number() {
    constexpr kind k = kind_of<T>();
    if constexpr (k == kind::number || k == kind::enumeration) return std::type_identity<T>{};
    else if constexpr (k == kind::wire) return find_travelling_number<typename wire<T>::type>();
    else return std::type_identity<void>{};
}
template <class T>
using travelling_number = typename decltype(find_travelling_number<T>())::type;

/// Elements that lie in a message as they lie in memory, so that an array of them moves in bulk.
/// bool does not: D-Bus gives it four bytes.
template <class T>
concept bulk = std::is_same_v<travelling_number<T>, T>;

/// Elements that are such or become such, one by one, by wire<T>.
template <class T>
concept bulk_on_the_way = !std::is_void_v<travelling_number<T>>;

/// Takes the numbers of an array one by one, into room for all.
template <class Number>
struct number_writer {
    char* to;

    int basic(char, const void* value) {
        std::memcpy(to, value, sizeof(Number));
        to += sizeof(Number);
        return 0;
    }
};

/// Gives the numbers of an array one by one, as a reader within it would.
template <class Number, class Reader>
class number_reader {
public:
    number_reader(Reader& around, const void* data, std::size_t bytes)
        : at_{static_cast<const char*>(data)}, end_{at_ + bytes}, around_{around} {}

    std::size_t left() const { return static_cast<std::size_t>(end_ - at_) / sizeof(Number); }
    int basic(char, void* value) {
        if (at_ == end_) return 0;
        std::memcpy(value, at_, sizeof(Number));
        at_ += sizeof(Number);
        return 1;
    }
    static int enter(char, const char*) { return 1; }
    static int exit() { return 0; }
    int explain(error why) { return around_.explain(std::move(why)); }

private:
    const char* at_;
    const char* end_;
    Reader& around_;
};

} // namespace ctbus::codec
