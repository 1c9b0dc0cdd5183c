// Whether the functions of a user's wire<T> give and take all that its type says.
#pragma once

#include <ctbus/codec.hpp>
#include <ctbus/error.hpp>
#include <ctbus/function.hpp>

#include <string_view>
#include <type_traits>

namespace ctbus::detail {

// Whether a `From` becomes a `To` without losing a part of a number.
template <class From, class To>
concept converts_whole = std::is_convertible_v<From, To> &&
    (!std::is_arithmetic_v<To> || std::is_same_v<std::remove_cvref_t<From>, To> ||
     requires(From(*get)()) { To{get()}; });

template <class R, class T>
concept gives = std::is_convertible_v<R, T> || requires {
    requires is_result<std::remove_cvref_t<R>>;
    requires std::is_convertible_v<typename std::remove_cvref_t<R>::value_type, T>;
};

// Whether a `To` has room for every `From`, if both are numbers.
template <class From, class To>
consteval bool has_room() {
    if constexpr (!std::is_arithmetic_v<From> || !std::is_arithmetic_v<To>) return true;
    else if constexpr (std::is_integral_v<From> && std::is_floating_point_v<To>)
        return sizeof(From) < sizeof(To);
    else return converts_whole<From, To>;
}

// Whether from() takes all of a number. (One that is no plain function is not asked.)
template <class T, class Mapped>
consteval bool takes_whole() {
    if constexpr (requires { typename function_traits<decltype(&wire<T>::from)>::parameters; })
        return []<class... Ps>(type_list<Ps...>) {
            return (has_room<Mapped, std::remove_cvref_t<Ps>>() && ...);
        }(typename function_traits<decltype(&wire<T>::from)>::parameters{});
    return true;
}

template <class T, class Mapped>
concept wire_functions = takes_whole<T, Mapped>() && requires(const T& t, Mapped m) {
    { wire<T>::from(static_cast<Mapped&&>(m)) } -> gives<T>;
    requires converts_whole<decltype(wire<T>::to(t)), Mapped> ||
        (codec::is_string<Mapped> &&
         std::is_convertible_v<decltype(wire<T>::to(t)), std::string_view>);
};

} // namespace ctbus::detail
