// A service that uses every D-Bus type and every kind of member, for other people's clients:
// busctl, gdbus and dbus-send call all of it. It lives on the session bus (`--system`: the system
// bus, `--starter`: the one that started it) until SIGTERM, and says "ready" when it can be called.
#include <ctbus/ctbus.hpp>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace types {

// ---- types of every kind ----

// As deep as D-Bus goes. (Not vectors of vectors: GCC needs twice the time for each more of them.)
template <int Depth>
struct nested_array : std::vector<nested_array<Depth - 1>> {};
template <>
struct nested_array<1> : std::vector<std::int32_t> {};

template <int Depth>
struct nested_struct {
    nested_struct<Depth - 1> inner;
};
template <>
struct nested_struct<1> {
    std::int32_t value;
};

template <int Depth>
struct nested_both {
    std::vector<nested_both<Depth - 1>> inner;
};
template <>
struct nested_both<1> {
    std::vector<std::int32_t> values;
};

struct everything {
    std::uint8_t y;
    bool b;
    std::int16_t n;
    std::uint16_t q;
    std::int32_t i;
    std::uint32_t u;
    std::int64_t x;
    std::uint64_t t;
    double d;
    std::string s;
    ctbus::object_path o;
    ctbus::signature g;
};

struct point {
    double x;
    double y;
};
struct shape {
    std::string name;
    point centre;
    std::vector<point> corners;
};
struct single {
    std::int32_t value;
};

struct wide {
    std::int32_t f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18,
        f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32;
};

using any_value = std::variant<bool, std::int32_t, double, std::string, std::vector<std::string>,
                               std::map<std::string, std::uint32_t>, point>;
using value_in_value = std::variant<std::int32_t, std::variant<std::string, double>,
                                    std::vector<std::variant<std::int32_t, std::string>>>;

struct limits {
    std::uint32_t low;
    std::optional<std::uint32_t> high;
};
struct settings {
    std::string name;
    std::int32_t level;
    std::optional<double> ratio;
    std::optional<std::vector<std::string>> tags;
    std::optional<limits> range;
};

enum class small : std::uint8_t { zero, one, most = 255 };
enum class negative : std::int32_t { lowest = INT32_MIN, none = 0, highest = INT32_MAX };
enum class huge : std::uint64_t { none = 0, most = UINT64_MAX };
enum plain : std::int16_t { plain_low = -1, plain_high = 1 };
enum class colour { red, green, dark_blue };

/// Travels as a number of seconds.
struct seconds {
    std::int64_t count;
};
/// Travels as an integer, which has to be even.
class even {
public:
    even() = default;
    explicit even(std::int32_t n) : n_{n} {}
    std::int32_t value() const { return n_; }

private:
    std::int32_t n_ = 0;
};
/// Travels as text; reading it throws when it is not upper case.
class shout {
public:
    shout() = default;
    explicit shout(std::string text) : text_{std::move(text)} {}
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

} // namespace types

template <>
inline constexpr bool ctbus::as_dict<types::limits> = true;
template <>
inline constexpr bool ctbus::as_dict<types::settings> = true;

template <>
inline constexpr std::pair<types::colour, const char*> ctbus::enum_strings<types::colour>[] = {
    {types::colour::red, "red"},
    {types::colour::green, "green"},
    {types::colour::dark_blue, "dark-blue"}};

template <>
struct ctbus::wire<types::seconds> {
    using type = std::int64_t;
    static std::int64_t to(const types::seconds& s) { return s.count; }
    static types::seconds from(std::int64_t count) { return {count}; }
};
template <>
struct ctbus::wire<types::even> {
    using type = std::int32_t;
    static std::int32_t to(const types::even& e) { return e.value(); }
    static ctbus::result<types::even> from(std::int32_t n) {
        if (n % 2 != 0)
            return ctbus::failure{ctbus::error::make<"org.ctbus.Error.Odd">("it is odd")};
        return types::even{n};
    }
};
template <>
struct ctbus::wire<types::shout> {
    using type = std::string;
    static const std::string& to(const types::shout& s) { return s.text(); }
    static types::shout from(std::string text) {
        for (char c : text)
            if (c >= 'a' && c <= 'z') throw std::invalid_argument{"it is not loud enough"};
        return types::shout{std::move(text)};
    }
};

namespace types {

// ---- one method for each type ----

template <class T>
T echo(T value) {
    return value;
}
template <class T>
const T& echo_reference(const T& value) {
    return value;
}
template <class T>
void echo_output(const T& value, T& same) {
    same = value;
}

/// `long` where it has 64 bits, with or without sign, as `Wide` has it.
template <class Wide>
using long_or =
    std::conditional_t<sizeof(long) == sizeof(Wide),
                       std::conditional_t<std::is_signed_v<Wide>, long, unsigned long>, Wide>;

// clang-format off
struct basic : ctbus::vtable<"org.ctbus.Basic",
    ctbus::handler<"Byte", echo<std::uint8_t>>,
    ctbus::handler<"StdByte", echo<std::byte>>,
    ctbus::handler<"Bool", echo<bool>>,
    ctbus::handler<"Int16", echo<std::int16_t>>,
    ctbus::handler<"Uint16", echo<std::uint16_t>>,
    ctbus::handler<"Int32", echo<std::int32_t>>,
    ctbus::handler<"Uint32", echo<std::uint32_t>>,
    ctbus::handler<"Int64", echo<std::int64_t>>,
    ctbus::handler<"Uint64", echo<std::uint64_t>>,
    ctbus::handler<"Long", echo<long_or<std::int64_t>>>,
    ctbus::handler<"Ulong", echo<long_or<std::uint64_t>>>,
    ctbus::handler<"LongLong", echo<long long>>,
    ctbus::handler<"UlongLong", echo<unsigned long long>>,
    ctbus::handler<"Double", echo<double>>,
    ctbus::handler<"String", echo<std::string>>,
    ctbus::handler<"StringView", echo<std::string_view>>,
    ctbus::handler<"CString", echo<const char*>>,
    ctbus::handler<"PmrString", echo<std::pmr::string>>,
    ctbus::handler<"ConstString", echo_reference<std::string>>,
    ctbus::handler<"Path", echo<ctbus::object_path>>,
    ctbus::handler<"PathView", echo<ctbus::object_path_view>>,
    ctbus::handler<"Signature", echo<ctbus::signature>>,
    ctbus::handler<"Fd", echo<ctbus::unix_fd>>,
    ctbus::handler<"FdView", echo<ctbus::unix_fd_view>>> {};

struct arrays : ctbus::vtable<"org.ctbus.Arrays",
    ctbus::handler<"Bytes", echo<std::vector<std::uint8_t>>>,
    ctbus::handler<"StdBytes", echo<std::vector<std::byte>>>,
    ctbus::handler<"Bools", echo<std::vector<bool>>>,
    ctbus::handler<"Int16s", echo<std::vector<std::int16_t>>>,
    ctbus::handler<"Uint16s", echo<std::vector<std::uint16_t>>>,
    ctbus::handler<"Int32s", echo<std::vector<std::int32_t>>>,
    ctbus::handler<"Uint32s", echo<std::vector<std::uint32_t>>>,
    ctbus::handler<"Int64s", echo<std::vector<std::int64_t>>>,
    ctbus::handler<"Uint64s", echo<std::vector<std::uint64_t>>>,
    ctbus::handler<"Doubles", echo<std::vector<double>>>,
    ctbus::handler<"Strings", echo<std::vector<std::string>>>,
    ctbus::handler<"StringViews", echo<std::vector<std::string_view>>>,
    ctbus::handler<"Paths", echo<std::vector<ctbus::object_path>>>,
    ctbus::handler<"Signatures", echo<std::vector<ctbus::signature>>>,
    ctbus::handler<"Fds", echo<std::vector<ctbus::unix_fd>>>,
    ctbus::handler<"Variants", echo<std::vector<any_value>>>,
    ctbus::handler<"Structs", echo<std::vector<everything>>>,
    ctbus::handler<"List", echo<std::list<std::int32_t>>>,
    ctbus::handler<"Deque", echo<std::deque<std::string>>>,
    ctbus::handler<"Set", echo<std::set<std::string>>>,
    ctbus::handler<"Three", echo<std::array<std::int32_t, 3>>>,
    ctbus::handler<"TwoStrings", echo<std::array<std::string, 2>>>,
    ctbus::handler<"Span", echo<std::span<const double>>>,
    ctbus::handler<"ByteSpan", echo<std::span<const std::uint8_t>>>,
    ctbus::handler<"Rows", echo<std::vector<std::vector<double>>>>,
    ctbus::handler<"Blobs", echo<std::vector<std::vector<std::uint8_t>>>>,
    ctbus::handler<"Addresses",
        echo<std::vector<std::tuple<std::uint32_t, std::vector<std::uint8_t>>>>>,
    ctbus::handler<"Nested32", echo<nested_array<32>>>> {};

struct structs : ctbus::vtable<"org.ctbus.Structs",
    ctbus::handler<"Everything", echo<everything>>,
    ctbus::handler<"Shape", echo<shape>>,
    ctbus::handler<"Single", echo<single>>,
    ctbus::handler<"Tuple", echo_output<std::tuple<std::int32_t, std::string>>>,
    ctbus::handler<"Pair", echo_output<std::pair<std::string, bool>>>,
    ctbus::handler<"Tuples", echo<std::vector<std::tuple<std::string, double, bool>>>>,
    ctbus::handler<"Pairs", echo<std::vector<std::pair<std::string, std::int32_t>>>>,
    ctbus::handler<"Wide", echo<wide>>,
    ctbus::handler<"Nested32", echo<nested_struct<32>>>,
    ctbus::handler<"Nested64", echo<nested_both<32>>>> {};

struct dicts : ctbus::vtable<"org.ctbus.Dicts",
    ctbus::handler<"Byte", echo<std::map<std::uint8_t, std::string>>>,
    ctbus::handler<"Bool", echo<std::map<bool, std::string>>>,
    ctbus::handler<"Int16", echo<std::map<std::int16_t, std::string>>>,
    ctbus::handler<"Uint16", echo<std::map<std::uint16_t, std::string>>>,
    ctbus::handler<"Int32", echo<std::map<std::int32_t, std::string>>>,
    ctbus::handler<"Uint32", echo<std::map<std::uint32_t, std::string>>>,
    ctbus::handler<"Int64", echo<std::map<std::int64_t, std::string>>>,
    ctbus::handler<"Uint64", echo<std::map<std::uint64_t, std::string>>>,
    ctbus::handler<"Double", echo<std::map<double, std::string>>>,
    ctbus::handler<"String", echo<std::map<std::string, std::string>>>,
    ctbus::handler<"Path", echo<std::map<ctbus::object_path, std::string>>>,
    ctbus::handler<"Signature", echo<std::map<ctbus::signature, std::string>>>,
    ctbus::handler<"Fd", echo<ctbus::dict<ctbus::unix_fd, std::string>>>,
    ctbus::handler<"Colour", echo<std::map<colour, small>>>,
    ctbus::handler<"Flat", echo<ctbus::dict<std::string, std::int32_t>>>,
    ctbus::handler<"Views", echo<ctbus::dict<std::string_view, std::string_view>>>,
    ctbus::handler<"Unordered", echo<std::unordered_map<std::string, std::vector<double>>>>,
    ctbus::handler<"Multi", echo<std::multimap<std::string, std::int32_t>>>,
    ctbus::handler<"Nested", echo<std::map<std::string, std::map<std::int32_t, point>>>>,
    ctbus::handler<"Values", echo<std::map<std::string, any_value>>>,
    ctbus::handler<"Settings", echo<settings>>,
    ctbus::handler<"AllSettings", echo<std::map<ctbus::object_path, settings>>>> {};

struct variants : ctbus::vtable<"org.ctbus.Variants",
    ctbus::handler<"Value", echo<any_value>>,
    ctbus::handler<"Nested", echo<value_in_value>>,
    ctbus::handler<"Fd", echo<std::variant<ctbus::unix_fd, std::string>>>> {};

struct enums : ctbus::vtable<"org.ctbus.Enums",
    ctbus::handler<"Small", echo<small>>,
    ctbus::handler<"Negative", echo<negative>>,
    ctbus::handler<"Huge", echo<huge>>,
    ctbus::handler<"Plain", echo<plain>>,
    ctbus::handler<"Colour", echo<colour>>,
    ctbus::handler<"Smalls", echo<std::vector<small>>>,
    ctbus::handler<"Colours", echo<std::vector<colour>>>> {};

struct wires : ctbus::vtable<"org.ctbus.Wires",
    ctbus::handler<"Seconds", echo<seconds>>,
    ctbus::handler<"Even", echo<even>>,
    ctbus::handler<"Evens", echo<std::vector<even>>>,
    ctbus::handler<"Shout", echo<shout>>> {};

// ---- several outputs ----

struct outputs : ctbus::vtable<"org.ctbus.Outputs",
    ctbus::handler<"Nothing", [](std::int32_t) {}>,
    ctbus::handler<"NoTuple", [] { return std::tuple<>{}; }>,
    ctbus::handler<"Tuple", [] { return std::tuple{std::string{"one"}, std::int32_t{2}, 3.5}; },
        ctbus::returns<"text", "number", "real">>,
    ctbus::handler<"Struct", [] { return shape{"square", {0, 0}, {{1, 1}, {-1, -1}}}; }>,
    ctbus::handler<"Result", [](bool good) -> ctbus::result<std::tuple<std::int32_t, bool>> {
        if (!good) return ctbus::failure{ctbus::error::make<"org.ctbus.Error.Bad">("not good")};
        return std::tuple{std::int32_t{7}, true};
    }>,
    ctbus::handler<"Mixed", [](std::int32_t n, std::string& text, double& half) {
        text = std::to_string(n);
        half = n / 2.0;
        return n + 1;
    }, ctbus::args<"n">, ctbus::returns<"next", "text", "half">>,
    ctbus::handler<"Many", [](std::uint8_t y, bool b, std::int16_t n, std::uint16_t q,
                              std::int32_t i, std::uint32_t u, std::int64_t x, std::uint64_t t,
                              double d, std::string_view s, const ctbus::object_path& o) {
        return std::tuple{y, b, n, q, i, u, x, t, d, std::string{s}, o};
    }>,
    ctbus::handler<"References", [](const ctbus::message& call, std::string& member, bool& fresh,
                                    std::vector<std::int32_t>& empty) {
        fresh = !fresh && member.empty() && empty.empty();
        member = call.member().str();
    }>> {};

// ---- other kinds of methods ----

class caller_service {
public:
    void tell(const std::string& text) { told_.push_back(text); }
    const std::vector<std::string>& told() const { return told_; }
    std::string greet(std::string_view name) const { return "hello " + std::string{name}; }
    std::string who(const ctbus::message& call) const { return call.sender().str(); }

private:
    std::vector<std::string> told_;
};

/// What can be called, besides types: a contract.
struct Calls : ctbus::interface<"org.ctbus.Calls",
    ctbus::method<"Ping", void()>,
    ctbus::method<"Tell", void(std::string), ctbus::args<"text">, ctbus::no_reply>,
    ctbus::method<"Told", std::vector<std::string>(), ctbus::returns<"texts">>,
    ctbus::method<"Greet", std::string(std::string), ctbus::args<"name">,
        ctbus::returns<"greeting">, ctbus::errors<"org.ctbus.Error.Rude">>,
    ctbus::method<"Old", void(), ctbus::deprecated>,
    ctbus::method<"OldTell", void(std::string), ctbus::deprecated, ctbus::no_reply>,
    ctbus::method<"Hidden", std::int32_t(), ctbus::hidden>,
    ctbus::method<"Who", std::string()>,
    ctbus::method<"Secret", std::string(std::string), ctbus::sensitive>,
    ctbus::method<"Fail", void(std::string), ctbus::args<"how">>,
    ctbus::method<"FailTelling", void(), ctbus::no_reply>> {};

void fail(std::string_view how) {
    if (how == "error") throw ctbus::error::make<"org.ctbus.Error.Wanted">("as you wished");
    if (how == "errno") throw std::system_error{ENOENT, std::generic_category(), "looking"};
    if (how == "memory") throw std::bad_alloc{};
    if (how == "exception") throw std::runtime_error{"something is wrong"};
    if (how == "bad text") throw std::runtime_error{"caf\xe9"};
    if (how == "long") throw std::runtime_error{std::string(100'000, 'x')};
    throw 42;
}

struct calls : ctbus::implements<Calls,
    ctbus::handler<"Ping", [] {}>,
    ctbus::handler<"Tell", &caller_service::tell>,
    ctbus::handler<"Told", &caller_service::told>,
    ctbus::handler<"Greet", &caller_service::greet>,
    ctbus::handler<"Old", [] {}>,
    ctbus::handler<"OldTell", &caller_service::tell>,
    ctbus::handler<"Hidden", [] { return std::int32_t{42}; }>,
    ctbus::handler<"Who", &caller_service::who>,
    ctbus::handler<"Secret", [](std::string_view given) { return std::string{given}; }>,
    ctbus::handler<"Fail", fail>,
    ctbus::handler<"FailTelling", [] { fail("error"); }>,
    ctbus::unprivileged> {};

/// The same member names again, in another interface of the same object.
struct more_calls : ctbus::vtable<"org.ctbus.MoreCalls",
    ctbus::handler<"Ping", [] { return std::string{"pong"}; }>,
    ctbus::handler<"Greet", [](std::int32_t n) { return n; }>,
    ctbus::signal<"Happened", void(bool)>,
    ctbus::unprivileged> {};

/// Closed to other users on the system bus, but for what says otherwise.
struct closed_access : ctbus::vtable<"org.ctbus.Access",
    ctbus::handler<"Closed", [] {}>,
    ctbus::handler<"Open", [] {}, ctbus::unprivileged>> {};
struct open_access : ctbus::vtable<"org.ctbus.OpenAccess",
    ctbus::handler<"Closed", [] {}, ctbus::privileged>,
    ctbus::handler<"Open", [] {}>,
    ctbus::accessor<"Level", [] { return 1; }, [](std::int32_t) {}>,
    ctbus::unprivileged> {};

// ---- properties and signals ----

class property_service {
public:
    const std::string version = "1.0";
    std::uint32_t changing = 1;
    std::string invalidated = "a";
    std::int64_t silent = 0;
    bool hidden = true;
    std::string explicitly = "only when asked for";
    std::string sensitive = "swordfish";
    colour favourite = colour::green;
    std::map<std::string, any_value> table{{"answer", std::int32_t{42}}};
    point where{1, 2};

    std::int32_t even() const { return even_; }
    void set_even(std::int32_t n) {
        if (n % 2 != 0) throw ctbus::error::make<"org.ctbus.Error.Odd">("it is odd");
        even_ = n;
    }
    ctbus::result<std::uint8_t> percent() const { return percent_; }
    ctbus::result<void> set_percent(std::uint8_t n) {
        if (n > 100)
            return ctbus::failure{ctbus::error::make<"org.ctbus.Error.TooMuch">("over 100")};
        percent_ = n;
        return {};
    }
    std::string setter() const { return setter_; }
    void set_setter(std::string_view name, const ctbus::message& call) {
        setter_ = std::string{name} + " by " + call.sender().str();
    }

private:
    std::int32_t even_ = 0;
    std::uint8_t percent_ = 50;
    std::string setter_;
};

struct properties : ctbus::vtable<"org.ctbus.Properties",
    ctbus::accessor<"Version", &property_service::version, ctbus::constant>,
    ctbus::accessor<"Changing", &property_service::changing, ctbus::writable, ctbus::emits_change>,
    ctbus::accessor<"Invalidated", &property_service::invalidated, ctbus::writable,
        ctbus::emits_invalidation>,
    ctbus::accessor<"Silent", &property_service::silent, ctbus::writable>,
    ctbus::accessor<"ReadOnly", &property_service::silent>,
    ctbus::accessor<"Hidden", &property_service::hidden, ctbus::writable, ctbus::hidden>,
    ctbus::accessor<"Explicit", &property_service::explicitly, ctbus::writable,
        ctbus::explicit_get>,
    ctbus::accessor<"Old", &property_service::silent, ctbus::deprecated>,
    ctbus::accessor<"Sensitive", &property_service::sensitive, ctbus::writable,
        ctbus::emits_change, ctbus::sensitive>,
    ctbus::accessor<"Favourite", &property_service::favourite, ctbus::writable,
        ctbus::emits_change>,
    ctbus::accessor<"Table", &property_service::table, ctbus::writable>,
    ctbus::accessor<"Where", &property_service::where, ctbus::writable, ctbus::unprivileged>,
    ctbus::accessor<"Even", &property_service::even, &property_service::set_even,
        ctbus::emits_change>,
    ctbus::accessor<"Percent", &property_service::percent, &property_service::set_percent>,
    ctbus::accessor<"Setter", &property_service::setter, &property_service::set_setter>,
    ctbus::accessor<"Computed", [] { return std::vector<std::int32_t>{1, 2, 3}; }>> {};

/// One property cannot be read.
struct failing : ctbus::vtable<"org.ctbus.Failing",
    ctbus::accessor<"Good", [] { return true; }>,
    ctbus::accessor<"Broken", []() -> std::string {
        throw ctbus::error::make<"org.ctbus.Error.Broken">("out of order");
    }>> {};

struct signals : ctbus::vtable<"org.ctbus.Signals",
    ctbus::signal<"Happened", void(std::string, double), ctbus::args<"what", "value">>,
    ctbus::signal<"Empty", void()>,
    ctbus::signal<"Everything", void(everything)>,
    ctbus::signal<"Old", void(std::int32_t), ctbus::deprecated>> {};

struct emitter {
    ctbus::object<signals> out;
    void emit() {
        out.emit<"Happened">("na\u00efve", 1.5);
        out.emit<"Empty">();
        out.emit<"Old">(-1);
        out.emit<"Everything">(everything{255, true, INT16_MIN, UINT16_MAX, INT32_MIN, UINT32_MAX,
                                          INT64_MIN, UINT64_MAX, -0.5, "", {}, {}});
    }
};
struct emits : ctbus::vtable<"org.ctbus.Emits", ctbus::handler<"Emit", &emitter::emit>> {};

// ---- a tree of objects ----

struct leaf : ctbus::vtable<"org.ctbus.Leaf", ctbus::handler<"Ping", [] {}>> {};

class tree_service {
public:
    explicit tree_service(const ctbus::connection& bus) : bus_{bus} {}

    const ctbus::object_path& add(const ctbus::object_path& path) {
        leaves_[path] = std::make_unique<ctbus::object<leaf>>(bus_, path);
        return path;
    }
    void remove(const ctbus::object_path& path) {
        if (leaves_.erase(path) == 0)
            throw ctbus::error::make<"org.ctbus.Error.NoSuchLeaf">(path.view());
    }

private:
    const ctbus::connection& bus_;
    std::map<ctbus::object_path, std::unique_ptr<ctbus::object<leaf>>> leaves_;
};

struct tree : ctbus::vtable<"org.ctbus.Tree",
    ctbus::handler<"Add", &tree_service::add, ctbus::args<"path">, ctbus::returns<"added">>,
    ctbus::handler<"Remove", &tree_service::remove, ctbus::args<"path">>> {};
// clang-format on

} // namespace types

namespace {

ctbus::connection connect(const char* to) {
    if (std::strcmp(to, "--system") == 0) return ctbus::connection::system();
    if (std::strcmp(to, "--starter") == 0) return ctbus::connection::open_default();
    return ctbus::connection::session();
}

void serve(const char* where) {
    using namespace types;
    ctbus::connection bus = connect(where);

    ctbus::object<basic, arrays, structs, dicts, variants, enums, wires, outputs> all{
        bus, "/org/ctbus/types"};

    caller_service caller;
    ctbus::object<calls> called{bus, "/org/ctbus/calls", caller};
    ctbus::object<more_calls, closed_access, open_access> more{bus, "/org/ctbus/calls"};

    property_service owner;
    ctbus::object<properties> with_properties{bus, "/org/ctbus/properties", owner};
    ctbus::object<failing> with_failing{bus, "/org/ctbus/failing"};

    emitter emitting{ctbus::object<signals>{bus, "/org/ctbus/signals"}};
    ctbus::object<emits> with_emits{bus, "/org/ctbus/signals", emitting};

    tree_service leaves{bus};
    ctbus::object<tree> with_tree{bus, "/org/ctbus/tree", leaves};

    // Last, so that who sees the name finds the objects.
    bus.request_name("org.ctbus.Types");
    std::puts("ready");
    std::fflush(stdout);
    bus.run_until({SIGTERM});
}

} // namespace

int main(int count, char** arguments) {
    try {
        serve(count > 1 ? arguments[1] : "");
    } catch (const ctbus::error& e) {
        std::fprintf(stderr, "types_service: %s\n", e.what());
        return 3;
    }
}
