// What a function's type means on the bus: inputs, outputs, the message, the served class.
#include <ctbus/implements.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

using message = ctbus::message;

template <class I, ctbus::fixed_string Name>
using method = typename ctbus::detail::lookup<I, ctbus::detail::method_tag, Name>::type;
template <class I, ctbus::fixed_string Name>
using property = typename ctbus::detail::lookup<I, ctbus::detail::property_tag, Name>::type;

template <class I, ctbus::fixed_string Name>
constexpr bool is(std::string_view inputs, std::string_view outputs) {
    return method<I, Name>::signature == inputs && method<I, Name>::result == outputs;
}

// ---- S2: where the message may stand; S5 and S11: what goes in, what comes out ----

struct point {
    int x, y;
};

struct contract :
    ctbus::interface<"org.example.Functions", ctbus::method<"None", void()>,
        ctbus::method<"Message", void(const message&)>,
        ctbus::method<"MessageByValue", void(message)>,
        ctbus::method<"InMessage", void(int, const message&)>,
        ctbus::method<"MessageOut", void(const message&, int&)>,
        ctbus::method<"InMessageOut", void(int, std::string, message, double&)>,
        ctbus::method<"InOutMessage", void(int, double&, const message&)>,
        ctbus::method<"In", void(const std::string&, std::string_view, const char*)>,
        ctbus::method<"InOut", bool(int, double&)>,
        ctbus::method<"NoReply", void(int), ctbus::no_reply>,
        ctbus::method<"S11", int(std::string&, double&)>,
        ctbus::method<"Tuple", std::tuple<int, std::string>(bool&)>,
        ctbus::method<"EmptyTuple", std::tuple<>()>,
        ctbus::method<"TupleInTuple", std::tuple<std::tuple<int, bool>>()>,
        ctbus::method<"Struct", point()>, ctbus::method<"Result", ctbus::result<int>(int)>,
        ctbus::method<"ResultOfNothing", ctbus::result<void>(int)>,
        ctbus::method<"ResultOfTuple", ctbus::result<std::tuple<int, bool>>()>,
        ctbus::method<"ConstReference", const std::string&()>,
        ctbus::method<"Noexcept", int(int) noexcept>> {};

static_assert(contract::is_right);
static_assert(is<contract, "None">("", ""));
static_assert(is<contract, "Message">("", ""));
static_assert(is<contract, "MessageByValue">("", ""));
static_assert(is<contract, "InMessage">("i", ""));
static_assert(is<contract, "MessageOut">("", "i"));
static_assert(is<contract, "InMessageOut">("is", "d"));
static_assert(is<contract, "InOutMessage">("i", "d"));
static_assert(is<contract, "In">("sss", ""));
static_assert(is<contract, "InOut">("i", "bd"));
static_assert(is<contract, "NoReply">("i", ""));
static_assert(method<contract, "NoReply">::no_reply && !method<contract, "In">::no_reply);
static_assert(is<contract, "S11">("", "isd"));
static_assert(is<contract, "Tuple">("", "isb"));
static_assert(is<contract, "EmptyTuple">("", ""));
static_assert(is<contract, "TupleInTuple">("", "(ib)"));
static_assert(is<contract, "Struct">("", "(ii)"));
static_assert(is<contract, "Result">("i", "i"));
static_assert(is<contract, "ResultOfNothing">("i", ""));
static_assert(is<contract, "ResultOfTuple">("", "ib"));
static_assert(is<contract, "ConstReference">("", "s"));
static_assert(is<contract, "Noexcept">("i", "i"));

// ---- the same from functions, and the class that a vtable serves ----

class base {
public:
    virtual ~base() = default;
    int get() const;
    int level;
};
class derived : public base {
public:
    void set(int);
    std::string name() const;
    void rename(std::string_view);
};

int of_instance(derived&, int);
int of_base(const base&, int, std::string&);
int of_nobody(int);

struct table :
    ctbus::vtable<"org.example.Table", ctbus::handler<"Get", &base::get>,
        ctbus::handler<"Set", &derived::set>, ctbus::handler<"OfInstance", &of_instance>,
        ctbus::handler<"OfBase", &of_base>, ctbus::handler<"OfNobody", &of_nobody>,
        ctbus::handler<"Lambda", [](const derived&, double x) { return x; }>,
        ctbus::accessor<"Level", &base::level, ctbus::writable>,
        ctbus::accessor<"Name", &derived::name, &derived::rename>,
        ctbus::accessor<"Fixed", [] { return std::uint8_t{1}; }, ctbus::constant>,
        ctbus::signal<"Changed", void(const std::string&, point)>> {};

static_assert(table::is_right && std::is_same_v<table::served, derived>);
static_assert(table::changes_instance);
static_assert(is<table, "Get">("", "i") && is<table, "Set">("i", ""));
static_assert(is<table, "OfInstance">("i", "i") && is<table, "OfBase">("i", "is"));
static_assert(is<table, "OfNobody">("i", "i") && is<table, "Lambda">("d", "d"));
static_assert(property<table, "Level">::signature == "i" && property<table, "Level">::writable);
static_assert(property<table, "Name">::signature == "s" && property<table, "Name">::writable);
static_assert(property<table, "Fixed">::signature == "y" && !property<table, "Fixed">::writable);
static_assert(
    ctbus::detail::lookup<table, ctbus::detail::signal_tag, "Changed">::type::signature == "s(ii)");
static_assert(!ctbus::detail::lookup<table, ctbus::detail::signal_tag, "Level">::found);

// A class with a D-Bus form is an ordinary parameter where the vtable serves no class.
int sum(point p);
int of_point(const point& p);
struct free_table :
    ctbus::vtable<"org.example.Free", ctbus::handler<"Sum", &sum>,
        ctbus::handler<"OfPoint", &of_point>,
        ctbus::handler<"Half", [](double x) { return x / 2; }>> {};
static_assert(std::is_void_v<free_table::served> && !free_table::changes_instance);
static_assert(is<free_table, "OfPoint">("(ii)", "i"));

// The same where it is the served class.
struct point_table :
    ctbus::vtable<"org.example.Point", ctbus::serves<point>, ctbus::handler<"OfPoint", &of_point>,
        ctbus::accessor<"X", &point::x>> {};
static_assert(std::is_same_v<point_table::served, point> && !point_table::changes_instance);
static_assert(is<point_table, "OfPoint">("", "i"));

// S30: one name in two interfaces, and a method, a property and a signal of one name in one.
struct one_name :
    ctbus::interface<"org.example.OneName", ctbus::method<"Level", void(int)>,
        ctbus::property<"Level", double>, ctbus::signal<"Level", void(bool)>> {};
static_assert(one_name::is_right && is<one_name, "Level">("i", ""));
static_assert(property<one_name, "Level">::signature == "d");

// The D-Bus signature ties contract and implementation together, not the C++ type.
struct texts :
    ctbus::interface<"org.example.Texts", ctbus::method<"Set", void(std::string)>,
        ctbus::method<"Count", std::int64_t()>, ctbus::property<"Text", std::string>> {};
struct borrower {
    void set(std::string_view);
    long long count(message) const;
    const char* text() const;
};
struct texts_table :
    ctbus::implements<texts, ctbus::handler<"Set", &borrower::set>,
        ctbus::handler<"Count", &borrower::count>, ctbus::accessor<"Text", &borrower::text>> {};
static_assert(texts_table::is_right && std::is_same_v<texts_table::served, borrower>);
static_assert(std::is_same_v<texts_table::specs, texts::specs>);
static_assert(texts_table::interface_name == "org.example.Texts");

// const says nothing of what travels.
struct const_table :
    ctbus::vtable<"org.example.Const",
        ctbus::handler<"Two",
            []() -> std::tuple<const int, double> {
                return {1, 2.0};
            }>,
        ctbus::handler<"Perhaps", []() -> ctbus::result<const int> { return 1; }>> {};
static_assert(is<const_table, "Two">("", "id") && is<const_table, "Perhaps">("", "i"));
static_assert(ctbus::signature_of<const int, const std::string> == "is");

// A vtable inside its class, which is not complete there, may name inherited members.
struct named {
    int id(message) const;
    int number;
};
class other_named : public named, public borrower {
public:
    void rename(std::string);
    struct table :
        ctbus::vtable<"org.example.Named", ctbus::handler<"Id", &named::id>,
            ctbus::handler<"Rename", &other_named::rename>,
            ctbus::accessor<"Number", &other_named::number>,
            ctbus::accessor<"Text", &other_named::text>> {};
    struct served_table :
        ctbus::vtable<"org.example.Named", ctbus::serves<other_named>,
            ctbus::handler<"Id", &named::id>, ctbus::handler<"Set", &other_named::set>> {};
    struct contract_table :
        ctbus::implements<texts, ctbus::handler<"Set", &borrower::set>,
            ctbus::handler<"Count", [](const other_named&) -> std::int64_t { return 0; }>,
            ctbus::accessor<"Text", &borrower::text>> {};
};
static_assert(std::is_same_v<other_named::table::served, other_named>);
static_assert(std::is_same_v<other_named::served_table::served, other_named>);
static_assert(std::is_same_v<other_named::contract_table::served, other_named>);
static_assert(other_named::table::is_right && other_named::served_table::is_right &&
              other_named::contract_table::is_right);

// S24: `privileged` overrides the table's `unprivileged`, where the contract says so or the
// handler; so does a capability, which sd-bus would not look at in an open row.
struct doors :
    ctbus::interface<"org.example.Doors", ctbus::method<"Open", void()>,
        ctbus::method<"ByContract", void(), ctbus::privileged>, ctbus::method<"ByHandler", void()>,
        ctbus::method<"ByCapability", void()>> {};
struct doors_table :
    ctbus::implements<doors, ctbus::handler<"Open", [] {}>, ctbus::handler<"ByContract", [] {}>,
        ctbus::handler<"ByHandler", [] {}, ctbus::privileged>,
        ctbus::handler<"ByCapability", [] {}, ctbus::capability<2>>, ctbus::unprivileged> {};
using doors_rows = doors_table::sd_bus_table<ctbus::error_style>;
static_assert(sizeof doors_rows::rows == 6 * sizeof(sd_bus_vtable)); // clang needs to be asked
constexpr bool is_open(int row) {
    return (doors_rows::rows[row].flags & SD_BUS_VTABLE_UNPRIVILEGED) != 0;
}
static_assert(is_open(1) && !is_open(2) && !is_open(3) && !is_open(4));

// A contract of signals alone is implemented by nothing.
struct only_signals : ctbus::interface<"org.example.Signals", ctbus::signal<"Told", void(int)>> {};
struct only_signals_vtable : ctbus::implements<only_signals> {};
static_assert(only_signals_vtable::is_right && std::is_void_v<only_signals_vtable::served>);
