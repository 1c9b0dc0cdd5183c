// How ctbus's own functions hand on errors: to a user's try_x() as a result, to x() as an
// exception.
#pragma once

#include <ctbus/error.hpp>

#include <expected>
#include <utility>

namespace ctbus {

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

/// Throws an error as x() does, unless it is none.
template <class Style = error_style>
[[gnu::always_inline]] inline void throw_if([[maybe_unused]] error&& e) {
#ifdef __cpp_exceptions
    if (e) [[unlikely]]
        throw_error(std::move(e));
#else
    or_throw<Style>(to_result<void>(std::move(e))); // its sentence
#endif
}

} // namespace ctbus
