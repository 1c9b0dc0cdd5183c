// Codec of dictionaries: any map-like range.
#pragma once

#include <ctbus/codec/basic.hpp>
#include <ctbus/codec/spans.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

template <class Key, class Mapped>
struct dict_entry {
    using both = parts_of_fields<'e', Key, Mapped>;

    static constexpr void sign(signature_builder& s) {
        if (s.open_struct('{')) {
            of<Key>::sign(s);
            of<Mapped>::sign(s);
        }
        s.close_struct('}');
    }
    static constexpr signature_builder make_signature() {
        signature_builder built;
        sign(built);
        return built;
    }
    static constexpr signature_builder signature = make_signature();
    static constexpr std::string_view contents{signature.text, signature.size};

    static constexpr char anchor_type = both::anchor_type;
    static int before(auto& writer, const auto& e) {
        return both::before(writer, e.first, e.second);
    }
    static int anchor(auto& writer, const auto& e) {
        return both::anchor(writer, e.first, e.second);
    }
    static int after(auto& writer, const auto& e) { return both::after(writer, e.first, e.second); }
    static int append(auto& writer, const auto& e) {
        int r = writer.open('e', signature_of<Key, Mapped>);
        if (r < 0 || (r = of<Key>::append(writer, e.first)) < 0 ||
            (r = of<Mapped>::append(writer, e.second)) < 0)
            return r;
        return writer.close('e');
    }
};

template <class T>
struct of<T, kind::map> {
    using key = std::remove_cvref_t<typename T::key_type>;
    using mapped = typename T::mapped_type;
    using entry = dict_entry<key, mapped>;

    static constexpr void sign(signature_builder& s) {
        if (s.open_array()) entry::sign(s);
        s.close_array();
    }

    static int append(auto& writer, const T& value) {
        return append_elements<entry>(writer, value);
    }

    static int read(auto& reader, T& value) {
        int r = reader.enter('a', entry::contents.data());
        if (r <= 0) return r;
        value.clear();
        while ((r = reader.enter('e', signature_of<key, mapped>.data())) > 0)
            if ((r = read_entry(reader, value)) < 0 || (r = reader.exit()) < 0) return r;
        if (r < 0) return r;
        r = reader.exit();
        return r < 0 ? r : 1;
    }

private:
    static int read_entry(auto& reader, T& all) {
        if constexpr (is_flat) {
            auto& [new_key, new_value] = all.emplace_back();
            const int r = of<key>::read(reader, new_key);
            return r < 0 ? r : of<mapped>::read(reader, new_value);
        } else if constexpr (kind_of<key>() == kind::string) {
            const char* text = ""; // the key is made of it, which is cheaper than assigning it
            const int r = reader.basic('s', &text);
            return r < 0 ? r : read_value(reader, all, key(text));
        } else {
            slot<key> read_key{};
            const int r = of<key>::read(reader, read_key);
            return r < 0 ? r : read_value(reader, all, std::move(value_in(read_key)));
        }
    }
    // Of equal keys the last one wins. What is sent is often sorted, and belongs at the end.
    static int read_value(auto& reader, T& all, key&& k) {
        if constexpr (makes_values) {
            return of<mapped>::read(reader, all.try_emplace(all.end(), std::move(k))->second);
        } else {
            slot<mapped> read_mapped{};
            const int r = of<mapped>::read(reader, read_mapped);
            if (r >= 0) add(all, std::move(k), std::move(value_in(read_mapped)));
            return r;
        }
    }
    /// A vector of pairs, such as dict.
    static constexpr bool is_flat = std::is_same_v<slot<key>, key> &&
                                    std::is_same_v<slot<mapped>, mapped> && requires(T & all) {
        all.emplace_back().first;
    };
    static constexpr bool makes_values =
        std::is_same_v<slot<mapped>, mapped> && requires(T & all, key&& k) {
        all.try_emplace(all.end(), std::move(k))->second;
    };
    static void add(T& all, key&& k, mapped&& m) {
        if constexpr (requires { all.insert_or_assign(std::move(k), std::move(m)); })
            all.insert_or_assign(std::move(k), std::move(m));
        else all.insert(all.end(), {std::move(k), std::move(m)});
    }
};

} // namespace ctbus::codec
