// The values that every library marshals and unmarshals, and the names that all of them use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bench {

inline constexpr char path[] = "/org/example/Object";
inline constexpr char interface[] = "org.example.Interface";
inline constexpr char service_name[] = "org.example.Service";
inline constexpr char properties_interface[] = "org.freedesktop.DBus.Properties";
inline constexpr char introspectable_interface[] = "org.freedesktop.DBus.Introspectable";

/// What a dictionary `a{sv}` holds, where its reader knows that there is nothing else.
using entry_value = std::variant<std::int32_t, std::string, double>;
using dictionary = std::map<std::string, entry_value>;

/// `(sud)`
struct item {
    std::string name;
    std::uint32_t number;
    double weight;
};

/// A struct that travels as a dictionary; its fields' names are the keys.
struct ten_fields {
    std::string name, vendor, model;
    std::int32_t width, height, depth;
    std::uint32_t serial;
    double price, weight;
    bool in_stock;
};

/// A closed set of 17 types, where path, signature and struct are the library's own; the other way
/// round, one value of each.
template <class Path, class Signature, class Struct>
using closed_set =
    std::variant<std::uint8_t, bool, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                 std::int64_t, std::uint64_t, double, std::string, Path, Signature,
                 std::vector<std::int32_t>, std::vector<double>, std::vector<std::string>,
                 std::map<std::string, std::string>, Struct>;
template <class Set>
std::vector<Set> one_of_each(auto path_value, auto signature_value, auto struct_value) {
    return {Set{std::uint8_t{1}},
            Set{true},
            Set{std::int16_t{3}},
            Set{std::uint16_t{4}},
            Set{std::int32_t{5}},
            Set{std::uint32_t{6}},
            Set{std::int64_t{7}},
            Set{std::uint64_t{8}},
            Set{9.5},
            Set{std::string{"some text"}},
            Set{std::move(path_value)},
            Set{std::move(signature_value)},
            Set{std::vector<std::int32_t>{1, 2, 3}},
            Set{std::vector<double>{1.5, 2.5}},
            Set{std::vector<std::string>{"one", "two"}},
            Set{std::map<std::string, std::string>{{"key", "value"}}},
            Set{std::move(struct_value)}};
}

inline std::string text_of(std::size_t size) {
    return std::string(size, 'x');
}

inline std::vector<std::string> words(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back("word number " + std::to_string(i));
    return all;
}

/// About 2000 bytes in which every few letters is one that is not ASCII.
inline std::string latin_text() {
    std::string all;
    while (all.size() < 2000) all += "Gr\u00fc\u00dfe aus K\u00f6ln, sch\u00f6ne ";
    return all;
}

/// As of network interfaces: `aay`
using addresses = std::vector<std::vector<std::uint8_t>>;
inline addresses some_addresses(int count) {
    return addresses(static_cast<std::size_t>(count), {2, 4, 6, 8, 10, 12});
}

/// A number with a type of its own, as of std::chrono: `ax`
struct ticks {
    std::int64_t count;
};
inline std::vector<ticks> moments(int count) {
    std::vector<ticks> all;
    for (int i = 0; i < count; ++i) all.push_back({i * 1000});
    return all;
}

inline std::vector<item> items(int count) {
    std::vector<item> all;
    for (int i = 0; i < count; ++i)
        all.push_back({"item number " + std::to_string(i), static_cast<std::uint32_t>(i), i * 0.5});
    return all;
}

/// By turns `number(key, int)`, `text(key, string)` and `real(key, double)` of each entry.
void each_entry(int count, auto number, auto text, auto real) {
    for (int i = 0; i < count; ++i) {
        const std::string key = "key number " + std::to_string(i);
        if (i % 3 == 0) number(key, i);
        else if (i % 3 == 1) text(key, "text number " + std::to_string(i));
        else real(key, i * 0.5);
    }
}

inline dictionary entries_of(int count) {
    dictionary all;
    const auto put = [&](const std::string& key, const auto& v) { all.emplace(key, v); };
    each_entry(count, put, put, put);
    return all;
}

inline ten_fields a_product() {
    return {"lamp", "Example", "L-100", 120, 300, 120, 4711, 19.95, 0.75, true};
}

} // namespace bench
