// Codec of aggregates that travel as a{sv}: field names are keys, optional fields may be absent.
#pragma once

#include <ctbus/codec/field_names.hpp>
#include <ctbus/codec/spans.hpp>
#include <ctbus/codec/structs.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctbus::codec {

namespace detail {

template <class Field>
struct dict_field {
    using type = Field;
};
template <optional_like Field>
struct dict_field<Field> {
    using type = typename Field::value_type;
};

// What an aggregate's fields are read into.
template <class T, class Fields = field_types<T>>
struct places {
    using type = T;
};
template <class T, class... Fs>
    requires(is_late<slot<T>>)
struct places<T, type_list<Fs...>> {
    using type = slots_of<std::remove_const_t<Fs>...>;
};

} // namespace detail

/// A field of such a type is the variant of its entry, and not one inside.
template <class Value>
inline constexpr bool is_variant = signature_of<Value>.size() == 1 && signature_of<Value>[0] == 'v';

/// Whether a variant may hold one.
template <class Variant>
inline constexpr bool may_hold_variant = false;
template <template <class...> class V, class... Ts>
inline constexpr bool may_hold_variant<V<Ts...>> = (is_variant<Ts> || ...);

/// What travels for a field: its type, or that of the value that it may hold.
template <class Field>
using dict_value_t = typename detail::dict_field<std::remove_const_t<Field>>::type;

template <class T>
struct of<T, kind::dict_struct> {
    static constexpr void sign(signature_builder& s) {
        for (char c : {'a', '{', 's', 'v', '}'}) s.put(c);
    }

    static int append(auto& writer, const T& value) {
        if constexpr (std::is_same_v<decltype(writer), message_writer&>) {
            if (spanned_fields all{value}; all.has_many()) {
                const int r = append_span(writer, "{sv}", all);
                if (r != not_spanned) return r;
            }
        }
        int r = writer.open('a', "{sv}");
        if (r >= 0)
            r = each_entry(value, [&](bool, bool, auto parts, const auto& entry) {
                int done = parts.before(writer, entry);
                if (done >= 0) done = parts.anchor(writer, entry);
                return done < 0 ? done : parts.after(writer, entry);
            });
        return r < 0 ? r : writer.close('a');
    }

    static int read(auto& reader, slot<T>& value) {
        // Where every field has to come, what was there before is replaced as it is read.
        if constexpr (!is_late<slot<T>> && !has_optional(field_types<T>{}))
            return read_fields(reader, value);
        else {
            typename detail::places<T>::type fresh{};
            const int r = read_fields(reader, fresh);
            if (r <= 0) return r;
            if constexpr (is_late<slot<T>>) value = fresh.template take_as<T>();
            else value = std::move(fresh);
            return r;
        }
    }

private:
    template <class... Fs>
    static consteval bool has_optional(type_list<Fs...>) {
        return (optional_like<std::remove_const_t<Fs>> || ...);
    }

    static int read_fields(auto& reader, auto& fresh) {
        int r = reader.enter('a', "{sv}");
        if (r <= 0) return r;
        std::uint64_t seen = 0; // one bit a field; there are at most 32
        while ((r = reader.enter('e', "sv")) > 0) {
            const char* key = "";
            if ((r = reader.basic('s', &key)) < 0 ||
                (r = read_field(reader, std::string_view{key}, fresh, seen)) < 0 ||
                (r = reader.exit()) < 0)
                return r;
        }
        if (r < 0 || (r = reader.exit()) < 0) return r;
        if (std::string_view key = missing(seen); !key.empty()) [[unlikely]]
            return reader.explain("lacks the key \"%s\"", key.data());
        return 1;
    }

    template <class Value>
    struct entry {
        std::string_view name;
        const Value& value;
    };
    template <class Value>
    struct entry_parts {
        static int before(auto& writer, const entry<Value>&) { return writer.open('e', "sv"); }
        static int anchor(auto& writer, const entry<Value>& e) { return writer.string(e.name); }
        static int after(auto& writer, const entry<Value>& e) {
            int r = is_variant<Value> ? 0 : writer.open('v', signature_of<Value>);
            if (r < 0 || (r = of<Value>::append(writer, e.value)) < 0 ||
                (!is_variant<Value> && (r = writer.close('v')) < 0))
                return r;
            return writer.close('e');
        }
    };

    static std::size_t count_entries(const T& value) {
        return with_fields(
            value, [](const auto&... fields) { return (std::size_t{has_value(fields)} + ...); });
    }
    /// Calls `f(first, last, parts, entry)` for each field that has a value.
    static int each_entry(const T& value, auto&& f) {
        std::size_t left = count_entries(value);
        return with_fields(value, [&](const auto&... fields) {
            int r = 0;
            bool first = true;
            const auto one = [&]<class Value>(std::string_view name, const Value& present) {
                r = f(first, --left == 0, entry_parts<Value>{}, entry<Value>{name, present});
                first = false;
            };
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                static_cast<void>(((visit_value(field_name<T, I>, fields, one), r >= 0) && ...));
            }
            (std::make_index_sequence<field_count<T>>{});
            return r;
        });
    }
    /// As append_span() wants them.
    struct spanned_fields {
        static constexpr char anchor_type = 's';
        const T& value;

        bool has_many() const { return count_entries(value) > 1; }
        int before(auto& writer) const {
            return each_entry(value, [&](bool first, bool, auto parts, const auto& entry) {
                return first ? parts.before(writer, entry) : 0;
            });
        }
        int between(auto& writer) const {
            return each_entry(value, [&](bool first, bool last, auto parts, const auto& entry) {
                int r = first ? 0 : parts.before(writer, entry);
                if (r >= 0) r = parts.anchor(writer, entry);
                return r < 0 || last ? r : parts.after(writer, entry);
            });
        }
        int after(auto& writer) const {
            return each_entry(value, [&](bool, bool last, auto parts, const auto& entry) {
                return last ? parts.after(writer, entry) : 0;
            });
        }
    };

    template <class Field>
    static bool has_value(const Field& field) {
        if constexpr (optional_like<Field>) return field.has_value();
        else return true;
    }
    template <class Field>
    static void visit_value(std::string_view name, const Field& field, auto&& f) {
        if constexpr (!optional_like<Field>) f(name, field);
        else if (field.has_value()) f(name, *field);
    }

    // With its length known, the comparison is inline.
    template <std::size_t I>
    static bool is_name(std::string_view key) {
        constexpr std::string_view name = field_name<T, I>;
        return key.size() == name.size() && std::memcmp(key.data(), name.data(), name.size()) == 0;
    }

    static int read_field(auto& reader, std::string_view key, auto& fresh, std::uint64_t& seen) {
        int r = 0;
        const auto read_named = [&](auto&... fields) {
            return [&]<class... Fs, std::size_t... I>(type_list<Fs...>, std::index_sequence<I...>) {
                return ((is_name<I>(key) && (r = read_entry<Fs>(reader, key, fields),
                                             seen |= std::uint64_t{1} << I, true)) ||
                        ...);
            }(field_types<T>{}, std::make_index_sequence<field_count<T>>{});
        };
        bool known = false;
        if constexpr (is_late<slot<T>>) known = std::apply(read_named, fresh.places);
        else known = with_fields(fresh, read_named);
        return known ? r : reader.skip("v");
    }

    template <class Field>
    static int read_entry(auto& reader, std::string_view key, auto& field) {
        using value_type = dict_value_t<Field>;
        if constexpr (optional_like<Field>) {
            slot<value_type> value{};
            const int r = read_value<value_type>(reader, key, value);
            if (r >= 0) field.emplace(std::move(value_in(value)));
            return r;
        } else return read_value<value_type>(reader, key, field);
    }
    template <class Value>
    static int read_value(auto& reader, std::string_view key, auto& value) {
        if constexpr (is_variant<Value>) return read_variant<Value>(reader, key, value);
        else {
            int r = reader.enter('v', signature_of<Value>.data());
            if (r == -ENXIO) [[unlikely]]
                return reader.explain("has another type than %s under the key \"%s\"",
                                      signature_of<Value>.data(), key.data());
            if (r >= 0) r = of<Value>::read(reader, value);
            return r < 0 ? r : reader.exit();
        }
    }
    /// What a closed set of types is read from may be in a variant of its own too, as properties of
    /// type `v` are.
    template <class Value>
    static int read_variant(auto& reader, std::string_view key, auto& value) {
        bool inside = false;
        if constexpr (kind_of<Value>() == kind::closed_variant && !may_hold_variant<Value>)
            inside = reader.enter('v', "v") > 0;
        const int r = of<Value>::read(reader, value);
        if (r == no_alternative) [[unlikely]]
            return reader.explain("holds none of the expected types under the key \"%s\"",
                                  key.data());
        return r < 0 || !inside ? r : reader.exit();
    }

    /// The first required key that was not seen, or nothing.
    static std::string_view missing(std::uint64_t seen) {
        std::string_view key;
        [&]<class... Fs, std::size_t... I>(type_list<Fs...>, std::index_sequence<I...>) {
            static_cast<void>(
                ((!optional_like<Fs> && (seen >> I & 1) == 0 && (key = field_name<T, I>, true)) ||
                 ...));
        }(field_types<T>{}, std::make_index_sequence<field_count<T>>{});
        return key;
    }
};

} // namespace ctbus::codec
