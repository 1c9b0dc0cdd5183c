// What a proxy does for a property: Get, Set and GetAll.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/proxy_call.hpp>

#include <cstddef>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

template <class I, fixed_string Name, bool Write, class... Value>
struct property_check {
    using found = lookup<I, property_tag, Name>;
    using property = typename found::type;

    static consteval mistake find() {
        if constexpr (!I::is_right) return mistake::none;
        else if constexpr (!found::found) return mistake::unknown_property;
        else if constexpr (Write) {
            if (!property::writable) return mistake::read_only_property;
            return arguments_wrong<type_list<typename property::value_type>, Value...>.what;
        } else {
            return codec::owns<owned_t<typename property::value_type>>() ? mistake::none
                                                                         : mistake::does_not_own;
        }
    }
    static constexpr mistake wrong = find();
    static constexpr bool is_right = I::is_right && wrong == mistake::none;
    static consteval bool judge() {
        return require::sentence<wrong, member<Name>, type_list<Value...>, I>();
    }
    // As for a call.
    template <class Property>
    static consteval auto value() {
        if constexpr (std::is_same_v<Property, no_member>) return type_list<anything>{};
        else if constexpr (Property::wrong != mistake::none) return type_list<anything>{};
        else return type_list<owned_t<typename Property::value_type>>{};
    }
    static consteval auto value() {
        if constexpr (found::found) return value<property>();
        else return value<typename meant<I, property_tag, Name>::type>();
    }
    using value_type = decltype(only(value()));
};

inline constexpr call_info get_info = {
    "org.freedesktop.DBus.Properties", "Get", "", "v", 0, false, false};
inline constexpr call_info set_info = {
    "org.freedesktop.DBus.Properties", "Set", "", "", 0, false, false};
inline constexpr call_info sensitive_get_info = {
    "org.freedesktop.DBus.Properties", "Get", "", "v", 0, false, true};
inline constexpr call_info sensitive_set_info = {
    "org.freedesktop.DBus.Properties", "Set", "", "", 0, false, true};

/// Begins Get or Set: the interface's and the property's names are appended.
[[gnu::noinline]] inline int begin_property_call(outgoing_call& call, const call_target& target,
                                                 const char* interface, const char* property) {
    call.property = property;
    call.property_of = interface;
    int r = call.begin(target);
    if (r < 0 || (r = sd_bus_message_append_basic(call.message, 's', interface)) < 0) return r;
    return sd_bus_message_append_basic(call.message, 's', property);
}

[[gnu::cold, gnu::noinline]] inline error property_error(int r, const error& why,
                                                         outgoing_call& call, const char* property,
                                                         const char* expected) {
    const char* got = nullptr;
    char type = 0;
    if (r == -ENXIO && sd_bus_message_peek_type(call.reply, &type, &got) > 0 && got)
        return call.during(
            error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                          "property %s has the signature \"%s\" where \"%s\" is declared", property,
                          got, expected));
    return call.during(
        codec::explain(r == 0 ? -ENXIO : r, why, codec::short_text{"property %s", property}));
}

template <class I, class Property>
int begin_get(outgoing_call& call, const call_target& target) {
    return begin_property_call(call, target, I::c_interface_name, Property::c_name);
}

/// The value that a Get was answered with.
template <class Property, class Slot>
error read_value(outgoing_call& call, Slot& value) {
    using value_type = std::remove_cvref_t<decltype(codec::value_in(value))>;
    codec::reader_of<value_type> reader{call.reply};
    int r = reader.enter('v', codec::signature_of<value_type>.data());
    if (r > 0) r = codec::of<value_type>::read(reader, value);
    if (r > 0) return {};
    return property_error(r, reader.why(), call, Property::c_name,
                          codec::signature_of<value_type>.data());
}
template <class Property, class Outcome>
Outcome read_property(outgoing_call& call) {
    codec::slot<typename Outcome::value_type> value{};
    if (error e = read_value<Property>(call, value)) return Outcome{std::unexpect, std::move(e)};
    return std::move(codec::value_in(value));
}

template <class Property>
inline constexpr const call_info& get_info_of =
    Property::options::template has<option::sensitive> ? sensitive_get_info : get_info;
template <class Property>
inline constexpr const call_info& set_info_of =
    Property::options::template has<option::sensitive> ? sensitive_set_info : set_info;

template <class I, class Property, class Slot>
error get_property(const call_target& target, Slot& value) {
    outgoing_call call{get_info_of<Property>};
    if (call.finish(target, begin_get<I, Property>(call, target)) < 0) return std::move(call.why);
    return read_value<Property>(call, value);
}

template <class All>
consteval mistake all_properties_mistake() {
    if (const mistake m = type_mistake<All, direction::read>(); m != mistake::none) return m;
    if constexpr (type_mistake<All, direction::read>() == mistake::none)
        if (codec::signature_of<All> == "a{sv}" && codec::owns<All>()) return mistake::none;
    return mistake::not_all_properties;
}

template <class I, fixed_string Name, std::size_t Count>
void not_one_value() {
    constexpr mistake m = Count == 0 ? mistake::too_few_arguments : mistake::too_many_arguments;
    static_assert(require::sentence<m, member<Name>, I>());
}

/// One sensitive property keeps the others out of traces too.
template <class I>
inline constexpr call_info get_all_info = {
    "org.freedesktop.DBus.Properties",          "GetAll", "", "a{sv}", 0, false,
    has_sensitive_property(typename I::specs{})};

inline int begin_get_all(outgoing_call& call, const call_target& target, const char* interface) {
    call.property = "";
    call.property_of = interface;
    const int r = call.begin(target);
    return r < 0 ? r : sd_bus_message_append_basic(call.message, 's', interface);
}

/// All properties of an interface, by name.
template <class All>
error read_all(outgoing_call& call, codec::slot<All>& all) {
    codec::message_reader reader{call.reply};
    const int r = codec::of<All>::read(reader, all);
    return r > 0 ? error{} : call.unreadable(r, reader.why(), 1);
}
template <class All>
result<All> read_all_properties(outgoing_call& call) {
    codec::slot<All> all{};
    if (error e = read_all<All>(call, all)) return result<All>{std::unexpect, std::move(e)};
    return std::move(codec::value_in(all));
}

template <class I, class All>
error get_all_properties(const call_target& target, codec::slot<All>& all) {
    outgoing_call call{get_all_info<I>};
    if (call.finish(target, begin_get_all(call, target, I::c_interface_name)) < 0)
        return std::move(call.why);
    return read_all<All>(call, all);
}

[[gnu::cold, gnu::noinline]] inline error unset_value(int r, outgoing_call& call) {
    return call.during(codec::explain(r, {}, codec::short_text{"the value of %s", call.property}));
}

/// Fills a Set; negative: an errno, or `*unfit` says what is wrong with the value.
template <class I, class Property, class Value>
int fill_set(outgoing_call& call, const call_target& target, const Value& value, error* unfit) {
    int r = begin_property_call(call, target, I::c_interface_name, Property::c_name);
    if (r >= 0) r = sd_bus_message_open_container(call.message, 'v', Property::signature.data());
    if (r < 0) return r;
    codec::message_writer writer{call.message, 1};
    r = append_as<typename Property::value_type>(writer, value);
    if (r < 0) return *unfit = unset_value(r, call), r;
    return sd_bus_message_close_container(call.message);
}

template <class I, class Property, class Value>
error set_property(const call_target& target, const Value& value) {
    outgoing_call call{set_info_of<Property>};
    error unfit;
    const int r = fill_set<I, Property>(call, target, value, &unfit);
    if (unfit) return unfit;
    if (call.finish(target, r) < 0) return std::move(call.why);
    return {};
}

} // namespace detail

} // namespace ctbus
