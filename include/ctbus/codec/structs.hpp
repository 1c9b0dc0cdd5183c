// Codecs of D-Bus structs: tuples, pairs and aggregates.
#pragma once

#include <ctbus/codec/basic.hpp>
#include <ctbus/codec/fields.hpp>
#include <ctbus/codec/spans.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

namespace detail {

template <class T, class = std::make_index_sequence<std::tuple_size_v<T>>>
struct tuple_fields;
template <class T, std::size_t... I>
struct tuple_fields<T, std::index_sequence<I...>> {
    using types = type_list<std::tuple_element_t<I, T>...>;
};

} // namespace detail

template <class T, kind = kind_of<T>()>
struct fields {
    using types = field_types<T>;
};
template <class T>
struct fields<T, kind::tuple> : detail::tuple_fields<T> {};

/// The types of a struct's fields, as a type_list.
template <class T>
using fields_of = typename fields<T>::types;

/// Calls `f(field...)` with the fields of a tuple, pair or aggregate.
template <class T, class F>
constexpr decltype(auto) visit_fields(T& value, F&& f) {
    if constexpr (kind_of<std::remove_const_t<T>>() == kind::tuple) {
        return [&]<std::size_t... I>(std::index_sequence<I...>)->decltype(auto) {
            using std::get;
            return f(get<I>(value)...);
        }
        (std::make_index_sequence<std::tuple_size_v<std::remove_const_t<T>>>{});
    } else {
        return with_fields(value, f);
    }
}

namespace detail {

template <class Fields>
struct struct_codec;

template <class... Fs>
struct struct_codec<type_list<Fs...>> {
    static constexpr void sign(signature_builder& s) {
        if (s.open_struct('(')) (of<std::remove_const_t<Fs>>::sign(s), ...);
        s.close_struct(')');
    }

    static int append(auto& writer, const auto& value) {
        int r = writer.open('r', contents);
        if (r < 0) return r;
        visit_fields(value, [&](const auto&... fields) {
            static_cast<void>(
                ((r = of<std::remove_cvref_t<decltype(fields)>>::append(writer, fields), r >= 0) &&
                 ...));
        });
        return r < 0 ? r : writer.close('r');
    }

    static int read(auto& reader, auto& value) {
        const int r = enter(reader);
        return r <= 0 ? r : read_entered(reader, value);
    }

    /// The two steps of read(): an array makes its element in between, where it will stay.
    static int enter(auto& reader) { return reader.enter('r', contents.data()); }
    static int read_entered(auto& reader, auto& value) {
        int r = 1;
        const auto read_all = [&](auto&... fields) {
            static_cast<void>(
                ((r = of<std::remove_const_t<Fs>>::read(reader, fields), r > 0) && ...));
        };
        if constexpr (is_late<std::remove_reference_t<decltype(value)>>) {
            slots_of<std::remove_const_t<Fs>...> read_fields;
            std::apply(read_all, read_fields.places);
            if (r > 0)
                value =
                    read_fields.template take_as<std::remove_reference_t<decltype(value.get())>>();
        } else {
            visit_fields(value, read_all);
        }
        if (r <= 0) return r < 0 ? r : -EBADMSG;
        r = reader.exit();
        return r < 0 ? r : 1;
    }

private:
    static constexpr std::string_view contents = signature_of<std::remove_const_t<Fs>...>;
};

} // namespace detail

template <class T>
struct of<T, kind::tuple> : detail::struct_codec<fields_of<T>> {};

template <class T>
struct of<T, kind::structure> : detail::struct_codec<fields_of<T>> {};

namespace detail {

template <class T, class Fields>
struct struct_parts;

template <class T, class... Fs>
struct struct_parts<T, type_list<Fs...>> {
    using all = parts_of_fields<'r', std::remove_const_t<Fs>...>;

    static constexpr char anchor_type = all::anchor_type;
    static int before(auto& writer, const T& value) {
        return visit_fields(value,
                            [&](const auto&... fields) { return all::before(writer, fields...); });
    }
    static int anchor(auto& writer, const T& value) {
        return visit_fields(value,
                            [&](const auto&... fields) { return all::anchor(writer, fields...); });
    }
    static int after(auto& writer, const T& value) {
        return visit_fields(value,
                            [&](const auto&... fields) { return all::after(writer, fields...); });
    }
};

} // namespace detail

template <class T>
struct parts<T, kind::tuple> : detail::struct_parts<T, fields_of<T>> {};

template <class T>
struct parts<T, kind::structure> : detail::struct_parts<T, fields_of<T>> {};

} // namespace ctbus::codec
