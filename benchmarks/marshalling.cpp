// Filling a message, and reading one: no bus takes part.
#include "rows.hpp"

#include <ctbus/ctbus.hpp>

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <systemd/sd-bus.h>
#include <utility>
#include <variant>
#include <vector>

namespace {

using bench::add;
using bench::check;
using bench::keep;

using value = std::variant<std::int32_t, std::string, double>;
using dictionary = std::map<std::string, value>;
struct item {
    std::string name;
    std::uint32_t number;
    double weight;
};

const std::string text(256, 'x');
const std::vector<double> doubles(1000, 1.5);
const dictionary named = [] {
    dictionary all;
    for (int i = 0; i < 20; ++i) {
        const std::string key = "key number " + std::to_string(i);
        if (i % 3 == 0) all.emplace(key, i);
        else if (i % 3 == 1) all.emplace(key, "text number " + std::to_string(i));
        else all.emplace(key, i * 0.5);
    }
    return all;
}();
const std::vector<item> items = [] {
    std::vector<item> all;
    for (unsigned i = 0; i < 100; ++i)
        all.push_back({"item number " + std::to_string(i), i, i * 0.5});
    return all;
}();

// One end of a pair: a message needs a bus that has started.
const ctbus::connection& bus() {
    static const auto ends = ctbus::connection::pair();
    return ends.first;
}

sd_bus_message* new_signal() {
    sd_bus_message* m = nullptr;
    check(sd_bus_message_new_signal(bus().get(), &m, "/org/example/Object", "org.example.Interface",
                                    "Signal"));
    return m;
}

// ---- raw sd-bus: the fastest plain calls ----

struct raw_ii {
    static void append(sd_bus_message* m) {
        const std::int32_t a = 1, b = 2;
        check(sd_bus_message_append_basic(m, 'i', &a));
        check(sd_bus_message_append_basic(m, 'i', &b));
    }
    static void read(sd_bus_message* m) {
        std::int32_t a = 0, b = 0;
        check(sd_bus_message_read_basic(m, 'i', &a));
        check(sd_bus_message_read_basic(m, 'i', &b));
        keep(a);
        keep(b);
    }
};

struct raw_s {
    static void append(sd_bus_message* m) {
        check(sd_bus_message_append_basic(m, 's', text.c_str()));
    }
    static void read(sd_bus_message* m) {
        const char* s = nullptr;
        check(sd_bus_message_read_basic(m, 's', &s));
        const std::string copy = s;
        keep(copy);
    }
};

struct raw_ad {
    static void append(sd_bus_message* m) {
        check(sd_bus_message_append_array(m, 'd', doubles.data(),
                                          doubles.size() * sizeof doubles[0]));
    }
    static void read(sd_bus_message* m) {
        const void* data = nullptr;
        std::size_t bytes = 0;
        check(sd_bus_message_read_array(m, 'd', &data, &bytes));
        const auto* first = static_cast<const double*>(data);
        const std::vector<double> copy(first, first + bytes / sizeof *first);
        keep(copy);
    }
};

struct raw_dict {
    static void append(sd_bus_message* m) {
        check(sd_bus_message_open_container(m, 'a', "{sv}"));
        for (const auto& [key, v] : named) {
            check(sd_bus_message_open_container(m, 'e', "sv"));
            check(sd_bus_message_append_basic(m, 's', key.c_str()));
            if (const auto* i = std::get_if<std::int32_t>(&v)) {
                check(sd_bus_message_open_container(m, 'v', "i"));
                check(sd_bus_message_append_basic(m, 'i', i));
            } else if (const auto* s = std::get_if<std::string>(&v)) {
                check(sd_bus_message_open_container(m, 'v', "s"));
                check(sd_bus_message_append_basic(m, 's', s->c_str()));
            } else {
                check(sd_bus_message_open_container(m, 'v', "d"));
                check(sd_bus_message_append_basic(m, 'd', &std::get<double>(v)));
            }
            check(sd_bus_message_close_container(m));
            check(sd_bus_message_close_container(m));
        }
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m) {
        dictionary all;
        check(sd_bus_message_enter_container(m, 'a', "{sv}"));
        while (check(sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
            const char* key = nullptr;
            const char* contents = nullptr;
            char type = 0;
            check(sd_bus_message_read_basic(m, 's', &key));
            check(sd_bus_message_peek_type(m, &type, &contents));
            const char c = contents[0];
            value v;
            if (c == 'i') {
                check(sd_bus_message_enter_container(m, 'v', "i"));
                check(sd_bus_message_read_basic(m, 'i', &v.emplace<std::int32_t>()));
            } else if (c == 's') {
                const char* s = nullptr;
                check(sd_bus_message_enter_container(m, 'v', "s"));
                check(sd_bus_message_read_basic(m, 's', &s));
                v.emplace<std::string>(s);
            } else {
                check(sd_bus_message_enter_container(m, 'v', "d"));
                check(sd_bus_message_read_basic(m, 'd', &v.emplace<double>()));
            }
            check(sd_bus_message_exit_container(m));
            check(sd_bus_message_exit_container(m));
            all.insert_or_assign(key, std::move(v));
        }
        check(sd_bus_message_exit_container(m));
        keep(all);
    }
};

struct raw_structs {
    static void append(sd_bus_message* m) {
        check(sd_bus_message_open_container(m, 'a', "(sud)"));
        for (const item& i : items) {
            check(sd_bus_message_open_container(m, 'r', "sud"));
            check(sd_bus_message_append_basic(m, 's', i.name.c_str()));
            check(sd_bus_message_append_basic(m, 'u', &i.number));
            check(sd_bus_message_append_basic(m, 'd', &i.weight));
            check(sd_bus_message_close_container(m));
        }
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m) {
        std::vector<item> all;
        check(sd_bus_message_enter_container(m, 'a', "(sud)"));
        while (check(sd_bus_message_enter_container(m, 'r', "sud")) > 0) {
            const char* name = nullptr;
            item i;
            check(sd_bus_message_read_basic(m, 's', &name));
            i.name = name;
            check(sd_bus_message_read_basic(m, 'u', &i.number));
            check(sd_bus_message_read_basic(m, 'd', &i.weight));
            check(sd_bus_message_exit_container(m));
            all.push_back(std::move(i));
        }
        check(sd_bus_message_exit_container(m));
        keep(all);
    }
};

// ---- the rows ----

template <class Raw, class... Ts>
bool add_rows(const std::string& name, const Ts&... values) {
    add("raw_sd_bus/marshal_" + name, [] {
        return [] {
            sd_bus_message* m = new_signal();
            Raw::append(m);
            sd_bus_message_unref(m);
        };
    });
    add("ctbus/marshal_" + name, [&values...] {
        return [&values...] {
            ctbus::message m =
                bus().new_signal("/org/example/Object", "org.example.Interface", "Signal");
            m.append(values...);
        };
    });
    const auto sealed = [] {
        sd_bus_message* m = new_signal();
        Raw::append(m);
        check(sd_bus_message_seal(m, 1, 0));
        return ctbus::message::adopt(m);
    };
    add("raw_sd_bus/unmarshal_" + name, [sealed] {
        return [m = sealed()] {
            check(sd_bus_message_rewind(m.get(), 1));
            Raw::read(m.get());
        };
    });
    return add("ctbus/unmarshal_" + name, [sealed] {
        return [m = sealed()]() mutable {
            m.rewind();
            const auto read = m.template read<Ts...>();
            keep(read);
        };
    });
}

const std::int32_t one = 1, two = 2;
[[maybe_unused]] const bool added[] = {
    add_rows<raw_ii>("ii", one, two),           add_rows<raw_s>("s_256", text),
    add_rows<raw_ad>("ad_1000", doubles),       add_rows<raw_dict>("a{sv}_20", named),
    add_rows<raw_structs>("a(sud)_100", items),
};

} // namespace
