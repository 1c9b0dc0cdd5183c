// The rows of filling a message and of reading one: the same names and values for every library. No
// bus takes part.
#pragma once

#include "data.hpp"
#include "rows.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

/// `Codec<T>` is what a library does with a value of type `T`. Codec::marshal(value) makes a
/// message, fills it and drops it; Codec{value} has a message with the value, and its unmarshal()
/// reads it into a new `T`. A Codec may leave one of the two out.
template <class Codec, class T>
void add_codec(const std::string& library, const std::string& name, const T& value,
               counting how = {}) {
    auto shared = std::make_shared<const T>(value);
    if constexpr (requires { Codec::marshal(value); })
        add(
            library + "/marshal_" + name,
            [shared] { return [shared] { Codec::marshal(*shared); }; }, how);
    if constexpr (requires(Codec & c) { c.unmarshal(); })
        add(
            library + "/unmarshal_" + name,
            [shared] {
                auto codec = std::make_shared<Codec>(*shared);
                return [codec] { codec->unmarshal(); };
            },
            how);
}

struct two_numbers {
    std::int32_t a = 1, b = 2;
};

/// All rows but those of dictionaries. `Make` gives the values in the library's own form, where it
/// has one: Make::of(value).
template <template <class> class Codec, class Make>
bool add_plain_values(const std::string& library) {
    const auto row = [&](const std::string& name, const auto& value, int times = 100) {
        using own = std::remove_cvref_t<decltype(value)>;
        add_codec<Codec<own>>(library, name, value, {times});
    };
    row("ii", Make::of(two_numbers{}));
    for (const auto& [name, size] :
         {std::pair{"s_16", 16}, {"s_256", 256}, {"s_4096", 4096}, {"s_65536", 65536}})
        row(name, Make::of(text_of(static_cast<std::size_t>(size))), size > 5000 ? 5 : 100);
    row("ad_1000", Make::of(std::vector<double>(1000, 1.5)));
    row("as_100", Make::of(words(100)), 20);
    for (const int count : {1, 10, 100})
        row("a(sud)_" + std::to_string(count), Make::of(items(count)), count > 10 ? 20 : 100);
    return true;
}

/// What only ctbus is compared with raw sd-bus for.
template <template <class> class Codec>
bool add_further_values(const std::string& library) {
    add_codec<Codec<std::string>>(library, "s_latin", latin_text());
    add_codec<Codec<addresses>>(library, "aay_100", some_addresses(100), {20});
    add_codec<Codec<std::vector<ticks>>>(library, "ax_100_wired", moments(100));
    return true;
}

/// The values as they are in data.hpp.
struct as_they_are {
    template <class T>
    static const T& of(const T& value) {
        return value;
    }
};

/// Dictionaries of 20 and 100 entries, whose values are of known types.
template <class Codec>
bool add_dictionaries(const std::string& library) {
    for (const int count : {20, 100})
        add_codec<Codec>(library, "a{sv}_" + std::to_string(count), entries_of(count), {20});
    return true;
}

/// The same, with values of any type; `make(count)` makes them.
template <class Codec>
bool add_dynamic_dictionaries(const std::string& library, auto make) {
    for (const int count : {20, 100})
        add_codec<Codec>(library, "a{sv}_" + std::to_string(count) + "_dynamic", make(count), {20});
    return true;
}

} // namespace bench
