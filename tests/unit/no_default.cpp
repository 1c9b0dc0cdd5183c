// Types without a default constructor travel wherever others do: they are made of what was read.
#include <ctbus/ctbus.hpp>

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
    std::pair<ctbus::connection, ctbus::connection> ends = ctbus::connection::pair();
    heating served;
    ctbus::object<heating_vtable> object{ends.first, "/heating", served};
    ctbus::proxy<heating_vtable> proxy{ends.second, "/heating"};
    ctbus::proxy<Loose> loose{ends.second, "/heating"};
    test::service_thread thread{ends.first};
};

const room attic{"attic", kelvin{280}};

} // namespace

TEST_CASE_FIXTURE(fixture, "types without a default constructor: parameters and results") {
    CHECK(proxy.call<"Echo">(kelvin{4}) == kelvin{4});
    CHECK(proxy.call<"EchoRoom">(attic) == attic);
    CHECK(proxy.call<"EchoTuples">(std::pair{kelvin{1}, 2}, std::tuple{kelvin{3}}) ==
          std::tuple{std::pair{kelvin{1}, 2}, std::tuple{kelvin{3}}});
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: elements, keys, alternatives") {
    const std::vector many{kelvin{1}, kelvin{2}, kelvin{3}};
    CHECK(proxy.call<"EchoArray">(many) == many);
    const std::array two{kelvin{1}, kelvin{2}};
    CHECK(proxy.call<"EchoFixed">(two) == two);
    for (std::size_t wrong : {0, 1, 3}) {
        CAPTURE(wrong);
        const auto refused = loose.try_call<"EchoFixed">(std::vector<double>(wrong, 1.0));
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().is<"org.freedesktop.DBus.Error.InvalidArgs">());
    }
    const std::map<kelvin, room> rooms{{kelvin{1}, attic}, {kelvin{2}, {"", kelvin{0}}}};
    CHECK(proxy.call<"EchoMap">(rooms) == rooms);
    CHECK(proxy.call<"EchoChoice">(choice{kelvin{5}}) == choice{kelvin{5}});
    CHECK(proxy.call<"EchoChoice">(choice{"text"}) == choice{"text"});
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: fields of a dict struct") {
    const wishes all{kelvin{293}, kelvin{290}, 3};
    CHECK(proxy.call<"EchoWishes">(all) == all);
    CHECK(proxy.call<"EchoWishes">(wishes{kelvin{293}, std::nullopt}) ==
          wishes{kelvin{293}, std::nullopt});
    const auto lacking = loose.try_call<"EchoWishes">(std::map<std::string, ctbus::variant>{
        {"night", ctbus::variant{1.0}}, {"nights", ctbus::variant{1}}});
    REQUIRE_FALSE(lacking.has_value());
    CHECK(lacking.error().message().find("\"day\"") != std::string_view::npos);
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: properties and variants") {
    CHECK(proxy.get<"Member">() == kelvin{1});
    proxy.set<"Member">(kelvin{2});
    CHECK(proxy.get<"Function">() == kelvin{2});
    proxy.set<"Function">(kelvin{3});
    CHECK(proxy.get<"Member">() == kelvin{3});
    const ctbus::variant held{kelvin{7}};
    CHECK(held.get<kelvin>() == kelvin{7});
    CHECK(*held.get_if<kelvin>() == kelvin{7});
}

TEST_CASE_FIXTURE(fixture, "types without a default constructor: what from() refuses") {
    const auto refused = loose.try_call<"Echo">(-1.0);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().is<"org.ctbus.Error.TooCold">());
    const auto in_array = loose.try_call<"EchoFixed">(std::vector{1.0, -1.0});
    REQUIRE_FALSE(in_array.has_value());
    CHECK(in_array.error().is<"org.ctbus.Error.TooCold">());
    CHECK(loose.call<"Echo">(1.0) == 1.0);
}

TEST_CASE("types without a default constructor: signals and messages") {
    auto [ours, theirs] = ctbus::connection::pair();
    std::vector<room> heard;
    const auto subscription =
        ctbus::match_signal<Weather, "Changed">(ours, [&](kelvin k, const room& r) {
            heard = {room{"callback", k}, r};
        });
    ctbus::emit<Weather, "Changed">(theirs, "/weather", kelvin{1}, attic);
    while (heard.empty()) ours.process();
    CHECK(heard == std::vector{room{"callback", kelvin{1}}, attic});

    ctbus::message m = ours.new_signal("/weather", "org.ctbus.Weather", "Changed");
    m.append(kelvin{1}, attic);
    m.seal();
    CHECK(m.read<kelvin, room>() == std::tuple{kelvin{1}, attic});
    m.rewind();
    CHECK(m.read<kelvin>() == kelvin{1});
}
