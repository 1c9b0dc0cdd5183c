// The declarations method<> and handler<>: a name, a function and its options.
#pragma once

#include <ctbus/handler.hpp>
#include <ctbus/options.hpp>
#include <ctbus/require.hpp>

#include <cstddef>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

// What appears in the compiler's output beside a sentence.
template <fixed_string Name>
struct member {};
template <fixed_string Name, name_fault Why>
struct misnamed {};
template <fixed_string Name, class Rules = member_name_rules>
using shown = std::conditional_t<Rules::check(Name.view()) == name_fault::none, member<Name>,
                                 misnamed<Name, Rules::check(Name.view())>>;

struct method_tag {};
struct handler_tag {};

/// The names of a method's or signal's arguments as sd-bus wants them: each followed by NUL. If any
/// is given, all have to be; those missing are numbered.
struct name_writer {
    char text[2048]{};
    std::size_t size = 0;

    constexpr void put(std::string_view name) {
        for (char c : name) text[size++] = c;
        text[size++] = 0;
    }
    template <class Names>
    constexpr void put_all(Names, std::size_t wanted, std::string_view otherwise) {
        for (std::size_t i = 0; i < wanted; ++i) {
            if (Names::count != 0) {
                put(Names::at(i));
                continue;
            }
            for (char c : otherwise) text[size++] = c;
            if (i >= 10) text[size++] = static_cast<char>('0' + i / 10);
            text[size++] = static_cast<char>('0' + i % 10);
            text[size++] = 0;
        }
    }
};

template <class Given, class GivenOut>
constexpr name_writer write_names(std::size_t inputs, std::size_t outputs) {
    name_writer written;
    if (Given::count + GivenOut::count != 0) {
        written.put_all(Given{}, inputs, "arg");
        written.put_all(GivenOut{}, outputs, "out");
    }
    return written;
}

template <class Given, class GivenOut, std::size_t Inputs, std::size_t Outputs>
struct names_text {
    static constexpr name_writer written = write_names<Given, GivenOut>(Inputs, Outputs);
    struct storage {
        char text[written.size + 1]{};
    };
    static constexpr storage make() {
        storage made;
        for (std::size_t i = 0; i < written.size; ++i) made.text[i] = written.text[i];
        return made;
    }
    static constexpr storage value = make();
};

template <place Where, class T>
consteval bool may_stand(const T& item) {
    if constexpr (is_option<T>) return (places_of(item) & Where) != 0;
    else return false;
}
template <place Where, auto... Options>
consteval mistake options_mistake() {
    if ((!may_stand<Where>(Options) || ...)) return mistake::misplaced_option;
    if (options_of<Options...>::size != sizeof...(Options)) return mistake::repeated_option;
    return has_bad_capability(options_of<Options...>::flags) ? mistake::bad_capability
                                                             : mistake::none;
}

template <fixed_string... Names>
consteval bool are_error_names(const option::errors<Names...>&) {
    return ((error_name_rules::check(Names.view()) == name_fault::none) && ...);
}
consteval bool are_error_names(...) {
    return true;
}

// What is wrong with the names and with all arguments together, which are good one by one.
template <class Names, class... Ts>
consteval mistake arguments_mistake(Names, type_list<Ts...>, mistake wrong_count) {
    if (!std::is_same_v<Names, option::unnamed> && Names::count != sizeof...(Ts))
        return wrong_count;
    for (std::size_t i = 0; i < Names::count; ++i) {
        if (member_name_rules::check(Names::at(i)) != name_fault::none)
            return mistake::bad_argument_name;
        for (std::size_t j = 0; j < i; ++j)
            if (Names::at(j) == Names::at(i)) return mistake::same_argument_names;
    }
    const mistake m = signature_mistake(codec::sign<Ts...>());
    return m == mistake::signature_too_long ? mistake::too_long_signature : m;
}

} // namespace detail

/// True of all; for an overloaded function the compiler stops here, and prints this name.
template <class F>
concept function_cast_if_overloaded = true;

/// What methods of one type and the same options have in common, whatever their names: it is found
/// once for all of them. `Function` is their type, seen by a vtable that serves `S`.
template <class Function, class S, auto... Options>
struct method_type {
    using tag = detail::method_tag;
    using options = detail::options_of<Options...>;
    using shape = typename detail::shape_of<Function, S>::type;
    using inputs = typename shape::inputs;
    using outputs = typename shape::outputs;
    using input_names = decltype(detail::names_in(options{}));
    using output_names = decltype(detail::names_out(options{}));

    static constexpr bool no_reply = options::template has<option::no_reply>;
    static constexpr std::string_view signature = detail::signature_of_list<inputs>;
    static constexpr std::string_view result = detail::signature_of_list<outputs>;
    static constexpr const char* names =
        detail::names_text<input_names, output_names, inputs::size, outputs::size>::value.text;

    static consteval mistake find() {
        using enum mistake;
        const mistake m = detail::options_mistake<detail::on_method, Options...>();
        if (m != none) return m;
        if constexpr (is_unserved()) return unserved_first_parameter;
        else if constexpr (shape::wrong.what != none) return shape::wrong.what;
        else {
            if (!detail::are_error_names(options{})) return bad_error_name;
            if (no_reply && outputs::size != 0) return no_reply_with_outputs;
            const mistake in = detail::arguments_mistake(input_names{}, inputs{}, args_count);
            if (in != none) return in;
            return detail::arguments_mistake(output_names{}, outputs{}, returns_count);
        }
    }
    static constexpr mistake wrong_type = find();

private:
    // Whether the first parameter was meant to be the served instance.
    static consteval bool is_unserved() {
        if constexpr (shape::wrong.what != mistake::unmapped_class || shape::wrong.where != 1)
            return false;
        else
            return !std::is_void_v<S> &&
                   std::is_void_v<typename function_traits<Function>::member_of> &&
                   std::is_lvalue_reference_v<type_at<0, typename shape::parameters>>;
    }
};

/// A method as an interface knows it.
template <fixed_string Name, class Function, class S, auto... Options>
struct method_spec : method_type<Function, S, Options...> {
    using type = method_type<Function, S, Options...>;
    static constexpr std::string_view name = Name.view();
    static constexpr const char* c_name = Name.c_str();
    static constexpr mistake wrong = member_name_rules::check(name) == name_fault::none
                                         ? type::wrong_type
                                         : mistake::bad_member_name;

    static consteval bool judge() {
        if constexpr (wrong == mistake::none) return true;
        else
            return require::sentence<wrong, detail::shown<Name>, Function, typename type::options,
                                     decltype(type::shape::show())>();
    }
};

namespace detail {

template <auto>
struct constant;
struct null_pointer {}; // in the place of a null function's type

/// Whether a function or member given as a template argument is null. Compared as types: whether a
/// weak function is null is not known yet.
template <auto F>
consteval bool is_null() {
    using T = std::remove_const_t<decltype(F)>;
    if constexpr (std::is_pointer_v<T> || std::is_member_pointer_v<T>)
        return std::is_same_v<constant<F>, constant<static_cast<T>(nullptr)>>;
    else return false;
}

} // namespace detail

/// What stands for a function that cannot be a method at all.
template <fixed_string Name, class Function>
struct no_method_spec {
    using tag = detail::method_tag;
    static constexpr std::string_view name = Name.view();
    static constexpr mistake wrong = std::is_same_v<Function, detail::null_pointer>
                                         ? mistake::null_function
                                         : mistake::not_a_function;
    static consteval bool judge() {
        return require::sentence<wrong, detail::shown<Name>, Function>();
    }
};

namespace detail {

template <fixed_string Name, class Function, class S, auto... Options>
struct method_spec_of {
    using type = no_method_spec<Name, Function>;
};
// A lambda with captures might be a constant.
template <class F>
concept handler_like = function_like<F> &&(!std::is_class_v<F> || std::is_empty_v<F>);
template <fixed_string Name, handler_like Function, class S, auto... Options>
struct method_spec_of<Name, Function, S, Options...> {
    using type = method_spec<Name, Function, S, Options...>;
};

} // namespace detail

/// method<"Name", Function, options...> of an interface.
template <fixed_string Name, class Function, auto... Options>
struct method_declaration {
    using tag = detail::method_tag;
    static constexpr std::string_view name = Name.view();
    template <class>
    using spec = typename detail::method_spec_of<Name, Function, void, Options...>::type;
};
template <fixed_string Name, class Function, auto... Options>
inline constexpr method_declaration<Name, Function, Options...> method{};

/// handler<"Name", function, options...> of a vtable.
template <fixed_string Name, auto F, auto... Options>
struct handler_declaration {
    using tag = detail::handler_tag;
    using function = std::conditional_t<detail::is_null<F>(), detail::null_pointer,
                                        std::remove_const_t<decltype(F)>>;
    using options = detail::options_of<Options...>;
    static constexpr std::string_view name = Name.view();
    template <class S>
    using spec = typename detail::method_spec_of<Name, function, S, Options...>::type;
    template <class S, class Style, bool Shared>
    using thunk = method_thunk<F, S, Style, Shared>;
};
template <fixed_string Name, function_cast_if_overloaded auto F, auto... Options>
inline constexpr handler_declaration<Name, F, Options...> handler{};

} // namespace ctbus
