// ctbus::variant: holding, comparing, printing and walking values of any type.
#include <ctbus/ctbus.hpp>

#include "must.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

using test::must;

namespace {

using ctbus::variant;

struct point {
    std::int32_t x;
    std::string label;
    bool operator==(const point&) const = default;
};

template <class T>
concept printable = requires(std::ostream& out, const T& value) {
    out << value;
};
static_assert(printable<variant>);
static_assert(!printable<ctbus::dict<std::string, variant>>); // which converts to a variant
static_assert(!printable<std::vector<variant>>);

// A variant that holds `value`.
template <class T>
variant of(const T& value) {
    return must(variant::try_make(value));
}

// What arrives when `value` was sent as a variant.
variant travelled(const variant& value) {
    auto [server, client] = must(ctbus::connection::try_pair());
    ctbus::message m = must(client.try_new_signal("/x", "org.example.I", "S"));
    must(m.try_append(value));
    must(m.try_seal());
    return must(m.try_read<variant>());
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
    {"list", of(std::vector<std::string>{"a", "b"})},
    {"point", of(point{1, "one"})},
    {"inner", of(std::map<std::string, variant>{{"pi", of(3.25)}})},
};

} // namespace

TEST_CASE("a variant holds one value of one type") {
    const variant number = of(std::int32_t{7});
    CHECK(number.signature() == "i");
    CHECK(number.holds<std::int32_t>());
    CHECK_FALSE(number.holds<std::uint32_t>());
    CHECK(must(number.try_get<std::int32_t>()) == 7);
    CHECK(*number.get_if<std::int32_t>() == 7);
    CHECK(number.get_if<std::string>() == nullptr);
    CHECK_FALSE(number.try_get<std::string>().has_value());
    CHECK_THROWS_AS((void)number.get<double>(), ctbus::error);
    CHECK(must(of("text").try_get<std::string_view>()) == "text");
    CHECK(must(of(point{1, "one"}).try_get<point>()) == point{1, "one"});
}

TEST_CASE("a new variant holds nothing and cannot be sent") {
    auto [server, client] = must(ctbus::connection::try_pair());
    ctbus::message m = must(client.try_new_signal("/x", "org.example.I", "S"));
    CHECK(variant{}.empty());
    CHECK_FALSE(m.try_append(variant{}).has_value());
}

TEST_CASE("text that D-Bus does not allow is refused when the variant is made") {
    CHECK_FALSE(variant::try_make(std::string{"\xff"}).has_value());
    CHECK_FALSE(variant::try_make(std::string{"a\0b", 3}).has_value());
    CHECK_FALSE(variant::try_make(std::vector<std::string>{"ok", "\xff"}).has_value());
}

TEST_CASE("variants are equal when type and value are") {
    CHECK(of(1) == of(1));
    CHECK(of(1) != of(2));
    CHECK(of(std::int32_t{1}) != of(std::uint32_t{1}));
    CHECK(of(nested) == of(nested));
    variant copy = of(nested);
    const variant moved = std::move(copy);
    CHECK(moved == of(nested));
}

TEST_CASE("every type travels") {
    const auto check = [](const variant& value) {
        CAPTURE(value.to_string());
        CHECK(travelled(value) == value);
    };
    check(of(std::uint8_t{255}));
    check(of(true));
    check(of(std::numeric_limits<std::int16_t>::min()));
    check(of(std::numeric_limits<std::uint16_t>::max()));
    check(of(std::numeric_limits<std::int32_t>::min()));
    check(of(std::numeric_limits<std::uint32_t>::max()));
    check(of(std::numeric_limits<std::int64_t>::min()));
    check(of(std::numeric_limits<std::uint64_t>::max()));
    check(of(1.5));
    check(of(""));
    check(of("h\xc3\xa4\xc3\x9f"));
    check(of(ctbus::object_path{"/a/b"}));
    check(of(ctbus::signature{"a{sv}"}));
    check(of(std::vector<bool>{true, false}));
    check(of(std::vector<double>{}));
    check(of(std::vector<std::uint64_t>{1, 2, 3}));
    check(of(std::vector<std::vector<std::string>>{{"a"}, {}, {"b", "c"}}));
    check(of(std::vector<point>{{1, "a"}, {2, "b"}}));
    check(of(std::map<std::uint8_t, point>{{1, {1, "a"}}}));
    check(of(nested));
}

TEST_CASE("a descriptor is duplicated and still works") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const ctbus::unix_fd read_end{ends[0]};
    variant held = of(ctbus::unix_fd{ends[1]});
    const variant copy = held;
    held = of(1); // closes the first one
    const int fd = must(copy.try_get<ctbus::unix_fd_view>()).get();
    CHECK(::write(fd, "x", 1) == 1);
    char got = 0;
    CHECK(::read(read_end.get(), &got, 1) == 1);
    CHECK(got == 'x');
}

TEST_CASE("a variant prints itself as busctl does") {
    CHECK(of(std::int32_t{-5}).to_string() == "i -5");
    CHECK(of(true).to_string() == "b true");
    CHECK(of(1.5).to_string() == "d 1.5");
    CHECK(of("a \"b\"\n").to_string() == "s \"a \\\"b\\\"\\n\"");
    CHECK(of(std::vector<std::string>{"a", "b"}).to_string() == "as 2 \"a\" \"b\"");
    CHECK(of(std::vector<std::string>{}).to_string() == "as 0");
    CHECK(of(point{1, "p"}).to_string() == "(is) 1 \"p\"");
    CHECK(of(std::map<std::string, variant>{{"k", of(1)}}).to_string() == "a{sv} 1 \"k\" i 1");
    CHECK(of(std::vector<std::vector<std::uint8_t>>{{1}, {2, 3}}).to_string() == "aay 2 1 1 2 2 3");
}

TEST_CASE("any value can be walked without knowing its type") {
    counter seen;
    of(nested).visit(seen);
    // three keys, two strings, the point's two fields, "pi" and its number
    CHECK(seen.basics == 9);
    // a{sv}: itself; its 3 entries, each with a variant; as, (is), a{sv}, whose entry has a variant
    CHECK(seen.containers == 1 + 3 + 3 + 1 + 1 + 1 + 1 + 1);

    const auto kind = [](const auto&, auto... container) {
        if constexpr (sizeof...(container) == 1) return std::pair{true, container...};
        else return std::pair{false, ctbus::container::array};
    };
    CHECK(of(point{1, ""}).visit(kind) == std::pair{true, ctbus::container::structure});
    CHECK(of(nested).visit(kind) == std::pair{true, ctbus::container::dictionary});
    CHECK(of(std::vector<int>{1}).visit(kind) == std::pair{true, ctbus::container::array});
    CHECK_FALSE(of(1).visit(kind).first);
}

TEST_CASE("a{sv} goes into a dict of variants and back") {
    const ctbus::dict<std::string, variant> settings = {{"a", of(1)}, {"b", of("x")}};
    auto [server, client] = must(ctbus::connection::try_pair());
    ctbus::message m = must(client.try_new_signal("/x", "org.example.I", "S"));
    must(m.try_append(settings));
    must(m.try_seal());
    CHECK(must(m.try_read<ctbus::dict<std::string, variant>>()) == settings);
    CHECK(settings.find("b")->second == of("x"));
    CHECK_FALSE(settings.contains("c"));
}

#ifdef __cpp_exceptions
TEST_CASE("at() of a dict gives the first value of a key, or throws") {
    ctbus::dict<std::string, int> numbers{{"one", 1}, {"two", 2}, {"one", 3}};
    numbers.at("two") = 20;
    const auto& same = numbers;
    CHECK(same.at("one") == 1);
    CHECK(same.at("two") == 20);
    CHECK_THROWS_AS(static_cast<void>(same.at("three")), ctbus::error);
}
#endif

TEST_CASE("errors print as what() says them") {
    std::ostringstream out;
    out << ctbus::error::make<"org.example.Error.No">("not now") << '.';
    CHECK(out.str() == "org.example.Error.No: not now.");
}
