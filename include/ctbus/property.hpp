// The declarations property<> and accessor<>, and a property's way through C++.
#pragma once

#include <ctbus/method.hpp>
#include <ctbus/property_dispatch.hpp>

#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

struct property_tag {};
struct accessor_tag {};

template <class T>
struct member_object {};
template <class T, class C>
    requires(!std::is_function_v<T>)
struct member_object<T C::*> {
    using type = T;
    using of = C;
};
template <class F>
concept data_member = requires {
    typename member_object<F>::type;
};

template <class F>
inline constexpr bool assignable_member = false;
template <class T, class C>
inline constexpr bool assignable_member<T C::*> = !std::is_function_v<T> && !std::is_const_v<T>;

template <class R>
struct got {
    using type = std::remove_cvref_t<R>;
};
template <class T>
struct got<result<T>> {
    using type = T;
};

template <class Options>
consteval mistake property_flags_mistake(bool writable) {
    constexpr bool constant = Options::template has<option::constant>;
    constexpr bool change = Options::template has<option::emits_change>;
    constexpr bool invalidation = Options::template has<option::emits_invalidation>;
    if (constant + change + invalidation > 1) return mistake::two_change_flags;
    if (writable && constant) return mistake::constant_and_writable;
    if (change && Options::template has<option::explicit_get>)
        return mistake::explicit_and_announced;
    return mistake::none;
}

struct no_setter {};

/// A getter or setter: its parameters without the instance.
template <auto F, class S>
using access_shape = typename shape_of<std::remove_const_t<decltype(F)>, S>::type;

// The value's type as the getter or the data member gives it.
template <auto Get>
struct accessor_value {
    using type = void;
};
template <auto Get>
    requires data_member<std::remove_const_t<decltype(Get)>>
struct accessor_value<Get> {
    using type = std::remove_cv_t<typename member_object<std::remove_const_t<decltype(Get)>>::type>;
};
template <auto Get>
    requires function_like<std::remove_const_t<decltype(Get)>>
struct accessor_value<Get> {
    using type =
        typename got<typename function_traits<std::remove_const_t<decltype(Get)>>::result>::type;
};

template <auto Set, class S>
consteval mistake setter_mistake() {
    using F = std::remove_const_t<decltype(Set)>;
    if constexpr (std::is_same_v<F, no_setter>) return mistake::none;
    else if constexpr (!function_like<F>) return mistake::not_an_accessor;
    else {
        using shape = access_shape<Set, S>;
        if constexpr (shape::wrong.what != mistake::none) return shape::wrong.what;
        else if constexpr (shape::outputs::size != 0) return mistake::setter_returns_value;
        else if constexpr (shape::inputs::size != 1) return mistake::setter_wants_one_value;
        else return mistake::none;
    }
}

template <class T>
auto only(type_list<T>) -> T;

} // namespace detail

/// The typed parts of an accessor of a vtable that serves `S`, and their entries for sd-bus.
template <auto Get, auto Set, class S, class Style>
struct property_thunk {
    using value_type = typename detail::accessor_value<Get>::type;

    static int get_entry(sd_bus*, const char*, const char*, const char* property,
                         sd_bus_message* reply, void* userdata, sd_bus_error* out) {
        return dispatch_get<Style>(reply, property, userdata, out, &fetch);
    }
    static int set_entry(sd_bus*, const char*, const char*, const char* property, sd_bus_message* m,
                         void* userdata, sd_bus_error* out) {
        return dispatch_set<Style>(m, property, userdata, out, &store);
    }

    static int fetch(property_access& access, sd_bus_message* m) {
        codec::message_writer writer{m};
        if constexpr (detail::data_member<get_type>) {
            return codec::of<value_type>::append(writer, static_cast<S*>(access.instance)->*Get);
        } else if constexpr (is_result<std::remove_cvref_t<decltype(call<Get>(access))>>) {
            auto&& value = call<Get>(access);
            if (!value) return access.fail(value.error());
            return codec::of<value_type>::append(writer, *value);
        } else {
            return codec::of<value_type>::append(writer, call<Get>(access));
        }
    }

    static int store(property_access& access, sd_bus_message* m) {
        codec::message_reader reader{m};
        if constexpr (detail::data_member<get_type>) {
            codec::slot<value_type> value{};
            if (const int r = read<value_type>(access, reader, value); r <= 0) return r;
            static_cast<S*>(access.instance)->*Get = std::move(codec::value_in(value));
            return 1;
        } else {
            using shape = detail::access_shape<Set, S>;
            using T = std::remove_cvref_t<decltype(detail::only(typename shape::inputs{}))>;
            codec::slot<T> value{};
            if (const int r = read<T>(access, reader, value); r <= 0) return r;
            return apply(access, m, codec::value_in(value), typename shape::parameters{});
        }
    }

private:
    using get_type = std::remove_const_t<decltype(Get)>;

    template <class T>
    static int read(property_access& access, codec::message_reader& reader, codec::slot<T>& value) {
        const int r = codec::of<T>::read(reader, value);
        if (r == codec::explained)
            return access.fail(codec::explain(
                r, reader.why(), codec::short_text{"the value of %s", access.setting}));
        return r == 0 ? -ENXIO : r;
    }

    template <auto F, class... Args>
    static decltype(auto) call(property_access& access, Args&&... args) {
        using function = std::remove_const_t<decltype(F)>;
        if constexpr (std::is_member_function_pointer_v<function>)
            return (static_cast<S*>(access.instance)->*F)(std::forward<Args>(args)...);
        else if constexpr (detail::shape_of<function, S>::takes_instance)
            return F(*static_cast<S*>(access.instance), std::forward<Args>(args)...);
        else return F(std::forward<Args>(args)...);
    }

    template <class T, class... Ps>
    static int apply(property_access& access, sd_bus_message* m, T& value, type_list<Ps...>) {
        const auto pass = [&]<class P>(type_list<P>) -> decltype(auto) {
            if constexpr (detail::part_of<P>() == detail::part::message) return message{m};
            else return static_cast<T&&>(value);
        };
        if constexpr (std::is_void_v<decltype(call<Set>(access, pass(type_list<Ps>{})...))>) {
            call<Set>(access, pass(type_list<Ps>{})...);
        } else {
            auto outcome = call<Set>(access, pass(type_list<Ps>{})...);
            if (!outcome) return access.fail(std::move(outcome).error());
        }
        return 1;
    }
};

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
        if constexpr (!is_member && !function_like<get_type>) return not_an_accessor;
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
