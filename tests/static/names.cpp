// S28: literals become names at compile time (what is refused there: tests/misuse/).
#include <ctbus/names.hpp>

#include <string_view>
#include <type_traits>

using namespace ctbus::literals;

constexpr ctbus::object_path_view path = "/org/example/_9";
static_assert(path == "/org/example/_9" && path.leaf() == "_9" && path.is_literal());
static_assert(ctbus::object_path_view{"/"}.size() == 1);
static_assert("/x"_path == "/x");
static_assert(ctbus::bus_name_view{":1.5"} == ":1.5");
static_assert(ctbus::bus_name_view{"org.ex-ample"} == "org.ex-ample");
static_assert(ctbus::interface_name_view{"org.example.Calculator"} == "org.example.Calculator");
static_assert(ctbus::member_name_view{"DivMod"} == "DivMod");
static_assert(ctbus::error_name_view{"org.example.Error.X"} == "org.example.Error.X");

// Every view ends in NUL.
static_assert(path.c_str()[path.size()] == 0);

// Owning names are made from literals too, and need no memory then; names do not turn into each
// other.
constexpr const char* pointer = "/from/a/pointer";
constexpr ctbus::object_path_view from_pointer = pointer;
static_assert(from_pointer == "/from/a/pointer");
static_assert([] {
    const ctbus::object_path literal = "/x", moved = ctbus::object_path{"/y"};
    return ctbus::object_path_view{literal}.is_literal() && moved == "/y";
}());
static_assert(!std::is_convertible_v<ctbus::bus_name_view, ctbus::interface_name_view>);
static_assert(!std::is_convertible_v<ctbus::interface_name, ctbus::error_name>);

// The rules, on what is no literal: the same functions judge both.
using fault = ctbus::name_fault;
static_assert(ctbus::object_path_rules::check("/a//b") == fault::empty_element);
static_assert(ctbus::object_path_rules::check("/a/") == fault::trailing_slash);
static_assert(
    ctbus::object_path_rules::check(std::string_view{"/a\0b", 4}) == fault::bad_character);
static_assert(ctbus::bus_name_rules::check("org") == fault::no_dot);
static_assert(ctbus::bus_name_rules::check("org.9a") == fault::leading_digit);
static_assert(ctbus::bus_name_rules::check(":1.5") == fault::none);
static_assert(ctbus::interface_name_rules::check("org.ex-ample") == fault::hyphen);
static_assert(ctbus::interface_name_rules::check(":1.5") != fault::none);
static_assert(ctbus::member_name_rules::check("Div.Mod") == fault::dot);
static_assert(ctbus::member_name_rules::check("") == fault::empty);
