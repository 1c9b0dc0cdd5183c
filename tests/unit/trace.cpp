// S31: what CTBUS_DEBUG=1 prints. Each test runs a child of this program and reads its standard
// error; the words of a line may change, so that only its parts are looked for.
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>
#include <ctbus/object_watch.hpp>
#include <ctbus/property_changes.hpp>
#include <ctbus/raw_object.hpp>

#include "marshalled.hpp"
#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

using test::contains;
using test::must;

namespace {

constexpr const char* name = "org.example.Trace";
using properties = ctbus::dict<std::string, ctbus::variant>;

struct Trace
    : ctbus::interface<"org.example.Trace", ctbus::method<"Plain", std::string(std::string)>,
                       ctbus::method<"Failing", void(std::string)>,
                       ctbus::method<"Explicit", std::string()>,
                       ctbus::method<"ExplicitError", void()>,
                       ctbus::method<"Fire", void(std::string), ctbus::no_reply>,
                       ctbus::method<"Login", std::string(std::string), ctbus::sensitive>,
                       ctbus::method<"LoginFails", void(std::string), ctbus::sensitive>,
                       ctbus::method<"LoginExplicit", std::string(std::string), ctbus::sensitive>,
                       ctbus::property<"Level", int, ctbus::writable, ctbus::emits_change>,
                       ctbus::property<"Password", std::string, ctbus::writable, ctbus::sensitive>,
                       ctbus::property<"Pin", std::string, ctbus::writable, ctbus::emits_change,
                                       ctbus::sensitive>,
                       ctbus::signal<"Said", void(std::string)>> {};

struct service {
    int level = 1;
    std::string password = "secret-password";
    std::string pin = "secret-pin";

    std::string plain(std::string_view text) { return "reply-" + std::string{text}; }
    ctbus::result<void> failing(std::string_view text) {
        return test::refuse({"org.example.Trace.Error", "error-text-" + std::string{text}});
    }
    std::string by_hand(const ctbus::message& m) {
        must(m.try_reply("explicit-reply"));
        return "";
    }
    void by_hand_error(const ctbus::message& m) {
        must(m.try_reply_error(ctbus::error::make<"org.example.Trace.ByHand">("explicit-error")));
    }
    void fire(std::string_view) {}
    std::string login(std::string_view) { return "secret-reply"; }
    ctbus::result<void> login_fails(std::string_view) {
        return test::refuse(ctbus::error::make<"org.example.Trace.Denied">("secret-error"));
    }
    std::string login_explicit(std::string_view, const ctbus::message& m) {
        must(m.try_reply("secret-explicit"));
        return "";
    }
};
struct service_vtable
    : ctbus::implements<
          Trace, ctbus::handler<"Plain", &service::plain>,
          ctbus::handler<"Failing", &service::failing>,
          ctbus::handler<"Explicit", &service::by_hand>,
          ctbus::handler<"ExplicitError", &service::by_hand_error>,
          ctbus::handler<"Fire", &service::fire>, ctbus::handler<"Login", &service::login>,
          ctbus::handler<"LoginFails", &service::login_fails>,
          ctbus::handler<"LoginExplicit", &service::login_explicit>,
          ctbus::accessor<"Level", &service::level>,
          ctbus::accessor<"Password", &service::password>, ctbus::accessor<"Pin", &service::pin>> {
};

/// What a child of this program that runs one test case writes to standard error. Its name holds no
/// comma: doctest would take it for two.
std::vector<std::string> run_child(const char* test_case, const char* debug) {
    char self[4096];
    const ssize_t length = ::readlink("/proc/self/exe", self, sizeof self - 1);
    REQUIRE(length > 0);
    self[length] = 0;
    const std::string command = std::string{"env -u CTBUS_DEBUG "} + debug + " '" + self +
                                "' --no-skip --test-case='" + test_case + "' 2>&1 >/dev/null";
    FILE* output = ::popen(command.c_str(), "r");
    REQUIRE(output);
    std::string text;
    std::array<char, 4096> part;
    while (const std::size_t n = std::fread(part.data(), 1, part.size(), output))
        text.append(part.data(), n);
    const int ended = ::pclose(output);
    CHECK_MESSAGE(ended == 0, text);
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

/// How many of the lines have all these parts.
std::ptrdiff_t count(const std::vector<std::string>& lines,
                     std::initializer_list<std::string_view> parts) {
    return std::ranges::count_if(lines, [&](const std::string& line) {
        return std::ranges::all_of(parts, [&](std::string_view p) { return contains(line, p); });
    });
}

} // namespace

// ---- the children ----

TEST_CASE("child: both ends" * doctest::skip()) {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    must(object->try_emit<"Said">("signal-body"));
    const auto heard =
        must(ctbus::try_match_signal<Trace, "Said">(theirs, [](std::string_view) {}));
    while (must(theirs.try_process())) {
    }
    test::service_thread thread{ours};
    ctbus::proxy<Trace> proxy{theirs, "/test"};
    CHECK(must(proxy.try_call<"Plain">("call-body")) == "reply-call-body");
    CHECK(!proxy.try_call<"Failing">("x"));
    CHECK(must(proxy.try_call<"Explicit">()) == "explicit-reply");
    CHECK(!proxy.try_call<"ExplicitError">());
    must(proxy.try_call<"Fire">("fire-body"));
    must(proxy.try_set<"Level">(77));
    CHECK(must(proxy.try_get<"Level">()) == 77);
    ctbus::message by_hand = must(theirs.try_new_call("", "/test", "org.example.Trace", "Plain"));
    must(by_hand.try_append("by-hand-body"));
    must(theirs.try_call(by_hand));
    CHECK(!ctbus::proxy<Trace>(theirs, "/nowhere").try_call<"Explicit">());
    while (must(theirs.try_process())) {
    }
}

TEST_CASE("child: sensitive" * doctest::skip()) {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    test::service_thread thread{ours};
    ctbus::proxy<Trace> proxy{theirs, "/test"};
    CHECK(must(proxy.try_call<"Login">("secret-argument")) == "secret-reply");
    CHECK(!proxy.try_call<"LoginFails">("secret-argument"));
    CHECK(must(proxy.try_call<"LoginExplicit">("secret-argument")) == "secret-explicit");
    CHECK(must(proxy.try_get<"Password">()) == "secret-password");
    must(proxy.try_set<"Password">("secret-new-password"));
    CHECK(must(proxy.try_call<"Plain">("visible")) == "reply-visible");
}

// The receiver of an announcement does not know what is sensitive; so it is raw here.
TEST_CASE("child: sensitive announcement" * doctest::skip()) {
    test::raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    CHECK(peer.set("/test", name, "Pin", "s", "secret-new-pin").size() == 2);
    must(object->try_changed<"Pin">());
    CHECK(peer.settle().size() == 1);
}

// Who hears of properties by a contract knows which are sensitive; of several on one interface they
// arrive together.
TEST_CASE("child: sensitive change heard" * doctest::skip()) {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    std::string pin;
    const ctbus::proxy<Trace> proxy{theirs, "/test"};
    const auto changed = must(
        proxy.try_on_changed<"Pin">([&](std::string_view value) { pin = std::string{value}; }));
    must(object->try_changed<"Pin">());
    while (must(ours.try_process()) || must(theirs.try_process())) {
    }
    CHECK(pin == "secret-pin");
}

TEST_CASE("child: sensitive objects heard" * doctest::skip()) {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    const auto settle = [&] {
        for (int i = 0; i < 8; ++i)
            while (must(ours.try_process()) || must(theirs.try_process())) {
            }
    };
    service served;
    const auto manager = must(ctbus::object_manager::try_make(ours, "/"));
    std::vector<std::string> seen;
    const auto watch = must(ctbus::try_watch_objects<Trace>(
        theirs, "/", [&](ctbus::object_path_view path, const properties& all) {
            seen.push_back(std::string{path.view()} +
                           must(all.find("Pin")->second.try_get<std::string>()));
        }));
    const auto first = ctbus::managed_object<service_vtable>::try_make(ours, "/test", served);
    REQUIRE(first);
    settle();
    const auto second = ctbus::managed_object<service_vtable>::try_make(ours, "/second", served);
    REQUIRE(second);
    settle();
    CHECK(seen == std::vector<std::string>{"/testsecret-pin", "/secondsecret-pin"});
}

// What ctbus answers in sd-bus's place, as objects come and go.
namespace {

struct vanishing {
    std::function<void()> act;
    std::string leave(std::string_view) {
        act();
        return "secret-reply";
    }
    std::string get_pin() {
        act();
        return "secret-pin";
    }
    void set_pin(std::string_view, const ctbus::message& m) {
        must(m.try_reply_error(ctbus::error::make<"org.example.Trace.Denied">("secret-error")));
    }
};
struct vanishing_vtable
    : ctbus::vtable<
          "org.example.Vanishing", ctbus::handler<"Leave", &vanishing::leave, ctbus::sensitive>,
          ctbus::accessor<"Pin", &vanishing::get_pin, &vanishing::set_pin, ctbus::sensitive>> {};

} // namespace

TEST_CASE("child: sensitive while objects change" * doctest::skip()) {
    constexpr const char* vanishing_name = "org.example.Vanishing";
    test::raw_peer peer;
    vanishing served;
    service childs;
    std::unique_ptr<test::exported<service_vtable>> child;
    auto object = std::make_unique<test::exported<vanishing_vtable>>(
        peer.ours, ctbus::object_path_view{"/test"}, served);
    served.act = [&] {
        if (child) child.reset();
        else
            child = std::make_unique<test::exported<service_vtable>>(
                peer.ours, ctbus::object_path_view{"/test/child"}, childs);
    };
    CHECK(peer.get("/test", vanishing_name, "Pin").reply() == R"(<s "secret-pin">)");
    CHECK(contains(peer.get_all("/test", vanishing_name).reply(), "secret-pin"));
    CHECK(peer.set("/test", vanishing_name, "Pin", "s", "secret-new").only().type() == "error");
    served.act = [&] { object.reset(); };
    CHECK(peer.call("/test", vanishing_name, "Leave", "s", "secret-argument").reply() ==
          R"("secret-reply")");
}

// A raw object has no interface and no rows that could say what is sensitive; what is exported on
// its path does.
TEST_CASE("child: sensitive past a raw object" * doctest::skip()) {
    test::raw_peer peer;
    service served;
    vanishing leaving;
    auto object = std::make_unique<test::exported<service_vtable>>(
        peer.ours, ctbus::object_path_view{"/test"}, served);
    auto vanish = std::make_unique<test::exported<vanishing_vtable>>(
        peer.ours, ctbus::object_path_view{"/test"}, leaving);
    leaving.act = [&] { vanish.reset(); };
    std::optional<ctbus::raw_object> raw;
    std::optional<ctbus::deferred<std::string>> later;
    raw.emplace(
        must(ctbus::raw_object::try_make(peer.ours, "/test", [&](const ctbus::message& call) {
            if (call.member() == "Login") must(call.try_reply("secret-raw"));
            if (call.member() == "LoginFails")
                must(call.try_reply_error(
                    ctbus::error::make<"org.example.Trace.Denied">("secret-raw")));
            if (call.member() == "LoginExplicit") later = must(call.try_defer<std::string>());
            if (call.member() == "Drop") {
                object.reset();
                raw.reset();
                must(call.try_reply("dropped"));
            }
        })));
    CHECK(peer.call("/test", name, "Login", "s", "secret-argument").reply() == R"("secret-raw")");
    CHECK(peer.call("/test", name, "LoginFails", "s", "secret-argument").only().type() == "error");
    CHECK(peer.call("/test", name, "LoginExplicit", "s", "secret-argument").empty());
    must(later->try_reply("secret-later"));
    CHECK(peer.settle().reply() == R"("secret-later")");
    CHECK(peer.call("/test", "org.example.Vanishing", "Leave", "s", "secret-argument").reply() ==
          R"("secret-reply")");
    CHECK(peer.set("/test", name, "Password", "s", "secret-new").reply().empty());
    CHECK(peer.call("/test", name, "NoSuchMethod").only().type() == "error");
    CHECK(peer.call("/test", name, "Drop").reply() == R"("dropped")");
    CHECK(peer.call("/test", name, "Plain", "s", "text").only().type() == "error");
}

// A Set that is not one may hold anything.
TEST_CASE("child: sensitive and malformed" * doctest::skip()) {
    constexpr const char* properties = "org.freedesktop.DBus.Properties";
    test::raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    CHECK(peer.call("/test", properties, "Set", "us", 1, "secret-a").only().type() == "error");
    CHECK(peer.call("/test", properties, "Set", "sus", name, 1, "secret-b").only().type() ==
          "error");
    CHECK(peer.call("/test", properties, "Set", "s", name).only().type() == "error");
    CHECK(peer.call("/test", properties, "Set", "sss", name, "Pin", "secret-c").only().type() ==
          "error");
}

TEST_CASE("child: other paths" * doctest::skip()) {
    test::raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    must(ctbus::try_emit<Trace, "Said">(peer.ours, "/test", "free-signal"));
    ctbus::message by_hand = must(peer.ours.try_new_signal("/test", "org.example.Trace", "Said"));
    must(by_hand.try_append("hand-signal"));
    must(peer.ours.try_send(by_hand));
    ctbus::message values = must(peer.ours.try_new_signal("/test", "org.example.Trace", "Values"));
    must(values.try_append(std::uint8_t{200}, true, std::int16_t{-2}, std::uint16_t{65535}, -3,
                           4'000'000'000u, std::int64_t{-5}, UINT64_MAX, 1.5,
                           std::vector<int>{1, -2}, std::vector<std::string>{}, "a\"b\\c\n"));
    must(peer.ours.try_send(values));
    peer.call("/test", name, "NoSuchMethod");
    peer.call_no_reply("/test", name, "Plain", "s", "quiet");
    CHECK(peer.settle().size() == 0);
    // What a peer sends cannot forge a line, nor break the trace.
    peer.call("/test", name, "Plain", "s", "line\nctbus forged");
    for (const char* signature : {"s", "as", "v", "a{sv}"})
        for (const auto& body : {test::marshalled{}, test::marshalled{}.u(UINT32_MAX),
                                 test::marshalled{}.u(3).raw("abc"), test::marshalled{}.s("\xff")})
            peer.exchange_bytes(test::message_bytes(
                {.path = "/test", .interface = name, .member = "Broken", .signature = signature},
                body));
}

// ---- what they print ----

TEST_CASE("S31 every message sent and dispatched, of every kind, is printed once at each end") {
    const auto lines = run_child("child: both ends", "CTBUS_DEBUG=1");
    for (const std::string& line : lines) CHECK_MESSAGE(line.starts_with("ctbus"), line);
    CAPTURE(lines.size());
    for (const std::string_view way : {"sends", "receives"}) {
        CAPTURE(way);
        CHECK(count(lines, {way, "call", "org.example.Trace", "Plain", "/test", "call-body"}) == 1);
        CHECK(count(lines, {way, "call", "Failing"}) == 1);
        CHECK(count(lines, {way, "call", "Fire", "fire-body"}) == 1);
        CHECK(count(lines, {way, "call", "Properties", "Set", "Level", "77"}) == 1);
        CHECK(count(lines, {way, "call", "Properties", "Get", "Level"}) == 1);
        CHECK(count(lines, {way, "call", "Plain", "by-hand-body"}) == 1);
        CHECK(count(lines, {way, "reply", "reply-call-body"}) == 1);
        CHECK(count(lines, {way, "reply", "explicit-reply"}) == 1);
        CHECK(count(lines, {way, "reply", "reply-by-hand-body"}) == 1);
        CHECK(count(lines, {way, "error", "org.example.Trace.Error", "error-text-x"}) == 1);
        CHECK(count(lines, {way, "error", "org.example.Trace.ByHand", "explicit-error"}) == 1);
        CHECK(count(lines, {way, "signal", "Said", "signal-body"}) == 1);
        CHECK(count(lines, {way, "signal", "PropertiesChanged", "Level", "77"}) == 1);
    }
    // What sd-bus answers by itself is seen at the receiver only.
    CHECK(count(lines, {"receives", "error", "UnknownObject"}) == 1);
}

TEST_CASE("S31 bodies that are sensitive are left out, of calls, replies, errors and properties") {
    for (const char* child :
         {"child: sensitive", "child: sensitive announcement", "child: sensitive change heard",
          "child: sensitive objects heard", "child: sensitive while objects change",
          "child: sensitive past a raw object", "child: sensitive and malformed"}) {
        const auto lines = run_child(child, "CTBUS_DEBUG=1");
        for (const std::string& line : lines) CHECK_MESSAGE(!contains(line, "secret"), line);
        CHECK(!lines.empty());
    }
    const auto lines = run_child("child: sensitive", "CTBUS_DEBUG=1");
    for (const std::string_view way : {"sends", "receives"}) {
        CHECK(count(lines, {way, "call", "Login"}) == 3); // they are printed, without their bodies
        CHECK(count(lines, {way, "error", "org.example.Trace.Denied"}) == 1);
        CHECK(count(lines, {way, "visible"}) == 2);
    }
    const auto announced = run_child("child: sensitive announcement", "CTBUS_DEBUG=1");
    CHECK(count(announced, {"sends", "signal", "PropertiesChanged"}) == 2);
    const auto change = run_child("child: sensitive change heard", "CTBUS_DEBUG=1");
    const auto objects = run_child("child: sensitive objects heard", "CTBUS_DEBUG=1");
    for (const std::string_view way : {"sends", "receives"}) {
        CHECK(count(change, {way, "PropertiesChanged", "(sensitive)"}) == 1);
        CHECK(count(objects, {way, "InterfacesAdded", "(sensitive)"}) == 2);
        CHECK(count(objects, {way, "a{oa{sa{sv}}}", "(sensitive)"}) == 1);
    }
    const auto malformed = run_child("child: sensitive and malformed", "CTBUS_DEBUG=1");
    CHECK(count(malformed, {"receives", "call", "Set"}) == 4);
}

TEST_CASE("S31 signals without an object, by hand, and calls that nobody handles") {
    const auto lines = run_child("child: other paths", "CTBUS_DEBUG=1");
    CHECK(count(lines, {"sends", "signal", "free-signal"}) == 1);
    CHECK(count(lines, {"sends", "signal", "hand-signal"}) == 1);
    CHECK(
        count(lines, {"ybnqiuxtdaiass 200 true -2 65535 -3 4000000000 -5 18446744073709551615 1.5 "
                      R"([ 1 -2 ] [ ] "a\"b\\c\x0a")"}) == 1);
    CHECK(count(lines, {"receives", "call", "NoSuchMethod"}) == 1);
    CHECK(count(lines, {"receives", "call", "Plain", "quiet"}) == 1);
    CHECK(count(lines, {"reply-quiet"}) == 0); // it was not sent
    for (const std::string& line : lines) CHECK_MESSAGE(line.starts_with("ctbus "), line);
    for (const std::string& line : lines) CHECK_MESSAGE(!line.starts_with("ctbus forged"), line);
    CHECK(count(lines, {"receives", "call", "Broken"}) == 16);
}

TEST_CASE("S31 nothing is printed where the variable is unset, or not 1") {
    for (const char* debug : {"", "CTBUS_DEBUG=", "CTBUS_DEBUG=0"})
        CHECK(run_child("child: both ends", debug).empty());
}
