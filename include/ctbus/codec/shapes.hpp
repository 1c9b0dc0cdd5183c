// Which row of the type table a C++ type belongs to, told by its shape, without its header.
#pragma once

#include <ctbus/types.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

/// Maps a type of yours to one that ctbus knows:
/// `template<> struct ctbus::wire<T> { using type = W; static W to(const T&); static T from(W); };`
/// `from` may fail: it throws, or returns `result<T>`. `to` may be called more than once, and has
/// to give the same each time.
template <class T>
struct wire {
    struct not_specialised; // tells it from what a user has written
};

/// Specialise as true for an aggregate that travels as `a{sv}`, its field names being the keys.
template <class T>
inline constexpr bool as_dict = false;

/// Specialise for an enumeration that travels by name, as any range of {enumerator, text}:
/// `template<> inline constexpr std::pair<E, const char*> ctbus::enum_strings<E>[] = {...};`
template <class E>
inline constexpr auto enum_strings = nullptr;

/// Which container a variant holds, for visit().
enum class container : unsigned char { array, dictionary, structure, dict_entry, variant };

template <class Text>
class basic_variant;
/// A value of any type. (A template, so that it is compiled only where it is used.)
using variant = basic_variant<std::string>;

namespace codec {

/// Not so where somebody has specialised it without constexpr.
template <class T>
concept constant_as_dict = requires {
    typename std::bool_constant<as_dict<T>>;
};

template <class T>
concept wired = requires {
    typename wire<T>::type;
};

template <class T>
concept unwired = requires {
    typename wire<T>::not_specialised;
};

template <class T>
inline constexpr bool is_number =
    std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::byte> || std::is_same_v<T, double> ||
    std::is_same_v<T, short> || std::is_same_v<T, unsigned short> || std::is_same_v<T, int> ||
    std::is_same_v<T, unsigned> || std::is_same_v<T, long> || std::is_same_v<T, unsigned long> ||
    std::is_same_v<T, long long> || std::is_same_v<T, unsigned long long>;

template <class T>
inline constexpr bool is_string = false;
template <class Allocator>
inline constexpr bool is_string<std::basic_string<char, std::char_traits<char>, Allocator>> = true;

template <class E>
concept named_enum =
    std::is_enum_v<E> && !std::is_null_pointer_v<std::remove_const_t<decltype(enum_strings<E>)>>;

// Asked of a class inside itself (a vtable may stand there), sizeof(T) would make GCC 16 warn.
template <class T>
concept complete = requires(T* pointer) {
    pointer + 1;
};

/// A pointer, or an iterator that stands for one.
template <class It>
concept pointer_like = std::is_pointer_v<It> || requires {
    requires std::is_base_of_v<std::contiguous_iterator_tag, typename It::iterator_concept>;
};

/// A range whose elements lie side by side.
template <class T>
concept contiguous_range = requires(const T& t) {
    requires pointer_like<decltype(t.begin())>;
    requires std::is_same_v<decltype(t.begin()), decltype(t.end())>;
};

template <class T>
concept range = contiguous_range<T> || requires(const T& t) {
    t.begin() != t.end();
    *t.begin();
};

template <class Iterator, class End>
struct range_ends {
    Iterator first;
    End end;
};
/// Where a range begins and ends, asked once, as pointers where they are that: to compare the
/// iterators of a vector of vectors of vectors ..., GCC 12 and Clang 19 look through its type again
/// and again, whose size doubles with each level, as each is the argument of its allocator, too.
template <range R>
constexpr auto ends_of(const R& range) {
    if constexpr (contiguous_range<R>) {
        const auto begin = range.begin(), end = range.end();
        const auto* const first = std::to_address(begin);
        return range_ends<decltype(first + 0), decltype(first + 0)>{first, first + (end - begin)};
    } else { // of which there may be only one each, not to be copied
        return range_ends<decltype(range.begin()), decltype(range.end())>{range.begin(),
                                                                          range.end()};
    }
}

/// An iterator over bits: what it gives stands for a bool without being one, in libc++ even where
/// the vector is const.
template <class It>
concept bit_iterator = requires {
    requires std::is_same_v<typename It::value_type, bool>;
};

template <class R>
using element_t =
    std::conditional_t<bit_iterator<decltype(std::declval<const R&>().begin())>, bool,
                       std::remove_cvref_t<decltype(*std::declval<const R&>().begin())>>;

template <class T>
concept map_like = range<T> && requires {
    typename T::key_type;
    typename T::mapped_type;
};

template <class T>
concept tuple_like = requires {
    std::tuple_size<T>::value;
};

/// A type that may hold one value or none, such as std::optional.
template <class T>
concept optional_like = requires(T& t) {
    typename T::value_type;
    t.has_value();
    t.reset();
    *t;
};

template <class T>
inline constexpr bool is_closed_variant = false;
template <template <class...> class V, class... Ts>
    requires requires(const V<Ts...>& v) {
        v.index();
        v.valueless_by_exception();
    }
inline constexpr bool is_closed_variant<V<Ts...>> = true;

/// The rows of the type table.
enum class kind : unsigned char {
    none,
    wire,
    number,
    boolean,
    string,      // std::string
    string_view, // std::string_view, const char*
    path,
    signature,
    fd,
    enumeration,
    named_enumeration,
    any_variant,
    closed_variant,
    map,
    array,
    tuple,
    dict_struct,
    structure,
};

/// The first row of the type table that `T` fits.
template <class T>
consteval kind kind_of() {
    if constexpr (std::is_reference_v<T> || std::is_const_v<T>) return kind::none;
    else if constexpr (wired<T>) return kind::wire;
    else if constexpr (is_number<T>) return kind::number;
    else if constexpr (std::is_same_v<T, bool>) return kind::boolean;
    else if constexpr (is_string<T>) return kind::string;
    else if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, const char*>)
        return kind::string_view;
    else if constexpr (std::is_same_v<T, object_path> || std::is_same_v<T, object_path_view>)
        return kind::path;
    else if constexpr (std::is_same_v<T, ctbus::signature>) return kind::signature;
    else if constexpr (std::is_same_v<T, unix_fd> || std::is_same_v<T, unix_fd_view>)
        return kind::fd;
    else if constexpr (std::is_same_v<T, ctbus::variant>) return kind::any_variant;
    else if constexpr (named_enum<T>) return kind::named_enumeration;
    else if constexpr (std::is_enum_v<T>)
        return is_number<std::underlying_type_t<T>> ? kind::enumeration : kind::none;
    else if constexpr (!std::is_class_v<T> || !complete<T>) return kind::none;
    else if constexpr (is_closed_variant<T>) return kind::closed_variant;
    else if constexpr (!constant_as_dict<T>) return kind::dict_struct; // which is then refused
    else if constexpr (as_dict<T>) return kind::dict_struct;
    else if constexpr (map_like<T>) return kind::map;
    else if constexpr (range<T>) return std::is_same_v<element_t<T>, T> ? kind::none : kind::array;
    else if constexpr (tuple_like<T>) return kind::tuple;
    else if constexpr (optional_like<T>) return kind::none;
    else if constexpr (std::is_aggregate_v<T>) return kind::structure;
    else return kind::none;
}

/// How a value of `T` is written and read. Each specialisation has
/// - `sign(signature_builder&)`: its D-Bus signature;
/// - `append(Writer&, const T&)`: 0 or more, or a negative errno or fault;
/// - `read(Reader&, T&)`: more than 0 when read, 0 at the end of the array around it, else
/// negative.
template <class T, kind = kind_of<T>()>
struct of;

} // namespace codec

} // namespace ctbus
