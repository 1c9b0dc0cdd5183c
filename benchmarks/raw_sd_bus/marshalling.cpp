// Raw sd-bus, the fastest plain calls: messages with numbers, text, arrays and structs.
#include "../marshalling.hpp"
#include "message.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using bench::check;

struct plain {
    static void append(sd_bus_message* m, const bench::two_numbers& value) {
        check(sd_bus_message_append_basic(m, 'i', &value.a));
        check(sd_bus_message_append_basic(m, 'i', &value.b));
    }
    static void read(sd_bus_message* m, bench::two_numbers& value) {
        check(sd_bus_message_read_basic(m, 'i', &value.a));
        check(sd_bus_message_read_basic(m, 'i', &value.b));
    }

    static void append(sd_bus_message* m, const std::string& value) {
        check(sd_bus_message_append_basic(m, 's', value.c_str()));
    }
    static void read(sd_bus_message* m, std::string& value) {
        const char* s = nullptr;
        check(sd_bus_message_read_basic(m, 's', &s));
        value = s;
    }

    static void append(sd_bus_message* m, const std::vector<double>& value) {
        check(sd_bus_message_append_array(m, 'd', value.data(), value.size() * sizeof value[0]));
    }
    static void read(sd_bus_message* m, std::vector<double>& value) {
        const void* data = nullptr;
        std::size_t bytes = 0;
        check(sd_bus_message_read_array(m, 'd', &data, &bytes));
        const auto* first = static_cast<const double*>(data);
        value.assign(first, first + bytes / sizeof *first);
    }

    static void append(sd_bus_message* m, const std::vector<bench::ticks>& value) {
        void* space = nullptr;
        check(
            sd_bus_message_append_array_space(m, 'x', value.size() * sizeof(std::int64_t), &space));
        auto* to = static_cast<std::int64_t*>(space);
        for (const bench::ticks& t : value) *to++ = t.count;
    }
    static void read(sd_bus_message* m, std::vector<bench::ticks>& value) {
        const void* data = nullptr;
        std::size_t bytes = 0;
        check(sd_bus_message_read_array(m, 'x', &data, &bytes));
        const auto* first = static_cast<const std::int64_t*>(data);
        const std::size_t count = bytes / sizeof *first;
        value.reserve(count);
        for (std::size_t i = 0; i < count; ++i) value.push_back({first[i]});
    }

    static void append(sd_bus_message* m, const bench::addresses& value) {
        check(sd_bus_message_open_container(m, 'a', "ay"));
        for (const auto& one : value)
            check(sd_bus_message_append_array(m, 'y', one.data(), one.size()));
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m, bench::addresses& value) {
        check(sd_bus_message_enter_container(m, 'a', "ay"));
        const void* data = nullptr;
        std::size_t bytes = 0;
        while (check(sd_bus_message_read_array(m, 'y', &data, &bytes)) > 0) {
            const auto* first = static_cast<const std::uint8_t*>(data);
            value.emplace_back(first, first + bytes);
        }
        check(sd_bus_message_exit_container(m));
    }

    static void append(sd_bus_message* m, const std::vector<std::string>& value) {
        check(sd_bus_message_open_container(m, 'a', "s"));
        for (const std::string& s : value) check(sd_bus_message_append_basic(m, 's', s.c_str()));
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m, std::vector<std::string>& value) {
        check(sd_bus_message_enter_container(m, 'a', "s"));
        const char* s = nullptr;
        while (check(sd_bus_message_read_basic(m, 's', &s)) > 0) value.emplace_back(s);
        check(sd_bus_message_exit_container(m));
    }

    static void append(sd_bus_message* m, const std::vector<bench::item>& value) {
        check(sd_bus_message_open_container(m, 'a', "(sud)"));
        for (const bench::item& i : value) {
            check(sd_bus_message_open_container(m, 'r', "sud"));
            check(sd_bus_message_append_basic(m, 's', i.name.c_str()));
            check(sd_bus_message_append_basic(m, 'u', &i.number));
            check(sd_bus_message_append_basic(m, 'd', &i.weight));
            check(sd_bus_message_close_container(m));
        }
        check(sd_bus_message_close_container(m));
    }
    static void read(sd_bus_message* m, std::vector<bench::item>& value) {
        check(sd_bus_message_enter_container(m, 'a', "(sud)"));
        while (check(sd_bus_message_enter_container(m, 'r', "sud")) > 0) {
            const char* name = nullptr;
            bench::item& i = value.emplace_back();
            check(sd_bus_message_read_basic(m, 's', &name));
            i.name = name;
            check(sd_bus_message_read_basic(m, 'u', &i.number));
            check(sd_bus_message_read_basic(m, 'd', &i.weight));
            check(sd_bus_message_exit_container(m));
        }
        check(sd_bus_message_exit_container(m));
    }
};

template <class T>
struct plain_calls : bench::raw_codec<T, plain> {
    using bench::raw_codec<T, plain>::raw_codec;
};

[[maybe_unused]] const bool added[] = {
    bench::add_plain_values<plain_calls, bench::as_they_are>("raw_sd_bus"),
    bench::add_further_values<plain_calls>("raw_sd_bus"),
};

} // namespace
