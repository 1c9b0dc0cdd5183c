// Arguments of a call, a signal or a Set: what a caller may give for a declared parameter.
#pragma once

#include <ctbus/codec.hpp>
#include <ctbus/method.hpp>
#include <ctbus/require.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace ctbus {

namespace detail {

template <class T>
inline constexpr bool is_integer = std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                                   !std::is_same_v<T, char> && !wide_character<T>;
// An enumeration that converts to its integer by itself.
template <class T>
inline constexpr bool is_plain_enum = std::is_enum_v<T>&& std::is_convertible_v<T, long long>;
template <class T>
inline constexpr bool is_text = std::is_convertible_v<const T&, std::string_view>;

// Parameters that text is given for: what a path or signature holds is then checked at run time.
template <class P>
consteval bool takes_text() {
    using enum codec::kind;
    constexpr auto k = codec::kind_of<P>();
    return k == string || k == string_view || k == path || k == signature;
}

template <class P, class Arg>
consteval bool has_signature_of() {
    if constexpr (std::is_same_v<P, Arg>) return true;
    else if constexpr (writable_type<Arg>)
        return codec::signature_of<Arg> == codec::signature_of<P>;
    else return false;
}

/// What is wrong with giving an `Arg` for a parameter `P`.
template <class P, class Arg>
consteval mistake argument_mistake() {
    if constexpr (has_signature_of<P, Arg>()) return mistake::none;
    else if constexpr (std::is_same_v<P, bool>)
        return std::is_arithmetic_v<Arg> ? mistake::number_for_bool : mistake::wrong_argument;
    else if constexpr (is_integer<P>) {
        if constexpr (is_integer<Arg> || is_plain_enum<Arg>) return mistake::none;
        else if constexpr (std::is_floating_point_v<Arg>) return mistake::floating_for_integer;
        else if constexpr (std::is_arithmetic_v<Arg>) return mistake::wrong_argument;
        else return converts_whole<const Arg&, P> ? mistake::none : mistake::wrong_argument;
    } else if constexpr (std::is_same_v<P, double>)
        return is_integer<Arg> || std::is_floating_point_v<Arg> ||
                       (!std::is_arithmetic_v<Arg> && std::is_convertible_v<const Arg&, P>)
                   ? mistake::none
                   : mistake::wrong_argument;
    else if constexpr (codec::kind_of<P>() == codec::kind::path && is_name<Arg>)
        return mistake::wrong_argument; // no name begins with a slash
    else if constexpr (takes_text<P>() && is_text<Arg>) return mistake::none;
    else return std::is_convertible_v<const Arg&, P> ? mistake::none : mistake::wrong_argument;
}

/// Whether integer `value` is one of `To` too.
template <class To, class From>
constexpr bool fits(From value) {
    const auto converted = static_cast<To>(value);
    return static_cast<From>(converted) == value && (converted < To{}) == (value < From{});
}

// A template, so that what makes a std::string is compiled only where it is used.
template <class Text = std::string>
[[gnu::noinline]] int append_text(codec::message_writer& writer, char type, std::string_view text) {
    if (type == 'o' ? object_path_rules::check(text) != name_fault::none : !is_signature(text))
        return type == 'o' ? codec::bad_path : codec::bad_signature;
    return writer.basic(type, Text{text}.c_str());
}

template <class Text = std::string>
int append_text(codec::message_writer& writer, char type, const char* text) {
    return text ? append_text<Text>(writer, type, std::string_view{text}) : int{codec::null_text};
}

/// Appends `value` as a parameter of type `P`.
template <class P, class Arg>
int append_as(codec::message_writer& writer, const Arg& value) {
    using A = codec::given_t<Arg>;
    if constexpr (std::is_same_v<A, P>) {
        return codec::of<P>::append(writer, value);
    } else if constexpr (is_integer<P> && is_integer<A>) {
        if (!fits<P>(value)) [[unlikely]]
            return codec::out_of_range;
        return codec::of<P>::append(writer, static_cast<P>(value));
    } else if constexpr (is_integer<P> && is_plain_enum<A>) {
        return append_as<P>(writer, static_cast<std::underlying_type_t<A>>(value));
    } else if constexpr (std::is_same_v<P, double> && std::is_arithmetic_v<A>) {
        return codec::of<P>::append(writer, static_cast<double>(value));
    } else {
        if constexpr (has_signature_of<P, A>()) return codec::append(writer, value);
        else if constexpr (codec::kind_of<P>() == codec::kind::path && is_text<A>)
            return append_text(writer, 'o', value);
        else if constexpr (codec::kind_of<P>() == codec::kind::signature && is_text<A>)
            return append_text(writer, 'g', value);
        else if constexpr (takes_text<P>() && is_text<A>)
            return codec::of<std::string_view>::append(writer, value);
        else return codec::of<P>::append(writer, static_cast<const P&>(static_cast<P>(value)));
    }
}

struct argument_finding {
    mistake what = mistake::none;
    int where = 0;
};

template <class... Ps, class... Args>
consteval argument_finding find_arguments(type_list<Ps...>, type_list<Args...>) {
    if constexpr (sizeof...(Args) < sizeof...(Ps)) return {mistake::too_few_arguments, 0};
    else if constexpr (sizeof...(Args) > sizeof...(Ps)) return {mistake::too_many_arguments, 0};
    else {
        argument_finding found;
        int position = 0;
        [[maybe_unused]] const auto look = [&](mistake m) {
            ++position;
            if (found.what == mistake::none && m != mistake::none) found = {m, position};
        };
        (look(argument_mistake<Ps, Args>()), ...);
        return found;
    }
}

template <class Parameters, class... Args>
inline constexpr argument_finding arguments_wrong =
    find_arguments(Parameters{}, type_list<codec::given_t<Args>...>{});

/// Appends all arguments; negative: `*where` is the position of the one at fault.
template <class... Ps, class... Args>
int append_arguments(sd_bus_message* m, int* where, type_list<Ps...>, const Args&... args) {
    codec::message_writer writer{m};
    int r = 0;
    static_cast<void>(((++*where, r = append_as<Ps>(writer, args), r >= 0) && ...));
    return r;
}

/// Owns a message while arguments are appended: what a type of the user's does may throw.
struct held_message {
    sd_bus_message* m = nullptr;

    held_message() = default;
    held_message(const held_message&) = delete;
    held_message& operator=(const held_message&) = delete;
    ~held_message() {
        if (m) [[unlikely]]
            sd_bus_message_unref(m);
    }
    sd_bus_message* release() { return detail::take(m); }
};

/// The error for an argument that could not be appended; `names` as in a vtable's row.
[[gnu::cold, gnu::noinline]] inline error argument_error(int r, int where, const char* names,
                                                         const char* member) {
    return codec::explain(r, {}, codec::argument_text(where, names, member));
}

} // namespace detail

} // namespace ctbus
