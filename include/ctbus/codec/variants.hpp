// Codec of std::variant, a closed set of types: looked up once by signature, never probed.
#pragma once

#include <ctbus/codec/basic.hpp>

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

template <template <class...> class V, class... Ts>
struct of<V<Ts...>, kind::closed_variant> {
    using variant_type = V<Ts...>;

    static constexpr void sign(signature_builder& s) {
        s.put('v');
        const signature_builder all[] = {codec::sign<Ts>()...};
        for (const signature_builder& one : all) {
            s.too_long |= one.too_long;
            s.too_deep |= one.too_deep;
            s.same_alternatives |= one.same_alternatives;
            for (const signature_builder* other = all; other != &one; ++other)
                s.same_alternatives |=
                    std::string_view{one.text, one.size}.compare({other->text, other->size}) == 0;
        }
    }

    static int append(auto& writer, const variant_type& value) {
        return append_at<0, Ts...>(writer, value);
    }

    static int read(auto& reader, auto& value) {
        char type = 0;
        const char* contents = nullptr;
        const int r = reader.peek(&type, &contents);
        if (r <= 0) return r;
        if (type != 'v') return -ENXIO;
        return read_at<0, Ts...>(reader, contents, value);
    }

private:
    // Most are told apart by the first character.
    template <class T>
    static bool is_signature_of(const char* text) {
        constexpr std::string_view own = signature_of<T>;
        if (text[0] != own[0]) return false;
        return own.size() == 1 ? text[1] == 0 : std::strcmp(text, own.data()) == 0;
    }

    template <std::size_t I, class T, class... Rest>
    static int append_at(auto& writer, const variant_type& value) {
        if (value.index() != I) {
            if constexpr (sizeof...(Rest) == 0) return valueless;
            else return append_at<I + 1, Rest...>(writer, value);
        }
        int r = writer.open('v', signature_of<T>);
        if (r >= 0) r = of<T>::append(writer, *get_if<I>(&value)); // found by its namespace
        return r < 0 ? r : writer.close('v');
    }

    template <std::size_t I, class T, class... Rest>
    static int read_at(auto& reader, const char* contents, auto& value) {
        if (!is_signature_of<T>(contents)) {
            if constexpr (sizeof...(Rest) == 0) return no_alternative;
            else return read_at<I + 1, Rest...>(reader, contents, value);
        }
        int r = reader.enter('v', signature_of<T>.data());
        if (r < 0) return r;
        if constexpr (is_late<std::remove_reference_t<decltype(value)>> || is_late<slot<T>>) {
            slot<T> read{};
            r = of<T>::read(reader, read);
            if (r >= 0) value = variant_type{std::in_place_index<I>, std::move(value_in(read))};
        } else {
            r = of<T>::read(reader, value.template emplace<I>());
        }
        if (r >= 0) r = reader.exit();
        return r < 0 ? r : 1;
    }
};

} // namespace ctbus::codec
