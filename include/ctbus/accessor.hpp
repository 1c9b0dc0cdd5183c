// A property's way through C++: the getter or data member, and the setter.
#pragma once

#include <ctbus/property_change.hpp>
#include <ctbus/shape.hpp>

#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

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

struct no_setter {};
template <class R>
inline constexpr bool nothing_or_result = std::is_void_v<R>;
template <>
inline constexpr bool nothing_or_result<result<void>> = true;

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
        if constexpr (!nothing_or_result<typename shape::result>)
            return mistake::setter_returns_value;
        else if constexpr (shape::wrong.what != mistake::none) return shape::wrong.what;
        else if constexpr (shape::inputs::size != 1 || shape::outputs::size != 0 || shape::defers)
            return mistake::setter_wants_one_value;
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
        if constexpr (reads_at_once()) {
            codec::message_writer writer{reply, depth(reply)};
            int r = codec::of<value_type>::append(
                writer, static_cast<S*>(static_cast<exported*>(userdata)->instance)->*Get);
            // That of a number has no reason to fail but sd-bus's own.
            if constexpr (is_number) return r;
            const auto* const of = static_cast<const exported*>(userdata);
            if ((r = detail::appended_value(r, writer, of, property)) >= 0) [[likely]]
                return r;
            return detail::refuse_value(reply, property, userdata, out, r);
        } else {
            return dispatch_get<Style>(reply, property, userdata, out, &fetch);
        }
    }
    static int set_entry(sd_bus*, const char*, const char*, const char* property, sd_bus_message* m,
                         void* userdata, sd_bus_error* out) {
        return dispatch_set<Style>(m, property, userdata, out, &store);
    }

    static int fetch(property_access& access, sd_bus_message* m) {
        codec::message_writer writer{m, depth(m)};
        if constexpr (detail::data_member<get_type>) {
            return append(access, writer, static_cast<S*>(access.instance)->*Get);
        } else if constexpr (is_result<std::remove_cvref_t<decltype(call<Get>(access))>>) {
            auto&& value = call<Get>(access);
            if (!value) return access.fail(error{value.error()});
            return append(access, writer, *value);
        } else {
            return append(access, writer, call<Get>(access));
        }
    }

    static int store(property_access& access, sd_bus_message* m) {
        if constexpr (detail::data_member<get_type>) {
            // A string's text goes from the message to where the string has room already.
            using T = std::conditional_t<codec::kind_of<value_type>() == codec::kind::string,
                                         const char*, value_type>;
            codec::reader_of<T> reader{m};
            codec::slot<T> value{};
            if (const int r = read<T>(access, reader, value); r <= 0) return r;
            static_cast<S*>(access.instance)->*Get = std::move(codec::value_in(value));
            return 1;
        } else {
            using shape = detail::access_shape<Set, S>;
            using T = std::remove_cvref_t<decltype(detail::only(typename shape::inputs{}))>;
            codec::reader_of<T> reader{m};
            codec::slot<T> value{};
            if (const int r = read<T>(access, reader, value); r <= 0) return r;
            return apply(access, m, codec::value_in(value), typename shape::parameters{});
        }
    }

private:
    using get_type = std::remove_const_t<decltype(Get)>;

    static constexpr bool is_number = codec::kind_of<value_type>() == codec::kind::number ||
                                      codec::kind_of<value_type>() == codec::kind::boolean;
    static int depth(const sd_bus_message* m) { return is_number ? 3 : detail::value_depth(m); }
    static int append(const property_access& access, codec::message_writer& writer,
                      const auto& value) {
        const int r = codec::of<value_type>::append(writer, value);
        if constexpr (is_number) return r;
        else return detail::appended_value(r, writer, access.on, access.property);
    }

    // Whether no code of the user's runs: then there is nothing that could happen meanwhile.
    static consteval bool reads_at_once() {
        if constexpr (!detail::data_member<get_type>) return false;
        else {
            using enum codec::kind;
            constexpr codec::kind k = codec::kind_of<value_type>();
            return is_number || k == string || k == string_view || k == path || k == signature;
        }
    }

    template <class T>
    static int read(property_access& access, codec::reader_of<T>& reader, codec::slot<T>& value) {
        const int r = codec::of<T>::read(reader, value);
        if constexpr (std::is_base_of_v<codec::reader_base, codec::reader_of<T>>)
            if (r == codec::explained) return detail::explain_value(access, reader.why());
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
        access.has_decoded = true;
        constexpr bool takes_message = ((detail::part_of<Ps>() == detail::part::message) || ...);
        if constexpr (takes_message)
            if (const int r = sd_bus_message_rewind(m, 1); r < 0) return r;
        if constexpr (std::is_void_v<decltype(call<Set>(access, pass(type_list<Ps>{})...))>) {
            call<Set>(access, pass(type_list<Ps>{})...);
        } else {
            auto outcome = call<Set>(access, pass(type_list<Ps>{})...);
            if (!outcome) return access.fail(std::move(outcome).error());
        }
        if constexpr (takes_message) return detail::go_past_value(m);
        else return 1;
    }
};

} // namespace ctbus
