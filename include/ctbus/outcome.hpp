// The two ways to get an error: returned by try_x() as a result, thrown by x().
#pragma once

#include <ctbus/error.hpp>

#include <concepts>
#include <expected>
#include <iosfwd>
#include <new> // std::exception; <exception> is ten times as long
#include <type_traits>
#include <utility>

namespace ctbus {

// Both kinds of objects may meet in one program (with and without -fno-exceptions). What differs
// between them is a template on one of these two, so that no two functions share a name but not a
// body.
struct with_exceptions {};
struct without_exceptions {};

#ifdef __cpp_exceptions
using error_style = with_exceptions;

namespace detail {

/// What is thrown: caught as `ctbus::error` or as `std::exception`. `error` itself has no virtual
/// function, so that its layout and linkage are the same in every mode.
template <bool Rtti>
class thrown_error final : public error, public std::exception {
public:
    explicit thrown_error(error&& from) noexcept : error{std::move(from)} {}
    [[gnu::cold]] ~thrown_error() override {}
    [[gnu::cold]] const char* what() const noexcept override { return error::what(); }
};

} // namespace detail

/// Throws `e` as x() does: as a `ctbus::error` that is a `std::exception` too.
#ifdef __cpp_rtti
template <bool Rtti = true>
#else
template <bool Rtti = false>
#endif
[[noreturn, gnu::cold, gnu::noinline]] void throw_error(error e) {
    throw detail::thrown_error<Rtti>{std::move(e)};
}
#else
using error_style = without_exceptions;
#endif

namespace detail {
template <class...>
inline constexpr bool always_false = false;

// Whatever stands where a function has only its `Style` is taken for that.
template <class Style>
consteval bool judge_style() {
    static_assert(std::is_same_v<Style, with_exceptions> ||
                      std::is_same_v<Style, without_exceptions>,
                  "ctbus: this function takes no such type as a template argument: leave it out, "
                  "the declaration gives the types of values");
    return true;
}
} // namespace detail

/// Turns what try_x() returned into what x() returns: the value, or an exception. Also for what
/// `co_await` gives: `or_throw(co_await proxy.async_call<"Add">(1.0, 2.0))`.
template <class Style = error_style, class T>
auto or_throw([[maybe_unused]] result<T>&& outcome) { // auto: see anything.hpp
    static_assert(detail::judge_style<Style>());
#ifdef __cpp_exceptions
    if (!outcome) [[unlikely]]
        throw_error(std::move(outcome).error());
#else
    static_assert(detail::always_false<Style, T>,
                  "ctbus: exceptions are off, so x() does not exist here: use try_x(), and "
                  "try_make() instead of a constructor");
#endif
    if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

// Inside ctbus a function that may fail returns an error, or none; only the templates that a user
// calls make a result<T> of it, so that std::expected, which is slow to compile, is instantiated
// for just what a program uses. That is also why such a template has a parameter for its own `T`,
// and why those that throw name that by `depending_on`.
namespace detail {
template <class, class T>
struct depends_on {
    using type = T;
};
/// `T`, but known to the compiler only once `Parameter` is.
template <class Parameter, class T>
using depending_on = typename depends_on<Parameter, T>::type;
} // namespace detail

/// What try_x() returns for an error that may be none.
template <class Void>
result<Void> to_result(error&& e) {
    if (e) [[unlikely]]
        return result<Void>{std::unexpect, std::move(e)};
    return {};
}
/// The same with a value, for where there is none.
template <class T>
result<T> to_result(error&& e, T&& value) {
    if (e) [[unlikely]]
        return result<T>{std::unexpect, std::move(e)};
    return result<T>{std::in_place, std::move(value)};
}

namespace detail {
// Not inlined: GCC 12, with -O2 -fsanitize=address, would warn that the value it lacks is used.
template <class T>
[[gnu::cold, gnu::noinline]] result<T> failed(error&& e) {
    return result<T>{std::unexpect, std::move(e)};
}
} // namespace detail

/// Throws an error as x() does, unless it is none.
template <class Style = error_style>
[[gnu::always_inline]] inline auto throw_if([[maybe_unused]] error&& e) {
    static_assert(detail::judge_style<Style>());
#ifdef __cpp_exceptions
    if (e) [[unlikely]]
        throw_error(std::move(e));
#else
    or_throw<Style>(to_result<void>(std::move(e))); // its sentence
#endif
}

/// Prints what(). (Of a stream's base, so that a user's own function is no worse a match.)
template <class Traits, std::same_as<error> Error> // not of what converts to one
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const Error& e) {
    return out << e.what();
}

} // namespace ctbus
