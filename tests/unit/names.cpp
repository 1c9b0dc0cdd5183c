// S28: names and paths follow the D-Bus rules, and agree with sd-bus's own validators.
#include <ctbus/names.hpp>
#include <ctbus/types.hpp>

#include "must.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream> // doctest prints string_views
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

const std::string longest_member(255, 'm');
const std::string longest_dotted = "a." + std::string(253, 'b');

/// What parse() says of text: empty if it is valid, else the error's message.
template <class Name>
std::string fault(std::string_view text) {
    const auto parsed = Name::parse(std::string{text});
    if (parsed) {
        CHECK(parsed->view() == text);
        return "";
    }
    CHECK(parsed.error().name() == "org.freedesktop.DBus.Error.InvalidArgs");
    return std::string{parsed.error().message()};
}

/// Numbers that are the same in every run and with every library (splitmix64).
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) : state_{seed} {}
    std::uint64_t below(std::uint64_t bound) {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (z ^ (z >> 31)) % bound;
    }

private:
    std::uint64_t state_;
};

/// Fills `text` with something near a name: few kinds of characters, so that each rule is met and
/// broken often; now and then any byte but NUL, now and then about as long as is allowed.
void near_name(random_numbers& random, std::string& text) {
    static constexpr std::string_view words = "aZ9_";
    static constexpr std::string_view dotted = "aZb.c9";
    static constexpr std::string_view dotted_or_not = "aZ.b.9_.-";
    static constexpr std::string_view path = "/aZ/9_/b";
    static constexpr std::string_view anything = "a.b/c-9_:@ ";
    static constexpr std::string_view alphabets[] = {words, dotted, dotted_or_not, path, anything};
    const std::string_view alphabet = alphabets[random.below(5)];

    const std::size_t size = random.below(256) == 0 ? 250 + random.below(10) : random.below(10);
    text.clear();
    if (random.below(4) == 0) text += "/:a9"[random.below(4)];
    while (text.size() < size) text += alphabet[random.below(alphabet.size())];
    if (!text.empty() && random.below(16) == 0)
        text[random.below(text.size())] = static_cast<char>(1 + random.below(255));
}

} // namespace

TEST_CASE("S28: bus names") {
    using ctbus::bus_name;
    for (std::string_view good : {"org.example", "a.b", "_a._9", "org.ex-ample.x-", "-a.-b", ":1.5",
                                  ":1.0.a", ":a-b.9", longest_dotted.c_str()})
        CHECK_MESSAGE(fault<bus_name>(good) == "", good);
    for (std::string_view bad :
         {"", "org", "org.", ".org", "org..example", "org.9a", "9org.a", "org.ex ample", "org.ex/a",
          "org.\xC3\xA4", ":", ":1", ":1.", ":.1", ":1..5", "::1.5"})
        CHECK_MESSAGE(fault<bus_name>(bad) != "", bad);
    CHECK(fault<bus_name>(longest_dotted + "b") != "");
    CHECK(fault<bus_name>({"org.a\0b", 7}) != "");
}

TEST_CASE("S28: interface and error names") {
    const auto check = []<class Name>() {
        for (std::string_view good : {"org.example", "a.b", "_a._9", "org.freedesktop.DBus.Error.X",
                                      longest_dotted.c_str()})
            CHECK_MESSAGE(fault<Name>(good) == "", good);
        for (std::string_view bad : {"", "org", "org.", ".org", "org..a", "org.9a", "9org.a",
                                     "org.ex-ample", "org.ex ample", ":1.5", "org.\xC3\xA4"})
            CHECK_MESSAGE(fault<Name>(bad) != "", bad);
        CHECK(fault<Name>(longest_dotted + "b") != "");
        CHECK(fault<Name>({"org.a\0b", 7}) != "");
    };
    check.operator()<ctbus::interface_name>();
    check.operator()<ctbus::error_name>();
}

TEST_CASE("S28: member names") {
    using ctbus::member_name;
    for (std::string_view good : {"A", "Add", "_", "a9", "Get_All", longest_member.c_str()})
        CHECK_MESSAGE(fault<member_name>(good) == "", good);
    for (std::string_view bad : {"", "9a", "a.b", "a-b", "a b", "a/b", "\xC3\xA4"})
        CHECK_MESSAGE(fault<member_name>(bad) != "", bad);
    CHECK(fault<member_name>(longest_member + "m") != "");
    CHECK(fault<member_name>({"a\0b", 3}) != "");
}

TEST_CASE("S28: object paths") {
    using ctbus::object_path;
    const std::string long_path = "/" + std::string(1000, 'a');
    const std::string longest = "/" + std::string(65535, 'a');
    for (std::string_view good :
         {"/", "/a", "/9", "/_/_", "/org/example/Calculator_1", long_path.c_str(), longest.c_str()})
        CHECK_MESSAGE(fault<object_path>(good) == "", good);
    for (std::string_view bad :
         {"", "a", "a/b", "/a/", "//", "//a", "/a//b", "/a-b", "/a.b", "/a b", "/\xC3\xA4"})
        CHECK_MESSAGE(fault<object_path>(bad) != "", bad);
    CHECK(fault<object_path>({"/a\0b", 4}) != "");
    CHECK(fault<object_path>(longest + 'a') != "");
    REQUIRE(sd_bus_object_path_is_valid(longest.c_str()) == 1);
    REQUIRE(sd_bus_object_path_is_valid((longest + 'a').c_str()) == 0);
}

TEST_CASE("S28: a path takes one valid label more, of the root too") {
    for (const char* path : {"/", "/x"}) {
        CAPTURE(path);
        const auto of = test::must(ctbus::object_path::parse(path));
        const std::string below = *path == '/' && path[1] == 0 ? "/" : std::string{path} + "/";
        CHECK(test::must(of.try_child("y_9")).str() == below + "y_9");
        CHECK(of.child_escaped("a.b").str() == below + "a_2eb");
        CHECK(of.child_escaped("").str() == below + "_");
        CHECK(of.child_escaped("1_\xC3").str() == below + "_31_5f_c3");
        for (const char* label : {"", "/", "a/b", "/y", "y/", "a-b"}) {
            CAPTURE(label);
            const auto refused = of.try_child(label);
            CHECK_FALSE(refused.has_value());
            CHECK(refused.error().message() ==
                  "object path \"" + below + label + "\" " +
                      (*label ? "allows only letters, digits and underscore"
                              : "must not have an empty element"));
        }
    }
}

TEST_CASE("S28: an error shows the text and the rule, and is itself valid text") {
    CHECK(fault<ctbus::object_path>("a/b") == "object path \"a/b\" must begin with a slash");
    CHECK(fault<ctbus::member_name>("a.b") == "member name \"a.b\" must not contain a dot");
    CHECK(fault<ctbus::interface_name>("org.\xFF") ==
          "interface name \"org.?\" allows only letters, digits and underscore");
}

TEST_CASE("S28: ctbus and sd-bus agree on two million strings") {
    // sd-bus lets a member begin with a digit; the specification and dbus-daemon do not.
    const auto member = [](const char* text) {
        return *text >= '0' && *text <= '9' ? 0 : sd_bus_member_name_is_valid(text);
    };
    struct kind {
        std::string name;
        ctbus::name_fault (*ours)(std::string_view);
        int (*theirs)(const char*);
        int valid = 0;
    };
    kind kinds[] = {
        {"bus name", ctbus::bus_name_rules::check, sd_bus_service_name_is_valid},
        {"interface name", ctbus::interface_name_rules::check, sd_bus_interface_name_is_valid},
        {"error name", ctbus::error_name_rules::check, sd_bus_interface_name_is_valid},
        {"member name", ctbus::member_name_rules::check, member},
        {"object path", ctbus::object_path_rules::check, sd_bus_object_path_is_valid},
    };
    random_numbers random{28};
    std::string text;
    for (int i = 0; i < 2'000'000; ++i) {
        near_name(random, text);
        for (kind& k : kinds) {
            const bool valid = k.ours(text) == ctbus::name_fault::none;
            k.valid += valid;
            if (valid != (k.theirs(text.c_str()) > 0))
                FAIL(k.name << " \"" << text << "\" is valid for "
                            << std::string{valid ? "ctbus" : "sd-bus"} << " only");
        }
    }
    // The strings were near enough to names to tell something.
    for (const kind& k : kinds) CHECK_MESSAGE(k.valid > 50'000, k.name, " ", k.valid);
}

TEST_CASE("names and signatures are keys of hashed containers, and equal to text") {
    const auto check = []<class Name>(Name literal, const char* text) {
        std::unordered_map<Name, int> numbers;
        numbers[literal] = 1;
        numbers.try_emplace(literal, 2);
        CHECK(numbers.size() == 1);
        CHECK(numbers.count(literal) == 1);
        CHECK(std::set<Name, std::less<>>{literal}.contains(std::string_view{text}));
        CHECK(literal == text);
        CHECK(text == literal);
        CHECK(literal == std::string{text});
        CHECK(std::string_view{text} == literal);
        CHECK(literal != "another");
        CHECK(literal == literal);
        CHECK(literal >= text);
        std::ostringstream out;
        out << literal;
        CHECK(out.str() == text);
    };
    check(ctbus::object_path{"/x"}, "/x");
    check(ctbus::object_path_view{"/x"}, "/x");
    check(ctbus::bus_name{"a.b"}, "a.b");
    check(ctbus::bus_name_view{"a.b"}, "a.b");
    check(ctbus::interface_name{"a.b"}, "a.b");
    check(ctbus::interface_name_view{"a.b"}, "a.b");
    check(ctbus::member_name{"Add"}, "Add");
    check(ctbus::member_name_view{"Add"}, "Add");
    check(ctbus::error_name{"a.b"}, "a.b");
    check(ctbus::error_name_view{"a.b"}, "a.b");
    check(ctbus::signature{"a{sv}"}, "a{sv}");
    CHECK(ctbus::object_path{"/x"} == ctbus::object_path_view{"/x"});
    CHECK(ctbus::object_path_view{"/x"} == ctbus::object_path{"/x"});
}

TEST_CASE("signatures come from literals, and are values of any length") {
    const auto given = [](ctbus::signature s) { return s; };
    CHECK(given("ii") == "ii");
    const std::vector<ctbus::signature> several{"i", "a{sv}"};
    CHECK(several[1] == "a{sv}");
    constexpr ctbus::signature literal = "(sud)";
    static_assert(literal == "(sud)");

    for (const std::size_t size : {0u, 1u, 21u, 22u, 255u}) {
        CAPTURE(size);
        const std::string text(size, 'i');
        const ctbus::signature made = test::must(ctbus::signature::parse(text));
        ctbus::signature copy = made, other = "s";
        CHECK(copy == text);
        const ctbus::signature moved = std::move(copy);
        CHECK(moved == made);
        copy = other;
        CHECK(copy == "s");
        copy = moved;
        other = std::move(copy);
        CHECK(other.str() == text);
        CHECK(std::string{other.c_str()} == text);
        const ctbus::signature& same = other;
        other = same;
        CHECK(other == made);
    }
    CHECK(!ctbus::signature::parse(std::string(256, 'i')));
    CHECK(!ctbus::signature::parse("a"));
    CHECK(ctbus::signature{} == "");
}
