// What a function type says: its result, its parameters, the class it is a member of.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace ctbus {

/// Some types; `+` joins two lists.
template <class... Ts>
struct type_list {
    static constexpr std::size_t size = sizeof...(Ts);

    template <class... Us>
    constexpr type_list<Ts..., Us...> operator+(type_list<Us...>) const {
        return {};
    }
};

namespace detail {

template <std::size_t, class T>
struct indexed {
    using type = T;
};
template <class Indices, class... Ts>
struct indexer;
template <std::size_t... I, class... Ts>
struct indexer<std::index_sequence<I...>, Ts...> : indexed<I, Ts>... {};
template <std::size_t I, class T>
auto select(const indexed<I, T>&) -> indexed<I, T>;
template <std::size_t I, class... Ts>
auto element_at(type_list<Ts...>)
    -> decltype(select<I>(indexer<std::index_sequence_for<Ts...>, Ts...>{}));

// Clang 19 allows no fold over more than 256.
template <class... Lists>
struct joined : std::type_identity<decltype((type_list<>{} + ... + Lists{}))> {};
template <class... As, class... Bs, class... Cs, class... Ds, class... Lists>
    requires(sizeof...(Lists) > 64)
struct joined<type_list<As...>, type_list<Bs...>, type_list<Cs...>, type_list<Ds...>, Lists...>
    : joined<type_list<As..., Bs..., Cs..., Ds...>, Lists...> {};

} // namespace detail

/// All the types of the lists, in order.
template <class... Lists>
using join = typename detail::joined<Lists...>::type;

/// The position of the first that is true, or -1. For packs of hundreds, over which Clang 19 allows
/// no fold.
consteval int first_true(std::initializer_list<bool> all) {
    int at = 0;
    for (const bool one : all) {
        if (one) return at;
        ++at;
    }
    return -1;
}

/// The type at position `I` of a type_list.
template <int I, class List>
using type_at = typename decltype(detail::element_at<static_cast<std::size_t>(I)>(List{}))::type;

namespace detail {

template <class Result, class Class, bool Const, class... Parameters>
struct function_parts {
    using result = Result;
    using parameters = type_list<Parameters...>;
    using member_of = Class; // void for a free function or a lambda
    static constexpr bool is_const = Const;
};

} // namespace detail

/// Result, parameters and class of a function type, function pointer, member function pointer or
/// captureless lambda. Not defined for anything else.
template <class F>
struct function_traits {};

template <class R, class... Ps>
struct function_traits<R(Ps...)> : detail::function_parts<R, void, false, Ps...> {};
template <class R, class... Ps>
struct function_traits<R(Ps...) noexcept> : detail::function_parts<R, void, false, Ps...> {};
template <class R, class... Ps>
struct function_traits<R (*)(Ps...)> : detail::function_parts<R, void, false, Ps...> {};
template <class R, class... Ps>
struct function_traits<R (*)(Ps...) noexcept> : detail::function_parts<R, void, false, Ps...> {};

template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...)> : detail::function_parts<R, C, false, Ps...> {};
template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...) noexcept> : detail::function_parts<R, C, false, Ps...> {};
template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...) const> : detail::function_parts<R, C, true, Ps...> {};
template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...) const noexcept> : detail::function_parts<R, C, true, Ps...> {
};
template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...)&> : detail::function_parts<R, C, false, Ps...> {};
template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...)& noexcept> : detail::function_parts<R, C, false, Ps...> {};
template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...) const&> : detail::function_parts<R, C, true, Ps...> {};
template <class R, class C, class... Ps>
struct function_traits<R (C::*)(Ps...) const& noexcept>
    : detail::function_parts<R, C, true, Ps...> {};

namespace detail {

template <class R, class C, bool Const, class... Ps>
auto without_class(const function_parts<R, C, Const, Ps...>&)
    -> function_parts<R, void, false, Ps...>;

} // namespace detail

template <class L>
    requires std::is_class_v<L> && requires {
        typename function_traits<decltype(&L::operator())>::result;
    }
struct function_traits<L>
    : decltype(detail::without_class(function_traits<decltype(&L::operator())>{})) {};

template <class F>
concept function_like = requires {
    typename function_traits<F>::result;
};

} // namespace ctbus
