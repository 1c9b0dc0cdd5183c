// The names of an aggregate's fields, taken from what the compiler prints of a template argument.
#pragma once

#include <ctbus/codec/fields.hpp>

#include <cstddef>
#include <string_view>

namespace ctbus::codec {

namespace detail {

template <class Field>
struct pointer_to {
    const Field* field;
};

template <auto Pointer>
consteval std::string_view printed() {
    return __PRETTY_FUNCTION__;
}

template <std::size_t I, class First, class... Rest>
constexpr auto nth(const First& first, const Rest&... rest) {
    if constexpr (I == 0) return pointer_to<First>{&first};
    else return nth<I - 1>(rest...);
}

#pragma GCC diagnostic push
#ifdef __clang__ // see fields.hpp
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif
template <class T, std::size_t I>
consteval std::string_view printed_field() {
    constexpr auto pointer =
        with_fields(nowhere<T>.value, [](const auto&... fields) { return nth<I>(fields...); });
    return printed<pointer>();
}
#pragma GCC diagnostic pop

// Letters beyond ASCII too: the compilers print them in UTF-8.
constexpr bool is_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// GCC:   ... [with auto Pointer = ...{(& ...::value.X::name)}; ...]
// Clang: ... [Pointer = ...{&nowhere.value.name}]
consteval std::string_view last_identifier(std::string_view text) {
    const std::size_t end = text.rfind(text.find(")}") != text.npos ? ")}" : "}]");
    std::size_t begin = end;
    while (begin > 0 && is_identifier(text[begin - 1])) --begin;
    return text.substr(begin, end - begin);
}

template <std::size_t N>
struct identifier {
    char text[N + 1]{};
};

// A copy of its own, so that the compiler's long text does not end up in the program.
template <class T, std::size_t I>
struct field_name {
    static constexpr std::size_t size = last_identifier(printed_field<T, I>()).size();
    static constexpr identifier<size> make() {
        identifier<size> copy;
        last_identifier(printed_field<T, I>()).copy(copy.text, size);
        return copy;
    }
    static constexpr identifier<size> value = make();
};

} // namespace detail

/// The name of field `I` of the aggregate `T`, as written in its definition.
template <class T, std::size_t I>
inline constexpr std::string_view field_name{detail::field_name<T, I>::value.text,
                                             detail::field_name<T, I>::size};

} // namespace ctbus::codec
