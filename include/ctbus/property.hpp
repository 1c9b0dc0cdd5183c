// The declarations property<> and accessor<>.
#pragma once

#include <ctbus/accessor.hpp>
#include <ctbus/method.hpp>

#include <string_view>
#include <type_traits>

namespace ctbus {

namespace detail {

struct property_tag {};
struct accessor_tag {};

template <class Options>
consteval mistake property_flags_mistake(bool writable) {
    constexpr bool constant = Options::template has<option::constant>;
    constexpr bool change = Options::template has<option::emits_change>;
    constexpr bool invalidation = Options::template has<option::emits_invalidation>;
    if (constant + change + invalidation > 1) return mistake::two_change_flags;
    if (writable && constant) return mistake::constant_and_writable;
    if (change && Options::template has<option::explicit_get>)
        return mistake::explicit_and_announced;
    // sd-bus lets anybody read.
    constexpr bool closed =
        Options::template has<option::privileged> || capability_bits(Options::flags) != 0;
    if (closed && !writable) return mistake::reading_is_open;
    return mistake::none;
}

} // namespace detail

/// property<"Name", Type, options...> of an interface.
template <fixed_string Name, class T, auto... Options>
struct property_declaration {
    using tag = detail::property_tag;
    using options = detail::options_of<Options...>;
    using value_type = std::remove_cvref_t<T>;
    static constexpr std::string_view name = Name.view();
    static constexpr const char* c_name = Name.c_str();
    static constexpr bool writable = options::template has<option::writable>;
    static constexpr std::string_view signature = detail::signature_of_list<type_list<value_type>>;

    template <class>
    using spec = property_declaration;

    static consteval mistake find() {
        if (member_name_rules::check(name) != name_fault::none) return mistake::bad_member_name;
        if (auto m = detail::options_mistake<detail::on_property, Options...>(); m != mistake::none)
            return m;
        if (auto m = type_mistake<value_type>(); m != mistake::none) return m;
        return detail::property_flags_mistake<options>(writable);
    }
    static constexpr mistake wrong = find();
    static consteval bool judge() {
        if constexpr (wrong == mistake::none) return true;
        else
            return require::sentence<wrong, detail::shown<Name>, T, options,
                                     detail::nesting_in<type_list<value_type>>>();
    }
};
template <fixed_string Name, class T, auto... Options>
inline constexpr property_declaration<Name, T, Options...> property{};

/// accessor<"Name", &S::member, options...>, accessor<"Name", getter, options...> or
/// accessor<"Name", getter, setter, options...> of a vtable.
template <fixed_string Name, auto Get, auto Set, auto... Options>
struct accessor_declaration {
    using tag = detail::accessor_tag;
    using options = detail::options_of<Options...>;
    using get_type = std::remove_const_t<decltype(Get)>;
    using set_type = std::remove_const_t<decltype(Set)>;
    using value_type = typename detail::accessor_value<Get>::type;
    static constexpr std::string_view name = Name.view();
    static constexpr const char* c_name = Name.c_str();
    static constexpr bool has_setter = !std::is_same_v<set_type, detail::no_setter>;
    static constexpr bool is_member = detail::data_member<get_type>;
    static constexpr bool is_assignable = detail::assignable_member<get_type>;
    static constexpr bool writable = has_setter || options::template has<option::writable>;
    static constexpr std::string_view signature = detail::signature_of_list<type_list<value_type>>;

    template <class S, class Style>
    using thunk = property_thunk<Get, Set, S, Style>;

    /// What is wrong with it in a vtable that serves `S`.
    template <class S>
    static consteval mistake find() {
        using enum mistake;
        if (member_name_rules::check(name) != name_fault::none) return bad_member_name;
        if (auto m = detail::options_mistake<detail::on_property, Options...>(); m != none)
            return m;
        if constexpr (detail::is_null<Get>() || detail::is_null<Set>()) return null_function;
        else if constexpr (!is_member && !function_like<get_type>) return not_an_accessor;
        else if constexpr (std::is_void_v<value_type>) return getter_takes_arguments;
        else if constexpr (type_mistake<value_type>() != none) return type_mistake<value_type>();
        else {
            if constexpr (!is_member)
                if (detail::access_shape<Get, S>::parameters::size != 0)
                    return getter_takes_arguments;
            if constexpr (is_member && has_setter) return not_an_accessor;
            else if constexpr (detail::setter_mistake<Set, S>() != none)
                return detail::setter_mistake<Set, S>();
            else {
                if constexpr (has_setter)
                    if (detail::access_shape<Set, S>::inputs::size == 1 &&
                        detail::signature_of_list<typename detail::access_shape<Set, S>::inputs> !=
                            signature)
                        return accessor_types_differ;
                if (writable && !is_assignable && !has_setter) return writable_needs_setter;
                if (writable && is_member && !codec::owns<value_type>())
                    return writable_member_borrows;
                return detail::property_flags_mistake<options>(writable);
            }
        }
    }
    template <class S>
    struct spec_for {
        using tag = detail::property_tag;
        using options = accessor_declaration::options;
        using value_type = accessor_declaration::value_type;
        static constexpr std::string_view name = Name.view();
        static constexpr const char* c_name = Name.c_str();
        static constexpr bool writable = accessor_declaration::writable;
        static constexpr std::string_view signature = accessor_declaration::signature;
        static constexpr mistake wrong = find<S>();
        static consteval bool judge() {
            if constexpr (wrong == mistake::none) return true;
            else
                return require::sentence<wrong, detail::shown<Name>, get_type, set_type, options,
                                         detail::nesting_in<type_list<value_type>>>();
        }
    };
    template <class S>
    using spec = spec_for<S>;
};

namespace detail {

template <fixed_string Name, auto Get, auto... Rest>
struct make_accessor {
    using type = accessor_declaration<Name, Get, no_setter{}, Rest...>;
};
template <fixed_string Name, auto Get, auto First, auto... Rest>
    requires(!is_option<std::remove_const_t<decltype(First)>>)
struct make_accessor<Name, Get, First, Rest...> {
    using type = accessor_declaration<Name, Get, First, Rest...>;
};

} // namespace detail

template <fixed_string Name, function_cast_if_overloaded auto Get,
          function_cast_if_overloaded auto... Rest>
inline constexpr typename detail::make_accessor<Name, Get, Rest...>::type accessor{};

} // namespace ctbus
