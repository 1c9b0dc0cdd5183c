// What a proxy takes and gives, by type.
#include <ctbus/proxy.hpp>

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace {

using std::is_same_v;

enum class colour { red, green };
struct point {
    int x, y;
};

// ---- flags of a name may be joined ----

static_assert(static_cast<unsigned>(ctbus::name_flag::queue | ctbus::name_flag::replace_existing) ==
              (SD_BUS_NAME_QUEUE | SD_BUS_NAME_REPLACE_EXISTING));

// ---- what comes back owns its data ----

struct contract :
    ctbus::interface<"org.example.Outputs", ctbus::method<"None", void()>,
        ctbus::method<"One", int()>, ctbus::method<"Two", void(int&, std::string_view&)>,
        ctbus::method<"Mixed", std::tuple<const char*, bool>(std::span<const int>&)>,
        ctbus::method<"OneInTuple", std::tuple<double>()>,
        ctbus::method<"NoReply", void(int), ctbus::no_reply>,
        ctbus::method<"Path", ctbus::object_path_view()>,
        ctbus::method<"Fd", ctbus::unix_fd_view()>, ctbus::method<"Array", std::array<int, 3>()>,
        ctbus::method<"Texts", std::list<std::string_view>()>,
        ctbus::method<"Map", std::map<std::string_view, int>()>,
        ctbus::method<"OwnMap", std::map<std::string, int>()>,
        ctbus::method<"Pairs", std::vector<std::pair<std::string_view, double>>()>,
        ctbus::method<"Variant", std::variant<int, std::string_view>()>,
        ctbus::method<"Struct", point()>,
        ctbus::method<"Result", ctbus::result<std::string_view>()>,
        ctbus::property<"Text", std::string_view>,
        ctbus::property<"Numbers", std::span<const double>>,
        ctbus::property<"Colour", colour, ctbus::writable>> {};

template <ctbus::fixed_string Name, class... Args>
using called = decltype(std::declval<const ctbus::proxy<contract>&>().call<Name>(
    std::declval<const Args&>()...));
template <ctbus::fixed_string Name>
using tried = decltype(std::declval<const ctbus::proxy<contract>&>().try_call<Name>());
template <ctbus::fixed_string Name>
using got = decltype(std::declval<const ctbus::proxy<contract>&>().get<Name>());

static_assert(is_same_v<called<"None">, void>);
static_assert(is_same_v<tried<"None">, ctbus::result<void>>);
static_assert(is_same_v<called<"One">, int> && is_same_v<tried<"One">, ctbus::result<int>>);
static_assert(is_same_v<called<"Two">, std::tuple<int, std::string>>);
static_assert(is_same_v<called<"Mixed">, std::tuple<std::string, bool, std::vector<int>>>);
static_assert(is_same_v<called<"OneInTuple">, double>);
static_assert(is_same_v<called<"NoReply", int>, void>);
static_assert(is_same_v<called<"Path">, ctbus::object_path>);
static_assert(is_same_v<called<"Fd">, ctbus::unix_fd>);
static_assert(is_same_v<called<"Array">, std::array<int, 3>>);
static_assert(is_same_v<called<"Texts">, std::vector<std::string>>);
static_assert(is_same_v<called<"Map">, ctbus::dict<std::string, int>>);
static_assert(is_same_v<called<"OwnMap">, std::map<std::string, int>>);
static_assert(is_same_v<called<"Pairs">, std::vector<std::pair<std::string, double>>>);
static_assert(is_same_v<called<"Variant">, std::variant<int, std::string>>);
static_assert(is_same_v<called<"Struct">, point>);
static_assert(is_same_v<called<"Result">, std::string>);
static_assert(is_same_v<got<"Text">, std::string>);
static_assert(is_same_v<got<"Numbers">, std::vector<double>>);
static_assert(is_same_v<got<"Colour">, colour>);
static_assert(is_same_v<decltype(std::declval<ctbus::proxy<contract>&>().try_get<"Text">()),
    ctbus::result<std::string>>);

struct borrows_in_tuple {
    std::tuple<int, std::string_view> field;
};
struct borrows_in_variant {
    std::variant<int, std::string_view> field;
};
struct borrows_perhaps {
    std::optional<std::string_view> field;
};
// Whatever it is made from, it owns.
struct label {
    std::string text;
};

} // namespace

template <>
inline constexpr bool ctbus::as_dict<borrows_perhaps> = true;
template <>
struct ctbus::wire<label> {
    using type = std::string_view;
    static type to(const label& l) { return l.text; }
    static label from(type text) { return {std::string{text}}; }
};

namespace {

static_assert(!ctbus::codec::owns<borrows_in_tuple>());
static_assert(!ctbus::codec::owns<borrows_in_variant>());
static_assert(!ctbus::codec::owns<borrows_perhaps>());
static_assert(!ctbus::codec::owns<std::vector<std::pair<borrows_in_tuple, int>>>());
static_assert(ctbus::codec::owns<ctbus::owned_t<std::tuple<int, std::string_view>>>());
static_assert(ctbus::codec::owns<std::variant<label, std::tuple<label, int>>>());

// ---- what may be given for a parameter ----

template <class P, class Arg>
constexpr ctbus::mistake given = ctbus::detail::argument_mistake<P, Arg>();
template <class P, class... Args>
constexpr bool takes = ((given<P, Args> == ctbus::mistake::none) && ...);
template <class P, class... Args>
constexpr bool refuses = ((given<P, Args> != ctbus::mistake::none) && ...);

using ctbus::mistake;

// bool takes only bool.
static_assert(takes<bool, bool>);
static_assert(given<bool, int> == mistake::number_for_bool);
static_assert(given<bool, double> == mistake::number_for_bool);
static_assert(refuses<bool, int*, const char*, std::true_type, colour>);

// An integer takes any integer, of any size and sign, and what has its signature.
static_assert(takes<int, int, short, long, long long, unsigned, std::uint8_t, std::uint64_t>);
static_assert(takes<std::uint8_t, int, unsigned long long, std::byte>);
static_assert(takes<long, long long> && takes<long long, long>);
static_assert(takes<int, colour> && takes<colour, int>);
static_assert(given<int, double> == mistake::floating_for_integer);
static_assert(given<int, float> == mistake::floating_for_integer);
static_assert(refuses<int, bool, char, wchar_t, const char*, std::string, point>);

// double takes any number.
static_assert(takes<double, double, float, long double, int, unsigned long long, std::int8_t>);
static_assert(refuses<double, bool, char, const char*, std::string>);

// Text.
static_assert(takes<std::string, std::string, std::string_view, const char*>);
static_assert(takes<std::string_view, std::string, const char*>);
static_assert(takes<const char*, std::string>);
static_assert(refuses<std::string, int, char, std::nullptr_t, std::vector<char>>);
static_assert(takes<std::string, ctbus::object_path, ctbus::bus_name_view, ctbus::signature>);
static_assert(takes<std::string_view, ctbus::object_path_view, ctbus::member_name>);
static_assert(takes<const char*, ctbus::bus_name, ctbus::signature>);
static_assert(refuses<std::vector<std::string>, ctbus::object_path>);

// Text for paths and signatures, checked at run time.
static_assert(takes<ctbus::object_path, ctbus::object_path_view, ctbus::object_path>);
static_assert(takes<ctbus::object_path, std::string, std::string_view, const char*>);
static_assert(takes<ctbus::object_path_view, std::string, const char*>);
static_assert(takes<ctbus::signature, std::string, const char*, ctbus::signature>);
static_assert(refuses<ctbus::object_path, int, point>);

// Whatever has the same signature, copied nowhere.
static_assert(takes<std::vector<int>, std::span<const int>, std::array<int, 4>, std::list<int>>);
static_assert(takes<std::map<std::string, int>, ctbus::dict<std::string, int>>);
static_assert(takes<point, std::tuple<int, int>, std::pair<int, int>>);
static_assert(takes<ctbus::unix_fd, ctbus::unix_fd_view>);
static_assert(refuses<std::vector<int>, std::vector<double>, std::vector<short>, int>);

// What converts implicitly.
static_assert(takes<ctbus::variant, int, std::string, point>);
static_assert(takes<std::variant<int, std::string>, int, std::string, const char*>);
struct meters {
    double count;
    operator double() const { return count; }
};
static_assert(takes<double, meters> && takes<int, std::integral_constant<int, 3>>);

// By position.
constexpr auto second =
    ctbus::detail::arguments_wrong<ctbus::type_list<int, bool, double>, int, int, char>;
static_assert(second.what == mistake::number_for_bool && second.where == 2);

} // namespace

// ---- a user's own functions of these names, found beside ctbus's by their argument ----

namespace mine {

struct log {};
int emit(const ctbus::connection& bus, const char* line);
int match_signal(const ctbus::connection& bus, log to);

static_assert(is_same_v<decltype(emit(std::declval<ctbus::connection&>(), "started")), int>);
static_assert(is_same_v<decltype(match_signal(std::declval<ctbus::connection&>(), log{})), int>);

} // namespace mine
