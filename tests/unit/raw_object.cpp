// S4: a handler of any arguments is a raw_object; what it does not answer goes on.
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_object.hpp>

#include "must.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

using test::must;
using test::raw_peer;

namespace {

int typed() {
    return 7;
}
struct typed_vtable : ctbus::vtable<"org.example.Typed", ctbus::handler<"Method", &typed>> {};

constexpr const char* unknown_method = "org.freedesktop.DBus.Error.UnknownMethod";

} // namespace

TEST_CASE("S4 a raw object takes any interface, member and arguments") {
    raw_peer peer;
    ctbus::raw_object raw =
        must(ctbus::raw_object::try_make(peer.ours, "/raw", [](const ctbus::message& call) {
            must(call.try_reply(std::string{call.interface()} + " " + std::string{call.member()} +
                                " " + std::string{call.signature()}));
        }));
    CHECK(raw.get() != nullptr);
    CHECK(ctbus::raw_object::try_make(peer.ours, {"/braced"}, [](const ctbus::message&) {}));
    CHECK(peer.call("/raw", "org.example.Any", "Thing").reply() == "\"org.example.Any Thing \"");
    CHECK(peer.call("/raw", "org.example.Other", "Thing", "sai", "x", 2, 3, 4).reply() ==
          "\"org.example.Other Thing sai\"");
    CHECK(peer.call("/raw/below", "org.example.Any", "Thing").error_name() ==
          "org.freedesktop.DBus.Error.UnknownObject");
    CHECK(peer.call_no_reply("/raw", "org.example.Any", "Thing").empty());
}

TEST_CASE("S4 a raw object reads what it got, and answers with values or an error") {
    raw_peer peer;
    const ctbus::raw_object raw =
        must(ctbus::raw_object::try_make(peer.ours, "/raw", [](ctbus::message call) {
            if (call.signature() == "ii") {
                const auto [a, b] = must(call.try_read<int, int>());
                must(call.try_reply(a + b, "sum"));
            } else {
                must(call.try_reply_error(
                    ctbus::error::make<"org.example.Error.Odd">("only two numbers")));
            }
        }));
    CHECK(peer.call("/raw", "org.example.Any", "Add", "ii", 2, 3).reply() == "5 \"sum\"");
    CHECK(peer.call("/raw", "org.example.Any", "Add", "i", 2).error_name() ==
          "org.example.Error.Odd");
}

TEST_CASE("S4 a raw object of a subtree takes what is below it, unless an object answers") {
    raw_peer peer;
    const auto object = ctbus::object<typed_vtable>::try_make(peer.ours, "/raw/typed");
    REQUIRE(object);
    const ctbus::raw_object raw = must(ctbus::raw_object::try_make(
        peer.ours, ctbus::subtree{"/raw"}, [](const ctbus::message& call) {
            if (call.member() != "Silent")
                must(call.try_reply(std::string{call.path().view()} + "/answered"));
        }));
    for (const char* at : {"/raw", "/raw/a", "/raw/a/b"})
        CHECK(peer.call(at, "org.example.Any", "Thing").reply() ==
              '"' + std::string{at} + "/answered\"");
    CHECK(peer.call("/raw/typed", "org.example.Typed", "Method").reply() == "7");
    CHECK(peer.call("/raw/typed", "org.example.Typed", "Other").reply() ==
          "\"/raw/typed/answered\"");
    CHECK(peer.call("/raw/a", "org.example.Any", "Silent").only().type() == "error");
    CHECK(peer.call("/rawer", "org.example.Any", "Thing").error_name() ==
          "org.freedesktop.DBus.Error.UnknownObject");
}

TEST_CASE("S4 what a raw object does not answer goes on") {
    raw_peer peer;
    int seen = 0;
    const ctbus::raw_object raw =
        must(ctbus::raw_object::try_make(peer.ours, "/raw", [&](ctbus::message call) {
            ++seen;
            if (call.signature() == "i") must(call.try_read<int>());
        }));
    CHECK(peer.call("/raw", "org.example.Typed", "Method").error_name() == unknown_method);
    const test::exported<typed_vtable> object{peer.ours, "/raw"};
    CHECK(peer.call("/raw", "org.example.Typed", "Method").reply() == "7");
    CHECK(peer.call("/raw", "org.example.Typed", "Method", "i", 1).error_name() ==
          test::invalid_args);
    CHECK(seen == 3);
}

#ifdef __cpp_exceptions
TEST_CASE("S20 what a raw object throws is answered, once") {
    raw_peer peer;
    const ctbus::raw_object raw =
        must(ctbus::raw_object::try_make(peer.ours, "/raw", [](const ctbus::message& call) {
            if (call.member() == "Late") must(call.try_reply());
            throw std::runtime_error{"thrown"};
        }));
    const auto before = ctbus::set_report_handler([](const ctbus::error&) {});
    CHECK(peer.call("/raw", "org.example.Any", "Early").error_text() == "thrown");
    CHECK(peer.call("/raw", "org.example.Any", "Late").reply().empty());
    CHECK(peer.call_no_reply("/raw", "org.example.Any", "Early").empty());
    ctbus::set_report_handler(before);
}
#endif

TEST_CASE("S42 a raw object may drop itself, and come back, inside its own callback") {
    raw_peer peer;
    std::optional<ctbus::raw_object> raw;
    auto kept = std::make_shared<int>(5);
    const std::weak_ptr<int> watched = kept;
    raw.emplace(must(ctbus::raw_object::try_make(
        peer.ours, "/raw", [&raw, mine = std::move(kept)](const ctbus::message& call) {
            raw.reset();
            must(call.try_reply(*mine));
        })));
    CHECK(peer.call("/raw", "org.example.Any", "Go").reply() == "5");
    CHECK(watched.expired());
    CHECK(peer.call("/raw", "org.example.Any", "Go").error_name() ==
          "org.freedesktop.DBus.Error.UnknownObject");
    raw = must(ctbus::raw_object::try_make(
        peer.ours, "/raw", [](const ctbus::message& call) { must(call.try_reply(6)); }));
    CHECK(peer.call("/raw", "org.example.Any", "Go").reply() == "6");
}

TEST_CASE("a raw object outlives its connection, and is not made on a closed one") {
    std::optional<raw_peer> peer{std::in_place};
    auto answer = [](const ctbus::message& call) { must(call.try_reply()); };
    auto raw = ctbus::raw_object::try_make(peer->ours, "/raw", answer);
    REQUIRE(raw.has_value());
    ctbus::raw_object moved = *std::move(raw);
    peer->ours = must(ctbus::connection::try_pair()).first;
    auto other = must(ctbus::connection::try_pair()).first;
    sd_bus_close(other.get());
    CHECK(ctbus::raw_object::try_make(other, "/raw", answer).error().code() == ENOTCONN);
    peer.reset();
}

namespace {

struct door {
    const ctbus::connection* bus = nullptr;
    std::optional<ctbus::raw_object> inside;
    bool open = false;
    bool is_open() {
        if (inside) inside.reset();
        else inside = make();
        return open;
    }
    void set_open(bool value) {
        is_open();
        open = value;
    }
    std::optional<ctbus::raw_object> make() const {
        return must(ctbus::raw_object::try_make(
            *bus, "/inside", [](const ctbus::message& call) { must(call.try_reply()); }));
    }
};
struct door_vtable
    : ctbus::vtable<"org.example.Door", ctbus::accessor<"Open", &door::is_open, &door::set_open>> {
};

} // namespace

TEST_CASE("S39 a getter or setter that makes or drops a raw object is answered correctly") {
    raw_peer peer;
    door served;
    served.bus = &peer.ours;
    test::exported<door_vtable> object{peer.ours, "/test", served};
    for (int i = 0; i < 2; ++i) {
        CHECK(peer.get("/test", "org.example.Door", "Open").reply() == "<b false>");
        CHECK(peer.set("/test", "org.example.Door", "Open", "b", 0).reply().empty());
        CHECK(peer.get("/test", "org.example.Door", "Open").reply() == "<b false>");
    }
}
