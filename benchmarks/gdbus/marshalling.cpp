// GDBus: filling a message, and reading one.
#include "messages.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

struct unref {
    void operator()(GVariant* v) const { g_variant_unref(v); }
};
using gvariant = std::unique_ptr<GVariant, unref>;

// ---- how values travel: a tuple of arguments, floating ----

GVariant* pack(const bench::two_numbers& value) {
    return g_variant_new("(ii)", value.a, value.b);
}
void unpack(GVariant* body, bench::two_numbers& value) {
    g_variant_get(body, "(ii)", &value.a, &value.b);
}

GVariant* pack(const std::string& s) {
    return g_variant_new("(s)", s.c_str());
}
void unpack(GVariant* body, std::string& s) {
    const char* text = nullptr;
    g_variant_get(body, "(&s)", &text);
    s = text;
}

GVariant* pack(const std::vector<double>& all) {
    return g_variant_new("(@ad)", g_variant_new_fixed_array(G_VARIANT_TYPE_DOUBLE, all.data(),
                                                            all.size(), sizeof(double)));
}
void unpack(GVariant* body, std::vector<double>& all) {
    const gvariant array{g_variant_get_child_value(body, 0)};
    gsize count = 0;
    const auto* first =
        static_cast<const double*>(g_variant_get_fixed_array(array.get(), &count, sizeof(double)));
    all.assign(first, first + count);
}

GVariant* pack(const std::vector<std::string>& all) {
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE("as"));
    for (const std::string& s : all)
        g_variant_builder_add_value(&b, g_variant_new_string(s.c_str()));
    return g_variant_new("(as)", &b);
}
void unpack(GVariant* body, std::vector<std::string>& all) {
    GVariantIter* iter = nullptr;
    const char* s = nullptr;
    g_variant_get(body, "(as)", &iter);
    while (g_variant_iter_next(iter, "&s", &s)) all.emplace_back(s);
    g_variant_iter_free(iter);
}

GVariant* pack(const std::vector<bench::item>& all) {
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE("a(sud)"));
    for (const bench::item& i : all)
        g_variant_builder_add(&b, "(sud)", i.name.c_str(), i.number, i.weight);
    return g_variant_new("(a(sud))", &b);
}
void unpack(GVariant* body, std::vector<bench::item>& all) {
    GVariantIter* iter = nullptr;
    const char* name = nullptr;
    guint32 number = 0;
    double weight = 0;
    g_variant_get(body, "(a(sud))", &iter);
    while (g_variant_iter_next(iter, "(&sud)", &name, &number, &weight))
        all.push_back({name, number, weight});
    g_variant_iter_free(iter);
}

GVariant* pack(const bench::dictionary& all) {
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
    for (const auto& [key, v] : all) {
        if (const auto* i = std::get_if<std::int32_t>(&v))
            g_variant_builder_add(&b, "{sv}", key.c_str(), g_variant_new_int32(*i));
        else if (const auto* s = std::get_if<std::string>(&v))
            g_variant_builder_add(&b, "{sv}", key.c_str(), g_variant_new_string(s->c_str()));
        else
            g_variant_builder_add(&b, "{sv}", key.c_str(),
                                  g_variant_new_double(std::get<double>(v)));
    }
    return g_variant_new("(a{sv})", &b);
}
void unpack(GVariant* body, bench::dictionary& all) {
    GVariantIter* iter = nullptr;
    const char* key = nullptr;
    GVariant* v = nullptr;
    g_variant_get(body, "(a{sv})", &iter);
    while (g_variant_iter_next(iter, "{&sv}", &key, &v)) {
        bench::entry_value value;
        switch (g_variant_classify(v)) {
        case G_VARIANT_CLASS_INT32: value = g_variant_get_int32(v); break;
        case G_VARIANT_CLASS_STRING: value = g_variant_get_string(v, nullptr); break;
        default: value = g_variant_get_double(v);
        }
        all.insert_or_assign(key, std::move(value));
        g_variant_unref(v);
    }
    g_variant_iter_free(iter);
}

// Values of any type: GVariants.
using variants = std::map<std::string, gvariant>;
struct dynamic_entries {
    std::shared_ptr<variants> all = std::make_shared<variants>();
};
GVariant* pack(const dynamic_entries& entries) {
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
    for (const auto& [key, v] : *entries.all)
        g_variant_builder_add(&b, "{sv}", key.c_str(), v.get());
    return g_variant_new("(a{sv})", &b);
}
void unpack(GVariant* body, dynamic_entries& entries) {
    GVariantIter* iter = nullptr;
    const char* key = nullptr;
    GVariant* v = nullptr;
    g_variant_get(body, "(a{sv})", &iter);
    while (g_variant_iter_next(iter, "{&sv}", &key, &v))
        entries.all->insert_or_assign(key, gvariant{v});
    g_variant_iter_free(iter);
}
dynamic_entries make_dynamic(int count) {
    dynamic_entries made;
    const auto put = [&](const std::string& key, GVariant* v) {
        made.all->emplace(key, gvariant{g_variant_ref_sink(v)});
    };
    bench::each_entry(
        count, [&](const std::string& key, int v) { put(key, g_variant_new_int32(v)); },
        [&](const std::string& key, const std::string& v) {
            put(key, g_variant_new_string(v.c_str()));
        },
        [&](const std::string& key, double v) { put(key, g_variant_new_double(v)); });
    return made;
}

// A struct that travels as a dictionary.
GVariant* pack(const bench::ten_fields& t) {
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
    const auto put = [&b](const char* key, GVariant* v) {
        g_variant_builder_add(&b, "{sv}", key, v);
    };
    put("name", g_variant_new_string(t.name.c_str()));
    put("vendor", g_variant_new_string(t.vendor.c_str()));
    put("model", g_variant_new_string(t.model.c_str()));
    put("width", g_variant_new_int32(t.width));
    put("height", g_variant_new_int32(t.height));
    put("depth", g_variant_new_int32(t.depth));
    put("serial", g_variant_new_uint32(t.serial));
    put("price", g_variant_new_double(t.price));
    put("weight", g_variant_new_double(t.weight));
    put("in_stock", g_variant_new_boolean(t.in_stock));
    return g_variant_new("(a{sv})", &b);
}
void unpack(GVariant* body, bench::ten_fields& t) {
    const gvariant all{g_variant_get_child_value(body, 0)};
    const char *name = nullptr, *vendor = nullptr, *model = nullptr;
    gboolean in_stock = FALSE;
    const auto get = [&](const char* key, const char* type, auto* place) {
        bench::must(g_variant_lookup(all.get(), key, type, place), key);
    };
    get("name", "&s", &name), get("vendor", "&s", &vendor), get("model", "&s", &model);
    get("width", "i", &t.width), get("height", "i", &t.height), get("depth", "i", &t.depth);
    get("serial", "u", &t.serial), get("price", "d", &t.price), get("weight", "d", &t.weight);
    get("in_stock", "b", &in_stock);
    t.name = name, t.vendor = vendor, t.model = model, t.in_stock = in_stock != FALSE;
}

// ---- the rows ----

struct overloads {
    static GVariant* body(const auto& value) { return pack(value); }
    static void read(GVariant* body, auto& value) { unpack(body, value); }
};
template <class T>
struct codec : bench::gdbus_codec<T, overloads> {
    using bench::gdbus_codec<T, overloads>::gdbus_codec;
};

[[maybe_unused]] const bool added[] = {
    bench::add_plain_values<codec, bench::as_they_are>("gdbus"),
    bench::add_dictionaries<codec<bench::dictionary>>("gdbus"),
    bench::add_dynamic_dictionaries<codec<dynamic_entries>>("gdbus", make_dynamic),
    (bench::add_codec<codec<bench::ten_fields>>("gdbus", "dict_struct_10", bench::a_product()),
     true),
};

} // namespace
