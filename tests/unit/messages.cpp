// Messages by hand: made, filled, sealed, read, rewound, sent and answered.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using test::contains;
using test::invalid_args;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Messages";
constexpr ctbus::interface_name_view interface { "org.example.Messages" };

struct point {
    int x;
    int y;
    friend bool operator==(const point&, const point&) = default;
};
using choice = std::variant<int, std::string>;

struct service {
    int add(int a, int b) { return a + b; }
    ctbus::result<int> fail() {
        return test::refuse(ctbus::error::make<"org.example.No">("never"));
    }
    std::string by_hand(const ctbus::message& m) {
        ctbus::message reply = must(m.try_new_reply());
        must(reply.try_append("by", "hand"));
        // Not sent: the signature would be wrong, but that does not matter.
        return "automatic";
    }
};
struct service_vtable : ctbus::vtable<"org.example.Messages", ctbus::handler<"Add", &service::add>,
                                      ctbus::handler<"Fail", &service::fail>,
                                      ctbus::handler<"ByHand", &service::by_hand>,
                                      ctbus::signal<"Said", void(std::string)>> {};

struct fixture {
    raw_peer peer;
    ctbus::message call() { return must(peer.ours.try_new_call("", "/test", interface, "Add")); }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "messages: what a call says of itself") {
    ctbus::message m = call();
    CHECK(m.path() == "/test");
    CHECK(m.interface() == name);
    CHECK(m.member() == "Add");
    CHECK(m.sender().empty());
    CHECK(m.destination().empty());
    CHECK(m.signature() == "");
    CHECK(m.cookie() == 0);
    CHECK(!m.is_error());
    CHECK(m.error().name().empty());
    CHECK(m.expects_reply());
    CHECK(m.get() != nullptr);
    must(m.try_append(1));
    must(m.try_append(2));
    CHECK(m.signature() == "ii");
    must(peer.ours.try_send(m));
    CHECK(m.cookie() != 0);
    CHECK(peer.settle().only().body() == "1 2");

    const ctbus::message signal = must(peer.ours.try_new_signal("/s", "org.example.S", "Said"));
    CHECK(signal.path() == "/s");
    CHECK(!signal.expects_reply());
    const ctbus::message to =
        must(peer.ours.try_new_call("org.example.Name", "/test", "org.example.S", "Do"));
    CHECK(to.destination() == "org.example.Name");
}

TEST_CASE_FIXTURE(fixture,
                  "S28: a call's destination is a bus name of 255 characters at most, all of it") {
    const std::string longest = "a." + std::string(253, 'b');
    CHECK(must(peer.ours.try_new_call(longest, "/", "org.example.I", "M")).destination() ==
          longest);
    const auto refused = [&](std::string_view name) {
        return std::string{
            peer.ours.try_new_call(name, "/", "org.example.I", "M").error().message()};
    };
    CHECK(refused(longest + 'b') ==
          "bus name \"" + longest + "b\" must not be longer than 255 characters");
    CHECK(refused({"org.a\0b", 7}).find("allows only letters") != std::string::npos);
    CHECK(refused("a") == "bus name \"a\" needs at least two elements separated by a dot");
}

TEST_CASE_FIXTURE(fixture, "messages: append, seal, read, rewind") {
    ctbus::message m = call();
    must(m.try_append(std::int16_t{-1}, "text", std::vector{1, 2}, point{3, 4},
                      std::map<std::string, choice>{{"k", 5}}, std::tuple{true, 0.5}));
    CHECK(m.signature() == "nsai(ii)a{sv}(bd)");
    const auto early = m.try_read<std::int16_t>(); // not sealed yet
    REQUIRE(!early);
    CHECK(early.error().code() == EPERM);
    must(m.try_seal());
    CHECK(must(m.try_read<std::int16_t>()) == -1);
    CHECK(must(m.try_read<std::string_view, std::vector<int>>()) ==
          std::tuple{std::string_view{"text"}, std::vector{1, 2}});
    CHECK((must(m.try_read<point>()) == point{3, 4}));
    const auto map = must(m.try_read<std::map<std::string, choice>>());
    CHECK(std::get<int>(map.at("k")) == 5);
    CHECK(must(m.try_read<std::tuple<bool, double>>()) == std::tuple{true, 0.5});
    const auto end = m.try_read<int>();
    REQUIRE(!end);
    CHECK(contains(end.error().message(), "1"));
    for (int i = 0; i < 2; ++i) {
        must(m.try_rewind());
        CHECK(must(m.try_read<std::int16_t>()) == -1);
    }
    CHECK(m.try_read<>().has_value());
    must(m.try_rewind());
    const auto wrong = m.try_read<std::int16_t, int>();
    REQUIRE(!wrong);
    CHECK(wrong.error().name() == invalid_args);
    CHECK(contains(wrong.error().message(), "2"));
    must(m.try_rewind());
    CHECK_THROWS_AS(m.read<std::string>(), ctbus::error);
}

TEST_CASE_FIXTURE(fixture, "messages: appending to a sealed message is an error") {
    ctbus::message m = call();
    must(m.try_append(1));
    must(m.try_auto_start(false));
    must(m.try_seal());
    const auto late = m.try_append(2);
    REQUIRE(!late);
    CHECK(late.error().code() == EPERM);
    CHECK(contains(late.error().message(), "sealed"));
    CHECK_THROWS_AS(m.append(2), ctbus::error);
    CHECK(!m.try_seal()); // once is enough
    CHECK(m.try_auto_start(false).error().code() == EPERM);
    CHECK_THROWS_AS(m.auto_start(false), ctbus::error);
    CHECK(m.signature() == "i");

    ctbus::message sent = call();
    must(sent.try_append(1));
    must(sent.try_send());
    CHECK(!sent.try_append(2));
    CHECK(peer.settle().only().body() == "1");
}

TEST_CASE_FIXTURE(fixture, "S35 S41 messages: a bad value names its position") {
    ctbus::message m = call();
    const auto bad = m.try_append(1, "good", "\xff");
    REQUIRE(!bad);
    CHECK(bad.error().name() == invalid_args);
    CHECK(contains(bad.error().message(), "argument 3"));
    ctbus::message other = call();
    CHECK(contains(other.try_append(static_cast<const char*>(nullptr)).error().message(),
                   "argument 1"));
    ctbus::message third = call();
    CHECK(contains(third.try_append(std::string_view{"a\0b", 3}).error().message(), "argument 1"));
    CHECK_THROWS_AS(third.append(std::string{"\xff"}), ctbus::error);
    CHECK(peer.settle().empty());
}

TEST_CASE_FIXTURE(fixture, "messages: an array that D-Bus does not allow is refused, of whatever") {
    const auto append = [&](const auto& value) {
        auto m = must(peer.ours.try_new_signal("/test", "org.example.Large", "Large"));
        const auto outcome = m.try_append(value);
        if (!outcome) CHECK(contains(outcome.error().message(), "argument 1 is too large"));
        return outcome.has_value();
    };
    constexpr std::size_t half = 32 * 1024 * 1024;
    using bytes = std::vector<std::uint8_t>;
    CHECK(append(std::vector<bytes>{bytes(half - 4), bytes(half - 4)}));
    CHECK_FALSE(append(std::vector<bytes>{bytes(half - 4), bytes(half - 3)}));
    CHECK_FALSE(append(std::map<std::uint8_t, bytes>{{1, bytes(half)}, {2, bytes(half)}}));
    // So many that their size is none any more.
    CHECK_FALSE(append(std::views::iota(0LL, 1LL << 61)));
    CHECK_FALSE(append(std::views::iota(0LL, (1LL << 32) + 8)));
    // Of one text, so that they need less memory than they have bytes.
    const std::string text(half - 5, 'x');
    CHECK_FALSE(append(std::tuple{"before", std::vector<std::string_view>(128, text)}));
}

TEST_CASE_FIXTURE(fixture, "messages: neither is one that is larger than D-Bus allows") {
    const auto append = [&](const auto&... values) {
        auto m = must(peer.ours.try_new_signal("/test", "org.example.Large", "Large"));
        const auto outcome = m.try_append(values...);
        return outcome ? std::string{} : std::string{outcome.error().message()};
    };
    // Written one by one: these are paths, which only sd-bus may write.
    const ctbus::object_path long_path =
        must(ctbus::object_path::parse("/" + std::string(60'000 - 1, 'x')));
    const std::vector<ctbus::object_path_view> many(900, long_path), more(1200, long_path);
    const std::tuple within{ctbus::object_path_view{long_path}, many};
    CHECK(append(more).starts_with("argument 1 is too large"));
    CHECK(append(many, many).empty());
    CHECK(append(many, many, many).starts_with("argument 3 is too large"));
    CHECK(append(many, within, many).starts_with("argument 3 is too large"));
    CHECK(append(std::vector{within, within}).starts_with("argument 1 is too large"));
    // Few bytes, of which more is not known until the outer array's are counted.
    std::vector<std::vector<bool>> bits(100, std::vector<bool>(50'000));
    bits.emplace_back(100'000);
    CHECK(append(many, bits).empty());
}

TEST_CASE_FIXTURE(fixture, "messages: a spoiled message is not sent") {
    ctbus::message m = call();
    must(m.try_append(1));
    REQUIRE(!m.try_append(std::vector<std::string>{"good", "\xff"}));
    CHECK(!m.try_append(2));
    CHECK(!m.try_send());
    CHECK(!peer.ours.try_send(m));
    CHECK(peer.settle().empty());

    ctbus::message simple = call();
    REQUIRE(!simple.try_append("\xff"));
    CHECK(!simple.try_send());
    CHECK(peer.settle().empty());
}

TEST_CASE_FIXTURE(fixture, "messages: signals by hand") {
    ctbus::message m = must(peer.ours.try_new_signal("/s", interface, "Said"));
    must(m.try_append("x"));
    must(m.try_send());
    const auto got = peer.settle();
    CHECK(got.only().type() == "signal");
    CHECK(got.only().path() == "/s");
    CHECK(got.only().body() == R"("x")");
    CHECK(peer.ours.try_new_signal("/s", interface, "Said").has_value());
}

TEST_CASE_FIXTURE(fixture, "messages: copies share one message, moved ones are empty") {
    ctbus::message m = call();
    ctbus::message copy = m;
    must(copy.try_append(1));
    CHECK(m.signature() == "i");
    CHECK(m.get() == copy.get());
    ctbus::message moved = std::move(m);
    CHECK(!m);
    CHECK(moved);
    ctbus::message none;
    CHECK(!none);
    none = moved;
    CHECK(none.get() == moved.get());
    // From and to the raw pointer.
    const ctbus::message shared{moved.get()};
    CHECK(shared.get() == moved.get());
    const ctbus::message adopted = ctbus::message::adopt(sd_bus_message_ref(moved.get()));
    CHECK(adopted.signature() == "i");
}

TEST_CASE_FIXTURE(fixture, "messages: reading values replaces what they held") {
    ctbus::message m = call();
    must(m.try_append(std::vector{1, 2}, "text", std::map<std::string, int>{{"a", 1}}));
    must(m.try_seal());
    ctbus::codec::message_reader reader{m.get()};
    std::vector<int> list{7, 8, 9};
    std::string text = "old";
    std::map<std::string, int> map{{"old", 5}};
    CHECK(ctbus::codec::of<std::vector<int>>::read(reader, list) > 0);
    CHECK(ctbus::codec::of<std::string>::read(reader, text) > 0);
    CHECK(ctbus::codec::of<std::map<std::string, int>>::read(reader, map) > 0);
    CHECK((list == std::vector{1, 2}));
    CHECK(text == "text");
    CHECK(map.size() == 1);
}

TEST_CASE("messages: a call by hand, its reply, its error") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    test::service_thread thread{ours};

    ctbus::message call = must(theirs.try_new_call("", "/test", interface, "Add"));
    must(call.try_append(40, 2));
    ctbus::message reply = must(theirs.try_call(call));
    CHECK(reply.signature() == "i");
    CHECK(must(reply.try_read<int>()) == 42);
    CHECK(!reply.is_error());

    ctbus::message again = must(theirs.try_new_call("", "/test", interface, "Add"));
    must(again.try_append(1, 2));
    CHECK(must(must(theirs.try_call(again, std::chrono::seconds{20})).try_read<int>()) == 3);

    const auto failed = theirs.try_call(must(theirs.try_new_call("", "/test", interface, "Fail")));
    REQUIRE(!failed);
    CHECK(failed.error().is<"org.example.No">());
    CHECK(contains(failed.error().what(), "Fail"));
    CHECK_THROWS_AS(theirs.call(theirs.new_call("", "/test", interface, "Fail")), ctbus::error);

    ctbus::message wrong = must(theirs.try_new_call("", "/test", interface, "Add"));
    must(wrong.try_append("text"));
    CHECK(theirs.try_call(wrong).error().name() == invalid_args);
    ctbus::message by_hand =
        must(theirs.try_call(must(theirs.try_new_call("", "/test", interface, "ByHand"))));
    CHECK(must(by_hand.try_read<std::string>()) == "automatic");
    // A signal is no call.
    CHECK(!theirs.try_call(must(theirs.try_new_signal("/test", interface, "Said"))));
}

TEST_CASE("messages: replies and errors as the raw client sees them") {
    raw_peer peer;
    struct vtable
        : ctbus::vtable<"org.example.Messages",
                        ctbus::handler<"Reply", [](const ctbus::message& m, int&,
                                                   std::string&) { must(m.try_reply(1, "two")); }>,
                        ctbus::handler<"Error", [](const ctbus::message& m) {
                            must(m.try_reply_error(ctbus::error::make<"org.example.E">("e")));
                        }>> {};
    test::exported<vtable> object{peer.ours, "/test"};
    CHECK(peer.call(path, name, "Reply").reply() == R"(1 "two")");
    CHECK(peer.call(path, name, "Error").error_name() == "org.example.E");
    ctbus::message m = must(peer.ours.try_new_call("", "/", "org.example.I", "M"));
    CHECK(!m.try_reply()); // our own call
    CHECK(!m.try_new_reply());
    CHECK(!m.try_new_error(ctbus::error::make<"org.example.E">("e")));
    CHECK(!must(peer.ours.try_new_signal("/", "org.example.I", "S")).try_reply());
}

TEST_CASE("messages: an empty one fails at everything, without a crash, and says why") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    ctbus::message none;
    CHECK(none.member().empty());
    CHECK(none.path().empty());
    CHECK(none.sender().empty());
    CHECK(none.signature().empty());
    CHECK(none.error().name().empty());
    CHECK(none.cookie() == 0);
    CHECK(!none.is_error());
    CHECK(!none.expects_reply());
    const auto is_clear = [](const auto& outcome) {
        REQUIRE(!outcome);
        CHECK(outcome.error().message() ==
              "the message is empty: it was made by default, or moved from");
        CHECK(outcome.error().code() == EINVAL);
    };
    const auto sorry = ctbus::error::make<"org.example.E">("e");
    is_clear(none.try_append(1));
    is_clear(none.try_append(std::vector<std::string>{"one"}));
    is_clear(none.try_read<int>());
    is_clear(none.try_read<std::string, std::vector<int>>());
    is_clear(none.try_seal());
    is_clear(none.try_rewind());
    is_clear(none.try_auto_start(true));
    is_clear(none.try_send());
    is_clear(ours.try_send(none));
    is_clear(ours.try_call(none));
    is_clear(none.try_reply(1));
    is_clear(none.try_reply());
    is_clear(none.try_new_reply());
    is_clear(none.try_new_error(sorry));
    is_clear(none.try_reply_error(sorry));
    is_clear(none.try_defer<int>());
}

namespace {

std::string why_empty;

struct answers_nothing {
    int level() {
        const ctbus::message none; // as little as a getter has
        for (const auto& outcome : {none.try_reply(1), none.try_reply_error(ctbus::error{}),
                                    [&]() -> ctbus::result<void> {
                                        if (auto later = none.try_defer<int>(); !later)
                                            return ctbus::failure{later.error()};
                                        return {};
                                    }()})
            why_empty += outcome ? "none;" : std::string{outcome.error().message()} + ';';
        return 7;
    }
};
struct answers_nothing_vtable
    : ctbus::vtable<"org.example.Messages", ctbus::accessor<"Level", &answers_nothing::level>> {};

} // namespace

TEST_CASE("messages: an empty one is not the call of a getter, which has none") {
    raw_peer peer;
    answers_nothing served;
    const test::exported<answers_nothing_vtable> object{peer.ours, path, served};
    CHECK(peer.call(path, "org.freedesktop.DBus.Properties", "Get", "ss", name, "Level").reply() ==
          "<i 7>");
    constexpr std::string_view each = "the message is empty: it was made by default, or moved "
                                      "from;";
    CHECK(why_empty == std::string{each} + std::string{each} + std::string{each});
}

TEST_CASE_FIXTURE(fixture, "messages: what cannot be called says why") {
    constexpr std::string_view incomplete =
        "it is incomplete: something could not be appended to it";
    for (const bool sealed_before : {false, true}) {
        ctbus::message m = call();
        REQUIRE(!m.try_append("ok", "\xff"));
        if (sealed_before) {
            const auto sealed = m.try_seal();
            REQUIRE(!sealed);
            CHECK(sealed.error().message() == incomplete);
            const auto sent = m.try_send();
            REQUIRE(!sent);
            CHECK(sent.error().message() == incomplete);
        }
        const auto answer = peer.ours.try_call(m);
        REQUIRE(!answer);
        CHECK(answer.error().is<"org.freedesktop.DBus.Error.Failed">());
        CHECK(answer.error().message() == incomplete);
        CHECK(answer.error().code() == EBADMSG);
        CHECK(contains(answer.error().what(), "(calling org.example.Messages.Add at /test)"));
    }
    const auto signal = must(peer.ours.try_new_signal("/", "org.example.I", "S"));
    const auto answer = peer.ours.try_call(signal);
    REQUIRE(!answer);
    CHECK(answer.error().message() == "this message is not a method call: send() sends it");
    ctbus::message sent = call();
    must(sent.try_send());
    const auto twice = peer.ours.try_call(sent);
    REQUIRE(!twice);
    CHECK(twice.error().message() ==
          "no reply is wanted: it was sent before by send(), or is marked so");
}

TEST_CASE_FIXTURE(fixture, "messages: what has no reply says why") {
    const auto sorry = ctbus::error::make<"org.example.E">("e");
    const auto says = [](const auto& outcome, std::string_view text) {
        REQUIRE(!outcome);
        CHECK(outcome.error().message() == text);
    };
    constexpr std::string_view unsealed =
        "this call is not sealed: a reply is made to one that was received, or after seal()";
    says(call().try_new_reply(), unsealed);
    says(call().try_new_error(sorry), unsealed);
    ctbus::message sealed = call();
    must(sealed.try_seal());
    CHECK(must(sealed.try_new_reply()).signature().empty());
    const auto signal = must(peer.ours.try_new_signal("/", "org.example.I", "S"));
    constexpr std::string_view none = "this message is not a method call: nothing answers it";
    says(signal.try_new_reply(), none);
    says(signal.try_new_error(sorry), none);
}
