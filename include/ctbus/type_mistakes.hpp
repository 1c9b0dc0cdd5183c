// What can be wrong with a type, found without an error so that exactly one sentence is shown.
#pragma once

#include <ctbus/codec.hpp>
#include <ctbus/mistakes.hpp>
#include <ctbus/utf8.hpp>
#include <ctbus/wire_mistakes.hpp>

#include <cstddef>
#include <expected>
#include <string_view>
#include <type_traits>

namespace ctbus {

class message; // message.hpp

namespace detail {

enum class direction : unsigned char { both, read, write };

template <class T>
consteval mistake mistake_in(int depth = 0, direction way = direction::both);

template <class... Ts>
consteval mistake first_mistake(type_list<Ts...>, [[maybe_unused]] int depth,
                                [[maybe_unused]] direction way) {
    mistake found = mistake::none;
    static_cast<void>(
        ((found = mistake_in<std::remove_const_t<Ts>>(depth, way), found == mistake::none) && ...));
    return found;
}

template <class T>
consteval bool is_dict_key() {
    using enum codec::kind;
    constexpr auto k = codec::kind_of<T>();
    if constexpr (k == wire) return is_dict_key<typename ctbus::wire<T>::type>();
    return k == number || k == boolean || k == string || k == string_view || k == path ||
           k == signature || k == fd || k == enumeration || k == named_enumeration;
}

template <template <class...> class V, class... Ts>
auto list_alternatives(V<Ts...>*) -> type_list<Ts...>;
template <class T>
using alternatives_of = decltype(list_alternatives(static_cast<T*>(nullptr)));

template <class T>
inline constexpr bool wide_character = std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
                                       std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

// enum_strings<E> is a range of pairs, or of structs, of an enumerator and its text.
template <class E, class Entry>
consteval bool names_enumerator() {
    using enum codec::kind;
    if constexpr (codec::kind_of<Entry>() == tuple || codec::kind_of<Entry>() == structure)
        return []<class... Fs>(type_list<Fs...>) {
            if constexpr (sizeof...(Fs) != 2) return false;
            else
                return std::is_same_v<std::remove_const_t<type_at<0, type_list<Fs...>>>, E> &&
                       std::is_convertible_v<type_at<1, type_list<Fs...>>, std::string_view>;
        }(codec::fields_of<Entry>{});
    else return false;
}
template <class E>
concept right_enum_strings = requires {
    std::begin(enum_strings<E>);
    requires names_enumerator<E, std::remove_cvref_t<decltype(*std::begin(enum_strings<E>))>>();
};

// Whether what enum_strings<E> holds says one thing in both directions. The compiler counts its
// steps, and gives up at some: hence tables, and the first thousand only.
template <class E>
consteval bool find_clear_enum_strings() {
    constexpr std::size_t places = 2048;
    std::string_view names[places]{}; // by a hash
    E values[places]{};
    bool named[places]{}, taken[places]{};
    int left = 1000;
    for (const auto& [enumerator, text] : enum_strings<E>) {
        if (left-- == 0) break;
        if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(text)>>)
            if (!text) return false;
        const std::string_view name = text;
        if (check_text(name) != text_fault::none) return false;
        std::size_t at = 0;
        for (char c : name) at = at * 31 + static_cast<unsigned char>(c);
        for (at %= places; named[at]; at = (at + 1) % places)
            if (names[at] == name) return false;
        names[at] = name;
        named[at] = true;
        at = static_cast<std::size_t>(enumerator) % places;
        for (; taken[at]; at = (at + 1) % places)
            if (values[at] == enumerator) return false;
        values[at] = enumerator;
        taken[at] = true;
    }
    return true;
}
// Once for each, whatever it is a part of.
template <class E>
inline constexpr bool clear_enum_strings = find_clear_enum_strings<E>();
template <class E>
concept constant_enum_strings = requires {
    typename std::bool_constant<find_clear_enum_strings<E>()>;
};

// Whether something is specialised for a type on which that has no effect.
template <class T>
consteval mistake ineffective() {
    using enum mistake;
    if constexpr (!codec::constant_as_dict<T>) return changeable_as_dict;
    else if constexpr (std::is_enum_v<T>) {
        if (!codec::unwired<T>) return wire_without_type;
        return as_dict<T> ? misplaced_as_dict : none;
    } else if constexpr (std::is_arithmetic_v<T>) {
        return as_dict<T> ? misplaced_as_dict : none;
    } else if constexpr (std::is_class_v<T> || std::is_union_v<T>) {
        if (!codec::unwired<T>) return wire_without_type;
        if constexpr (as_dict<T> && codec::complete<T>)
            if (!std::is_aggregate_v<T>) return misplaced_as_dict;
        return std::is_null_pointer_v<std::remove_const_t<decltype(enum_strings<T>)>>
                   ? none
                   : misplaced_enum_strings;
    } else return none;
}

// Why a type is on no row of the table.
// Whether it is a type of ctbus's own that is no value; those defined later are told by their
// shape.
template <class T>
concept own_type =
    is_result<T> || std::is_same_v<T, error> || std::is_same_v<T, message> || requires {
    typename T::task_value;
} || requires {
    typename T::deferred_outputs;
} || requires {
    typename T::handle_type;
};

template <class T>
inline constexpr bool is_expected = false;
template <class T, class E>
inline constexpr bool is_expected<std::expected<T, E>> = true;

template <class T>
consteval mistake unmapped() {
    using enum mistake;
    if constexpr (std::is_reference_v<T>) return is_reference;
    else if constexpr (std::is_const_v<T>) return is_const;
    else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, long double>) return is_float;
    else if constexpr (std::is_same_v<T, char>) return is_char;
    else if constexpr (std::is_same_v<T, signed char>) return is_signed_char;
    else if constexpr (wide_character<T>) return is_wide_char;
    else if constexpr (std::is_array_v<T>) return is_c_array;
    else if constexpr (std::is_pointer_v<T> || std::is_member_pointer_v<T>) return is_pointer;
    else if constexpr (std::is_void_v<T>) return is_void;
    else if constexpr (std::is_union_v<T>) return is_union;
    else if constexpr (std::is_enum_v<T>) return unmapped_enum;
    else if constexpr (!std::is_class_v<T>) return unmapped_class;
    else if constexpr (own_type<T>) return no_value;
    else if constexpr (is_expected<T>) return foreign_expected;
    else if constexpr (!codec::complete<T>) return is_incomplete;
    else if constexpr (codec::range<T>) return is_path_like;
    else if constexpr (codec::optional_like<T>) return is_optional;
    else return unmapped_class;
}

// The types of a struct's fields, or of the values under a dict struct's keys.
template <class T>
consteval auto travelling_fields() {
    if constexpr (codec::kind_of<T>() == codec::kind::dict_struct)
        return []<class... Fs>(type_list<Fs...>) {
            return type_list<codec::dict_value_t<Fs>...>{};
        }(codec::field_types<T>{});
    else return codec::fields_of<T>{};
}

// What is wrong with an aggregate, whatever its fields are.
template <class T>
consteval mistake aggregate_mistake() {
    using enum mistake;
    if constexpr (own_type<T>) return no_value;
    else if constexpr (!std::is_aggregate_v<T>) return unmapped_class;
    else if constexpr (std::is_empty_v<T>) return is_empty_struct;
    else if constexpr (codec::has_base<T>) return has_base;
    else if constexpr (codec::field_count<T> > codec::max_fields) return too_many_fields;
    else if constexpr (codec::has_union_field<T>) return is_union;
    else if constexpr (codec::field_count<T> == 0) return unmapped_class;
    else if constexpr (codec::has_array_field<T>) return has_array;
    else if constexpr (!std::is_move_assignable_v<T>) return none; // it may have references
    else return codec::has_bit_field<T> ? has_bit_field : none;
}

template <class T>
inline constexpr bool is_name = false; // but for a path, which is of a type of its own
template <class Rules>
inline constexpr bool is_name<basic_name<Rules>> = true;
template <class Rules>
inline constexpr bool is_name<basic_name_view<Rules>> = true;

template <class T>
consteval mistake array_mistake(int depth, direction way) {
    if constexpr (is_name<T>) return mistake::name_as_value;
    if (const mistake inner = mistake_in<codec::element_t<T>>(depth + 1, way);
        inner != mistake::none)
        return inner;
    if (way != direction::write && !codec::growable<T> && !codec::fixed_length<T> &&
        !codec::borrowing<T>)
        return mistake::not_readable;
    return mistake::none;
}

template <class T>
consteval mistake mistake_in(int depth, direction way) {
    using enum codec::kind;
    if (depth > 64) return mistake::too_deep;
    constexpr auto k = codec::kind_of<T>();
    if constexpr (k != wire && ineffective<T>() != mistake::none) return ineffective<T>();
    else if constexpr (k == none) return unmapped<T>();
    else if constexpr (k == wire) {
        using mapped = typename ctbus::wire<T>::type;
        if constexpr (std::is_same_v<mapped, T>) return mistake::wire_to_itself;
        else if constexpr (!wire_functions<T, mapped>) return mistake::wire_without_functions;
        else return mistake_in<mapped>(depth + 1, way);
    } else if constexpr (k == array) return array_mistake<T>(depth, way);
    else if constexpr (k == map) {
        using key = std::remove_cvref_t<typename T::key_type>;
        if constexpr (!is_dict_key<key>()) {
            const mistake inner = mistake_in<key>(depth + 1, way);
            return inner != mistake::none ? inner : mistake::not_a_dict_key;
        } else {
            return mistake_in<typename T::mapped_type>(depth + 1, way);
        }
    } else if constexpr (k == tuple) {
        if constexpr (std::tuple_size_v<T> == 0) return mistake::is_empty_struct;
        else return first_mistake(codec::fields_of<T>{}, depth + 1, way);
    } else if constexpr (k == structure || k == dict_struct) {
        if constexpr (aggregate_mistake<T>() != mistake::none) return aggregate_mistake<T>();
        else {
            const mistake inner = first_mistake(travelling_fields<T>(), depth + 1, way);
            return inner != mistake::none || std::is_move_assignable_v<T> ? inner
                                                                          : mistake::has_reference;
        }
    } else if constexpr (k == named_enumeration) {
        if constexpr (!right_enum_strings<T>) return mistake::wrong_enum_strings;
        else if constexpr (!constant_enum_strings<T>) return mistake::changeable_enum_strings;
        else return clear_enum_strings<T> ? mistake::none : mistake::unclear_enum_strings;
    } else if constexpr (k == closed_variant) {
        return first_mistake(alternatives_of<T>{}, depth + 1, way);
    } else return mistake::none;
}

/// What is wrong with a signature that is made of good types.
constexpr mistake signature_mistake(const codec::signature_builder& built) {
    if (built.too_deep) return mistake::too_deep;
    if (built.same_alternatives) return mistake::same_alternatives;
    return built.too_long ? mistake::signature_too_long : mistake::none;
}

} // namespace detail

/// What is wrong with `T` as a D-Bus type, if anything.
template <class T, detail::direction Way = detail::direction::both>
consteval mistake type_mistake() {
    if constexpr (detail::mistake_in<T>(0, Way) != mistake::none)
        return detail::mistake_in<T>(0, Way);
    else return detail::signature_mistake(codec::sign<T>());
}

template <class T>
concept readable = type_mistake<T, detail::direction::read>()
== mistake::none;
template <class T>
concept writable_type = type_mistake<T, detail::direction::write>()
== mistake::none;

} // namespace ctbus
