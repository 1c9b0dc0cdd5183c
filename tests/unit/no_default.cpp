// Types without a default constructor travel wherever others do: they are made of what was read.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <optional>
#include <ostream> // doctest prints string_views
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using test::must;

namespace {

class kelvin {
public:
    explicit kelvin(double degrees) : degrees_{degrees} {}
    double degrees() const { return degrees_; }
    friend auto operator<=>(const kelvin&, const kelvin&) = default;

private:
    double degrees_;
};
struct room {
    std::string name;
    kelvin now;
    friend bool operator==(const room&, const room&) = default;
};
struct wishes {
    kelvin day;
    std::optional<kelvin> night;
    int nights = 1;
    friend bool operator==(const wishes&, const wishes&) = default;
};
using choice = std::variant<kelvin, std::string>;

} // namespace

template <>
struct ctbus::wire<kelvin> {
    using type = double;
    static double to(const kelvin& k) { return k.degrees(); }
    static ctbus::result<kelvin> from(double degrees) {
        if (degrees < 0)
            return ctbus::failure{
                ctbus::error::make<"org.ctbus.Error.TooCold">("nothing is below 0 K")};
        return kelvin{degrees};
    }
};
template <>
inline constexpr bool ctbus::as_dict<wishes> = true;

namespace {

class heating {
public:
    kelvin echo(kelvin k) { return k; }
    room echo_room(const room& r) { return r; }
    std::tuple<std::pair<kelvin, int>, std::tuple<kelvin>> echo_tuples(std::pair<kelvin, int> p,
                                                                       std::tuple<kelvin> t) {
        return {p, t};
    }
    std::vector<kelvin> echo_array(std::vector<kelvin> v) { return v; }
    std::array<kelvin, 2> echo_fixed(std::array<kelvin, 2> a) { return a; }
    std::map<kelvin, room> echo_map(std::map<kelvin, room> m) { return m; }
    choice echo_choice(choice c) { return c; }
    wishes echo_wishes(wishes w) { return w; }

    kelvin member{1};
    kelvin get() const { return member; }
    void set(const kelvin& k) { member = k; }
};

// clang-format off
struct heating_vtable : ctbus::vtable<"org.ctbus.Heating",
    ctbus::handler<"Echo", &heating::echo>,
    ctbus::handler<"EchoRoom", &heating::echo_room>,
    ctbus::handler<"EchoTuples", &heating::echo_tuples>,
    ctbus::handler<"EchoArray", &heating::echo_array>,
    ctbus::handler<"EchoFixed", &heating::echo_fixed>,
    ctbus::handler<"EchoMap", &heating::echo_map>,
    ctbus::handler<"EchoChoice", &heating::echo_choice>,
    ctbus::handler<"EchoWishes", &heating::echo_wishes>,
    ctbus::accessor<"Member", &heating::member, ctbus::writable>,
    ctbus::accessor<"Function", &heating::get, &heating::set>> {};
// The same on the wire, of types that can hold what a kelvin cannot.
struct Loose : ctbus::interface<"org.ctbus.Heating",
    ctbus::method<"Echo", double(double)>,
    ctbus::method<"EchoFixed", std::vector<double>(std::vector<double>)>,
    ctbus::method<"EchoWishes", void(std::map<std::string, ctbus::variant>)>> {};
struct Weather : ctbus::interface<"org.ctbus.Weather",
    ctbus::signal<"Changed", void(kelvin, room)>> {};
// clang-format on

struct fixture {
    std::pair<ctbus::connection, ctbus::connection> ends = must(ctbus::connection::try_pair());
    heating served;
    test::exported<heating_vtable> object{ends.first, "/heating", served};
    ctbus::proxy<heating_vtable> proxy{ends.second, "/heating"};
    ctbus::proxy<Loose> loose{ends.second, "/heating"};
    test::service_thread thread{ends.first};
};

const room attic{"attic", kelvin{280}};

} // namespace

TEST_CASE_FIXTURE(fixture, "types without a default constructor: parameters and results") {
    CHECK(must(proxy.try_call<"Echo">(kelvin{4})) == kelvin{4});
    CHECK(must(proxy.try_call<"EchoRoom">(attic)) == attic);
    CHECK(must(proxy.try_call<"EchoTuples">(std::pair{kelvin{1}, 2}, std::tuple{kelvin{3}})) ==
          std::tuple{std::pair{kelvin{1}, 2}, std::tuple{kelvin{3}}});
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: elements, keys, alternatives") {
    const std::vector many{kelvin{1}, kelvin{2}, kelvin{3}};
    CHECK(must(proxy.try_call<"EchoArray">(many)) == many);
    const std::array two{kelvin{1}, kelvin{2}};
    CHECK(must(proxy.try_call<"EchoFixed">(two)) == two);
    for (std::size_t wrong : {0u, 1u, 3u}) {
        CAPTURE(wrong);
        const auto refused = loose.try_call<"EchoFixed">(std::vector<double>(wrong, 1.0));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().is<"org.freedesktop.DBus.Error.InvalidArgs">());
    }
    const std::map<kelvin, room> rooms{{kelvin{1}, attic}, {kelvin{2}, {"", kelvin{0}}}};
    CHECK(must(proxy.try_call<"EchoMap">(rooms)) == rooms);
    CHECK(must(proxy.try_call<"EchoChoice">(choice{kelvin{5}})) == choice{kelvin{5}});
    CHECK(must(proxy.try_call<"EchoChoice">(choice{"text"})) == choice{"text"});
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: fields of a dict struct") {
    const wishes all{kelvin{293}, kelvin{290}, 3};
    CHECK(must(proxy.try_call<"EchoWishes">(all)) == all);
    CHECK(must(proxy.try_call<"EchoWishes">(wishes{kelvin{293}, std::nullopt})) ==
          wishes{kelvin{293}, std::nullopt});
    const auto lacking = loose.try_call<"EchoWishes">(
        std::map<std::string, ctbus::variant>{{"night", must(ctbus::variant::try_make(1.0))},
                                              {"nights", must(ctbus::variant::try_make(1))}});
    REQUIRE_FALSE(lacking.has_value());
    CHECK(lacking.error().message().find("\"day\"") != std::string_view::npos);
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: properties and variants") {
    CHECK(must(proxy.try_get<"Member">()) == kelvin{1});
    must(proxy.try_set<"Member">(kelvin{2}));
    CHECK(must(proxy.try_get<"Function">()) == kelvin{2});
    must(proxy.try_set<"Function">(kelvin{3}));
    CHECK(must(proxy.try_get<"Member">()) == kelvin{3});
    const ctbus::variant held = must(ctbus::variant::try_make(kelvin{7}));
    CHECK(must(held.try_get<kelvin>()) == kelvin{7});
    CHECK(*held.get_if<kelvin>() == kelvin{7});
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: what from() refuses") {
    const auto refused = loose.try_call<"Echo">(-1.0);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().is<"org.ctbus.Error.TooCold">());
    const auto in_array = loose.try_call<"EchoFixed">(std::vector{1.0, -1.0});
    REQUIRE_FALSE(in_array.has_value());
    CHECK(in_array.error().is<"org.ctbus.Error.TooCold">());
    CHECK(must(loose.try_call<"Echo">(1.0)) == 1.0);
}

TEST_CASE("types without a default constructor: signals and messages") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    std::vector<room> heard;
    const auto subscription =
        must(ctbus::try_match_signal<Weather, "Changed">(ours, [&](kelvin k, const room& r) {
            heard = {room{"callback", k}, r};
        }));
    must(ctbus::try_emit<Weather, "Changed">(theirs, "/weather", kelvin{1}, attic));
    while (heard.empty()) must(ours.try_process());
    CHECK(heard == std::vector{room{"callback", kelvin{1}}, attic});

    ctbus::message m = must(ours.try_new_signal("/weather", "org.ctbus.Weather", "Changed"));
    must(m.try_append(kelvin{1}, attic));
    must(m.try_seal());
    CHECK(must(m.try_read<kelvin, room>()) == std::tuple{kelvin{1}, attic});
    must(m.try_rewind());
    CHECK(must(m.try_read<kelvin>()) == kelvin{1});
}
