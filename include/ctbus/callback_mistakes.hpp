// What is wrong with a callback, for the sentences about it.
#pragma once

#include <ctbus/error.hpp>
#include <ctbus/function.hpp>
#include <ctbus/message.hpp>
#include <ctbus/mistakes.hpp>
#include <ctbus/shape.hpp>

#include <type_traits>
#include <utility>

namespace ctbus::detail {

/// What is wrong with an `R` returned by a callback, as nobody looks at it.
template <class R>
consteval mistake unseen_mistake() {
    using T = std::remove_cvref_t<R>;
    if constexpr (later_result<T>) return mistake::callback_is_coroutine;
    else if constexpr (is_result<T> || std::is_same_v<T, error> ||
                       requires { typename T::handle_type; })
        return mistake::callback_result_is_lost;
    else return mistake::none;
}

/// What is wrong with calling an `F`, whose result nobody looks at, with `Args...`.
template <mistake Otherwise, class F, class... Args>
consteval mistake call_mistake() {
    if constexpr (!requires(F & f, Args(&... args)()) { f(args()...); }) return Otherwise;
    else return unseen_mistake<decltype(std::declval<F&>()(std::declval<Args (&)()>()()...))>();
}

/// What is wrong with an `F` that is given calls, or other messages, to deal with: what it returns
/// answers none.
template <class F>
consteval mistake message_callback_mistake() {
    constexpr mistake m = call_mistake<mistake::not_a_call_callback, F, const message&>();
    if constexpr (m == mistake::none)
        if (!std::is_void_v<decltype(std::declval<F&>()(std::declval<const message&>()))>)
            return mistake::callback_result_is_lost;
    return m;
}

// Whether one of them is a result of another type than `Value`.
template <class Value, class... Ps>
consteval bool takes_other_result(type_list<Ps...>) {
    return ((is_result<std::remove_cvref_t<Ps>> &&
             !std::is_same_v<std::remove_cvref_t<Ps>, result<Value>>) ||
            ...);
}

/// What is wrong with calling an `F` with the result of what gives a `Value`. A result of another
/// type, to which that one converts, would narrow numbers without a word.
template <class F, class Value>
consteval mistake answer_callback_mistake() {
    if constexpr (function_like<F>)
        if (takes_other_result<Value>(typename function_traits<F>::parameters{}))
            return mistake::not_an_answer_callback;
    return call_mistake<mistake::not_an_answer_callback, F, result<Value>>();
}

} // namespace ctbus::detail
