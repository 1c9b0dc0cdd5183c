// Raw sd-bus, the fastest plain calls: variants, each of one of 17 known types.
#include "../marshalling.hpp"
#include "message.hpp"

#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using bench::check;

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

void append_text(sd_bus_message* m, char type, const std::string& s) {
    check(sd_bus_message_append_basic(m, type, s.c_str()));
}
void append_content(sd_bus_message* m, char type, const auto& number) {
    check(sd_bus_message_append_basic(m, type, &number));
}
void append_content(sd_bus_message* m, char, const bool& b) {
    const int number = b;
    check(sd_bus_message_append_basic(m, 'b', &number));
}
void append_content(sd_bus_message* m, char type, const std::string& s) {
    append_text(m, type, s);
}
void append_content(sd_bus_message* m, char, const path_text& p) {
    append_text(m, 'o', p.text);
}
void append_content(sd_bus_message* m, char, const signature_text& g) {
    append_text(m, 'g', g.text);
}
void append_content(sd_bus_message* m, char, const std::vector<std::int32_t>& all) {
    check(sd_bus_message_append_array(m, 'i', all.data(), all.size() * sizeof all[0]));
}
void append_content(sd_bus_message* m, char, const std::vector<double>& all) {
    check(sd_bus_message_append_array(m, 'd', all.data(), all.size() * sizeof all[0]));
}
void append_content(sd_bus_message* m, char, const std::vector<std::string>& all) {
    check(sd_bus_message_open_container(m, 'a', "s"));
    for (const std::string& s : all) append_text(m, 's', s);
    check(sd_bus_message_close_container(m));
}
void append_content(sd_bus_message* m, char, const std::map<std::string, std::string>& all) {
    check(sd_bus_message_open_container(m, 'a', "{ss}"));
    for (const auto& [key, text] : all) {
        check(sd_bus_message_open_container(m, 'e', "ss"));
        append_text(m, 's', key);
        append_text(m, 's', text);
        check(sd_bus_message_close_container(m));
    }
    check(sd_bus_message_close_container(m));
}
void append_content(sd_bus_message* m, char, const number_and_text& pair) {
    check(sd_bus_message_open_container(m, 'r', "is"));
    check(sd_bus_message_append_basic(m, 'i', &pair.number));
    append_text(m, 's', pair.text);
    check(sd_bus_message_close_container(m));
}

void read_number(sd_bus_message* m, char type, auto& number) {
    check(sd_bus_message_read_basic(m, type, &number));
}
const char* read_text(sd_bus_message* m, char type) {
    const char* text = nullptr;
    check(sd_bus_message_read_basic(m, type, &text));
    return text;
}
template <class T>
void read_numbers(sd_bus_message* m, char type, std::vector<T>& all) {
    const void* data = nullptr;
    std::size_t bytes = 0;
    check(sd_bus_message_read_array(m, type, &data, &bytes));
    const auto* first = static_cast<const T*>(data);
    all.assign(first, first + bytes / sizeof *first);
}

void read_array(sd_bus_message* m, const char* type, set& v) {
    if (type[1] == 'i') read_numbers(m, 'i', v.emplace<12>());
    else if (type[1] == 'd') read_numbers(m, 'd', v.emplace<13>());
    else if (type[1] == 's') {
        auto& all = v.emplace<14>();
        check(sd_bus_message_enter_container(m, 'a', "s"));
        const char* s = nullptr;
        while (check(sd_bus_message_read_basic(m, 's', &s)) > 0) all.emplace_back(s);
        check(sd_bus_message_exit_container(m));
    } else {
        auto& all = v.emplace<15>();
        check(sd_bus_message_enter_container(m, 'a', "{ss}"));
        while (check(sd_bus_message_enter_container(m, 'e', "ss")) > 0) {
            const char* key = read_text(m, 's');
            all.insert_or_assign(key, read_text(m, 's'));
            check(sd_bus_message_exit_container(m));
        }
        check(sd_bus_message_exit_container(m));
    }
}

void read_one(sd_bus_message* m, set& v) {
    const char* contents = nullptr;
    check(sd_bus_message_peek_type(m, nullptr, &contents));
    char type[8] = {};
    std::strncpy(type, contents, sizeof type - 1);
    check(sd_bus_message_enter_container(m, 'v', type));
    switch (type[0]) {
    case 'y': read_number(m, 'y', v.emplace<0>()); break;
    case 'b': {
        int b = 0;
        read_number(m, 'b', b);
        v.emplace<1>(b != 0);
        break;
    }
    case 'n': read_number(m, 'n', v.emplace<2>()); break;
    case 'q': read_number(m, 'q', v.emplace<3>()); break;
    case 'i': read_number(m, 'i', v.emplace<4>()); break;
    case 'u': read_number(m, 'u', v.emplace<5>()); break;
    case 'x': read_number(m, 'x', v.emplace<6>()); break;
    case 't': read_number(m, 't', v.emplace<7>()); break;
    case 'd': read_number(m, 'd', v.emplace<8>()); break;
    case 's': v.emplace<9>(read_text(m, 's')); break;
    case 'o': v.emplace<10>(read_text(m, 'o')); break;
    case 'g': v.emplace<11>(read_text(m, 'g')); break;
    case 'a': read_array(m, type, v); break;
    default: {
        auto& pair = v.emplace<16>();
        check(sd_bus_message_enter_container(m, 'r', "is"));
        read_number(m, 'i', pair.number);
        pair.text = read_text(m, 's');
        check(sd_bus_message_exit_container(m));
    }
    }
    check(sd_bus_message_exit_container(m));
}

struct variants {
    static void append(sd_bus_message* m, const std::vector<set>& all) {
        check(sd_bus_message_open_container(m, 'a', "v"));
        for (const set& v : all) {
            const char* type = signatures[v.index()];
            check(sd_bus_message_open_container(m, 'v', type));
            std::visit([&](const auto& held) { append_content(m, type[0], held); }, v);
            check(sd_bus_message_close_container(m));
        }
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m, std::vector<set>& all) {
        check(sd_bus_message_enter_container(m, 'a', "v"));
        while (check(sd_bus_message_at_end(m, 0)) == 0) read_one(m, all.emplace_back());
        check(sd_bus_message_exit_container(m));
    }
};

[[maybe_unused]] const bool added =
    (bench::add_codec<bench::raw_codec<std::vector<set>, variants>>(
         "raw_sd_bus", "v_17",
         bench::one_of_each<set>(path_text{"/org/example"}, signature_text{"a{sv}"},
                                 number_and_text{1, "text"})),
     true);

} // namespace
