// Properties: Get, Set, GetAll, their announcement, and getters that change the tree (S39).
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using test::contains;
using test::failed;
using test::invalid_args;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Properties";

std::vector<std::string> reported;
struct report_collector {
    ctbus::report_handler before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    report_collector() { reported.clear(); }
    ~report_collector() { ctbus::set_report_handler(before); }
};

struct even { // of integers, the even ones
    int value = 0;
};

} // namespace

template <>
struct ctbus::wire<even> {
    using type = int;
    static int to(const even& e) { return e.value; }
    static ctbus::result<even> from(int n) {
        if (n % 2 == 0) return even{n};
        return ctbus::failure{
            ctbus::error::make<"org.freedesktop.DBus.Error.InvalidArgs">("is odd")};
    }
};

namespace {

using choice = std::variant<int, std::string>;

struct Properties
    : ctbus::interface<
          "org.example.Properties", ctbus::property<"Member", std::int32_t, ctbus::writable>,
          ctbus::property<"ReadOnly", std::string>,
          ctbus::property<"Changing", std::uint32_t, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"Invalidated", std::string, ctbus::writable, ctbus::emits_invalidation>,
          ctbus::property<"Constant", std::string, ctbus::constant>,
          ctbus::property<"Refusing", std::int32_t, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"Throwing", std::int32_t, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"Announcing", std::int32_t, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"Choices", std::vector<choice>, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"Even", even, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"WithMessage", std::string, ctbus::writable>,
          ctbus::property<"Answering", std::int32_t, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"Hidden", std::int32_t>, ctbus::property<"Explicit", std::int32_t>> {};

struct service {
    std::int32_t member = 1;
    std::string text = "read only";
    std::uint32_t changing = 2;
    std::string invalidated = "old";
    std::int32_t refusing = 3;
    std::int32_t throwing = 4;
    std::int32_t announcing = 5;
    std::vector<choice> choices{1, "one"};
    even number{6};
    std::string with_message = "7";
    std::int32_t hidden = 8;
    std::function<void()> announce;

    const std::string& constant() const { return text; }
    std::int32_t get_refusing() const { return refusing; }
    ctbus::result<void> set_refusing(std::int32_t n) {
        if (n < 0) return ctbus::failure{ctbus::error::make<"org.example.Negative">("below 0")};
        refusing = n;
        return {};
    }
    std::int32_t get_throwing() const { return throwing; }
    void set_throwing(std::int32_t n) {
#ifdef __cpp_exceptions
        if (n < 0) throw std::runtime_error{"below \xff 0"};
#endif
        throwing = n;
    }
    std::int32_t get_announcing() {
        return announcing;
    }
    void set_announcing(const std::int32_t& n) {
        announcing = n;
        announce();
    }
    std::string_view get_with_message() const {
        return with_message;
    }
    // It may read the whole call again, or a part of it.
    void set_with_message(std::string_view value, ctbus::message m) {
        with_message = std::string{value} + " by " + m.member().str();
        if (value == "all") {
            auto [interface, property, held] =
                must(m.try_read<std::string, std::string, ctbus::variant>());
            with_message += " " + property + " " + *held.get_if<std::string>();
        } else if (value == "part") {
            with_message += " " + must(m.try_read<std::string>());
        }
    }
    std::int32_t get_answering() const {
        return announcing;
    }
    void set_answering(std::int32_t n, const ctbus::message& m) {
        if (n < 0) must(m.try_reply_error(ctbus::error::make<"org.example.Negative">("below 0")));
        else if (n == 0) answered = m.try_reply("text");
        else if (n == 1) answered = m.try_reply();
        else if (const auto later = m.try_defer<std::string>(); !later)
            answered = ctbus::failure{later.error()};
    }
    ctbus::result<void> answered;
};

std::int32_t get_explicit() {
    return 9;
}

struct service_vtable
    : ctbus::implements<
          Properties, ctbus::accessor<"Member", &service::member>,
          ctbus::accessor<"ReadOnly", &service::text>,
          ctbus::accessor<"Changing", &service::changing>,
          ctbus::accessor<"Invalidated", &service::invalidated>,
          ctbus::accessor<"Constant", &service::constant>,
          ctbus::accessor<"Refusing", &service::get_refusing, &service::set_refusing>,
          ctbus::accessor<"Throwing", &service::get_throwing, &service::set_throwing>,
          ctbus::accessor<"Announcing", &service::get_announcing, &service::set_announcing>,
          ctbus::accessor<"Choices", &service::choices>, ctbus::accessor<"Even", &service::number>,
          ctbus::accessor<"WithMessage", &service::get_with_message, &service::set_with_message>,
          ctbus::accessor<"Answering", &service::get_answering, &service::set_answering>,
          ctbus::accessor<"Hidden", &service::hidden, ctbus::hidden>,
          ctbus::accessor<"Explicit", &get_explicit, ctbus::explicit_get>> {};

struct fixture {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};

    std::string value(const char* property) { return peer.get(path, name, property).reply(); }
    template <class... Args>
    test::arrivals set(const char* property, const char* types, Args... args) {
        return peer.set(path, name, property, types, args...);
    }
};

/// A successful Set that is announced: one PropertiesChanged, then the reply. Gives the former.
std::string announced_once(const test::arrivals& got) {
    REQUIRE(got.size() == 2);
    CHECK(got[0].type() == "signal");
    CHECK(got[0].interface() == "org.freedesktop.DBus.Properties");
    CHECK(got[0].member() == "PropertiesChanged");
    CHECK(got[0].path() == path);
    CHECK(got[0].signature() == "sa{sv}as");
    CHECK(got[1].type() == "reply");
    CHECK(got[1].signature() == "");
    return got[0].body();
}

} // namespace

TEST_CASE_FIXTURE(fixture, "properties: Get by member, getter, reference and free function") {
    CHECK(value("Member") == "<i 1>");
    CHECK(value("ReadOnly") == R"(<s "read only">)");
    CHECK(value("Changing") == "<u 2>");
    CHECK(value("Constant") == R"(<s "read only">)");
    CHECK(value("Refusing") == "<i 3>");
    CHECK(value("Choices") == R"(<av [<i 1> <s "one">]>)");
    CHECK(value("Even") == "<i 6>");
    CHECK(value("WithMessage") == R"(<s "7">)");
    CHECK(value("Hidden") == "<i 8>");
    CHECK(value("Explicit") == "<i 9>");
    CHECK(peer.get(path, name, "None").error_name() ==
          "org.freedesktop.DBus.Error.UnknownProperty");
    CHECK(peer.get(path, "no.such.interface", "Member").only().type() == "error");
}

TEST_CASE_FIXTURE(fixture, "properties: GetAll leaves out what is hidden or explicit") {
    const std::string all = peer.get_all(path, name).reply();
    for (const char* entry :
         {R"({"Member": <i 1>})", R"({"ReadOnly": <s "read only">})", R"({"Changing": <u 2>})",
          R"({"Invalidated": <s "old">})", R"({"Constant": <s "read only">})",
          R"({"Choices": <av [<i 1> <s "one">]>})", R"({"Even": <i 6>})"})
        CHECK_MESSAGE(contains(all, entry), all);
    CHECK(!contains(all, "Hidden"));
    CHECK(!contains(all, "Explicit"));
    CHECK(peer.get_all(path, "").reply() == all);
}

TEST_CASE_FIXTURE(fixture, "properties: Set stores, and announces once before the reply") {
    CHECK(announced_once(set("Changing", "u", 20)) ==
          R"("org.example.Properties" [{"Changing": <u 20>}] [])");
    CHECK(served.changing == 20);
    CHECK(announced_once(set("Invalidated", "s", "new")) ==
          R"("org.example.Properties" [] ["Invalidated"])");
    CHECK(served.invalidated == "new");
    CHECK(announced_once(set("Refusing", "i", 30)) ==
          R"("org.example.Properties" [{"Refusing": <i 30>}] [])");
    CHECK(announced_once(set("Choices", "av", 1, "s", "x")) ==
          R"("org.example.Properties" [{"Choices": <av [<s "x">]>}] [])");
    CHECK(announced_once(set("Even", "i", 8)) ==
          R"("org.example.Properties" [{"Even": <i 8>}] [])");
    // No flag: no announcement.
    CHECK(set("Member", "i", 10).reply() == "");
    CHECK(served.member == 10);
    CHECK(set("WithMessage", "s", "x").reply() == "");
    CHECK(served.with_message == "x by Set");
}

namespace {

struct deferring {
    std::int32_t value = 1;
    ctbus::deferred<> later;
    std::int32_t get() const { return value; }
    void set(std::int32_t, const ctbus::message& m) {
        later = must(m.try_defer<>());
        again = m.try_reply();
    }
    ctbus::result<void> again;
};
struct deferring_vtable
    : ctbus::vtable<
          "org.example.Properties",
          ctbus::accessor<"Later", &deferring::get, &deferring::set, ctbus::emits_change>> {};

} // namespace

TEST_CASE("properties: a deferred Set is announced by whoever answers it") {
    raw_peer peer;
    deferring served;
    test::exported<deferring_vtable> object{peer.ours, "/test", served};
    CHECK(peer.set(path, name, "Later", "i", 2).empty());
    REQUIRE(!served.again.has_value());
    CHECK(served.again.error().message() ==
          "this call has been deferred: only its deferred<> answers it");
    must(served.later.try_fail(ctbus::error::make<"org.example.Refused">("no")));
    CHECK(peer.settle().only().error_name() == "org.example.Refused");

    CHECK(peer.set(path, name, "Later", "i", 3).empty());
    served.value = 3;
    must(std::as_const(*object).try_changed<"Later">());
    must(served.later.try_reply());
    CHECK(announced_once(peer.settle()) == R"("org.example.Properties" [{"Later": <i 3>}] [])");
}

TEST_CASE_FIXTURE(fixture, "properties: Set without a reply still announces") {
    const auto got = peer.call_no_reply(path, "org.freedesktop.DBus.Properties", "Set", "ssv", name,
                                        "Changing", "u", 21);
    CHECK(got.only().type() == "signal");
    CHECK(peer.call_no_reply(path, "org.freedesktop.DBus.Properties", "Set", "ssv", name,
                             "Refusing", "i", -1)
              .empty());
    CHECK(peer.call_no_reply(path, "org.freedesktop.DBus.Properties", "Get", "ss", name, "Member")
              .empty());
}

TEST_CASE_FIXTURE(fixture, "properties: a refusal changes nothing and announces nothing") {
    CHECK(set("Refusing", "i", -1).error_name() == "org.example.Negative");
    CHECK(set("Refusing", "i", -1).error_text() == "below 0");
    CHECK(served.refusing == 3);
#ifdef __cpp_exceptions
    CHECK(set("Throwing", "i", -1).error_name() == failed);
    CHECK(set("Throwing", "i", -1).error_text() == "below ? 0"); // S40
    CHECK(served.throwing == 4);
#endif
    CHECK(set("ReadOnly", "s", "x").error_name() == "org.freedesktop.DBus.Error.PropertyReadOnly");
    CHECK(set("Constant", "s", "x").error_name() == "org.freedesktop.DBus.Error.PropertyReadOnly");
    CHECK(served.text == "read only");
    CHECK(set("None", "s", "x").error_name() == "org.freedesktop.DBus.Error.UnknownProperty");
}

TEST_CASE_FIXTURE(fixture, "properties: a setter may read the call from its start") {
    for (const auto& [value, made] : {std::pair{"none", "none by Set"},
                                      {"part", "part by Set org.example.Properties"},
                                      {"all", "all by Set WithMessage all"}}) {
        CAPTURE(value);
        CHECK(set("WithMessage", "s", value).reply() == "");
        CHECK(served.with_message == made);
    }
}

TEST_CASE_FIXTURE(fixture, "properties: a setter that answers itself") {
    // With an error: a refusal, of which nobody else hears.
    CHECK(set("Answering", "i", -1).error_name() == "org.example.Negative");
    const auto by_hand = set("Answering", "i", 1);
    CHECK(by_hand.size() == 2);
    CHECK(served.answered.has_value());
    // Set has no outputs.
    for (const int n : {0, 2}) {
        CAPTURE(n);
        const auto got = set("Answering", "i", n);
        CHECK(!served.answered.has_value());
        CHECK(contains(served.answered.error().message(), "without any output"));
        if (n == 0) CHECK(contains(got.error_text(), "without any output"));
    }
}

TEST_CASE_FIXTURE(fixture, "properties: a refusal of a Set that wants no reply is reported") {
    report_collector reports;
    const auto silently = [&](int value, const char* property) {
        auto m = peer.make_call(path, "org.freedesktop.DBus.Properties", "Set", "ssv", name,
                                property, "i", value);
        REQUIRE(sd_bus_message_set_expect_reply(m.get(), 0) >= 0);
        sd_bus_send(peer.client(), m.get(), nullptr);
        CHECK(peer.settle().empty());
    };
    silently(-1, "Refusing");
    REQUIRE(reported.size() == 1);
    CHECK(contains(reported[0], "below 0"));
    CHECK(contains(reported[0], "Refusing, whose caller wants no reply"));
    silently(7, "Even"); // the caller's mistake
    CHECK(reported.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "properties: a value that does not decode changes nothing") {
    CHECK(set("Changing", "i", 1).error_name() == invalid_args);
    CHECK(set("Changing", "s", "x").error_name() == invalid_args);
    CHECK(served.changing == 2);
    // The first element would do, the second does not: the old value stays.
    const auto bad = set("Choices", "av", 2, "i", 5, "d", 0.5);
    CHECK(bad.error_name() == invalid_args);
    CHECK(contains(bad.error_text(), "Choices"));
    CHECK((served.choices == std::vector<choice>{1, "one"}));
    const auto odd = set("Even", "i", 7);
    CHECK(odd.error_name() == invalid_args);
    CHECK(contains(odd.error_text(), "is odd"));
    CHECK(served.number.value == 6);
}

TEST_CASE_FIXTURE(fixture, "properties: never two announcements though the setter makes one") {
    served.announce = [this] { must(object->try_changed<"Announcing">()); };
    CHECK(announced_once(set("Announcing", "i", 50)) ==
          R"("org.example.Properties" [{"Announcing": <i 50>}] [])");
    served.announce = [this] {
        must(object->try_changed<"Changing", "Announcing", "Invalidated">());
    };
    CHECK(announced_once(set("Announcing", "i", 51)) ==
          R"("org.example.Properties" [{"Changing": <u 2>} {"Announcing": <i 51>}] )"
          R"(["Invalidated"])");
    // What it announces of others does not count.
    served.announce = [this] { must(object->try_changed<"Changing">()); };
    const auto got = set("Announcing", "i", 52);
    REQUIRE(got.size() == 3);
    CHECK(got[0].body() == R"("org.example.Properties" [{"Changing": <u 2>}] [])");
    CHECK(got[1].body() == R"("org.example.Properties" [{"Announcing": <i 52>}] [])");
    CHECK(got[2].type() == "reply");
}

TEST_CASE_FIXTURE(fixture, "properties: another object's announcement is not the setter's own") {
    service other;
    test::exported<service_vtable> there{peer.ours, "/other", other};
    served.announce = [&] { must(there->try_changed<"Announcing">()); };
    const auto got = set("Announcing", "i", 53);
    REQUIRE(got.size() == 3);
    CHECK(got[0].path() == "/other");
    CHECK(got[1].path() == path);
    CHECK(got[2].type() == "reply");
}

TEST_CASE_FIXTURE(fixture, "properties: assigning announces nothing, changed() says it once") {
    served.changing = 22;
    served.invalidated = "later";
    CHECK(peer.settle().empty());
    must(object->try_changed<"Changing">());
    CHECK(peer.settle().only().body() == R"("org.example.Properties" [{"Changing": <u 22>}] [])");
    must(object->try_changed<"Changing", "Invalidated", "Refusing">());
    CHECK(peer.settle().only().body() ==
          R"("org.example.Properties" [{"Changing": <u 22>} {"Refusing": <i 3>}] ["Invalidated"])");
    must(object->try_changed<Properties, "Invalidated">());
    CHECK(peer.settle().only().body() == R"("org.example.Properties" [] ["Invalidated"])");
    CHECK(object->try_changed<"Changing">().has_value());
    CHECK(peer.settle().size() == 1);
}

// ---- getters that fail, and accessors of other kinds ----

namespace {

struct failing {
    bool fails = true;
    std::int32_t good = 1;
    ctbus::result<std::int32_t> get_result() const {
        if (fails) return ctbus::failure{ctbus::error::make<"org.example.NoValue">("none yet")};
        return 2;
    }
    void set_result(std::int32_t) {}
    std::int32_t get_throwing() {
#ifdef __cpp_exceptions
        if (fails) throw std::runtime_error{"no \xff value"};
#endif
        return 3;
    }
    std::string get_bad_text() const {
        return fails ? "\xff" : "fine";
    }
};
struct failing_vtable
    : ctbus::vtable<"org.example.Failing", ctbus::accessor<"Good", &failing::good>,
                    ctbus::accessor<"Result", &failing::get_result, &failing::set_result,
                                    ctbus::emits_change>> {};
struct throwing_vtable
    : ctbus::vtable<"org.example.Throwing",
                    ctbus::accessor<"Throwing", &failing::get_throwing, ctbus::emits_change>> {};
struct bad_text_vtable
    : ctbus::vtable<"org.example.BadText", ctbus::accessor<"BadText", &failing::get_bad_text>> {};

struct base {
    std::int32_t from_base = 10;
};
struct derived : base {
    std::int32_t own = 11;
};
std::int32_t free_get(const derived& d) {
    return d.own;
}
void free_set(derived& d, std::int32_t n) {
    d.own = n;
}
std::int32_t free_get_base(const base& b) {
    return b.from_base;
}
struct kinds_vtable
    : ctbus::vtable<"org.example.Kinds", ctbus::serves<derived>,
                    ctbus::accessor<"Free", &free_get, &free_set, ctbus::emits_change>,
                    ctbus::accessor<"FreeBase", &free_get_base>,
                    ctbus::accessor<"Base", &base::from_base, ctbus::writable>,
                    ctbus::accessor<"Lambda", [](const derived& d) { return d.own + d.from_base; }>,
                    ctbus::accessor<"Alone", [] { return std::string{"alone"}; }>> {};

} // namespace

TEST_CASE("properties: a failing getter fails GetAll, naming the property") {
    raw_peer peer;
    failing served;
    test::exported<failing_vtable, throwing_vtable, bad_text_vtable> object{peer.ours, "/test",
                                                                            served};
    const auto check = [&](const char* interface, const char* property, std::string_view error,
                           std::string_view text) {
        CAPTURE(property);
        const auto got = peer.get(path, interface, property);
        CHECK(got.error_name() == error);
        CHECK(contains(got.error_text(), text));
        for (const char* which : {interface, ""}) {
            const auto all = peer.get_all(path, which);
            CHECK(all.only().type() == "error");
            if (*which == 0) continue; // any of the three
            CHECK(all.error_name() == error);
            CHECK(contains(all.error_text(), property));
            CHECK(contains(all.error_text(), text));
        }
    };
    check("org.example.Failing", "Result", "org.example.NoValue", "none yet");
#ifdef __cpp_exceptions
    check("org.example.Throwing", "Throwing", failed, "no ? value");
#endif
    check("org.example.BadText", "BadText",
          peer.get(path, "org.example.BadText", "BadText").error_name(), "BadText");
    served.fails = false;
    CHECK(peer.get_all(path, "org.example.Failing").reply() ==
          R"([{"Good": <i 1>} {"Result": <i 2>}])");
    CHECK(peer.get_all(path, "org.example.Throwing").reply() == R"([{"Throwing": <i 3>}])");
}

TEST_CASE_FIXTURE(fixture, "properties: a value that cannot be sent is the service's fault") {
    served.text = "\xff";
    const auto got = peer.get(path, name, "ReadOnly");
    CHECK(got.error_name() == failed);
    CHECK(got.error_text() == "the value of ReadOnly is not valid UTF-8");
    CHECK(peer.get_all(path, name).error_name() == failed);
}

TEST_CASE("properties: what cannot be announced is an error, or a report after a Set") {
    raw_peer peer;
    failing served;
    test::exported<failing_vtable, throwing_vtable> object{peer.ours, "/test", served};
    const auto outcome = object->try_changed<"Result">();
    REQUIRE(!outcome);
    CHECK(outcome.error().is<"org.example.NoValue">());
    CHECK(contains(outcome.error().message(), "Result"));
    CHECK_THROWS_AS(object->changed<"Result">(), ctbus::error);
#ifdef __cpp_exceptions
    CHECK(!object->try_changed<"Throwing">());
#endif
    CHECK(peer.settle().empty()); // no half signal

    report_collector reports;
    CHECK(peer.set(path, "org.example.Failing", "Result", "i", 5).reply() == "");
    REQUIRE(reported.size() == 1);
    CHECK(contains(reported[0], "none yet"));
}

TEST_CASE("properties: free functions and lambdas, with and without instance; bases") {
    raw_peer peer;
    derived served;
    test::exported<kinds_vtable> object{peer.ours, "/test", served};
    constexpr const char* kinds = "org.example.Kinds";
    CHECK(peer.get_all(path, kinds).reply() ==
          R"([{"Free": <i 11>} {"FreeBase": <i 10>} {"Base": <i 10>} {"Lambda": <i 21>} )"
          R"({"Alone": <s "alone">}])");
    CHECK(announced_once(peer.set(path, kinds, "Free", "i", 12)) ==
          R"("org.example.Kinds" [{"Free": <i 12>}] [])");
    CHECK(served.own == 12);
    CHECK(peer.set(path, kinds, "Base", "i", 13).reply() == "");
    CHECK(served.from_base == 13);
}

// ---- one name for several members ----

namespace {

struct namesakes {
    int status = 1;
    void get_status(const std::variant<int>&) {}
    void set_level(const std::variant<int>&) {}
    int level = 2;
};
// The method stands first in one pair, the property in the other.
struct namesakes_vtable
    : ctbus::vtable<
          "org.example.Namesakes", ctbus::signal<"Status", void(int), ctbus::args<"of_signal">>,
          ctbus::handler<"Status", &namesakes::get_status, ctbus::args<"of_method">>,
          ctbus::accessor<"Status", &namesakes::status, ctbus::writable, ctbus::emits_change>,
          ctbus::accessor<"Level", &namesakes::level, ctbus::writable, ctbus::emits_change>,
          ctbus::handler<"Level", &namesakes::set_level, ctbus::args<"of_level">>> {};

} // namespace

TEST_CASE("a method, a property and a signal may have the same name") {
    raw_peer peer;
    namesakes served;
    test::exported<namesakes_vtable> object{peer.ours, "/test", served};
    constexpr const char* same = "org.example.Namesakes";
    CHECK(announced_once(peer.set(path, same, "Status", "i", 5)) ==
          R"("org.example.Namesakes" [{"Status": <i 5>}] [])");
    CHECK(announced_once(peer.set(path, same, "Level", "i", 6)) ==
          R"("org.example.Namesakes" [{"Level": <i 6>}] [])");
    CHECK(contains(peer.call(path, same, "Status", "v", "s", "x").error_text(), "of_method"));
    CHECK(contains(peer.call(path, same, "Level", "v", "s", "x").error_text(), "of_level"));
    must(object->try_emit<"Status">(7));
    CHECK(peer.settle().only().body() == "7");
    must(object->try_changed<"Status", "Level">());
    CHECK(peer.settle().only().body() ==
          R"("org.example.Namesakes" [{"Status": <i 5>} {"Level": <i 6>}] [])");
}

// ---- through a proxy ----

namespace {

struct Mismatched
    : ctbus::interface<"org.example.Properties",
                       ctbus::property<"Member", std::string, ctbus::writable>,
                       ctbus::property<"Choices", std::vector<std::variant<int, double>>>,
                       ctbus::property<"None", int>> {};

} // namespace

TEST_CASE("properties: a proxy gets and sets, and says what is wrong") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    test::service_thread thread{ours};
    ctbus::proxy<Properties> proxy{theirs, "/test"};

    CHECK(must(proxy.try_get<"Member">()) == 1);
    must(proxy.try_set<"Member">(12));
    CHECK(must(proxy.try_get<"Member">()) == 12);
    CHECK(proxy.try_get<"ReadOnly">().value() == "read only");
    CHECK(proxy.try_set<"Changing">(40u).has_value());
    CHECK(must(proxy.try_get<"Changing">()) == 40);
    must(proxy.try_set<"Changing">(41)); // any integer that fits
    CHECK(must(proxy.try_get<"Changing">()) == 41);
    must(proxy.try_set<"WithMessage">(std::string_view{"view"}));
    CHECK(must(proxy.try_get<"WithMessage">()) == "view by Set");
    must(proxy.try_set<"Choices">(std::vector<choice>{"a", 2}));
    CHECK((must(proxy.try_get<"Choices">()) == std::vector<choice>{"a", 2}));

    const auto named = [](const auto& outcome, std::string_view error, std::string_view property) {
        REQUIRE(!outcome);
        CHECK(outcome.error().name() == error);
        CHECK_MESSAGE(contains(outcome.error().what(), property), outcome.error().what());
    };
    // Found here: nothing is sent.
    named(proxy.try_set<"Changing">(-1), invalid_args, "Changing");
    named(proxy.try_set<"Changing">(UINT64_MAX), invalid_args, "Changing");
    named(proxy.try_set<"Invalidated">("\xff"), invalid_args, "Invalidated");
    named(proxy.try_set<"Invalidated">(std::string_view{"a\0b", 3}), invalid_args, "Invalidated");
    named(proxy.try_set<"Invalidated">(static_cast<const char*>(nullptr)), invalid_args,
          "Invalidated");
    CHECK_THROWS_AS(proxy.set<"Changing">(-1), ctbus::error);
    // Found there.
    named(proxy.try_set<"Refusing">(-1), "org.example.Negative", "below 0");
    CHECK_THROWS_AS(proxy.set<"Refusing">(-1), ctbus::error);

    ctbus::proxy<Mismatched> other{theirs, "/test"};
    const auto member = other.try_get<"Member">();
    REQUIRE(!member);
    CHECK(contains(member.error().what(), "Member"));
    named(other.try_set<"Member">("text"), invalid_args, "Member");
    named(other.try_get<"None">(), "org.freedesktop.DBus.Error.UnknownProperty", "None");
    must(proxy.try_set<"Choices">(std::vector<choice>{"text"}));
    const auto choices = other.try_get<"Choices">();
    REQUIRE(!choices);
    CHECK(contains(choices.error().what(), "Choices"));
    CHECK_THROWS_AS(other.get<"Member">(), ctbus::error);

    // All of them at once, by name, into any a{sv}.
    using some =
        std::map<std::string, std::variant<int, std::uint32_t, std::string, std::vector<choice>>>;
    const auto all = must(proxy.try_get_all<some>());
    CHECK(std::get<std::string>(all.at("ReadOnly")) == "read only");
    CHECK(std::get<int>(all.at("Member")) == 12);
    ctbus::proxy<Properties> nowhere{theirs, "/nowhere"};
    CHECK(!nowhere.try_get_all<some>());
    CHECK(!nowhere.try_get<"Member">());
}

// ---- accessors that create and drop objects ----

namespace {

struct leaf {
    std::int32_t value = 1;
};
struct leaf_vtable : ctbus::vtable<"org.example.Leaf", ctbus::accessor<"Value", &leaf::value>> {};
struct second_vtable : ctbus::vtable<"org.example.Second", ctbus::accessor<"Value", &leaf::value>> {
};

struct changer {
    std::function<void()> on_get, on_set, on_first;
    std::int32_t value = 1;
    int gets = 0;
    std::optional<ctbus::error> refused; // what on_get could not do

    std::int32_t get_first() {
        if (on_first) on_first();
        return 0;
    }
    ctbus::result<std::int32_t> get() {
        ++gets;
        if (on_get) on_get();
        if (refused) return test::refuse(*std::exchange(refused, {}));
        return value;
    }
    ctbus::result<void> set(std::int32_t n) {
        if (on_set) on_set();
        if (n < 0) return ctbus::failure{ctbus::error::make<"org.example.Negative">("below 0")};
        value = n;
        return {};
    }
    ctbus::result<std::int32_t> failing_get() {
        if (on_get) on_get();
        return ctbus::failure{ctbus::error::make<"org.example.NoValue">("none yet")};
    }
};
struct changer_vtable
    : ctbus::vtable<"org.example.Changer", ctbus::accessor<"First", &changer::get_first>,
                    ctbus::accessor<"Value", &changer::get, &changer::set, ctbus::emits_change>,
                    ctbus::accessor<"Last", [] { return std::int32_t{99}; }>> {};
struct failing_changer_vtable
    : ctbus::vtable<"org.example.FailingChanger", ctbus::accessor<"Value", &changer::failing_get>> {
};

struct changing_tree {
    raw_peer peer;
    changer served;
    leaf leaves;
    std::unique_ptr<test::exported<changer_vtable>> object; // on the heap, which ASan watches
    std::optional<test::exported<leaf_vtable>> child, other;
    static constexpr const char* changer_name = "org.example.Changer";

    changing_tree() { export_it(); }
    void export_it() {
        object = std::make_unique<test::exported<changer_vtable>>(
            peer.ours, ctbus::object_path_view{"/test"}, served);
    }

    void toggle(std::optional<test::exported<leaf_vtable>>& which, ctbus::object_path_view at) {
        if (which) which.reset();
        else which.emplace(peer.ours, at, leaves);
    }
    void add_child() {
        if (!child) toggle(child, "/test/child");
    }
};

} // namespace

TEST_CASE_FIXTURE(changing_tree, "S39 a getter that creates or drops objects is answered") {
    served.on_get = [this] { toggle(child, "/test/child"); };
    for (int i = 0; i < 4; ++i) { // it creates, drops, creates, drops
        CHECK(peer.get(path, changer_name, "Value").reply() == "<i 1>");
        CHECK(child.has_value() == (i % 2 == 0));
    }
    CHECK(served.gets == 4); // each was asked once
    served.on_get = [this] { toggle(child, "/elsewhere/child"); };
    for (int i = 0; i < 2; ++i) CHECK(peer.get(path, changer_name, "Value").reply() == "<i 1>");
}

TEST_CASE_FIXTURE(changing_tree, "S39 GetAll whose getters create or drop objects is answered") {
    constexpr const char* all = R"([{"First": <i 0>} {"Value": <i 1>} {"Last": <i 99>}])";
    served.on_get = [this] { toggle(child, "/test/child"); };
    for (int i = 0; i < 4; ++i) CHECK(peer.get_all(path, changer_name).reply() == all);
    served.on_first = [this] { toggle(other, "/other"); };
    for (int i = 0; i < 4; ++i) CHECK(peer.get_all(path, changer_name).reply() == all);
    for (int i = 0; i < 4; ++i) CHECK(peer.get_all(path, "").reply() == all);
}

TEST_CASE_FIXTURE(changing_tree, "S39 a getter that drops other interfaces of its path") {
    std::unique_ptr<test::exported<second_vtable>> second;
    second = std::make_unique<test::exported<second_vtable>>(
        peer.ours, ctbus::object_path_view{"/test"}, leaves);
    served.on_get = [&] {
        if (second) second.reset();
        else
            second = std::make_unique<test::exported<second_vtable>>(
                peer.ours, ctbus::object_path_view{"/test"}, leaves);
    };
    for (int i = 0; i < 4; ++i) {
        const auto got = peer.get_all(path, "");
        CHECK(contains(got.reply(), R"({"Value": <i 1>} {"Last": <i 99>})"));
    }
    for (int i = 0; i < 4; ++i) CHECK(peer.get(path, changer_name, "Value").reply() == "<i 1>");
}

TEST_CASE_FIXTURE(changing_tree, "S39 a setter that creates or drops objects is answered") {
    served.on_set = [this] { toggle(child, "/test/child"); };
    for (int i = 0; i < 4; ++i) {
        CHECK(announced_once(peer.set(path, changer_name, "Value", "i", i)) ==
              R"("org.example.Changer" [{"Value": <i )" + std::to_string(i) + R"(>}] [])");
        CHECK(child.has_value() == (i % 2 == 0));
        CHECK(served.value == i);
    }
    for (int i = 0; i < 2; ++i)
        CHECK(peer.set(path, changer_name, "Value", "i", -1).error_name() ==
              "org.example.Negative");
    CHECK(served.value == 3);
}

TEST_CASE_FIXTURE(changing_tree, "S39 an announcement whose getter creates or drops objects") {
    served.on_get = [this] { toggle(child, "/test/child"); };
    for (int i = 0; i < 2; ++i) {
        announced_once(peer.set(path, changer_name, "Value", "i", 5));
        must((*object)->try_changed<"Value">());
        CHECK(peer.settle().only().body() == R"("org.example.Changer" [{"Value": <i 5>}] [])");
    }
}

TEST_CASE_FIXTURE(changing_tree, "S39 a getter that announces a property whose getter does") {
    served.on_get = [this] { toggle(child, "/test/child"); };
    served.on_first = [this] { must((*object)->try_changed<"Value">()); };
    for (int i = 0; i < 2; ++i) {
        const auto got = peer.get(path, changer_name, "First");
        REQUIRE(got.size() == 2);
        CHECK(got[0].body() == R"("org.example.Changer" [{"Value": <i 1>}] [])");
        CHECK(got[1].body() == "<i 0>");
    }
    const auto all = peer.get_all(path, changer_name);
    REQUIRE(!all.empty());
    for (std::size_t i = 0; i + 1 < all.size(); ++i) CHECK(all[i].type() == "signal");
    CHECK(all.back().body() == R"([{"First": <i 0>} {"Value": <i 1>} {"Last": <i 99>}])");
}

TEST_CASE_FIXTURE(changing_tree, "S39 a failing getter that creates objects answers its error") {
    test::exported<failing_changer_vtable> second{peer.ours, "/failing", served};
    served.on_get = [this] { toggle(child, "/test/child"); };
    for (int i = 0; i < 2; ++i) {
        CHECK(peer.get("/failing", "org.example.FailingChanger", "Value").error_name() ==
              "org.example.NoValue");
        const auto all = peer.get_all("/failing", "org.example.FailingChanger");
        CHECK(all.error_name() == "org.example.NoValue");
        CHECK(contains(all.error_text(), "Value"));
    }
}

TEST_CASE_FIXTURE(changing_tree, "S39 an accessor that drops its own object answers once") {
    const auto again = [this] {
        if (!object) export_it();
    };
    served.on_get = [this] { object.reset(); };
    CHECK(peer.get(path, changer_name, "Value").only().type() == "reply");
    CHECK(peer.get(path, changer_name, "Value").error_name() ==
          "org.freedesktop.DBus.Error.UnknownObject");
    again();
    CHECK(peer.get_all(path, changer_name).only().type() == "error");
    again();
    served.on_get = nullptr;
    served.on_set = [this] { object.reset(); };
    CHECK(peer.set(path, changer_name, "Value", "i", 7).reply() == ""); // nobody is left to tell
    CHECK(served.value == 7);
    again();
    CHECK(peer.set(path, changer_name, "Value", "i", -1).error_name() == "org.example.Negative");
    again();
    CHECK(peer.get(path, changer_name, "Value").reply() == "<i 7>");
}

TEST_CASE_FIXTURE(changing_tree, "S39 a getter creates, the next one drops its own object") {
    served.on_first = [this] { add_child(); };
    served.on_get = [this] { object.reset(); };
    CHECK(peer.get_all(path, changer_name).only().type() == "error");
    CHECK(!object);
    child.reset();
    export_it();
    CHECK(peer.get_all(path, "").only().type() == "error");
    CHECK(peer.get("/test/child", "org.example.Leaf", "Value").reply() == "<i 1>");
}

TEST_CASE_FIXTURE(changing_tree, "S39 a GetAll of two interfaces, of which one drops the other") {
    auto second = std::make_unique<test::exported<second_vtable>>(
        peer.ours, ctbus::object_path_view{"/test"}, leaves);
    served.on_get = [&] { second.reset(); };
    CHECK(contains(peer.get_all(path, "").reply(), "First"));
    // The other way round: the interface that began to answer is gone.
    served.on_get = [&] {
        add_child();
        if (served.gets % 2 == 0) object.reset();
    };
    for (int i = 0; i < 4; ++i) {
        child.reset();
        if (!object) export_it();
        if (!second)
            second = std::make_unique<test::exported<second_vtable>>(
                peer.ours, ctbus::object_path_view{"/test"}, leaves);
        static_cast<void>(peer.get_all(path, "").only());
    }
}

TEST_CASE_FIXTURE(changing_tree, "S42 an accessor that exports its own path again") {
    const auto renew = [this] {
        object.reset();
        export_it();
    };
    served.on_set = renew;
    for (int i = 0; i < 3; ++i) {
        const auto got = peer.set(path, changer_name, "Value", "i", i);
        REQUIRE(!got.empty());
        CHECK(got.back().type() == "reply");
        CHECK(served.value == i);
        CHECK(peer.get(path, changer_name, "Value").reply() == "<i " + std::to_string(i) + ">");
    }
    // A getter may, or is told why not.
    served.on_set = nullptr;
    using made = ctbus::result<ctbus::object<changer_vtable>>;
    std::unique_ptr<made> again;
    served.on_get = [&] {
        object.reset();
        again.reset(new made(ctbus::object<changer_vtable>::try_make(peer.ours, "/test", served)));
        if (!*again) served.refused = again->error();
    };
    const auto got = peer.get(path, changer_name, "Value");
    if (got.only().type() == "error") CHECK(contains(got.error_text(), "exported already"));
    served.on_get = nullptr;
    again.reset();
    export_it();
    CHECK(peer.get(path, changer_name, "Value").reply() == "<i 2>");
}
