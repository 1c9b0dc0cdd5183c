// libdbus: filling a message, and reading one. It has no type for a value of any type: no rows of
// dynamic dictionaries.
#include "messages.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using bench::basic;
using bench::container;
using bench::each;
using bench::inside;
using bench::number;
using bench::text;
using iter = DBusMessageIter;

// ---- how values travel ----

void append_value(iter* at, const bench::two_numbers& value) {
    basic(at, 'i', &value.a);
    basic(at, 'i', &value.b);
}
void read_value(iter* at, bench::two_numbers& value) {
    number(at, value.a);
    number(at, value.b);
}

void append_value(iter* at, const std::string& s) {
    text(at, 's', s);
}
void read_value(iter* at, std::string& s) {
    s = text(at);
}

void append_value(iter* at, const std::vector<double>& all) {
    bench::append_numbers(at, "d", all);
}
void read_value(iter* at, std::vector<double>& all) {
    bench::read_numbers(at, all);
}

void append_value(iter* at, const std::vector<std::string>& all) {
    container(at, 'a', "s", [&](iter* inner) {
        for (const std::string& s : all) text(inner, 's', s);
    });
}
void read_value(iter* at, std::vector<std::string>& all) {
    each(inside(at), [&](iter* inner) { all.emplace_back(text(inner)); });
}

void append_value(iter* at, const std::vector<bench::item>& all) {
    container(at, 'a', "(sud)", [&](iter* array) {
        for (const bench::item& i : all)
            container(array, 'r', nullptr, [&](iter* inner) {
                text(inner, 's', i.name);
                basic(inner, 'u', &i.number);
                basic(inner, 'd', &i.weight);
            });
    });
}
void read_value(iter* at, std::vector<bench::item>& all) {
    each(inside(at), [&](iter* array) {
        iter inner = inside(array);
        bench::item& i = all.emplace_back();
        i.name = text(&inner);
        number(&inner, i.number);
        number(&inner, i.weight);
    });
}

void append_entry(iter* array, const char* key, const char* type, const void* value) {
    container(array, 'e', nullptr, [&](iter* entry) {
        basic(entry, 's', &key);
        container(entry, 'v', type, [&](iter* v) { basic(v, type[0], value); });
    });
}
void append_value(iter* at, const bench::dictionary& all) {
    container(at, 'a', "{sv}", [&](iter* array) {
        for (const auto& [key, v] : all) {
            if (const auto* i = std::get_if<std::int32_t>(&v)) {
                append_entry(array, key.c_str(), "i", i);
            } else if (const auto* s = std::get_if<std::string>(&v)) {
                const char* c = s->c_str();
                append_entry(array, key.c_str(), "s", &c);
            } else append_entry(array, key.c_str(), "d", &std::get<double>(v));
        }
    });
}
void read_value(iter* at, bench::dictionary& all) {
    each(inside(at), [&](iter* array) {
        iter entry = inside(array);
        const char* key = text(&entry);
        iter v = inside(&entry);
        bench::entry_value value;
        switch (dbus_message_iter_get_arg_type(&v)) {
        case 'i': number(&v, value.emplace<std::int32_t>()); break;
        case 's': value.emplace<std::string>(text(&v)); break;
        default: number(&v, value.emplace<double>());
        }
        all.insert_or_assign(key, std::move(value));
    });
}

void append_value(iter* at, const bench::ten_fields& t) {
    const dbus_bool_t in_stock = t.in_stock;
    container(at, 'a', "{sv}", [&](iter* array) {
        const auto put_text = [array](const char* key, const std::string& s) {
            const char* c = s.c_str();
            append_entry(array, key, "s", &c);
        };
        put_text("name", t.name);
        put_text("vendor", t.vendor);
        put_text("model", t.model);
        append_entry(array, "width", "i", &t.width);
        append_entry(array, "height", "i", &t.height);
        append_entry(array, "depth", "i", &t.depth);
        append_entry(array, "serial", "u", &t.serial);
        append_entry(array, "price", "d", &t.price);
        append_entry(array, "weight", "d", &t.weight);
        append_entry(array, "in_stock", "b", &in_stock);
    });
}
void read_value(iter* at, bench::ten_fields& t) {
    each(inside(at), [&](iter* array) {
        iter entry = inside(array);
        const std::string_view key = text(&entry);
        iter v = inside(&entry);
        const int type = dbus_message_iter_get_arg_type(&v);
        const auto is = [&](const char* name, int wanted) { return key == name && type == wanted; };
        if (is("name", 's')) t.name = text(&v);
        else if (is("vendor", 's')) t.vendor = text(&v);
        else if (is("model", 's')) t.model = text(&v);
        else if (is("width", 'i')) number(&v, t.width);
        else if (is("height", 'i')) number(&v, t.height);
        else if (is("depth", 'i')) number(&v, t.depth);
        else if (is("serial", 'u')) number(&v, t.serial);
        else if (is("price", 'd')) number(&v, t.price);
        else if (is("weight", 'd')) number(&v, t.weight);
        else if (is("in_stock", 'b')) {
            dbus_bool_t in_stock = FALSE;
            number(&v, in_stock);
            t.in_stock = in_stock != FALSE;
        }
    });
}

// ---- the rows ----

struct overloads {
    static void append(iter* at, const auto& value) { append_value(at, value); }
    static void read(iter* at, auto& value) { read_value(at, value); }
};
template <class T>
struct codec : bench::libdbus_codec<T, overloads> {
    using bench::libdbus_codec<T, overloads>::libdbus_codec;
};

[[maybe_unused]] const bool added[] = {
    bench::add_plain_values<codec, bench::as_they_are>("libdbus"),
    bench::add_dictionaries<codec<bench::dictionary>>("libdbus"),
    (bench::add_codec<codec<bench::ten_fields>>("libdbus", "dict_struct_10", bench::a_product()),
     true),
};

} // namespace
