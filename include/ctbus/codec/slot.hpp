// Room for a value about to be read, also of a type that has no default constructor.
#pragma once

#include <ctbus/codec/fields.hpp>
#include <ctbus/codec/message_io.hpp>
#include <ctbus/codec/shapes.hpp>
#include <ctbus/function.hpp>

#include <cstddef>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

/// A `T` that is made once it was read: by assigning to it.
template <class T>
class late {
public:
    late() {}
    late(const late&) = delete;
    late& operator=(const late&) = delete;
    ~late() {
        if (made_) value_.~T();
    }
    late& operator=(T&& value) {
        if (made_) value_.~T();
        made_ = false; // what is next may throw
        ::new (static_cast<void*>(&value_)) T(std::move(value));
        made_ = true;
        return *this;
    }
    T& get() { return value_; }

private:
    union {
        T value_;
    };
    bool made_ = false;
};

template <class T>
inline constexpr bool is_late = false;
template <class T>
inline constexpr bool is_late<late<T>> = true;

/// What a `T` is read into: a `T` where there can be one already, else a late<T>.
template <class T>
using slot = std::conditional_t<std::is_default_constructible_v<T>, T, late<T>>;

/// The value that was read.
template <class T>
T& value_in(T& place) {
    return place;
}
template <class T>
T& value_in(late<T>& place) {
    return place.get();
}

/// Whether `wire<T>::from` returns a result.
template <class T>
inline constexpr bool from_may_fail =
    is_result<decltype(wire<T>::from(std::declval<typename wire<T>::type>()))>;

namespace detail {

template <class T, std::size_t... I>
constexpr type_list<std::tuple_element_t<I, T>...> elements_of(std::index_sequence<I...>) {
    return {};
}
template <template <class...> class Variant, class... Ts>
constexpr type_list<Ts...> alternatives_of(const Variant<Ts...>*) {
    return {};
}

} // namespace detail

/// Whether a `T` is read without words and without memory for what it borrows. (`Levels`: a type
/// may contain itself, which others find out.)
template <class T, int Levels = 4>
consteval bool reads_plainly() {
    constexpr kind k = kind_of<T>();
    constexpr auto all = []<class... Ts>(type_list<Ts...>) {
        return (reads_plainly<std::remove_const_t<Ts>, Levels - 1>() && ...);
    };
    if constexpr (Levels == 0) return false;
    else if constexpr (k == kind::wire)
        return !from_may_fail<T> && all(type_list<typename wire<T>::type>{});
    else if constexpr (k == kind::array && requires(T & owner) { owner.clear(); })
        return all(type_list<element_t<T>>{});
    else if constexpr (k == kind::map)
        return all(type_list<typename T::key_type, typename T::mapped_type>{});
    else if constexpr (k == kind::structure) return all(field_types<T>{});
    else if constexpr (k == kind::tuple)
        return all(detail::elements_of<T>(std::make_index_sequence<std::tuple_size_v<T>>{}));
    else if constexpr (k == kind::closed_variant)
        return all(detail::alternatives_of(static_cast<const T*>(nullptr)));
    else
        return k == kind::number || k == kind::boolean || k == kind::string ||
               k == kind::string_view || k == kind::path || k == kind::signature || k == kind::fd ||
               k == kind::enumeration || k == kind::any_variant;
}

/// What reads values of these types from a message: the common ones without room for more.
template <class... Ts>
using reader_of = std::conditional_t<(reads_plainly<Ts>() && ...), plain_reader, message_reader>;
template <class... Ts>
auto reader_of_list(type_list<Ts...>) -> reader_of<Ts...>;
template <class Types>
using reader_for = decltype(reader_of_list(Types{}));

/// What a value is read into that is then returned: text stays in the message until the string is
/// made of it, where it is wanted.
template <class T>
using draft = std::conditional_t<kind_of<T>() == kind::string, const char*, slot<T>>;

/// Reads values of types `Ts` one after the other, as of<T>::read; `position` is then that of the
/// value read last, from 1.
template <class... Ts>
[[gnu::always_inline]] inline int read_drafts(auto& reader, int& position, draft<Ts>&... places) {
    int r = 1;
    static_cast<void>(
        ((++position,
          (r = of<std::conditional_t<kind_of<Ts>() == kind::string, const char*, Ts>>::read(
               reader, places)) > 0) &&
         ...));
    return r;
}

/// Slots of several values, which are read one after the other.
template <class... Ts>
struct slots_of {
    std::tuple<slot<Ts>...> places{};

    /// As of<T>::read; `position` is then that of the value read last, from 1.
    int read(auto& reader, int& position) {
        int r = 1;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            static_cast<void>(
                ((++position, (r = of<Ts>::read(reader, std::get<I>(places))) > 0) && ...));
        }
        (std::index_sequence_for<Ts...>{});
        return r;
    }
    /// A `Whole` made of them.
    template <class Whole>
    Whole take_as() {
        return std::apply([](auto&... all) { return Whole{std::move(value_in(all))...}; }, places);
    }
    /// One value as itself, more as a tuple; what is there already is moved by whoever takes it.
    decltype(auto) take() {
        if constexpr (sizeof...(Ts) == 1) return std::move(value_in(std::get<0>(places)));
        else if constexpr (std::is_same_v<decltype(places), std::tuple<Ts...>>)
            return std::move(places);
        else return take_as<std::tuple<Ts...>>();
    }
};

} // namespace ctbus::codec
