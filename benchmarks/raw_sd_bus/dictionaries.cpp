// Raw sd-bus, the fastest plain calls: dictionaries, and values that say of what type they are.
#include "../marshalling.hpp"
#include "message.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using bench::check;
using bench::ten_fields;

void append_basic(sd_bus_message* m, const char* type, const void* value) {
    check(sd_bus_message_open_container(m, 'v', type));
    check(sd_bus_message_append_basic(m, type[0], value));
    check(sd_bus_message_close_container(m));
}
void append_key(sd_bus_message* m, const char* key) {
    check(sd_bus_message_open_container(m, 'e', "sv"));
    check(sd_bus_message_append_basic(m, 's', key));
}
void read_basic(sd_bus_message* m, const char* type, void* value) {
    check(sd_bus_message_enter_container(m, 'v', type));
    check(sd_bus_message_read_basic(m, type[0], value));
    check(sd_bus_message_exit_container(m));
}

// ---- values of known types ----

struct typed {
    static void append(sd_bus_message* m, const bench::dictionary& all) {
        check(sd_bus_message_open_container(m, 'a', "{sv}"));
        for (const auto& [key, v] : all) {
            append_key(m, key.c_str());
            if (const auto* i = std::get_if<std::int32_t>(&v)) append_basic(m, "i", i);
            else if (const auto* s = std::get_if<std::string>(&v)) append_basic(m, "s", s->c_str());
            else append_basic(m, "d", &std::get<double>(v));
            check(sd_bus_message_close_container(m));
        }
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m, bench::dictionary& all) { bench::read_dictionary(m, all); }
};

// ---- values of any type: what a program keeps that is to look at them later ----

struct dynamic {
    std::string signature;
    std::uint64_t number = 0; // of a basic type; also the bits of a double
    std::string text;
    std::vector<dynamic> children; // of a container
};
using dynamic_dictionary = std::map<std::string, dynamic>;

void append_content(sd_bus_message* m, const dynamic& v) {
    const char type = v.signature[0];
    if (type == 's' || type == 'o' || type == 'g') {
        check(sd_bus_message_append_basic(m, type, v.text.c_str()));
        return;
    }
    if (type != 'a' && type != '(' && type != '{' && type != 'v') {
        check(sd_bus_message_append_basic(m, type, &v.number));
        return;
    }
    std::string inner = v.signature.substr(1);
    if (type == '(' || type == '{') inner.pop_back();
    if (type == 'v') inner = v.children[0].signature;
    check(sd_bus_message_open_container(m,
                                        type == '('   ? 'r'
                                        : type == '{' ? 'e'
                                                      : type,
                                        inner.c_str()));
    for (const dynamic& child : v.children) append_content(m, child);
    check(sd_bus_message_close_container(m));
}

// Reads the next value, whatever it is, and copies all of it; false at the end of a container.
bool read_content(sd_bus_message* m, dynamic& v) {
    char type = 0;
    const char* contents = nullptr;
    if (check(sd_bus_message_peek_type(m, &type, &contents)) == 0) return false;
    if (!contents) {
        v.signature.assign(1, type);
        if (type == 's' || type == 'o' || type == 'g') {
            const char* text = nullptr;
            check(sd_bus_message_read_basic(m, type, &text));
            v.text = text;
        } else check(sd_bus_message_read_basic(m, type, &v.number));
        return true;
    }
    const std::string inner = contents; // valid only until the next call
    v.signature.assign(1, type == 'r' ? '(' : type == 'e' ? '{' : type);
    if (type != 'v') v.signature.append(inner);
    if (type == 'r' || type == 'e') v.signature.push_back(type == 'r' ? ')' : '}');
    check(sd_bus_message_enter_container(m, type, inner.c_str()));
    for (dynamic child; read_content(m, child); child = {}) v.children.push_back(std::move(child));
    check(sd_bus_message_exit_container(m));
    return true;
}

struct any_values {
    static void append(sd_bus_message* m, const dynamic_dictionary& all) {
        check(sd_bus_message_open_container(m, 'a', "{sv}"));
        for (const auto& [key, v] : all) {
            append_key(m, key.c_str());
            check(sd_bus_message_open_container(m, 'v', v.signature.c_str()));
            append_content(m, v);
            check(sd_bus_message_close_container(m));
            check(sd_bus_message_close_container(m));
        }
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m, dynamic_dictionary& all) {
        check(sd_bus_message_enter_container(m, 'a', "{sv}"));
        while (check(sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
            const char* key = nullptr;
            const char* contents = nullptr;
            check(sd_bus_message_read_basic(m, 's', &key));
            check(sd_bus_message_peek_type(m, nullptr, &contents));
            const char type[2] = {contents[0], 0};
            dynamic v;
            if (contents[1] == 0) { // the common case: no copy of the contents, and no peeking
                check(sd_bus_message_enter_container(m, 'v', type));
                v.signature = type;
                if (type[0] == 's' || type[0] == 'o' || type[0] == 'g') {
                    const char* text = nullptr;
                    check(sd_bus_message_read_basic(m, type[0], &text));
                    v.text = text;
                } else check(sd_bus_message_read_basic(m, type[0], &v.number));
            } else {
                check(sd_bus_message_enter_container(m, 'v', std::string{contents}.c_str()));
                read_content(m, v);
            }
            check(sd_bus_message_exit_container(m));
            check(sd_bus_message_exit_container(m));
            all.insert_or_assign(key, std::move(v));
        }
        check(sd_bus_message_exit_container(m));
    }
};

dynamic_dictionary dynamic_entries(int count) {
    dynamic_dictionary all;
    bench::each_entry(
        count,
        [&](const std::string& key, int v) {
            all[key] = {"i", static_cast<std::uint64_t>(v), {}, {}};
        },
        [&](const std::string& key, const std::string& v) {
            all[key] = {"s", 0, v, {}};
        },
        [&](const std::string& key, double v) {
            dynamic& d = all[key];
            d.signature = "d";
            std::memcpy(&d.number, &v, sizeof v);
        });
    return all;
}

// ---- a struct that travels as a dictionary ----

struct fields {
    static void append(sd_bus_message* m, const ten_fields& t) {
        const int in_stock = t.in_stock;
        check(sd_bus_message_open_container(m, 'a', "{sv}"));
        const auto field = [m](const char* key, const char* type, const void* v) {
            append_key(m, key);
            append_basic(m, type, v);
            check(sd_bus_message_close_container(m));
        };
        field("name", "s", t.name.c_str());
        field("vendor", "s", t.vendor.c_str());
        field("model", "s", t.model.c_str());
        field("width", "i", &t.width);
        field("height", "i", &t.height);
        field("depth", "i", &t.depth);
        field("serial", "u", &t.serial);
        field("price", "d", &t.price);
        field("weight", "d", &t.weight);
        field("in_stock", "b", &in_stock);
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m, ten_fields& t) {
        unsigned seen = 0;
        check(sd_bus_message_enter_container(m, 'a', "{sv}"));
        while (check(sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
            const char* name = nullptr;
            check(sd_bus_message_read_basic(m, 's', &name));
            const std::string_view key = name;
            const char* s = nullptr;
            if (key == "name") read_basic(m, "s", &s), t.name = s, seen |= 1;
            else if (key == "vendor") read_basic(m, "s", &s), t.vendor = s, seen |= 2;
            else if (key == "model") read_basic(m, "s", &s), t.model = s, seen |= 4;
            else if (key == "width") read_basic(m, "i", &t.width), seen |= 8;
            else if (key == "height") read_basic(m, "i", &t.height), seen |= 16;
            else if (key == "depth") read_basic(m, "i", &t.depth), seen |= 32;
            else if (key == "serial") read_basic(m, "u", &t.serial), seen |= 64;
            else if (key == "price") read_basic(m, "d", &t.price), seen |= 128;
            else if (key == "weight") read_basic(m, "d", &t.weight), seen |= 256;
            else if (key == "in_stock") {
                int in_stock = 0;
                read_basic(m, "b", &in_stock);
                t.in_stock = in_stock != 0;
                seen |= 512;
            } else check(sd_bus_message_skip(m, "v"));
            check(sd_bus_message_exit_container(m));
        }
        check(sd_bus_message_exit_container(m));
        bench::must(seen == 1023, "a struct of ten fields");
    }
};

[[maybe_unused]] const bool added[] = {
    bench::add_dictionaries<bench::raw_codec<bench::dictionary, typed>>("raw_sd_bus"),
    bench::add_dynamic_dictionaries<bench::raw_codec<dynamic_dictionary, any_values>>(
        "raw_sd_bus", dynamic_entries),
    (bench::add_codec<bench::raw_codec<ten_fields, fields>>("raw_sd_bus", "dict_struct_10",
                                                            bench::a_product()),
     true),
};

} // namespace
