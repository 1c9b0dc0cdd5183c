// A string literal as a template argument: method<"Add", ...>.
#pragma once

#include <cstddef>
#include <string_view>

namespace ctbus {

namespace detail {
/// std::swap for plain values, which takes the compiler a tenth of the time.
template <class T>
constexpr void swap_values(T& a, T& b) {
    T was = a;
    a = b;
    b = was;
}
/// Takes a pointer and leaves null: std::exchange, which is two functions to compile.
template <class T>
constexpr T* take(T*& from) {
    T* const was = from;
    from = nullptr;
    return was;
}

// Never constexpr: reaching it is the compile error for an array of characters without a NUL.
void a_name_is_a_string_literal();
} // namespace detail

/// Holds a string literal so that it can be a template argument. Its characters have static storage
/// duration and end in NUL, so they go into vtables and to sd-bus as they are.
template <std::size_t N>
struct fixed_string {
    char text[N]{};

    consteval fixed_string(const char (&literal)[N]) {
        for (std::size_t i = 0; i < N; ++i) text[i] = literal[i];
        if (text[N - 1] != 0) text[0] = text[N - 1] = 0; // no literal: what no name may hold
    }

    /// Without the NUL.
    static constexpr std::size_t size() { return N - 1; }
    constexpr std::string_view view() const { return {text, N - 1}; }
    constexpr const char* c_str() const { return text; }
};

} // namespace ctbus
