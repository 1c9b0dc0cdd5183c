// GDBus: variants, each of one of 17 known types.
#include "messages.hpp"

#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

struct path_text {
    std::string text;
};
struct signature_text {
    std::string text;
};
struct number_and_text {
    std::int32_t number;
    std::string text;
};
using set = bench::closed_set<path_text, signature_text, number_and_text>;

// ---- writing ----

GVariant* pack(std::uint8_t n) {
    return g_variant_new_byte(n);
}
GVariant* pack(bool b) {
    return g_variant_new_boolean(b);
}
GVariant* pack(std::int16_t n) {
    return g_variant_new_int16(n);
}
GVariant* pack(std::uint16_t n) {
    return g_variant_new_uint16(n);
}
GVariant* pack(std::int32_t n) {
    return g_variant_new_int32(n);
}
GVariant* pack(std::uint32_t n) {
    return g_variant_new_uint32(n);
}
GVariant* pack(std::int64_t n) {
    return g_variant_new_int64(n);
}
GVariant* pack(std::uint64_t n) {
    return g_variant_new_uint64(n);
}
GVariant* pack(double n) {
    return g_variant_new_double(n);
}
GVariant* pack(const std::string& s) {
    return g_variant_new_string(s.c_str());
}
GVariant* pack(const path_text& p) {
    return g_variant_new_object_path(p.text.c_str());
}
GVariant* pack(const signature_text& g) {
    return g_variant_new_signature(g.text.c_str());
}
GVariant* pack(const std::vector<std::int32_t>& all) {
    return g_variant_new_fixed_array(G_VARIANT_TYPE_INT32, all.data(), all.size(),
                                     sizeof(std::int32_t));
}
GVariant* pack(const std::vector<double>& all) {
    return g_variant_new_fixed_array(G_VARIANT_TYPE_DOUBLE, all.data(), all.size(), sizeof(double));
}
GVariant* pack(const std::vector<std::string>& all) {
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE_STRING_ARRAY);
    for (const std::string& s : all) g_variant_builder_add_value(&b, pack(s));
    return g_variant_builder_end(&b);
}
GVariant* pack(const std::map<std::string, std::string>& all) {
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE("a{ss}"));
    for (const auto& [key, word] : all)
        g_variant_builder_add(&b, "{ss}", key.c_str(), word.c_str());
    return g_variant_builder_end(&b);
}
GVariant* pack(const number_and_text& pair) {
    return g_variant_new("(is)", pair.number, pair.text.c_str());
}

// ---- reading ----

template <class T>
void read_numbers(GVariant* v, std::vector<T>& all) {
    gsize count = 0;
    const auto* first = static_cast<const T*>(g_variant_get_fixed_array(v, &count, sizeof(T)));
    all.assign(first, first + count);
}

void read_array(GVariant* v, set& value) {
    const char* type = g_variant_get_type_string(v);
    GVariantIter iter;
    const char *key = nullptr, *word = nullptr;
    if (type[1] == 'i') read_numbers(v, value.emplace<12>());
    else if (type[1] == 'd') read_numbers(v, value.emplace<13>());
    else if (type[1] == 's') {
        auto& all = value.emplace<14>();
        g_variant_iter_init(&iter, v);
        while (g_variant_iter_next(&iter, "&s", &word)) all.emplace_back(word);
    } else {
        auto& all = value.emplace<15>();
        g_variant_iter_init(&iter, v);
        while (g_variant_iter_next(&iter, "{&s&s}", &key, &word)) all.insert_or_assign(key, word);
    }
}

void read_one(GVariant* v, set& value) {
    const char* text = nullptr;
    switch (g_variant_classify(v)) {
    case G_VARIANT_CLASS_BYTE: value.emplace<0>(g_variant_get_byte(v)); break;
    case G_VARIANT_CLASS_BOOLEAN: value.emplace<1>(g_variant_get_boolean(v) != FALSE); break;
    case G_VARIANT_CLASS_INT16: value.emplace<2>(g_variant_get_int16(v)); break;
    case G_VARIANT_CLASS_UINT16: value.emplace<3>(g_variant_get_uint16(v)); break;
    case G_VARIANT_CLASS_INT32: value.emplace<4>(g_variant_get_int32(v)); break;
    case G_VARIANT_CLASS_UINT32: value.emplace<5>(g_variant_get_uint32(v)); break;
    case G_VARIANT_CLASS_INT64: value.emplace<6>(g_variant_get_int64(v)); break;
    case G_VARIANT_CLASS_UINT64: value.emplace<7>(g_variant_get_uint64(v)); break;
    case G_VARIANT_CLASS_DOUBLE: value.emplace<8>(g_variant_get_double(v)); break;
    case G_VARIANT_CLASS_STRING: value.emplace<9>(g_variant_get_string(v, nullptr)); break;
    case G_VARIANT_CLASS_OBJECT_PATH: value.emplace<10>(g_variant_get_string(v, nullptr)); break;
    case G_VARIANT_CLASS_SIGNATURE: value.emplace<11>(g_variant_get_string(v, nullptr)); break;
    case G_VARIANT_CLASS_ARRAY: read_array(v, value); break;
    default: {
        auto& pair = value.emplace<16>();
        g_variant_get(v, "(i&s)", &pair.number, &text);
        pair.text = text;
    }
    }
}

struct variants {
    static GVariant* body(const std::vector<set>& all) {
        GVariantBuilder b;
        g_variant_builder_init(&b, G_VARIANT_TYPE("av"));
        for (const set& one : all)
            g_variant_builder_add(&b, "v",
                                  std::visit([](const auto& held) { return pack(held); }, one));
        return g_variant_new("(av)", &b);
    }
    static void read(GVariant* body, std::vector<set>& all) {
        GVariantIter* iter = nullptr;
        GVariant* v = nullptr;
        g_variant_get(body, "(av)", &iter);
        while (g_variant_iter_next(iter, "v", &v)) {
            read_one(v, all.emplace_back());
            g_variant_unref(v);
        }
        g_variant_iter_free(iter);
    }
};

[[maybe_unused]] const bool added =
    (bench::add_codec<bench::gdbus_codec<std::vector<set>, variants>>(
         "gdbus", "v_17",
         bench::one_of_each<set>(path_text{"/org/example"}, signature_text{"a{sv}"},
                                 number_and_text{1, "text"})),
     true);

} // namespace
