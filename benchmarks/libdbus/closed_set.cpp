// libdbus: variants, each of one of 17 known types.
#include "messages.hpp"

#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using bench::container;
using bench::each;
using bench::inside;
using bench::number;
using bench::text;
using iter = DBusMessageIter;

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
constexpr const char* signatures[] = {"y", "b", "n", "q",  "i",  "u",  "x",     "t",   "d",
                                      "s", "o", "g", "ai", "ad", "as", "a{ss}", "(is)"};

// ---- writing ----

void content(iter* v, char type, const auto& value) {
    bench::basic(v, type, &value);
}
void content(iter* v, char, const bool& b) {
    const dbus_bool_t value = b;
    bench::basic(v, 'b', &value);
}
void content(iter* v, char, const std::string& s) {
    text(v, 's', s);
}
void content(iter* v, char, const path_text& p) {
    text(v, 'o', p.text);
}
void content(iter* v, char, const signature_text& g) {
    text(v, 'g', g.text);
}
void content(iter* v, char, const std::vector<std::int32_t>& all) {
    bench::append_numbers(v, "i", all);
}
void content(iter* v, char, const std::vector<double>& all) {
    bench::append_numbers(v, "d", all);
}
void content(iter* v, char, const std::vector<std::string>& all) {
    container(v, 'a', "s", [&](iter* inner) {
        for (const std::string& s : all) text(inner, 's', s);
    });
}
void content(iter* v, char, const std::map<std::string, std::string>& all) {
    container(v, 'a', "{ss}", [&](iter* array) {
        for (const auto& [key, word] : all)
            container(array, 'e', nullptr, [&, &k = key, &w = word](iter* entry) {
                text(entry, 's', k);
                text(entry, 's', w);
            });
    });
}
void content(iter* v, char, const number_and_text& pair) {
    container(v, 'r', nullptr, [&](iter* inner) {
        bench::basic(inner, 'i', &pair.number);
        text(inner, 's', pair.text);
    });
}

// ---- reading ----

void read_array(iter* v, set& value) {
    switch (dbus_message_iter_get_element_type(v)) {
    case 'i': bench::read_numbers(v, value.emplace<12>()); break;
    case 'd': bench::read_numbers(v, value.emplace<13>()); break;
    case 's': {
        auto& all = value.emplace<14>();
        each(inside(v), [&](iter* inner) { all.emplace_back(text(inner)); });
        break;
    }
    default: {
        auto& all = value.emplace<15>();
        each(inside(v), [&](iter* array) {
            iter entry = inside(array);
            const char* key = text(&entry);
            all.insert_or_assign(key, text(&entry));
        });
    }
    }
}

void read_one(iter* v, set& value) {
    switch (dbus_message_iter_get_arg_type(v)) {
    case 'y': number(v, value.emplace<0>()); break;
    case 'b': {
        dbus_bool_t b = FALSE;
        number(v, b);
        value.emplace<1>(b != FALSE);
        break;
    }
    case 'n': number(v, value.emplace<2>()); break;
    case 'q': number(v, value.emplace<3>()); break;
    case 'i': number(v, value.emplace<4>()); break;
    case 'u': number(v, value.emplace<5>()); break;
    case 'x': number(v, value.emplace<6>()); break;
    case 't': number(v, value.emplace<7>()); break;
    case 'd': number(v, value.emplace<8>()); break;
    case 's': value.emplace<9>(text(v)); break;
    case 'o': value.emplace<10>(text(v)); break;
    case 'g': value.emplace<11>(text(v)); break;
    case 'a': read_array(v, value); break;
    default: {
        auto& pair = value.emplace<16>();
        iter inner = inside(v);
        number(&inner, pair.number);
        pair.text = text(&inner);
    }
    }
}

struct variants {
    static void append(iter* at, const std::vector<set>& all) {
        container(at, 'a', "v", [&](iter* array) {
            for (const set& one : all) {
                const char* type = signatures[one.index()];
                container(array, 'v', type, [&](iter* v) {
                    std::visit([&](const auto& held) { content(v, type[0], held); }, one);
                });
            }
        });
    }
    static void read(iter* at, std::vector<set>& all) {
        each(inside(at), [&](iter* array) {
            iter v = inside(array);
            read_one(&v, all.emplace_back());
        });
    }
};

[[maybe_unused]] const bool added =
    (bench::add_codec<bench::libdbus_codec<std::vector<set>, variants>>(
         "libdbus", "v_17",
         bench::one_of_each<set>(path_text{"/org/example"}, signature_text{"a{sv}"},
                                 number_and_text{1, "text"})),
     true);

} // namespace
