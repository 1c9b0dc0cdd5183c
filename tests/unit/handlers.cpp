// What may be a handler, and which instance it gets: members, free functions, lambdas, bases,
// const; several interfaces on one path, one class exported many times.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using test::contains;
using test::must;
using test::path;
using test::raw_peer;

namespace {

// ---- every kind of function ----

struct base {
    int from_base = 1;
    int base_method() { return from_base; }
};
struct other_base {
    virtual ~other_base() = default;
    virtual int virtual_method() { return -1; }
    int other = 2;
};
struct derived : base, other_base {
    int own = 3;
    int method(int n) { return own + n; }
    int const_method() const { return own; }
    int noexcept_method(int n) noexcept { return own * n; }
    int const_noexcept() const noexcept { return own; }
    int lvalue_method() & { return own; }
    int const_lvalue() const& { return own; }
    int virtual_method() override { return other; }
};

int free_alone(int a, int b) {
    return a * b;
}
int free_with(derived& d, int n) {
    return d.own += n;
}
int free_const(const derived& d) {
    return d.own;
}
int free_base(base& b, int n) {
    return b.from_base + n;
}
int free_other_base(const other_base& b) {
    return b.other;
}
void free_outputs(const derived& d, int n, const ctbus::message& m, int& out, std::string& text) {
    out = d.own + n;
    text = m.member().str();
}
int free_noexcept(int n) noexcept {
    return n;
}

struct functions
    : ctbus::vtable<
          "org.example.Functions", ctbus::handler<"Method", &derived::method>,
          ctbus::handler<"ConstMethod", &derived::const_method>,
          ctbus::handler<"NoexceptMethod", &derived::noexcept_method>,
          ctbus::handler<"ConstNoexcept", &derived::const_noexcept>,
          ctbus::handler<"LvalueMethod", &derived::lvalue_method>,
          ctbus::handler<"ConstLvalue", &derived::const_lvalue>,
          ctbus::handler<"BaseMethod", &base::base_method>,
          ctbus::handler<"VirtualMethod", &other_base::virtual_method>,
          ctbus::handler<"FreeAlone", &free_alone>, ctbus::handler<"FreeWith", &free_with>,
          ctbus::handler<"FreeConst", &free_const>, ctbus::handler<"FreeBase", &free_base>,
          ctbus::handler<"FreeOtherBase", &free_other_base>,
          ctbus::handler<"FreeOutputs", &free_outputs>,
          ctbus::handler<"FreeNoexcept", &free_noexcept>,
          ctbus::handler<"Lambda", [](double x) { return x / 2; }>,
          ctbus::handler<"LambdaWith", [](derived& d, int n) { return d.own += n; }>,
          ctbus::handler<"LambdaConst", [](const base& b) { return b.from_base; }>,
          ctbus::handler<"LambdaMessage", [](const ctbus::message& m) { return m.member().str(); }>,
          ctbus::accessor<"Own", &derived::own>, ctbus::accessor<"FromBase", &base::from_base>,
          ctbus::accessor<"Other", &other_base::other>> {};

struct padding {
    std::uint64_t before[5] = {};
    virtual ~padding() = default;
};
struct most_derived : padding, derived { // derived does not begin where it does
    std::string last = "last";
};

constexpr const char* functions_name = "org.example.Functions";

} // namespace

TEST_CASE("handlers: members, free functions and lambdas, with and without instance") {
    raw_peer peer;
    derived served;
    test::exported<functions> object{peer.ours, "/test", served};
    const auto call = [&](const char* member, const char* types = "", auto... args) {
        CAPTURE(member);
        return peer.call(path, functions_name, member, types, args...).reply();
    };
    CHECK(call("Method", "i", 5) == "8");
    CHECK(call("ConstMethod") == "3");
    CHECK(call("NoexceptMethod", "i", 5) == "15");
    CHECK(call("ConstNoexcept") == "3");
    CHECK(call("LvalueMethod") == "3");
    CHECK(call("ConstLvalue") == "3");
    CHECK(call("BaseMethod") == "1");
    CHECK(call("VirtualMethod") == "2");
    CHECK(call("FreeAlone", "ii", 6, 7) == "42");
    CHECK(call("FreeWith", "i", 1) == "4");
    CHECK(call("FreeConst") == "4");
    CHECK(call("FreeBase", "i", 9) == "10");
    CHECK(call("FreeOtherBase") == "2");
    CHECK(call("FreeOutputs", "i", 1) == R"(5 "FreeOutputs")");
    CHECK(call("FreeNoexcept", "i", 5) == "5");
    CHECK(call("Lambda", "d", 5.0) == "2.5");
    CHECK(call("LambdaWith", "i", 1) == "5");
    CHECK(call("LambdaConst") == "1");
    CHECK(call("LambdaMessage") == R"("LambdaMessage")");
    CHECK(peer.get_all(path, functions_name).reply() ==
          R"([{"Own": <i 5>} {"FromBase": <i 1>} {"Other": <i 2>}])");
    CHECK(served.own == 5);
}

namespace {

// Pairs of one type each: they share one typed part, which is told the function.
int add_one(int n) {
    return n + 1;
}
int add_two(int n) {
    return n + 2;
}
int scale(derived& d, int n) {
    return d.own * n;
}
int shift(derived& d, int n) {
    return d.own + n;
}
struct pairs : ctbus::vtable<"org.example.Pairs", ctbus::handler<"Method", &derived::method>,
                             ctbus::handler<"NoexceptMethod", &derived::noexcept_method>,
                             ctbus::handler<"Method2", &derived::method>,
                             ctbus::handler<"BaseMethod", &base::base_method>,
                             ctbus::handler<"BaseMethod2", &base::base_method>,
                             ctbus::handler<"VirtualMethod", &other_base::virtual_method>,
                             ctbus::handler<"VirtualMethod2", &other_base::virtual_method>,
                             ctbus::handler<"AddOne", &add_one>, ctbus::handler<"AddTwo", &add_two>,
                             ctbus::handler<"Scale", &scale>, ctbus::handler<"Shift", &shift>,
                             ctbus::handler<"Half", [](double x) { return x / 2; }>,
                             ctbus::handler<"Third", [](double x) { return x / 3; }>> {};

} // namespace

TEST_CASE("handlers: those of one type share their code, and are told apart") {
    raw_peer peer;
    most_derived served;
    test::exported<pairs> object{peer.ours, "/test", served};
    const auto call = [&](const char* member, const char* types = "", auto... args) {
        CAPTURE(member);
        return peer.call(path, "org.example.Pairs", member, types, args...).reply();
    };
    CHECK(call("Method", "i", 5) == "8");
    CHECK(call("Method2", "i", 6) == "9");
    CHECK(call("NoexceptMethod", "i", 5) == "15");
    CHECK(call("BaseMethod") == "1");
    CHECK(call("BaseMethod2") == "1");
    CHECK(call("VirtualMethod") == "2");
    CHECK(call("VirtualMethod2") == "2");
    CHECK(call("AddOne", "i", 5) == "6");
    CHECK(call("AddTwo", "i", 5) == "7");
    CHECK(call("Scale", "i", 5) == "15");
    CHECK(call("Shift", "i", 5) == "8");
    CHECK(call("Half", "d", 6.0) == "3");
    CHECK(call("Third", "d", 6.0) == "2");
}

TEST_CASE("handlers: an instance of a derived class, with several bases") {
    raw_peer peer;
    most_derived served;
    served.own = 30;
    served.from_base = 10;
    served.other = 20;
    REQUIRE(static_cast<void*>(static_cast<derived*>(&served)) != static_cast<void*>(&served));
    test::exported<functions> object{peer.ours, "/test", served};
    const auto call = [&](const char* member, const char* types = "", auto... args) {
        return peer.call(path, functions_name, member, types, args...).reply();
    };
    CHECK(call("Method", "i", 5) == "35");
    CHECK(call("BaseMethod") == "10");
    CHECK(call("VirtualMethod") == "20");
    CHECK(call("FreeWith", "i", 1) == "31");
    CHECK(call("FreeBase", "i", 1) == "11");
    CHECK(call("FreeOtherBase") == "20");
    CHECK(call("LambdaWith", "i", 1) == "32");
    CHECK(peer.get_all(path, functions_name).reply() ==
          R"([{"Own": <i 32>} {"FromBase": <i 10>} {"Other": <i 20>}])");
    CHECK(served.last == "last");
}

namespace {

class self_described : public padding, public derived {
public:
    int mine() const { return own + other; }

    struct vtable
        : ctbus::vtable<"org.example.Described", ctbus::handler<"BaseMethod", &base::base_method>,
                        ctbus::handler<"Mine", &self_described::mine>,
                        ctbus::accessor<"Other", &self_described::other>> {};
};

} // namespace

TEST_CASE("handlers: a vtable inside its class names inherited members too") {
    raw_peer peer;
    self_described served;
    test::exported<self_described::vtable> object{peer.ours, "/test", served};
    const char* const interface = "org.example.Described";
    CHECK(peer.call(path, interface, "BaseMethod").reply() == "1");
    CHECK(peer.call(path, interface, "Mine").reply() == "5");
    CHECK(peer.get_all(path, interface).reply() == R"([{"Other": <i 2>}])");
}

// ---- const ----

namespace {

struct readings {
    int value = 7;
    int read() const { return value; }
    std::string name() const { return "readings"; }
};
int free_read(const readings& r) {
    return r.value;
}
struct readings_vtable
    : ctbus::vtable<"org.example.Readings", ctbus::handler<"Read", &readings::read>,
                    ctbus::handler<"FreeRead", &free_read>,
                    ctbus::accessor<"Value", &readings::value>,
                    ctbus::accessor<"Name", &readings::name>> {};

} // namespace

TEST_CASE("handlers: a const instance") {
    raw_peer peer;
    const readings served;
    test::exported<readings_vtable> object{peer.ours, "/test", served};
    CHECK(peer.call(path, "org.example.Readings", "Read").reply() == "7");
    CHECK(peer.call(path, "org.example.Readings", "FreeRead").reply() == "7");
    CHECK(peer.get_all(path, "org.example.Readings").reply() ==
          R"([{"Value": <i 7>} {"Name": <s "readings">}])");
}

// ---- no class at all; a class by option ----

namespace {

struct alone : ctbus::vtable<"org.example.Alone", ctbus::handler<"Multiply", &free_alone>,
                             ctbus::handler<"Greet", [](std::string_view name) {
                                 return "hello " + std::string{name};
                             }>> {};

struct pair_like { // has a D-Bus form, so that it would be an argument
    int a = 0;
    int b = 0;
};
int sum_of(const pair_like& p) {
    return p.a + p.b;
}
int sum_with(const pair_like& p, const pair_like& q) {
    return p.a + p.b + q.a * 100 + q.b * 100;
}
struct arguments_only : ctbus::vtable<"org.example.Sums", ctbus::handler<"Sum", &sum_of>,
                                      ctbus::handler<"SumWith", &sum_with>> {};
struct instance_by_option
    : ctbus::vtable<"org.example.Sums", ctbus::serves<pair_like>, ctbus::handler<"Sum", &sum_of>,
                    ctbus::handler<"SumWith", &sum_with>> {};
// Not an aggregate, no wire<>: it can only be the instance.
class counter {
public:
    explicit counter(int start) : count_{start} {}
    friend int bump(counter& c, int by) { return c.count_ += by; }

private:
    int count_;
};
int bump(counter& c, int by);
struct deduced_instance : ctbus::vtable<"org.example.Counter", ctbus::handler<"Bump", &bump>> {};

} // namespace

TEST_CASE("handlers: a vtable that serves no class") {
    raw_peer peer;
    test::exported<alone> object{peer.ours, "/test"};
    CHECK(peer.call(path, "org.example.Alone", "Multiply", "ii", 6, 7).reply() == "42");
    CHECK(peer.call(path, "org.example.Alone", "Greet", "s", "you").reply() == R"("hello you")");
}

TEST_CASE("handlers: the first parameter is the instance, or an argument") {
    raw_peer peer;
    pair_like served{1, 2};
    counter count{10};
    test::exported<arguments_only> one{peer.ours, "/one"};
    test::exported<instance_by_option> two{peer.ours, "/two", served};
    test::exported<deduced_instance> three{peer.ours, "/three", count};
    CHECK(peer.call("/one", "org.example.Sums", "Sum", "(ii)", 3, 4).reply() == "7");
    CHECK(peer.call("/one", "org.example.Sums", "SumWith", "(ii)(ii)", 3, 4, 5, 6).reply() ==
          "1107");
    CHECK(peer.call("/two", "org.example.Sums", "Sum").reply() == "3");
    CHECK(peer.call("/two", "org.example.Sums", "SumWith", "(ii)", 5, 6).reply() == "1103");
    CHECK(peer.call("/three", "org.example.Counter", "Bump", "i", 5).reply() == "15");
}

// ---- what ties the contract and the handler is the signature ----

namespace {

struct Contract
    : ctbus::interface<
          "org.example.Contract",
          ctbus::method<"Join", std::string(std::vector<std::string>, std::string),
                        ctbus::args<"parts", "between">, ctbus::returns<"joined">>,
          ctbus::method<"Split", std::tuple<std::string, std::string>(std::string)>,
          ctbus::method<"DivMod", void(std::int32_t, std::int32_t, std::int32_t&, std::int32_t&)>,
          ctbus::property<"Count", std::uint32_t, ctbus::writable>,
          ctbus::signal<"Joined", void(std::string)>> {};

struct joiner {
    std::uint32_t count = 0;

    ctbus::result<std::string> join(const std::deque<std::string_view>& parts,
                                    const char* between) {
        std::string all;
        for (std::string_view part : parts) {
            if (!all.empty()) all += between;
            all += part;
        }
        ++count;
        return all;
    }
    void split(std::string_view text, std::string& first, std::string_view& rest) const {
        const std::size_t at = text.find(' ');
        first = std::string{text.substr(0, at)};
        rest = at == text.npos ? std::string_view{} : text.substr(at + 1);
    }
};
ctbus::result<std::tuple<int, int>> divmod(int n, int d) {
    if (d == 0) return test::refuse(ctbus::error::make<"org.example.Error.DivideByZero">("d is 0"));
    return std::tuple{n / d, n % d};
}
struct joiner_vtable
    : ctbus::implements<Contract, ctbus::handler<"Join", &joiner::join>,
                        ctbus::handler<"Split", &joiner::split>, ctbus::handler<"DivMod", &divmod>,
                        ctbus::accessor<"Count", &joiner::count>> {};

} // namespace

TEST_CASE("handlers: other C++ types of the same signature serve a contract") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    joiner served;
    test::exported<joiner_vtable> object{ours, "/test", served};
    test::service_thread thread{ours};
    ctbus::proxy<Contract> proxy{theirs, "/test"};
    CHECK(must(proxy.try_call<"Join">(std::vector<std::string>{"a", "b"}, "-")) == "a-b");
    CHECK((must(proxy.try_call<"Split">("one two three")) ==
           std::tuple{std::string{"one"}, std::string{"two three"}}));
    const auto [quotient, remainder] = must(proxy.try_call<"DivMod">(17, 5));
    CHECK(quotient == 3);
    CHECK(remainder == 2);
    CHECK(proxy.try_call<"DivMod">(1, 0).error().is<"org.example.Error.DivideByZero">());
    CHECK(must(proxy.try_get<"Count">()) == 1);
    // A vtable is an interface as well, with its own types.
    ctbus::proxy<joiner_vtable> by_vtable{theirs, "/test"};
    CHECK(must(by_vtable.try_call<"Join">(std::vector<std::string>{"c"}, "-")) == "c");
}

// ---- several interfaces on one path ----

namespace {

struct device {
    std::string label = "device";
    int level = 1;
    int first_reset() { return level = 10; }
    int second_reset() { return level = 20; }
};
struct first_interface
    : ctbus::vtable<"org.example.First", ctbus::handler<"Reset", &device::first_reset>,
                    ctbus::handler<"OnlyFirst", [] { return 1; }>,
                    ctbus::accessor<"Level", &device::level, ctbus::emits_change>,
                    ctbus::accessor<"Label", &device::label, ctbus::emits_change>,
                    ctbus::signal<"Changed", void(int)>, ctbus::signal<"OnlyHere", void(bool)>> {};
struct second_interface
    : ctbus::vtable<"org.example.Second", ctbus::handler<"Reset", &device::second_reset>,
                    ctbus::accessor<"Level", [](const device& d) { return d.level * 2; },
                                    ctbus::emits_change>,
                    ctbus::signal<"Changed", void(std::string)>> {};
struct third_interface
    : ctbus::vtable<"org.example.Third", ctbus::handler<"Alone", [] { return 3; }>,
                    ctbus::serves<device>> {};

} // namespace

TEST_CASE("S30 the same member in two interfaces of one object") {
    raw_peer peer;
    device served;
    test::exported<first_interface, second_interface, third_interface> object{peer.ours, "/test",
                                                                              served};
    CHECK(peer.call(path, "org.example.First", "Reset").reply() == "10");
    CHECK(peer.call(path, "org.example.Second", "Reset").reply() == "20");
    CHECK(peer.call(path, "org.example.First", "OnlyFirst").reply() == "1");
    CHECK(peer.call(path, "org.example.Third", "Alone").reply() == "3");
    CHECK(peer.call(path, "org.example.Second", "OnlyFirst").error_name() ==
          "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(peer.get(path, "org.example.First", "Level").reply() == "<i 20>");
    CHECK(peer.get(path, "org.example.Second", "Level").reply() == "<i 40>");

    must(object->try_emit<"OnlyHere">(true));
    CHECK(peer.settle().only().interface() == "org.example.First");
    must(object->try_emit<first_interface, "Changed">(5));
    CHECK(peer.settle().only().body() == "5");
    must(object->try_emit<second_interface, "Changed">("text"));
    const auto changed = peer.settle();
    CHECK(changed.only().interface() == "org.example.Second");
    CHECK(changed.only().body() == R"("text")");

    must(object->try_changed<"Label">());
    CHECK(peer.settle().only().body() == R"("org.example.First" [{"Label": <s "device">}] [])");
    must(object->try_changed<second_interface, "Level">());
    CHECK(peer.settle().only().body() == R"("org.example.Second" [{"Level": <i 40>}] [])");
}

TEST_CASE("several objects share one path, each with its own interface") {
    raw_peer peer;
    device one, two;
    two.level = 100;
    auto first = std::make_unique<test::exported<first_interface>>(
        peer.ours, ctbus::object_path_view{"/test"}, one);
    test::exported<second_interface> second{peer.ours, "/test", two};
    CHECK(peer.get(path, "org.example.First", "Level").reply() == "<i 1>");
    CHECK(peer.get(path, "org.example.Second", "Level").reply() == "<i 200>");
    first.reset();
    CHECK(peer.get(path, "org.example.First", "Level").only().type() == "error");
    CHECK(peer.get(path, "org.example.Second", "Level").reply() == "<i 200>");
}

TEST_CASE("what is exported already is refused, and nothing of it remains") {
    raw_peer peer;
    device one, two;
    test::exported<second_interface> first{peer.ours, "/test", one};
    const auto twice = ctbus::object<second_interface>::try_make(peer.ours, "/test", two);
    REQUIRE(!twice);
    CHECK(twice.error().code() == EEXIST);
    CHECK(contains(twice.error().what(), "org.example.Second"));
    CHECK(contains(twice.error().what(), "/test"));
    using both = ctbus::object<first_interface, second_interface>;
    CHECK_THROWS_AS(static_cast<void>(both{peer.ours, "/test", two}), ctbus::error);
    CHECK(peer.call(path, "org.example.First", "Reset").only().type() == "error");
    CHECK(peer.call(path, "org.example.Second", "Reset").reply() == "20");
    CHECK(one.level == 20);

    auto made = both::try_make(peer.ours, "/elsewhere", two);
    REQUIRE(made);
    CHECK(made->path() == "/elsewhere");
    CHECK(peer.call("/elsewhere", "org.example.First", "Reset").reply() == "10");
    CHECK(two.level == 10);
}

TEST_CASE("one class exported many times, on any paths, dropped in any order") {
    raw_peer peer;
    constexpr std::size_t count = 300;
    std::deque<device> devices(count);
    std::vector<std::unique_ptr<test::exported<first_interface, second_interface>>> objects;
    for (std::size_t i = 0; i < count; ++i) {
        devices[i].label = "device " + std::to_string(i);
        // The path is made at run time: the object keeps its own copy.
        const ctbus::object_path where =
            ctbus::object_path{"/devices"}.child_escaped(devices[i].label);
        objects.push_back(std::make_unique<test::exported<first_interface, second_interface>>(
            peer.ours, where, devices[i]));
    }
    // One instance on several paths, too.
    test::exported<first_interface> again{peer.ours, "/again", devices[7]};
    const auto label = [&](std::size_t i) {
        const ctbus::object_path where =
            ctbus::object_path{"/devices"}.child_escaped("device " + std::to_string(i));
        return peer.get(where.c_str(), "org.example.First", "Label");
    };
    for (std::size_t i = 0; i < count; i += 7)
        CHECK(label(i).reply() == "<s \"device " + std::to_string(i) + "\">");
    CHECK(peer.get("/again", "org.example.First", "Label").reply() == R"(<s "device 7">)");
    for (std::size_t i = 0; i < count; i += 2) objects[(i * 7) % count].reset();
    for (std::size_t i = 0; i < count; ++i) {
        if (objects[i]) CHECK(label(i).only().type() == "reply");
        else CHECK(label(i).error_name() == "org.freedesktop.DBus.Error.UnknownObject");
    }
}

// ---- the served class, by a first parameter that no message could carry ----

namespace {

struct without_fields {};
struct with_float {
    float gain = 1;
};
struct with_pointer {
    const int* number = nullptr;
};
struct with_array {
    char text[4] = "abc";
};
struct with_base : base {
    int own = 5;
};

template <class S>
struct served_by_lambda
    : ctbus::vtable<"org.example.Deduced", ctbus::handler<"Add", [](S&, int n) { return n + 1; }>,
                    ctbus::handler<"Name", [](const S& s) {
                        return std::string{sizeof s != 0 ? "name" : ""};
                    }>> {};

template <class S>
void check_deduced(S served) {
    static_assert(std::is_same_v<typename served_by_lambda<S>::served, S>);
    raw_peer peer;
    test::exported<served_by_lambda<S>> object{peer.ours, "/test", served};
    CHECK(peer.call(path, "org.example.Deduced", "Add", "i", 1).reply() == "2");
    CHECK(peer.call(path, "org.example.Deduced", "Name").reply() == R"("name")");
}

// A member decides; what only a free function takes first is an argument.
struct member_decides
    : ctbus::vtable<"org.example.Deduced", ctbus::handler<"Base", &base::base_method>,
                    ctbus::handler<"Sum", [](const pair_like& p) { return p.a + p.b; }>,
                    ctbus::handler<"More", [](with_base& w) { return ++w.own; }>> {};
static_assert(std::is_same_v<member_decides::served, with_base>); // the most derived one

struct hidden_base : private pair_like { // not an instance of its base, for others
    int own = 1;
    int get() { return own; }
};
struct of_hidden_base
    : ctbus::vtable<"org.example.Deduced", ctbus::handler<"Get", &hidden_base::get>,
                    ctbus::handler<"Sum", &sum_of>> {};

} // namespace

TEST_CASE("handlers: the class that a lambda takes first is served if it has no D-Bus form") {
    const int number = 1;
    check_deduced(without_fields{});
    check_deduced(with_float{});
    check_deduced(with_pointer{&number});
    check_deduced(with_array{});
    check_deduced(with_base{});

    raw_peer peer;
    with_base served;
    hidden_base hidden;
    test::exported<member_decides> object{peer.ours, "/test", served};
    test::exported<of_hidden_base> other{peer.ours, "/other", hidden};
    CHECK(peer.call(path, "org.example.Deduced", "Base").reply() == "1");
    CHECK(peer.call(path, "org.example.Deduced", "Sum", "(ii)", 3, 4).reply() == "7");
    CHECK(peer.call(path, "org.example.Deduced", "More").reply() == "6");
    CHECK(peer.call("/other", "org.example.Deduced", "Get").reply() == "1");
    CHECK(peer.call("/other", "org.example.Deduced", "Sum", "(ii)", 3, 4).reply() == "7");
}

TEST_CASE("handlers: one object of a vtable that serves a class and one that serves none") {
    raw_peer peer;
    const readings served;
    test::exported<readings_vtable, alone> object{peer.ours, "/one", served};
    test::exported<alone, readings_vtable> reversed{peer.ours, "/two", served};
    for (const char* at : {"/one", "/two"}) {
        CHECK(peer.call(at, "org.example.Readings", "Read").reply() == "7");
        CHECK(peer.call(at, "org.example.Alone", "Multiply", "ii", 6, 7).reply() == "42");
    }
}

TEST_CASE("handlers: who takes the message beside inputs may read it from its start") {
    struct vtable
        : ctbus::vtable<"org.example.Again",
                        ctbus::handler<"Twice", [](int n, std::string_view text, ctbus::message m) {
                            const auto [number, words] = must(m.try_read<int, std::string>());
                            return std::to_string(n + number) + std::string{text} + words;
                        }>> {};
    raw_peer peer;
    test::exported<vtable> object{peer.ours, "/test"};
    CHECK(peer.call(path, "org.example.Again", "Twice", "is", 21, "a").reply() == R"("42aa")");
}
