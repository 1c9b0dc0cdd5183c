// match_messages(): any message, by a match rule.
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_match.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using test::contains;
using test::must;

namespace {

using words = std::vector<std::string>;

struct fixture {
    test::raw_peer peer;
    words heard;

    auto listen() {
        return [this](const ctbus::message& m) {
            heard.push_back(m.path().str() + " " + m.member().str() + " " +
                            std::string{m.signature()});
        };
    }
    void emit(const char* path, const char* interface, const char* member) {
        REQUIRE(sd_bus_emit_signal(peer.client(), path, interface, member, "si", "x", 5) >= 0);
    }
    words news() {
        peer.settle();
        return std::exchange(heard, {});
    }
};

} // namespace

TEST_CASE("match_messages hears what its rule lets pass, whatever its arguments") {
    fixture f;
    const auto below = must(
        ctbus::try_match_messages(f.peer.ours, "type='signal',path_namespace='/a'", f.listen()));
    f.emit("/a", "org.example.One", "This");
    f.emit("/a/b", "org.example.Two", "That");
    f.emit("/b", "org.example.One", "This");
    CHECK(f.news() == words{"/a This si", "/a/b That si"});
}

TEST_CASE("match_messages lets its callback read") {
    fixture f;
    std::int32_t number = 0;
    std::string text;
    const auto all =
        must(ctbus::try_match_messages(f.peer.ours, "type='signal'", [&](const ctbus::message& m) {
            std::tie(text, number) = must(m.try_read<std::string, std::int32_t>());
        }));
    f.emit("/a", "org.example.One", "This");
    f.peer.settle();
    CHECK(text == "x");
    CHECK(number == 5);
}

TEST_CASE("match_messages says what is no rule") {
    fixture f;
    const auto bad = ctbus::try_match_messages(f.peer.ours, "type=signal,,", f.listen());
    REQUIRE(!bad);
    CHECK(contains(bad.error().what(), "this is no match rule"));
    CHECK(contains(bad.error().what(), "subscribing to type=signal,,"));
    using namespace std::string_view_literals;
    CHECK(!ctbus::try_match_messages(f.peer.ours, "type='signal'\0"sv, f.listen()));
    f.emit("/a", "org.example.One", "This");
    CHECK(f.news().empty());
    test::both_ends closed;
    test::close(closed.client);
    const auto none = ctbus::try_match_messages(closed.client, "type='signal'", f.listen());
    REQUIRE(!none);
    CHECK(none.error().code() == ENOTCONN);
}

TEST_CASE("a match may be dropped in its callback, and is heard with other subscriptions") {
    fixture f;
    struct one
        : ctbus::interface<"org.example.One", ctbus::signal<"This", void(std::string, int)>> {};
    ctbus::subscription raw;
    int count = 0;
    raw = must(ctbus::try_match_messages(f.peer.ours, "type='signal'", [&](const ctbus::message&) {
        raw.reset();
        ++count;
    }));
    const auto typed = must(ctbus::try_match_signal<one, "This">(
        f.peer.ours, [&](const std::string&, int) { f.heard.push_back("typed"); }));
    f.emit("/a", "org.example.One", "This");
    f.emit("/a", "org.example.One", "This");
    CHECK(f.news() == words{"typed", "typed"});
    CHECK(count == 1);
}

TEST_CASE("what the callback of a match throws is reported") {
#ifdef __cpp_exceptions
    fixture f;
    const test::reports reported;
    const auto all = ctbus::match_messages(f.peer.ours, "type='signal'", [](const ctbus::message&) {
        throw ctbus::error{"org.example.Error.Odd", "oh"};
    });
    f.emit("/a", "org.example.One", "This");
    f.peer.settle();
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0], "in the callback of a match"));
#endif
}
