// ctbus::variant: holding, comparing, printing and walking values of any type.
#include <ctbus/ctbus.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using ctbus::variant;

struct point {
    std::int32_t x;
    std::string label;
    bool operator==(const point&) const = default;
};

// What arrives when `value` was sent as a variant.
variant travelled(const variant& value) {
    auto [server, client] = ctbus::connection::pair();
    ctbus::message m = client.new_signal("/x", "org.example.I", "S");
    m.append(value);
    m.seal();
    return m.read<variant>();
}

struct counter {
    int basics = 0;
    int containers = 0;
    void operator()(const auto& value, auto... kind) {
        if constexpr (sizeof...(kind) == 0) {
            ++basics;
        } else {
            ++containers;
            for (const variant& child : value) child.visit(*this);
        }
    }
};

const std::map<std::string, variant> nested = {
    {"list", variant{std::vector<std::string>{"a", "b"}}},
    {"point", variant{point{1, "one"}}},
    {"inner", variant{std::map<std::string, variant>{{"pi", variant{3.25}}}}},
};

} // namespace

TEST_CASE("a variant holds one value of one type") {
    const variant number{std::int32_t{7}};
    CHECK(number.signature() == "i");
    CHECK(number.holds<std::int32_t>());
    CHECK_FALSE(number.holds<std::uint32_t>());
    CHECK(number.get<std::int32_t>() == 7);
    CHECK(*number.get_if<std::int32_t>() == 7);
    CHECK(number.get_if<std::string>() == nullptr);
    CHECK_FALSE(number.try_get<std::string>().has_value());
    CHECK_THROWS_AS((void)number.get<double>(), ctbus::error);
    CHECK(variant{"text"}.get<std::string_view>() == "text");
    CHECK(variant{point{1, "one"}}.get<point>() == point{1, "one"});
}

TEST_CASE("a new variant holds nothing and cannot be sent") {
    auto [server, client] = ctbus::connection::pair();
    ctbus::message m = client.new_signal("/x", "org.example.I", "S");
    CHECK(variant{}.empty());
    CHECK_FALSE(m.try_append(variant{}).has_value());
}

TEST_CASE("text that D-Bus does not allow is refused when the variant is made") {
    CHECK_FALSE(variant::try_make(std::string{"\xff"}).has_value());
    CHECK_FALSE(variant::try_make(std::string{"a\0b", 3}).has_value());
    CHECK_FALSE(variant::try_make(std::vector<std::string>{"ok", "\xff"}).has_value());
}

TEST_CASE("variants are equal when type and value are") {
    CHECK(variant{1} == variant{1});
    CHECK(variant{1} != variant{2});
    CHECK(variant{std::int32_t{1}} != variant{std::uint32_t{1}});
    CHECK(variant{nested} == variant{nested});
    variant copy{nested};
    const variant moved = std::move(copy);
    CHECK(moved == variant{nested});
}

TEST_CASE("every type travels") {
    const auto check = [](const variant& value) {
        CAPTURE(value.to_string());
        CHECK(travelled(value) == value);
    };
    check(variant{std::uint8_t{255}});
    check(variant{true});
    check(variant{std::numeric_limits<std::int16_t>::min()});
    check(variant{std::numeric_limits<std::uint16_t>::max()});
    check(variant{std::numeric_limits<std::int32_t>::min()});
    check(variant{std::numeric_limits<std::uint32_t>::max()});
    check(variant{std::numeric_limits<std::int64_t>::min()});
    check(variant{std::numeric_limits<std::uint64_t>::max()});
    check(variant{1.5});
    check(variant{""});
    check(variant{"h\xc3\xa4\xc3\x9f"});
    check(variant{ctbus::object_path{"/a/b"}});
    check(variant{ctbus::signature{"a{sv}"}});
    check(variant{std::vector<bool>{true, false}});
    check(variant{std::vector<double>{}});
    check(variant{std::vector<std::uint64_t>{1, 2, 3}});
    check(variant{std::vector<std::vector<std::string>>{{"a"}, {}, {"b", "c"}}});
    check(variant{std::vector<point>{{1, "a"}, {2, "b"}}});
    check(variant{std::map<std::uint8_t, point>{{1, {1, "a"}}}});
    check(variant{nested});
}

TEST_CASE("a descriptor is duplicated and still works") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const ctbus::unix_fd read_end{ends[0]};
    variant held{ctbus::unix_fd{ends[1]}};
    const variant copy = held;
    held = variant{1}; // closes the first one
    const int fd = copy.get<ctbus::unix_fd_view>().get();
    CHECK(::write(fd, "x", 1) == 1);
    char got = 0;
    CHECK(::read(read_end.get(), &got, 1) == 1);
    CHECK(got == 'x');
}

TEST_CASE("a variant prints itself as busctl does") {
    CHECK(variant{std::int32_t{-5}}.to_string() == "i -5");
    CHECK(variant{true}.to_string() == "b true");
    CHECK(variant{1.5}.to_string() == "d 1.5");
    CHECK(variant{"a \"b\"\n"}.to_string() == "s \"a \\\"b\\\"\\n\"");
    CHECK(variant{std::vector<std::string>{"a", "b"}}.to_string() == "as 2 \"a\" \"b\"");
    CHECK(variant{std::vector<std::string>{}}.to_string() == "as 0");
    CHECK(variant{point{1, "p"}}.to_string() == "(is) 1 \"p\"");
    CHECK(variant{std::map<std::string, variant>{{"k", variant{1}}}}.to_string() ==
          "a{sv} 1 \"k\" i 1");
    CHECK(variant{std::vector<std::vector<std::uint8_t>>{{1}, {2, 3}}}.to_string() ==
          "aay 2 1 1 2 2 3");
}

TEST_CASE("any value can be walked without knowing its type") {
    counter seen;
    variant{nested}.visit(seen);
    // three keys, two strings, the point's two fields, "pi" and its number
    CHECK(seen.basics == 9);
    // a{sv}: itself; its 3 entries, each with a variant; as, (is), a{sv}, whose entry has a variant
    CHECK(seen.containers == 1 + 3 + 3 + 1 + 1 + 1 + 1 + 1);

    const auto kind = [](const auto&, auto... container) {
        if constexpr (sizeof...(container) == 1) return std::pair{true, container...};
        else return std::pair{false, ctbus::container::array};
    };
    CHECK(variant{point{1, ""}}.visit(kind) == std::pair{true, ctbus::container::structure});
    CHECK(variant{nested}.visit(kind) == std::pair{true, ctbus::container::dictionary});
    CHECK(variant{std::vector<int>{1}}.visit(kind) == std::pair{true, ctbus::container::array});
    CHECK_FALSE(variant{1}.visit(kind).first);
}

TEST_CASE("a{sv} goes into a dict of variants and back") {
    const ctbus::dict<std::string, variant> settings = {{"a", variant{1}}, {"b", variant{"x"}}};
    auto [server, client] = ctbus::connection::pair();
    ctbus::message m = client.new_signal("/x", "org.example.I", "S");
    m.append(settings);
    m.seal();
    CHECK(m.read<ctbus::dict<std::string, variant>>() == settings);
    CHECK(settings.find("b")->second == variant{"x"});
    CHECK_FALSE(settings.contains("c"));
}
