// All codecs together, and what surrounds them: owning counterparts, several values, error texts.
#pragma once

#include <ctbus/codec/basic.hpp>
#include <ctbus/codec/containers.hpp>
#include <ctbus/codec/dict_structs.hpp>
#include <ctbus/codec/enums.hpp>
#include <ctbus/codec/maps.hpp>
#include <ctbus/codec/structs.hpp>
#include <ctbus/codec/variants.hpp>
#include <ctbus/dict.hpp>

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctbus {

namespace codec {

/// The type that stands for an argument given as `const T&`: literals and char* are text.
template <class T>
using given_t = std::conditional_t<std::is_same_v<std::decay_t<const T&>, char*>, const char*,
                                   std::decay_t<const T&>>;

/// Appends a value of any type that has a codec.
template <class T>
int append(auto& writer, const T& value) {
    return of<given_t<T>>::append(writer, value);
}

/// The error, named `name`, for the fault or errno `code` of `subject`, such as "argument 1". Where
/// the reader knew more (`why`), that is said; an error that wire<T>::from made is passed on as it
/// is.
[[gnu::cold, gnu::noinline]] inline error explain(int code, const error& why, const char* subject,
                                                  const char* name = SD_BUS_ERROR_INVALID_ARGS) {
    if (code == -ENOMEM || code == -EMFILE || code == -ENFILE)
        return error::from_errno(code, nullptr, subject); // not the value's fault
    const bool told = code == explained;
    if (told && !why) return error::format(name, EINVAL, "%s is refused", subject);
    if (told && std::strcmp(why.name().data(), SD_BUS_ERROR_INVALID_ARGS) != 0) return why;
    return error::format(name, told || is_fault(code) ? EINVAL : -code, "%s %s", subject,
                         told ? why.message().data() : describe(code));
}

/// A short text on the stack, written as by printf and cut where it does not fit.
struct short_text {
    char text[384];

    short_text() = default; // to be filled
    [[gnu::cold, gnu::noinline, gnu::format(printf, 2, 3)]] short_text(const char* pattern, ...) {
        va_list values;
        va_start(values, pattern);
        std::vsnprintf(text, sizeof text, pattern, values);
        va_end(values);
    }
    operator const char*() const { return text; }
};

/// `argument 2 "b" of Add`; `names` as in a vtable's row, may be null. With position 0: the output.
[[gnu::cold, gnu::noinline]] inline short_text argument_text(int position, const char* names,
                                                             const char* member, int output = 0) {
    short_text made;
    if (position == 0 || !names) names = "";
    for (int i = 1; *names && i < position; ++i) names += std::strlen(names) + 1;
    if (*names)
        std::snprintf(made.text, sizeof made.text, "argument %d \"%s\" of %s", position, names,
                      member);
    else
        std::snprintf(made.text, sizeof made.text, "%s %d of %s",
                      position == 0 ? "output" : "argument", position == 0 ? output : position,
                      member);
    return made;
}

template <class T>
struct owned {
    using type = T;
};
template <>
struct owned<std::string_view> {
    using type = std::string;
};
template <>
struct owned<const char*> {
    using type = std::string;
};
template <>
struct owned<object_path_view> {
    using type = object_path;
};
template <>
struct owned<unix_fd_view> {
    using type = unix_fd;
};
template <template <class...> class C, class... Ts>
    requires(kind_of<C<Ts...>>() == kind::tuple || kind_of<C<Ts...>>() == kind::closed_variant)
struct owned<C<Ts...>> {
    using type = C<typename owned<Ts>::type...>;
};
template <class T>
    requires(kind_of<T>() == kind::array &&
             (borrowing<T> || !std::is_same_v<typename owned<element_t<T>>::type, element_t<T>>))
struct owned<T> {
    using type = std::vector<typename owned<element_t<T>>::type>;
};
template <class T>
    requires(kind_of<T>() == kind::map &&
             !std::is_same_v<std::pair<typename owned<typename T::key_type>::type,
                                       typename owned<typename T::mapped_type>::type>,
                             std::pair<typename T::key_type, typename T::mapped_type>>)
struct owned<T> {
    using type = dict<typename owned<typename T::key_type>::type,
                      typename owned<typename T::mapped_type>::type>;
};

/// Whether a value of `T` outlives the message it was read from.
template <class T>
consteval bool owns() {
    constexpr kind k = kind_of<T>();
    if constexpr (k == kind::string_view || std::is_same_v<T, object_path_view> ||
                  std::is_same_v<T, unix_fd_view>)
        return false;
    else if constexpr (k == kind::structure || k == kind::tuple)
        return []<class... Fs>(type_list<Fs...>) {
            return (owns<std::remove_cv_t<Fs>>() && ...);
        }(fields_of<T>{});
    else if constexpr (k == kind::dict_struct)
        return []<class... Fs>(type_list<Fs...>) {
            return (owns<dict_value_t<Fs>>() && ...);
        }(field_types<T>{});
    else if constexpr (k == kind::closed_variant)
        return []<template <class...> class V, class... Ts>(type_list<V<Ts...>>) {
            return (owns<Ts>() && ...);
        }(type_list<T>{});
    else if constexpr (k == kind::array) return !borrowing<T> && owns<element_t<T>>();
    else if constexpr (k == kind::map)
        return owns<std::remove_cvref_t<typename T::key_type>>() && owns<typename T::mapped_type>();
    else return true;
}

} // namespace codec

/// The type that owns what `T` may borrow: what a proxy returns for an output `T`.
template <class T>
using owned_t = typename codec::owned<T>::type;

namespace detail {

template <class... Ts>
struct bundle {
    using type = std::tuple<Ts...>;
};
template <class T>
struct bundle<T> {
    using type = T;
};
template <>
struct bundle<> {
    using type = void;
};

} // namespace detail

/// What stands for several values: nothing for none, one as itself, more as a tuple.
template <class... Ts>
using one_or_tuple = typename detail::bundle<Ts...>::type;

} // namespace ctbus
