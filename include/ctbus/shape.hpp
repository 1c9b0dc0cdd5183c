// What a function type means on the bus: its inputs and outputs, and what is wrong with it.
#pragma once

#include <ctbus/function.hpp>
#include <ctbus/message.hpp>
#include <ctbus/mistakes.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

/// A reply that comes later, by its shape: it names the outputs it will carry.
template <class T>
concept deferred_reply = requires { typename T::deferred_outputs; };

namespace detail {

// The part that a parameter plays.
enum class part : unsigned char { input, message, output, deferred, instance };

template <class P, class S>
consteval bool is_instance() {
    using C = std::remove_cvref_t<P>;
    if constexpr (std::is_void_v<S> || !std::is_lvalue_reference_v<P> || !std::is_class_v<C>)
        return false;
    else return std::is_base_of_v<C, std::remove_const_t<S>>;
}

template <class P>
consteval part part_of() {
    if constexpr (std::is_same_v<std::remove_cvref_t<P>, message>) return part::message;
    else if constexpr (deferred_reply<P>) return part::deferred;
    else if constexpr (std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>)
        return part::output;
    else return part::input;
}

// What is wrong with one parameter for itself.
template <class P>
consteval mistake parameter_mistake() {
    using T = std::remove_cvref_t<P>;
    using pointee = std::remove_cv_t<std::remove_pointer_t<T>>;
    if constexpr (std::is_rvalue_reference_v<P>) return mistake::rvalue_reference;
    else if constexpr (std::is_same_v<pointee, message> && std::is_pointer_v<T>)
        return mistake::message_pointer;
    else if constexpr (part_of<P>() == part::message)
        return std::is_same_v<P, message&> ? mistake::message_not_const : mistake::none;
    else if constexpr (part_of<P>() == part::deferred) return mistake::none;
    else if constexpr (part_of<P>() == part::output) return type_mistake<T, direction::write>();
    else return type_mistake<T, direction::read>();
}

template <class R>
struct returned {
    using outputs = type_list<std::remove_cvref_t<R>>;
    static constexpr mistake wrong = type_mistake<std::remove_cvref_t<R>, direction::write>();
};
template <>
struct returned<void> {
    using outputs = type_list<>;
    static constexpr mistake wrong = mistake::none;
};
template <class... Ts>
struct returned<std::tuple<Ts...>> {
    using outputs = type_list<Ts...>;
    static constexpr mistake wrong = first_mistake(outputs{}, 0, direction::write);
};
template <class A, class B>
struct returned<std::pair<A, B>> {
    using outputs = type_list<>;
    static constexpr mistake wrong = mistake::pair_returned;
};
template <class T>
struct returned<result<T>> : returned<T> {};

template <part Wanted, class P>
constexpr auto list_if() {
    if constexpr (part_of<P>() == Wanted) return type_list<std::remove_cvref_t<P>>{};
    else return type_list<>{};
}

template <class... Ps>
auto deferred_outputs_of() {
    return (type_list<>{} + ... + [] {
        if constexpr (deferred_reply<Ps>) return typename Ps::deferred_outputs{};
        else return type_list<>{};
    }());
}

// The order: inputs, message, outputs; the message may also be last.
template <class... Ps>
consteval mistake order_mistake() {
    int outputs = 0, messages = 0, later = 0;
    bool message_before_output = false;
    mistake found = mistake::none;
    [[maybe_unused]] const auto note = [&](part p) {
        if (found != mistake::none) return;
        switch (p) {
        case part::input:
            if (outputs != 0) found = mistake::input_after_output;
            else if (messages != 0) found = mistake::input_after_message;
            break;
        case part::message:
            if (++messages > 1) found = mistake::two_messages;
            message_before_output = outputs == 0;
            break;
        case part::output:
            if (messages != 0 && !message_before_output) found = mistake::message_among_outputs;
            ++outputs;
            break;
        case part::deferred: ++later; break;
        case part::instance: break;
        }
    };
    (note(part_of<Ps>()), ...);
    if (found == mistake::none && later != 0 && (outputs != 0 || later > 1))
        found = mistake::deferred_with_outputs;
    return found;
}

template <class R, class... Ps>
struct shape {
    using outputs = decltype(typename returned<std::remove_cvref_t<R>>::outputs{} +
                             (type_list<>{} + ... + list_if<part::output, Ps>()) +
                             deferred_outputs_of<Ps...>());
    using inputs = decltype((type_list<>{} + ... + list_if<part::input, Ps>()));
    using result = R;
    using parameters = type_list<Ps...>;

    // The first mistake, and where it is: 0 the result, else the parameter.
    struct finding {
        mistake what = mistake::none;
        int where = 0;
    };
    static consteval finding find() {
        finding found{returned<std::remove_cvref_t<R>>::wrong, 0};
        int position = 0;
        [[maybe_unused]] const auto look = [&](mistake m) {
            ++position;
            if (found.what == mistake::none && m != mistake::none) found = {m, position};
        };
        (look(parameter_mistake<Ps>()), ...);
        if (found.what == mistake::none) found = {order_mistake<Ps...>(), 0};
        return found;
    }
    static constexpr finding wrong = find();
};

template <class F, class S, bool Free = std::is_void_v<typename function_traits<F>::member_of>>
struct shape_of;
template <class R, class... Ps>
auto make_shape(type_list<Ps...>) -> shape<R, Ps...>;
template <class S, class R, class First, class... Ps>
auto make_free_shape(type_list<First, Ps...>)
    -> std::conditional_t<is_instance<First, S>(), shape<R, Ps...>, shape<R, First, Ps...>>;
template <class S, class R>
auto make_free_shape(type_list<>) -> shape<R>;

template <class F, class S>
struct shape_of<F, S, false> {
    static constexpr bool takes_instance = false;
    using type = decltype(make_shape<typename function_traits<F>::result>(
        typename function_traits<F>::parameters{}));
};
template <class F, class S>
struct shape_of<F, S, true> {
    using traits = function_traits<F>;
    using type =
        decltype(make_free_shape<S, typename traits::result>(typename traits::parameters{}));
    static constexpr bool takes_instance = type::parameters::size != traits::parameters::size;
};

template <class T>
inline constexpr bool is_tuple = false;
template <class... Ts>
inline constexpr bool is_tuple<std::tuple<Ts...>> = true;

template <class List>
inline constexpr std::string_view signature_of_list{};
template <class... Ts>
inline constexpr std::string_view signature_of_list<type_list<Ts...>> = signature_of<Ts...>;

} // namespace detail

} // namespace ctbus
