// The signature of every row of the type table, and what is on no row.
#include <ctbus/require.hpp>
#include <ctbus/variant.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <expected>
#include <list>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace {

enum class by_int { a };
enum class by_byte : std::uint8_t { a };
enum by_long : long { long_a };
enum class by_name { north, south };

struct point {
    double x, y;
};
struct nested {
    point at;
    std::array<point, 2> ends;
    std::vector<std::map<std::string, point>> more;
    const char* text;
};
struct one {
    int value;
};
struct settings {
    std::string name;
    std::optional<int> size;
};

struct celsius {
    double degrees;
};
class opaque {
public:
    explicit opaque(std::string text) : text_{std::move(text)} {}
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

} // namespace

template <>
inline constexpr std::pair<by_name, const char*> ctbus::enum_strings<by_name>[] = {
    {by_name::north, "north"}, {by_name::south, "south"}};
template <>
inline constexpr bool ctbus::as_dict<settings> = true;
template <>
struct ctbus::wire<celsius> {
    using type = std::int16_t;
    static std::int16_t to(const celsius& c) { return static_cast<std::int16_t>(c.degrees * 10); }
    static celsius from(std::int16_t tenths) { return {tenths / 10.0}; }
};
template <>
struct ctbus::wire<opaque> {
    using type = std::vector<std::string>;
    static std::vector<std::string> to(const opaque& o) { return {o.text()}; }
    static ctbus::result<opaque> from(const std::vector<std::string>& all) {
        if (all.empty()) return ctbus::failure{ctbus::error{}};
        return opaque{all[0]};
    }
};

namespace {

using ctbus::signature_of;

// Numbers: the size and the sign decide, whatever the type is called.
static_assert(signature_of<std::uint8_t> == "y" && signature_of<std::byte> == "y");
static_assert(signature_of<bool> == "b");
static_assert(signature_of<std::int16_t, std::uint16_t> == "nq");
static_assert(signature_of<short, unsigned short> == "nq");
static_assert(signature_of<std::int32_t, std::uint32_t> == "iu");
static_assert(signature_of<std::int64_t, std::uint64_t> == "xt");
static_assert(signature_of<long long, unsigned long long> == "xt");
static_assert(signature_of<long> == (sizeof(long) == 8 ? "x" : "i"));
static_assert(signature_of<unsigned long> == (sizeof(long) == 8 ? "t" : "u"));
static_assert(signature_of<double> == "d");

// Texts, paths, signatures, descriptors.
static_assert(signature_of<std::string, std::string_view, const char*> == "sss");
static_assert(signature_of<ctbus::object_path, ctbus::object_path_view> == "oo");
static_assert(signature_of<ctbus::signature> == "g");
static_assert(signature_of<ctbus::unix_fd, ctbus::unix_fd_view> == "hh");

// Enumerations.
static_assert(signature_of<by_int, by_byte, by_name> == "iys");
static_assert(signature_of<by_long> == signature_of<long>);

// Ranges.
static_assert(signature_of<std::vector<int>, std::array<int, 3>, std::span<const int>> == "aiaiai");
static_assert(signature_of<std::list<double>, std::deque<double>, std::set<double>> == "adadad");
static_assert(signature_of<std::vector<bool>, std::ranges::ref_view<std::vector<bool>>> == "abab");
static_assert(signature_of<std::vector<std::vector<std::string>>> == "aas");
static_assert(signature_of<std::vector<ctbus::variant>> == "av");

// Dictionaries.
static_assert(signature_of<std::map<std::string, int>> == "a{si}");
static_assert(signature_of<std::unordered_map<int, std::vector<int>>> == "a{iai}");
static_assert(signature_of<ctbus::dict<std::string, ctbus::variant>> == "a{sv}");
static_assert(
    signature_of<std::map<ctbus::object_path, std::map<std::string, point>>> == "a{oa{s(dd)}}");
static_assert(signature_of<std::map<by_name, bool>, std::map<celsius, bool>> == "a{sb}a{nb}");

// Structs.
static_assert(signature_of<std::tuple<int, std::string>, std::pair<int, double>> == "(is)(id)");
static_assert(signature_of<point, one> == "(dd)(i)");
static_assert(signature_of<nested> == "((dd)a(dd)aa{s(dd)}s)");
static_assert(signature_of<settings> == "a{sv}");
static_assert(signature_of<std::vector<settings>, std::tuple<settings>> == "aa{sv}(a{sv})");

// Variants.
static_assert(signature_of<ctbus::variant, std::variant<int, std::string, point>> == "vv");
static_assert(signature_of<std::tuple<std::variant<int, std::vector<point>>>> == "(v)");

// What wire<T> maps.
static_assert(signature_of<celsius, opaque> == "nas");
static_assert(signature_of<std::vector<celsius>> == "an");

// What can only be written, or borrows.
static_assert(signature_of<std::span<const std::string>, std::span<int>> == "asai");
static_assert(signature_of<std::map<std::string_view, std::span<const double>>> == "a{sad}");

// None at all, and the NUL at the end.
static_assert(signature_of<> == "");
static_assert(signature_of<nested>.data()[signature_of<nested>.size()] == 0);

// Each of these is good both ways; and what borrows can be read if it is of one piece.
template <class... Ts>
constexpr bool travels = ((ctbus::readable<Ts> && ctbus::writable_type<Ts>)&&...);
static_assert(travels<bool, long, double, std::byte, by_int, by_name, celsius, opaque>);
static_assert(travels<std::string, std::string_view, const char*, std::span<const double>>);
static_assert(travels<nested, settings, std::vector<bool>, std::set<std::string>>);
static_assert(travels<std::variant<int, point>, ctbus::variant, ctbus::dict<int, nested>>);
static_assert(ctbus::writable_type<std::span<const std::string>>);
static_assert(!ctbus::readable<std::span<const std::string>>);
static_assert(!ctbus::readable<std::span<int>>);

// At the limits: 32 arrays and 32 structs, 255 characters.
template <class T>
struct list {
    const T* begin() const;
    const T* end() const;
    void clear();
    void insert(const T*, T);
};
template <class T>
struct box {
    T value;
};
template <template <class...> class Around, int Depth, class T>
struct nest : nest<Around, Depth - 1, Around<T>> {};
template <template <class...> class Around, class T>
struct nest<Around, 0, T> {
    using type = T;
};
using arrays = nest<list, 32, int>::type;
using both = nest<box, 32, arrays>::type;
static_assert(travels<arrays, both>);
static_assert(signature_of<both>.size() == 32 + 32 + 1 + 32);
static_assert(ctbus::type_mistake<list<arrays>>() == ctbus::mistake::too_deep);
static_assert(ctbus::type_mistake<box<both>>() == ctbus::mistake::too_deep);

// A struct may have 32 fields, may be empty nowhere, and its fields may be const nowhere.
struct wide {
    int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1, c2,
        c3, c4, c5, c6, c7, c8, c9, d0, d1;
};
static_assert(signature_of<wide> == "(iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii)");

struct padded {
    bool a;
    std::string b;
    std::uint8_t c, d;
    std::list<int> e;
};
struct with_defaults {
    int a = 1;
    std::string b = "b";
};
static_assert(signature_of<padded, with_defaults> == "(bsyyai)(is)");
static_assert(travels<padded, with_defaults>);

struct one_bit {
    unsigned flag : 1;
};
struct hidden_bits {
    std::string text;
    bool ready : 1;
    std::uint8_t more;
};
struct whole_bits {
    int number : 32;
};
static_assert(ctbus::type_mistake<one_bit>() == ctbus::mistake::has_bit_field);
static_assert(ctbus::type_mistake<hidden_bits>() == ctbus::mistake::has_bit_field);
static_assert(ctbus::type_mistake<whole_bits>() == ctbus::mistake::has_bit_field);

} // namespace

// ---- wire<T>::from takes all of a number, in whatever type has room for it ----

struct by_double {
    double value;
};
struct by_anything {
    std::int64_t value;
};
struct wrapped {
    wrapped(std::int32_t n);
    explicit wrapped(std::int64_t n);
};
struct by_class {
    std::int32_t value;
};
template <>
struct ctbus::wire<by_double> {
    using type = std::int32_t;
    static type to(const by_double& v) { return static_cast<type>(v.value); }
    static by_double from(double v) { return {v}; }
};
template <>
struct ctbus::wire<by_anything> {
    using type = std::int64_t;
    static type to(const by_anything& v) { return v.value; }
    static constexpr auto from = [](auto v) { return by_anything{v}; };
};
template <>
struct ctbus::wire<by_class> {
    using type = std::int32_t;
    static type to(const by_class& v) { return v.value; }
    static by_class from(const wrapped&) { return {}; }
};
static_assert(ctbus::signature_of<by_double, by_anything, by_class> == "ixi");
