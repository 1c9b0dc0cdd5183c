// What a function type means on the bus: its inputs and outputs, and what is wrong with it.
#pragma once

#include <ctbus/function.hpp>
#include <ctbus/message.hpp>
#include <ctbus/require.hpp>
#include <ctbus/type_mistakes.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

/// A reply that comes later, by its shape: it names the outputs it will carry.
template <class T>
concept deferred_reply = requires {
    typename T::deferred_outputs;
};

/// What a coroutine returns, by its shape: it serves the call itself, and answers when it ends.
template <class R>
concept later_result = requires {
    typename R::task_value;
};

namespace detail {

// The part that a parameter plays.
enum class part : unsigned char { input, message, output, deferred };

// What appears in the compiler's output beside a sentence.
template <int Position>
struct parameter {};
struct the_result {};

// A base that is not public counts too, for the sentence about it; but a vtable inside its class
// can ask for no more than public bases, as the class is not complete there.
template <class Base, class C>
inline constexpr bool is_base = std::is_convertible_v<const C*, const Base*>;
template <class Base, codec::complete C>
inline constexpr bool is_base<Base, C> = std::is_base_of_v<Base, C>;

template <class P, class S>
consteval bool is_instance() {
    using C = std::remove_cvref_t<P>;
    if constexpr (std::is_void_v<S> || !std::is_lvalue_reference_v<P> || !std::is_class_v<C>)
        return false;
    else return std::is_convertible_v<const S*, const C*>;
}

template <class P>
consteval part part_of() {
    if constexpr (std::is_same_v<std::remove_cvref_t<P>, message>) return part::message;
    else if constexpr (deferred_reply<std::remove_cvref_t<P>>) return part::deferred;
    else if constexpr (!std::is_lvalue_reference_v<P>) return part::input;
    else return std::is_const_v<std::remove_reference_t<P>> ? part::input : part::output;
}

// What is wrong with one parameter for itself.
template <class P>
consteval mistake parameter_mistake() {
    using T = std::remove_cvref_t<P>;
    using pointee = std::remove_cv_t<std::remove_pointer_t<T>>;
    if constexpr (part_of<P>() == part::deferred) {
        if constexpr (std::is_reference_v<P>) return mistake::deferred_by_reference;
        else return first_mistake(typename T::deferred_outputs{}, 0, direction::write);
    } else if constexpr (std::is_rvalue_reference_v<P>) return mistake::rvalue_reference;
    else if constexpr (std::is_same_v<pointee, message> && std::is_pointer_v<T>)
        return mistake::message_pointer;
    else if constexpr (part_of<P>() == part::message)
        return std::is_same_v<P, message&> ? mistake::message_not_const : mistake::none;
    else if constexpr (part_of<P>() == part::output) {
        if (const mistake m = type_mistake<T, direction::write>(); m != mistake::none) return m;
        return std::is_default_constructible_v<T> ? mistake::none : mistake::output_without_default;
    } else return type_mistake<T, direction::read>();
}

template <class R>
struct returned {
    using outputs = type_list<R>;
    static constexpr mistake wrong = type_mistake<R, direction::write>();
};
template <>
struct returned<void> {
    using outputs = type_list<>;
    static constexpr mistake wrong = mistake::none;
};
template <class... Ts>
struct returned<std::tuple<Ts...>> {
    using outputs = type_list<std::remove_const_t<Ts>...>;
    static constexpr mistake wrong = first_mistake(outputs{}, 0, direction::write);
};
template <class A, class B>
struct returned<std::pair<A, B>> {
    using outputs = type_list<>;
    static constexpr mistake wrong = mistake::pair_returned;
};
template <class T>
struct returned<result<T>> : returned<std::remove_const_t<T>> {};
template <later_result T>
struct returned<result<T>> {
    using outputs = type_list<>;
    static constexpr mistake wrong = mistake::task_not_itself;
};
template <later_result R>
struct returned<R> : returned<typename R::task_value> {};

template <part Wanted, class P>
constexpr auto list_if() {
    if constexpr (part_of<P>() == Wanted) return type_list<std::remove_cvref_t<P>>{};
    else return type_list<>{};
}

template <class... Ps>
auto deferred_outputs_of() {
    return (type_list<>{} + ... + [] {
        using T = std::remove_cvref_t<Ps>;
        if constexpr (deferred_reply<T>) return typename T::deferred_outputs{};
        else return type_list<>{};
    }());
}

/// The first mistake in a function's type, and where: 0 the result, else the parameter's position.
struct shape_finding {
    mistake what = mistake::none;
    int where = 0;

    constexpr void note(mistake m, int position) {
        if (what == mistake::none) *this = {m, m == mistake::none ? 0 : position};
    }
};

// The order: inputs, message, outputs; the message may also be last.
template <class... Ps>
consteval shape_finding order_mistake(bool returns) {
    using enum mistake;
    shape_finding found;
    int position = 0, outputs = returns, references = 0, messages = 0, later = 0;
    bool message_before_output = false;
    [[maybe_unused]] const auto look = [&](part p) {
        ++position;
        switch (p) {
        case part::input:
            if (references != 0) found.note(input_after_output, position);
            else if (messages != 0) found.note(input_after_message, position);
            break;
        case part::message:
            if (++messages > 1) found.note(two_messages, position);
            message_before_output = references == 0;
            break;
        case part::output:
            if (messages != 0 && !message_before_output)
                found.note(message_among_outputs, position - 1);
            ++references, ++outputs;
            break;
        case part::deferred: ++later; break;
        }
        if (later != 0 && outputs + later > 1) found.note(deferred_with_outputs, position);
    };
    (look(part_of<Ps>()), ...);
    return found;
}

// Whether the first parameter is an output only because its class could be one.
consteval bool begins_with_struct(type_list<>) {
    return false;
}
template <class P, class... Ps>
consteval bool begins_with_struct(type_list<P, Ps...>) {
    using C = std::remove_cvref_t<P>;
    if constexpr (part_of<P>() == part::output && requires { sizeof(C); })
        return std::is_aggregate_v<C>;
    else return false;
}

template <class R, class... Ps>
struct shape {
    using returned = detail::returned<std::remove_cvref_t<R>>;
    using outputs = decltype(typename returned::outputs{} +
                             (type_list<>{} + ... + list_if<part::output, Ps>()) +
                             deferred_outputs_of<Ps...>());
    using inputs = decltype((type_list<>{} + ... + list_if<part::input, Ps>()));
    using result = R;
    using parameters = type_list<Ps...>;
    static constexpr bool defers = ((part_of<Ps>() == part::deferred) || ...);

    static consteval shape_finding find() {
        shape_finding found;
        found.note(returned::wrong, 0);
        if (std::is_lvalue_reference_v<R> && later_result<std::remove_cvref_t<R>>)
            found.note(mistake::task_not_itself, 0);
        if (std::is_rvalue_reference_v<R>) found.note(mistake::rvalue_reference, 0);
        // GCC 16 finds it unused where there are no parameters.
        [[maybe_unused]] int position = 0;
        (found.note(parameter_mistake<Ps>(), ++position), ...);
        if (found.what == mistake::none) found = order_mistake<Ps...>(returned::outputs::size != 0);
        if (found.what == mistake::input_after_output && begins_with_struct(parameters{}))
            found.what = mistake::input_after_struct;
        return found;
    }
    static constexpr shape_finding wrong = find();

    /// For the compiler's output: the place of the mistake, and what it is inside that type.
    static consteval auto show() {
        if constexpr (wrong.what == mistake::none) return type_list<>{};
        else if constexpr (wrong.where == 0)
            return type_list<the_result,
                             nesting_in<typename returned::outputs, direction::write>>{};
        else {
            using P = type_at<wrong.where - 1, parameters>;
            constexpr auto way = part_of<P>() == part::output ? direction::write : direction::read;
            return type_list<parameter<wrong.where>,
                             nesting_in<type_list<std::remove_cvref_t<P>>, way>>{};
        }
    }
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
inline constexpr std::string_view signature_of_list<type_list<Ts...>> = codec::signature_of<Ts...>;

} // namespace detail

} // namespace ctbus
