// Codec of arrays: any range.
#pragma once

#include <ctbus/codec/basic.hpp>
#include <ctbus/codec/numbers.hpp>
#include <ctbus/codec/spans.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

/// A container that grows: vector, list, deque, set, ...
template <class R>
concept growable = requires(R& range, element_t<R> element) {
    range.clear();
    requires requires {
        range.insert(range.end(), std::move(element));
    } || requires {
        range.push_back(std::move(element));
    };
};

/// Adds an element made of `from`.
template <class R, class From>
void add_element(R& range, From&& from) {
    if constexpr (requires { range.emplace_back(std::forward<From>(from)); })
        range.emplace_back(std::forward<From>(from));
    else if constexpr (requires { range.emplace_hint(range.end(), std::forward<From>(from)); })
        range.emplace_hint(range.end(), std::forward<From>(from));
    else if constexpr (requires { range.push_back(element_t<R>(std::forward<From>(from))); })
        range.push_back(element_t<R>(std::forward<From>(from)));
    else range.insert(range.end(), element_t<R>(std::forward<From>(from)));
}

/// A range whose length is part of its type: std::array.
template <class R>
concept fixed_length = tuple_like<R> && requires(R& range) {
    range.data();
};

/// Made of numbers that lie somewhere.
template <class R>
concept made_of_numbers = requires(const element_t<R>* at) {
    requires(kind_of<R>() == kind::array && bulk<element_t<R>>);
    R(at, at);
};

/// A view of somebody else's elements: std::span<const T>.
template <class R>
concept borrowing =
    !growable<R> && !fixed_length<R> && bulk<element_t<R>> && std::is_default_constructible_v<R> &&
    std::is_trivially_copyable_v<R> && std::is_constructible_v<R, const element_t<R>*, std::size_t>;

template <class T>
struct array_element : parts<T> {
    static constexpr std::string_view contents = signature_of<T>;
    static int append(auto& writer, const T& value) { return of<T>::append(writer, value); }
};

template <class T>
struct of<T, kind::array> {
    using element = element_t<T>;

    static constexpr void sign(signature_builder& s) {
        if (s.open_array()) of<element>::sign(s);
        s.close_array();
    }

    static int append(auto& writer, const T& value) {
        if constexpr (bulk<element> && contiguous_range<T>) {
            const auto [first, end] = ends_of(value);
            const auto count = static_cast<std::size_t>(end - first);
            return writer.array(of<element>::code, first, count * sizeof(element));
        } else if constexpr (bulk_on_the_way<element> && requires {
                                 value.size();
                                 writer.array_space('y', 0, nullptr);
                             }) {
            return append_numbers(writer, value);
        } else {
            return append_elements<array_element<element>>(writer, value);
        }
    }

    // Inline: an array of numbers is read by one call of sd-bus's and a copy.
    [[gnu::always_inline]] static int read(auto& reader, slot<T>& value) {
        if constexpr (bulk_on_the_way<element>) {
            using number = travelling_number<element>;
            const void* data = nullptr;
            std::size_t bytes = 0;
            const int r = reader.array(of<number>::code, &data, &bytes);
            if (r == -EOPNOTSUPP) [[unlikely]]
                return read_swapped(reader, value);
            if (r <= 0) return r;
            // sd-bus accepts an array that ends inside an element.
            if (bytes % sizeof(number) != 0) return -EBADMSG;
            if constexpr (bulk<element> && !is_late<slot<T>>) {
                return assign(value, static_cast<const element*>(data), bytes / sizeof(element));
            } else {
                number_reader<number, std::remove_reference_t<decltype(reader)>> numbers{
                    reader, data, bytes};
                return read_each(numbers, value);
            }
        } else {
            return read_each(reader, value);
        }
    }

private:
    /// Whether a new element can be there before it is read.
    static constexpr bool makes_elements =
        std::is_same_v<slot<element>, element> && requires(T & all, element& made) {
        made = all.emplace_back();
    };

    // Elements that do not lie side by side as they travel.
    static int append_numbers(message_writer& writer, const T& value) {
        using number = travelling_number<element>;
        auto it = value.begin();
        const auto end = value.end();
        constexpr bool sure = requires {
            end - it;
        };
        const auto told = [&] {
            if constexpr (sure) return end - it;
            else return value.size();
        }();
        constexpr std::size_t most = message_writer::most_in_array / sizeof(number);
        // May be more than std::size_t has (of 32 bits), as that of a range of all integers.
        if constexpr (sizeof told > sizeof(std::size_t))
            if (told > static_cast<std::remove_const_t<decltype(told)>>(most)) return -EMSGSIZE;
        const auto count = static_cast<std::size_t>(told);
        if (count > most) return -EMSGSIZE;
        void* space = nullptr;
        int r = writer.array_space(of<number>::code, count * sizeof(number), &space);
        if (r < 0) return r;
        number_writer<number> numbers{static_cast<char*>(space)};
        const char* const full = numbers.to + count * sizeof(number);
        for (; it != end; ++it) {
            if (!sure && numbers.to == full) return changed;
            r = of<element>::append(numbers, static_cast<const element&>(*it));
            if (r < 0) return r;
        }
        return numbers.to == full ? r : int{changed};
    }

    static int assign(T& value, const element* first, std::size_t count) {
        if constexpr (fixed_length<T>) {
            if (count != std::tuple_size_v<T>) return wrong_length;
            if constexpr (std::is_same_v<decltype(value.data()), element*>)
                std::memcpy(value.data(), first, sizeof(element) * std::tuple_size_v<T>);
            else
                for (std::size_t i = 0; i < count; ++i) value[i] = first[i];
        } else if constexpr (borrowing<T>) {
            value = T(count == 0 ? nullptr : first, count);
        } else if constexpr (requires { value.assign(first, first + count); }) {
            // An empty array's pointer is a dummy, which need not be aligned.
            if (count == 0) value.clear();
            else value.assign(first, first + count);
        } else if constexpr (requires { value.insert(first, first + count); }) { // a set
            value.clear();
            value.insert(first, first + count);
        } else {
            value.clear();
            for (std::size_t i = 0; i < count; ++i) add_element(value, element{first[i]});
        }
        return 1;
    }

    /// Before an element, where nobody knows how many come: a vector's room goes by 1, 2, 4, ...
    template <class Reader>
    static void make_room(Reader&, T& value) {
        constexpr bool made = requires(Reader & reader) {
            reader.left();
        };
        if constexpr (!made && requires { value.capacity() == 0, value.reserve(4); })
            if (value.capacity() == 0) value.reserve(4);
    }

    static int read_each(auto& reader, slot<T>& value) {
        if constexpr (is_late<slot<T>>)
            return read_late(reader, value, std::make_index_sequence<std::tuple_size_v<T>>{});
        else return read_all(reader, value);
    }

    static int read_all(auto& reader, T& value) {
        int r = reader.enter('a', signature_of<element>.data());
        if (r <= 0) return r;
        if constexpr (fixed_length<T>) {
            std::size_t count = 0;
            for (; count < std::tuple_size_v<T>; ++count)
                if (r = of<element>::read(reader, value[count]); r <= 0)
                    return r < 0 ? r : wrong_length;
            element surplus{};
            if (r = of<element>::read(reader, surplus); r != 0) return r < 0 ? r : wrong_length;
        } else {
            value.clear();
            if constexpr (requires { value.reserve(reader.left()); }) value.reserve(reader.left());
            if constexpr (kind_of<element>() == kind::string) {
                const char* text = nullptr; // the element is made of it where it will be
                while ((r = reader.basic('s', &text)) > 0) {
                    make_room(reader, value);
                    add_element(value, text);
                }
            } else if constexpr (makes_elements && made_of_numbers<element>) {
                r = read_arrays(reader, value);
            } else if constexpr (makes_elements && requires { of<element>::enter(reader); }) {
                while ((r = of<element>::enter(reader)) > 0) {
                    make_room(reader, value);
                    if ((r = of<element>::read_entered(reader, value.emplace_back())) <= 0)
                        return r;
                }
            } else if constexpr (kind_of<element>() == kind::wire) {
                const auto take = [&](auto&& made) {
                    make_room(reader, value);
                    add_element(value, std::move(made));
                };
                while ((r = of<element>::read_made(reader, take)) > 0) {
                }
            } else {
                r = read_one_by_one(reader, value);
            }
            if (r < 0) return r;
        }
        r = reader.exit();
        return r < 0 ? r : 1;
    }

    static int read_one_by_one(auto& reader, T& value) {
        for (;;) {
            slot<element> read{};
            if (const int r = of<element>::read(reader, read); r <= 0) return r;
            make_room(reader, value);
            add_element(value, std::move(value_in(read)));
        }
    }

    // Arrays of numbers: each is made where it will be.
    static int read_arrays(auto& reader, T& value) {
        using number = element_t<element>;
        const void* data = nullptr;
        std::size_t bytes = 0;
        const auto next = [&] { return reader.array(of<number>::code, &data, &bytes); };
        int r = next();
        if (r > 0) make_room(reader, value);
        for (; r > 0; r = next()) {
            if (bytes % sizeof(number) != 0) return -EBADMSG;
            const auto* const first = static_cast<const number*>(data);
            value.emplace_back(first, first + bytes / sizeof(number));
        }
        return r == -EOPNOTSUPP ? read_one_by_one(reader, value) : r;
    }

    // An std::array whose elements cannot be there before they were read.
    template <std::size_t... I>
    static int read_late(auto& reader, late<T>& value, std::index_sequence<I...>) {
        int r = reader.enter('a', signature_of<element>.data());
        if (r <= 0) return r;
        late<element> elements[sizeof...(I)], surplus;
        for (auto& one : elements)
            if (r = of<element>::read(reader, one); r <= 0) return r < 0 ? r : wrong_length;
        if (r = of<element>::read(reader, surplus); r != 0) return r < 0 ? r : wrong_length;
        value = T{std::move(elements[I].get())...};
        r = reader.exit();
        return r < 0 ? r : 1;
    }

    // sd-bus reads arrays of the other byte order one by one only.
    [[gnu::cold]] static int read_swapped(auto& reader, slot<T>& value) {
        if constexpr (!borrowing<T>) {
            return read_each(reader, value);
        } else {
            if (!reader.keeps()) return not_borrowable;
            int r = reader.enter('a', signature_of<element>.data());
            if (r <= 0) return r;
            element* kept = nullptr;
            std::size_t count = 0, room = 0;
            for (;; ++count) {
                element read{};
                if (r = of<element>::read(reader, read); r <= 0) break;
                if (count == room) {
                    room = room == 0 ? 64 : 2 * room;
                    auto* larger = static_cast<element*>(reader.keep(room * sizeof(element)));
                    if (!larger) return -ENOMEM;
                    if (count != 0) std::memcpy(larger, kept, count * sizeof(element));
                    kept = larger;
                }
                kept[count] = read;
            }
            if (r < 0 || (r = reader.exit()) < 0) return r;
            value = T(kept, count);
            return 1;
        }
    }
};

} // namespace ctbus::codec
