// Options of declarations: argument names, access, property flags, ...
#pragma once

#include <ctbus/fixed_string.hpp>
#include <ctbus/function.hpp>
#include <ctbus/mistakes.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>

namespace ctbus {

namespace option {

struct any {}; // the base of all options, which tells them from declarations and functions

/// Names of arguments: how many, and the n-th.
template <fixed_string... Names>
struct names : any {
    static constexpr std::size_t count = sizeof...(Names);
    static constexpr std::string_view at(std::size_t n) {
        const std::string_view all[] = {Names.view()..., {}};
        return n < count ? all[n] : std::string_view{};
    }
};
struct unnamed : names<> {}; // no list of names at all, which args<> is
template <fixed_string... Names>
struct args : names<Names...> {};
template <fixed_string... Names>
struct returns : names<Names...> {};
template <fixed_string... Names>
struct errors : any {};
template <std::uint64_t Milliseconds>
struct timeout_hint : any {};
template <class S>
struct serves : any {
    static constexpr bool is_right =
        std::is_class_v<S> && !std::is_const_v<S> && !std::is_volatile_v<S>;
    /// No second error where it is wrong.
    using served = std::remove_cv_t<std::remove_pointer_t<std::remove_cvref_t<S>>>;
};

/// An option that is a flag in sd-bus's vtable.
template <std::uint64_t Bits>
struct flag : any {};

struct privileged : any {};
struct writable : any {};

using no_reply = flag<SD_BUS_VTABLE_METHOD_NO_REPLY>;
using deprecated = flag<SD_BUS_VTABLE_DEPRECATED>;
using hidden = flag<SD_BUS_VTABLE_HIDDEN>;
using unprivileged = flag<SD_BUS_VTABLE_UNPRIVILEGED>;
using sensitive = flag<SD_BUS_VTABLE_SENSITIVE>;
using constant = flag<SD_BUS_VTABLE_PROPERTY_CONST>;
using emits_change = flag<SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE>;
using emits_invalidation = flag<SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION>;
using explicit_get = flag<SD_BUS_VTABLE_PROPERTY_EXPLICIT>;
// The kernel's sets have room for 64; another number becomes one that is refused.
template <int Capability>
using capability = flag<SD_BUS_VTABLE_CAPABILITY(
    static_cast<std::uint64_t>(Capability >= 0 && Capability < 64 ? Capability : 64))>;

} // namespace option

/// Names of the inputs, or of a signal's arguments, as introspection and error texts show them.
template <fixed_string... Names>
inline constexpr option::args<Names...> args{};
/// Names of the outputs.
template <fixed_string... Names>
inline constexpr option::returns<Names...> returns{};
/// The errors that a method answers with; documentation only.
template <fixed_string... Names>
inline constexpr option::errors<Names...> errors{};
/// The proxy's default timeout for this method, in milliseconds.
template <std::uint64_t Milliseconds>
inline constexpr option::timeout_hint<Milliseconds> timeout_hint{};
/// The class that a vtable serves, where its functions do not tell.
template <class S>
inline constexpr option::serves<S> serves{};

/// An asynchronous method: nobody waits, nothing comes back.
inline constexpr option::no_reply no_reply{};
/// Annotated as deprecated in introspection.
inline constexpr option::deprecated deprecated{};
/// Left out of introspection.
inline constexpr option::hidden hidden{};
/// On the system bus, anybody may call it (an option of a method or of a whole vtable).
inline constexpr option::unprivileged unprivileged{};
/// Overrides a vtable's `unprivileged` for one method.
inline constexpr option::privileged privileged{};
/// What it carries is left out of traces and wiped from memory.
inline constexpr option::sensitive sensitive{};
/// On the system bus, a caller with capability `CAP_X` may call it.
template <int Capability>
inline constexpr option::capability<Capability> capability{};

/// Proxies may set it, too.
inline constexpr option::writable writable{};
/// Never changes.
inline constexpr option::constant constant{};
/// A change is announced with the new value.
inline constexpr option::emits_change emits_change{};
/// A change is announced without the new value.
inline constexpr option::emits_invalidation emits_invalidation{};
/// Left out of GetAll and PropertiesChanged.
inline constexpr option::explicit_get explicit_get{};

namespace detail {

template <class T>
concept is_option = std::is_base_of_v<option::any, T>;

template <std::uint64_t Bits>
constexpr std::uint64_t bits_of(option::flag<Bits>) {
    return Bits;
}
constexpr std::uint64_t bits_of(option::any) {
    return 0;
}

// ---- where an option may stand, and which exclude one another ----

enum place : unsigned { on_method = 1, on_property = 2, on_signal = 4, on_vtable = 8 };

template <std::uint64_t Bits>
consteval unsigned places_of(option::flag<Bits>) {
    switch (Bits) {
    case SD_BUS_VTABLE_METHOD_NO_REPLY: return on_method;
    case SD_BUS_VTABLE_DEPRECATED:
    case SD_BUS_VTABLE_HIDDEN: return on_method | on_property | on_signal | on_vtable;
    case SD_BUS_VTABLE_UNPRIVILEGED: return on_method | on_property | on_vtable;
    case SD_BUS_VTABLE_SENSITIVE: return on_method | on_property;
    case SD_BUS_VTABLE_PROPERTY_CONST:
    case SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE:
    case SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION:
    case SD_BUS_VTABLE_PROPERTY_EXPLICIT: return on_property;
    default: return on_method | on_property; // capability
    }
}
template <fixed_string... Names>
consteval unsigned places_of(option::args<Names...>) {
    return on_method | on_signal;
}
template <class S>
consteval unsigned places_of(option::serves<S>) {
    return on_vtable;
}
consteval unsigned places_of(option::privileged) {
    return on_method | on_property;
}
consteval unsigned places_of(option::writable) {
    return on_property;
}
consteval unsigned places_of(option::any) { // returns, errors, timeout_hint
    return on_method;
}

// Of any item of a vtable.
template <class S>
consteval bool serves_no_class(option::serves<S>) {
    return !option::serves<S>::is_right;
}
consteval bool serves_no_class(const auto&) {
    return false;
}

template <template <auto...> class A, auto... Xs, auto... Ys>
consteval bool same_template(A<Xs...>, A<Ys...>) {
    return true;
}
consteval std::uint64_t capability_bits(std::uint64_t flags) {
    return flags & _SD_BUS_VTABLE_CAPABILITY_MASK;
}
consteval bool has_bad_capability(std::uint64_t flags) {
    return capability_bits(flags) > SD_BUS_VTABLE_CAPABILITY(std::uint64_t{63});
}
consteval bool is_access(std::uint64_t flag) {
    return capability_bits(flag) != 0 || flag == SD_BUS_VTABLE_UNPRIVILEGED;
}
// Of what says who may call, one is enough: an open member would be so whatever else is said.
template <std::uint64_t A, std::uint64_t B>
consteval bool same_template(option::flag<A>, option::flag<B>) {
    return A == B || (is_access(A) && is_access(B));
}
consteval bool same_template(option::unprivileged, option::privileged) {
    return true;
}
consteval bool same_template(option::privileged, option::unprivileged) {
    return true;
}
template <class A, class B>
consteval bool same_template(option::serves<A>, option::serves<B>) {
    return true;
}
consteval bool same_template(...) {
    return false;
}
template <class A, class B>
inline constexpr bool exclude = std::is_same_v<A, B> || same_template(A{}, B{});

/// A set of options, asked for what it holds.
template <class... Options>
struct options : Options... {
    static constexpr std::size_t size = sizeof...(Options);
    template <class Option>
    static constexpr bool has = (std::is_same_v<Options, Option> || ...);
    /// The flags for sd-bus's vtable.
    static constexpr std::uint64_t flags = (std::uint64_t{0} | ... | bits_of(Options{}));

    /// With one more, unless there is such a one already.
    template <class More>
    constexpr auto operator+(options<More>) const {
        if constexpr ((exclude<Options, More> || ...)) return *this;
        else return options<Options..., More>{};
    }
    constexpr options operator+(options<>) const { return {}; }
};

template <class T>
constexpr auto only_option(const T&) {
    if constexpr (is_option<T>) return type_list<T>{};
    else return type_list<>{};
}

// Those that are options are few, hence a fold will do for them.
template <class... Options>
auto without_repeats(type_list<Options...>) -> decltype((options<>{} + ... + options<Options>{}));

template <auto... Items>
using options_of = decltype(without_repeats(join<decltype(only_option(Items))...>{}));

/// Of items that need not be options.
template <auto... Items>
consteval bool repeats_option() {
    std::size_t given = 0; // counted in a loop: Clang allows no fold over more than 256
    for (bool one : {false, is_option<std::remove_const_t<decltype(Items)>>...}) given += one;
    return given != options_of<Items...>::size;
}

template <fixed_string... Names>
option::names<Names...> names_in(option::args<Names...>);
template <fixed_string... Names>
option::names<Names...> names_out(option::returns<Names...>);
option::unnamed names_in(...);
option::unnamed names_out(...);

} // namespace detail

} // namespace ctbus
