// Codecs of enumerations: by their integer, or by name where enum_strings<E> says so.
#pragma once

#include <ctbus/codec/basic.hpp>

#include <string_view>
#include <type_traits>

namespace ctbus::codec {

template <class E>
struct of<E, kind::enumeration> {
    using integer = std::underlying_type_t<E>;
    static constexpr char code = of<integer>::code;
    static constexpr void sign(signature_builder& s) { s.put(code); }
    static int append(auto& writer, E value) { return writer.basic(code, &value); }
    static int read(auto& reader, E& value) { return reader.basic(code, &value); }
};

template <class E>
struct of<E, kind::named_enumeration> {
    static constexpr void sign(signature_builder& s) { s.put('s'); }

    static int append(auto& writer, E value) {
        for (const auto& [enumerator, text] : enum_strings<E>)
            if (enumerator == value) return writer.string(text);
        return no_enumerator;
    }

    static int read(auto& reader, E& value) {
        const char* name = "";
        const int r = reader.basic('s', &name);
        if (r <= 0) return r;
        for (const auto& [enumerator, text] : enum_strings<E>) {
            if (!is_name(text, name)) continue;
            value = enumerator;
            return r;
        }
        return reader.explain("is \"%s\", which is not an enumerator's name", name);
    }

private:
    // Names are short and differ early, so that their length is not worth knowing.
    static bool is_name(const char* text, const char* name) { return is_signature(text, name); }
    static bool is_name(std::string_view text, const char* name) { return text.compare(name) == 0; }
};

} // namespace ctbus::codec
