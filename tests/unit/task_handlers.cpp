// Handlers that are coroutines: their arguments, their replies, and what goes while they wait.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include "marshalled.hpp"
#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <ostream> // doctest prints string_views
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// Null in a program without the address sanitizer.
extern "C" [[gnu::weak]] int __asan_address_is_poisoned(const volatile void*);

using ctbus::connection;
using ctbus::message;
using ctbus::task;
using test::contains;
using test::local;
using test::marshalled;
using test::must;
using test::raw_peer;
using namespace std::chrono_literals;

namespace {

constexpr const char* name = "org.ctbus.Coro";
constexpr const char* dropped = "the service gave this call up without an answer";

/// Lets a test decide when coroutines go on.
struct gate {
    std::vector<std::coroutine_handle<>> waiting, opening;

    auto wait() {
        struct awaiter {
            gate& of;
            std::coroutine_handle<> me = nullptr;
            explicit awaiter(gate& g) : of{g} {}
            awaiter(const awaiter&) = delete;
            awaiter& operator=(const awaiter&) = delete;
            ~awaiter() {
                std::erase(of.waiting, me);
                std::erase(of.opening, me);
            }
            static constexpr bool await_ready() { return false; }
            void await_suspend(std::coroutine_handle<> h) { of.waiting.push_back(me = h); }
            static constexpr void await_resume() {}
        };
        return awaiter{*this};
    }
    /// For those that wait now. They may destroy one another.
    void open() {
        opening = std::exchange(waiting, {});
        while (!opening.empty()) {
            const std::coroutine_handle<> first = opening.front();
            opening.erase(opening.begin());
            first.resume();
        }
    }
};

// What every call of `service` may be told to do, by its first argument.
enum : std::int32_t { at_once = 0, waits = 1 };

struct service {
    gate door;
    int alive = 0;
    std::function<void()> action = [] {};
    std::optional<ctbus::deferred<std::int32_t>> later;
    std::string refused;
    const std::string* remembered = nullptr;

    // ---- arguments ----

    task<std::string> borrow(std::string_view text, std::span<const std::int32_t> numbers,
                             const std::string& own, std::span<const double> more,
                             const std::vector<std::string>& all, const message& call) {
        const local here{alive};
        co_await door.wait();
        std::string out{text};
        out += ' ' + std::to_string(std::accumulate(numbers.begin(), numbers.end(), 0));
        out += ' ' + own;
        out +=
            ' ' + std::to_string(static_cast<int>(std::accumulate(more.begin(), more.end(), 0.)));
        for (const std::string& one : all) out += ' ' + one;
        co_await door.wait();
        out += ' ' + std::string{call.member().view()};
        message copy = call;
        out += ' ' + must(copy.try_read<std::string>());
        co_return out;
    }
    task<> remember(const std::string& text) {
        remembered = &text;
        co_await door.wait();
    }
    task<std::string> by_value(std::string text, const char* c, ctbus::object_path_view at,
                               std::vector<std::int32_t> numbers, message call) {
        const local here{alive};
        co_await door.wait();
        co_return text + ' ' + c + ' ' + at.c_str() + ' ' + std::to_string(numbers.size()) + ' ' +
            call.signature().data();
    }

    // ---- outputs ----

    task<void> outputs(std::int32_t how, std::string& text, std::int32_t& n) {
        const local here{alive};
        CHECK(text.empty());
        CHECK(n == 0);
        text = "begun";
        if (how == waits) co_await door.wait();
        n = 7;
        text += ", ended";
    }
    task<std::int32_t> value_and_outputs(std::int32_t how, std::string& text) {
        if (how == waits) co_await door.wait();
        text = "second";
        co_return 1;
    }
    task<std::tuple<std::int32_t, std::string>> tuple(std::int32_t how) {
        if (how == waits) co_await door.wait();
        co_return std::tuple{5, std::string{"five"}};
    }
    task<std::tuple<>> empty_tuple(std::int32_t how) {
        if (how == waits) co_await door.wait();
        co_return std::tuple{};
    }
    task<ctbus::result<std::int32_t>> maybe(std::int32_t how, bool fine) {
        if (how == waits) co_await door.wait();
        if (!fine) co_return ctbus::failure{ctbus::error::make<"org.ctbus.Error.No">("no")};
        co_return 6;
    }
    task<ctbus::result<void>> maybe_nothing(std::int32_t how, bool fine) {
        if (how == waits) co_await door.wait();
        if (!fine) co_return ctbus::failure{ctbus::error::make<"org.ctbus.Error.No">("no")};
        co_return {};
    }
    task<void> nothing(std::int32_t how) {
        const local here{alive};
        if (how == waits) co_await door.wait();
    }
    task<void> no_reply(std::int32_t how) {
        const local here{alive};
        if (how == waits) co_await door.wait();
    }
    task<std::string> bad_text(std::int32_t how) {
        if (how == waits) co_await door.wait();
        co_return "\xff";
    }

    // ---- replies of its own ----

    task<std::int32_t> explicit_reply(std::int32_t how, const message& call) {
        const local here{alive};
        must(call.try_reply(std::int32_t{100}));
        if (how == waits) co_await door.wait();
        CHECK_FALSE(call.try_reply(std::int32_t{101}).has_value());
        co_return 102;
    }
    task<std::int32_t> explicit_error(std::int32_t how, message call) {
        must(call.try_reply_error(ctbus::error::make<"org.ctbus.Error.Own">("its own")));
        if (how == waits) co_await door.wait();
        co_return 103;
    }
    task<std::int32_t> late_reply(const message& call) {
        co_await door.wait();
        const auto sent = call.try_reply(std::int32_t{104});
        CHECK_FALSE(sent.has_value());
        if (!sent) refused = sent.error().message();
        CHECK_FALSE(call.try_reply_error(ctbus::error{}).has_value());
        CHECK_FALSE(call.try_defer<std::int32_t>().has_value());
        co_return 105;
    }
    task<std::int32_t> defers(std::int32_t how, const message& call) {
        const local here{alive};
        later = must(call.try_defer<std::int32_t>());
        if (how == waits) co_await door.wait();
        co_return 106;
    }
    task<std::int32_t> defers_here(std::int32_t how, const message& call) {
        const local here{alive};
        auto promise = must(call.try_defer<std::int32_t>());
        if (how == waits) co_await door.wait();
        if (how != at_once) must(promise.try_reply(107));
        co_return 108;
    }
#ifdef __cpp_exceptions
    task<std::int32_t> throws(std::int32_t how) {
        const local here{alive};
        if (how == waits) co_await door.wait();
        throw ctbus::error::make<"org.ctbus.Error.Thrown">("thrown");
    }
    // Not a coroutine itself.
    task<std::int32_t> throws_first(std::int32_t) {
        throw std::runtime_error{"at first"};
    }
    task<std::int32_t> replies_and_throws(std::int32_t how, const message& call) {
        call.reply(std::int32_t{109});
        if (how == waits) co_await door.wait();
        throw std::runtime_error{"after the reply"};
    }
    task<void> throws_without_reply(std::int32_t how) {
        if (how == waits) co_await door.wait();
        throw std::runtime_error{"nobody waits"};
    }
#endif

    // ---- what goes meanwhile ----

    // Acts before it waits for the first time, in between, or after that.
    task<std::int32_t> act(std::int32_t when) {
        const local here{alive};
        if (when == 0) action();
        if (when == 3) co_return action(), 110;
        co_await door.wait();
        if (when == 1) action();
        if (when == 4) co_return action(), 111;
        co_await door.wait();
        if (when == 2) action();
        co_return 112;
    }
    void plain() {
        action();
    }
};

// clang-format off
struct service_vtable : ctbus::vtable<"org.ctbus.Coro",
    ctbus::handler<"Borrow", &service::borrow>,
    ctbus::handler<"Remember", &service::remember>,
    ctbus::handler<"ByValue", &service::by_value>,
    ctbus::handler<"Outputs", &service::outputs>,
    ctbus::handler<"ValueAndOutputs", &service::value_and_outputs>,
    ctbus::handler<"Tuple", &service::tuple>,
    ctbus::handler<"EmptyTuple", &service::empty_tuple>,
    ctbus::handler<"Maybe", &service::maybe>,
    ctbus::handler<"MaybeNothing", &service::maybe_nothing>,
    ctbus::handler<"Nothing", &service::nothing>,
    ctbus::handler<"NoReply", &service::no_reply, ctbus::no_reply>,
    ctbus::handler<"BadText", &service::bad_text>,
    ctbus::handler<"ExplicitReply", &service::explicit_reply>,
    ctbus::handler<"ExplicitError", &service::explicit_error>,
    ctbus::handler<"LateReply", &service::late_reply>,
    ctbus::handler<"Defers", &service::defers>,
    ctbus::handler<"DefersHere", &service::defers_here>,
#ifdef __cpp_exceptions
    ctbus::handler<"Throws", &service::throws>,
    ctbus::handler<"ThrowsFirst", &service::throws_first>,
    ctbus::handler<"RepliesAndThrows", &service::replies_and_throws>,
    ctbus::handler<"ThrowsWithoutReply", &service::throws_without_reply, ctbus::no_reply>,
#endif
    ctbus::handler<"Act", &service::act>,
    ctbus::handler<"Plain", &service::plain>> {};
// clang-format on

struct fixture {
    raw_peer peer;
    service served;
    std::optional<test::exported<service_vtable>> object;
    test::reports reported;

    fixture() { make(); }
    void make() { object.emplace(peer.ours, ctbus::object_path_view{"/test"}, served); }
    /// Calls; what comes before anything went on, which is nothing, and then.
    template <class... Args>
    test::arrivals call(const char* member, const char* types = "", Args... args) {
        return peer.call("/test", name, member, types, args...);
    }
    test::arrivals go_on() {
        served.door.open();
        return peer.settle();
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "task handlers: borrowed arguments are there as long as it runs") {
    const auto m = peer.make_call("/test", name, "Borrow", "sais", "text", 3, 1, 2, 3, "own");
    const double doubles[] = {1.5, 2.5};
    REQUIRE(sd_bus_message_append_array(m.get(), 'd', doubles, sizeof doubles) >= 0);
    REQUIRE(sd_bus_message_append(m.get(), "as", 2, "a", "b") >= 0);
    peer.send(m);
    CHECK(peer.settle().empty());
    // Other calls come and go.
    for (int i = 0; i < 100; ++i) CHECK(call("Nothing", "i", at_once).size() == 1);
    CHECK(go_on().empty());
    CHECK(go_on().reply() == "\"text 6 own 4 a b Borrow text\"");
    CHECK(served.alive == 0);
}

TEST_CASE_FIXTURE(fixture, "task handlers: who uses an argument later is seen by the sanitizer") {
    CHECK(call("Remember", "s", "text").empty());
    REQUIRE(served.remembered != nullptr);
    CHECK(*served.remembered == "text");
    CHECK(go_on().size() == 1);
    if (&__asan_address_is_poisoned) CHECK(__asan_address_is_poisoned(served.remembered));
}

TEST_CASE_FIXTURE(fixture, "S37 task handlers: borrowed arrays of the other byte order") {
    for (const std::endian order : {std::endian::native, test::other_order}) {
        marshalled body{order};
        body.s("text").a(4, [&] { body.i(1).i(2).i(-10); }).s("own");
        body.a(8, [&] { body.d(1.5).d(3.5); }).a(4, [&] { body.s("a").s("b"); });
        CHECK(peer.exchange_bytes(test::message_bytes({.serial = 500,
                                                       .path = "/test",
                                                       .interface = name,
                                                       .member = "Borrow",
                                                       .signature = "saisadas"},
                                                      body))
                  .empty());
        for (int i = 0; i < 100; ++i) CHECK(call("Nothing", "i", at_once).size() == 1);
        CHECK(go_on().empty());
        CHECK(go_on().reply() == "\"text -7 own 5 a b Borrow text\"");
    }
}

TEST_CASE_FIXTURE(fixture, "task handlers: arguments by value") {
    CHECK(call("ByValue", "ssoai", "text", "c", "/a/b", 2, 1, 2).empty());
    for (int i = 0; i < 100; ++i) CHECK(call("Nothing", "i", at_once).size() == 1);
    CHECK(go_on().reply() == "\"text c /a/b 2 ssoai\"");
    // Arguments that do not decode start nothing.
    CHECK(call("ByValue", "s", "text").error_name() == test::invalid_args);
    CHECK(served.alive == 0);
}

TEST_CASE_FIXTURE(fixture, "S12 task handlers: the reply goes out when it has ended, once") {
    struct {
        const char* member;
        const char* reply;
    } const all[] = {{"Outputs", "\"begun, ended\" 7"},
                     {"ValueAndOutputs", "1 \"second\""},
                     {"Tuple", "5 \"five\""},
                     {"EmptyTuple", ""},
                     {"Nothing", ""}};
    for (const auto& [member, reply] : all) {
        CAPTURE(member);
        CHECK(call(member, "i", at_once).reply() == reply);
        CHECK(call(member, "i", waits).empty());
        CHECK(go_on().reply() == reply);
        CHECK(go_on().empty());
        // A caller that wants no reply gets none.
        CHECK(peer.call_no_reply("/test", name, member, "i", at_once).empty());
        CHECK(peer.call_no_reply("/test", name, member, "i", waits).empty());
        CHECK(served.door.waiting.size() == 1);
        CHECK(go_on().empty());
    }
    for (const char* member : {"Maybe", "MaybeNothing"}) {
        CAPTURE(member);
        const std::string_view fine = std::string_view{member} == "Maybe" ? "6" : "";
        CHECK(call(member, "ib", at_once, 1).reply() == fine);
        CHECK(call(member, "ib", at_once, 0).error_name() == "org.ctbus.Error.No");
        CHECK(call(member, "ib", waits, 1).empty());
        CHECK(go_on().reply() == fine);
        CHECK(call(member, "ib", waits, 0).empty());
        CHECK(go_on().error_name() == "org.ctbus.Error.No");
        CHECK(peer.call_no_reply("/test", name, member, "ib", waits, 0).empty());
        CHECK(go_on().empty());
    }
    for (const std::int32_t how : {at_once, waits}) {
        test::arrivals got = call("BadText", "i", how);
        if (how == waits) got = go_on();
        CHECK(got.error_text() == "output 1 of BadText is not valid UTF-8");
    }
}

TEST_CASE_FIXTURE(fixture, "S7 task handlers: no_reply") {
    for (const std::int32_t how : {at_once, waits}) {
        CHECK(peer.call_no_reply("/test", name, "NoReply", "i", how).empty());
        CHECK(go_on().empty());
        // Who does wait gets one empty reply, when it has ended.
        test::arrivals got = call("NoReply", "i", how);
        if (how == waits) {
            CHECK(got.empty());
            got = go_on();
        }
        CHECK(got.reply().empty());
    }
    CHECK(served.alive == 0);
}

TEST_CASE_FIXTURE(fixture, "S17 task handlers: many at once, answered in another order") {
    std::vector<std::uint64_t> asked;
    for (int i = 0; i < 100; ++i)
        asked.push_back(peer.send(peer.make_call("/test", name, "Nothing", "i", waits)));
    CHECK(peer.settle().empty());
    CHECK(served.alive == 100);
    std::vector<std::uint64_t> answered;
    while (!served.door.waiting.empty()) {
        const auto last = served.door.waiting.back();
        served.door.waiting.pop_back();
        last.resume();
        const auto got = peer.settle();
        REQUIRE(got.only().type() == "reply");
        answered.insert(answered.begin(), got.only().answers());
    }
    CHECK(asked == answered);
    CHECK(served.alive == 0);
}

TEST_CASE_FIXTURE(fixture, "S13 task handlers: an explicit reply, then the end: one message") {
    for (const std::int32_t how : {at_once, waits}) {
        CAPTURE(how);
        CHECK(call("ExplicitReply", "i", how).reply() == "100");
        CHECK(go_on().empty());
        CHECK(call("ExplicitError", "i", how).error_name() == "org.ctbus.Error.Own");
        CHECK(go_on().empty());
        CHECK(peer.call_no_reply("/test", name, "ExplicitReply", "i", how).empty());
        CHECK(go_on().empty());
    }
    CHECK(call("LateReply").empty());
    CHECK(go_on().reply() == "105");
    CHECK(contains(served.refused, "only its running handler may answer it"));
    CHECK(served.alive == 0);
    CHECK(test::reports::texts().empty());
}

TEST_CASE_FIXTURE(fixture, "S16 task handlers: defer() inside them") {
    for (const std::int32_t how : {at_once, waits}) {
        CAPTURE(how);
        for (const bool first : {true, false}) { // answered before it ends, or after
            CHECK(call("Defers", "i", how).empty());
            if (!first) CHECK(go_on().empty());
            REQUIRE(served.later.has_value());
            must(served.later->try_reply(5));
            CHECK(peer.settle().reply() == "5");
            CHECK(go_on().empty());
        }
        CHECK(call("Defers", "i", how).empty());
        served.later.reset();
        CHECK(peer.settle().error_text() == dropped);
        CHECK(go_on().empty());
    }
    CHECK(call("DefersHere", "i", at_once).error_text() == dropped);
    CHECK(call("DefersHere", "i", waits).empty());
    CHECK(go_on().reply() == "107");
    CHECK(call("DefersHere", "i", waits).empty());
    object.reset();
    CHECK(peer.settle().error_text() == dropped);
    CHECK(served.alive == 0);
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(fixture, "S20 task handlers: what they throw is answered, once") {
    for (const std::int32_t how : {at_once, waits}) {
        CAPTURE(how);
        const auto ended = [&](test::arrivals got) {
            if (how == at_once) return got;
            CHECK(got.empty());
            return go_on();
        };
        CHECK(ended(call("Throws", "i", how)).error_name() == "org.ctbus.Error.Thrown");
        CHECK(call("ThrowsFirst", "i", how).error_text() == "at first");
        CHECK(served.alive == 0);
        CHECK(test::reports::texts().empty());
        // Nobody can be told.
        CHECK(ended(peer.call_no_reply("/test", name, "Throws", "i", how)).empty());
        REQUIRE(test::reports::texts().size() == 1);
        CHECK(
            contains(test::reports::texts()[0], "thrown (in Throws, whose caller wants no reply)"));
        CHECK(ended(peer.call_no_reply("/test", name, "ThrowsWithoutReply", "i", how)).empty());
        CHECK(test::reports::texts().size() == 2);
        CHECK(ended(call("ThrowsWithoutReply", "i", how)).error_text() == "nobody waits");
        CHECK(call("RepliesAndThrows", "i", how).reply() == "109");
        if (how == waits) CHECK(go_on().empty());
        REQUIRE(test::reports::texts().size() == 3);
        CHECK(contains(test::reports::texts()[2],
                       "after the reply (after the reply to RepliesAndThrows)"));
        test::reports::texts().clear();
    }
}
#endif

TEST_CASE_FIXTURE(fixture, "S19 task handlers: the object goes while they wait") {
    CHECK(call("Nothing", "i", waits).empty());
    CHECK(call("Outputs", "i", waits).empty());
    CHECK(call("Act", "i", 5).empty());
    CHECK(peer.call_no_reply("/test", name, "Nothing", "i", waits).empty());
    CHECK(call("ExplicitReply", "i", waits).reply() == "100");
    CHECK(served.alive == 5);
    SUBCASE("destroyed") {
        object.reset();
        CHECK(served.alive == 0); // at once
        const auto got = peer.settle();
        CHECK(got.size() == 3);
        for (const test::arrived& a : got) CHECK(a.error_text() == dropped);
    }
    SUBCASE("destroyed in another handler") {
        served.action = [&] {
            object.reset();
            CHECK(served.alive == 0);
        };
        peer.send(peer.make_call("/test", name, "Plain"));
        CHECK(peer.settle().size() == 4);
    }
    SUBCASE("destroyed in another handler that is a coroutine") {
        served.action = [&] {
            object.reset();
            CHECK(served.alive == 1);
        };
        peer.send(peer.make_call("/test", name, "Act", "i", 3));
        const auto got = peer.settle();
        REQUIRE(got.size() == 4);
        CHECK(got.back().body() == "110");
    }
    CHECK(served.alive == 0);
    CHECK(served.door.waiting.empty());
    CHECK(peer.settle().empty());
    make(); // and the path is free again
    CHECK(call("Nothing", "i", at_once).reply().empty());
}

TEST_CASE_FIXTURE(fixture, "S19 task handlers: the object destroyed by its own coroutine") {
    served.action = [&] { object.reset(); };
    SUBCASE("before it waits") {
        CHECK(call("Act", "i", 0).error_text() == dropped);
    }
    SUBCASE("before it waits, and it never does") {
        CHECK(call("Act", "i", 3).reply() == "110");
    }
    SUBCASE("after its first wait, and it waits again") {
        CHECK(call("Act", "i", 1).empty());
        CHECK(go_on().error_text() == dropped);
    }
    SUBCASE("after its first wait, and it ends") {
        CHECK(call("Act", "i", 4).empty());
        CHECK(go_on().reply() == "111");
    }
    SUBCASE("after its second wait") {
        CHECK(call("Act", "i", 2).empty());
        CHECK(go_on().empty());
        CHECK(go_on().reply() == "112");
    }
    CHECK(served.alive == 0);
    CHECK(go_on().empty());
    make();
    CHECK(call("Nothing", "i", at_once).reply().empty());
}

TEST_CASE_FIXTURE(fixture, "S42 task handlers: an object that replaces itself") {
    served.action = [&] {
        object.reset();
        make();
    };
    SUBCASE("before it waits") {
        CHECK(call("Act", "i", 0).error_text() == dropped);
    }
    SUBCASE("and ends") {
        CHECK(call("Act", "i", 3).reply() == "110");
    }
    SUBCASE("after it waited") {
        CHECK(call("Act", "i", 4).empty());
        CHECK(go_on().reply() == "111");
    }
    CHECK(served.alive == 0);
    CHECK(call("Nothing", "i", at_once).reply().empty());
    CHECK(call("Nothing", "i", waits).empty());
    CHECK(go_on().reply().empty());
}

TEST_CASE_FIXTURE(fixture, "S19 task handlers: the peer goes at each step") {
    const auto lost = [&] {
        peer.hang_up();
        while (peer.ours.try_process().value_or(false)) {
        }
    };
    for (const char* member : {"Nothing", "Outputs", "ExplicitReply", "Defers"})
        static_cast<void>(call(member, "i", waits));
    CHECK(call("Maybe", "ib", waits, 0).empty());
    CHECK(call("Act", "i", 5).empty());
    CHECK(served.alive == 5);
    SUBCASE("while all wait; they go on then") {
        lost();
        served.door.open();
        served.door.open();
    }
    SUBCASE("in between") {
        served.door.open();
        lost();
        served.door.open();
    }
    SUBCASE("and then the object") {
        lost();
        object.reset();
    }
    SUBCASE("and then the connection") {
        lost();
        test::close(peer.ours);
        served.door.open();
        served.door.open();
    }
    served.later.reset();
    CHECK(served.alive == 0);
}

TEST_CASE_FIXTURE(fixture, "S19 task handlers: the connection closes at each step") {
    const auto close = [&] { test::close(peer.ours); };
    SUBCASE("while they wait; then they go on") {
        CHECK(call("Act", "i", 1).empty());
        CHECK(call("Outputs", "i", waits).empty());
        close();
        CHECK(served.alive == 2);
        served.door.open();
        served.door.open();
    }
    SUBCASE("while they wait; then the object goes") {
        CHECK(call("Act", "i", 1).empty());
        close();
        object.reset();
    }
    for (std::int32_t when = 0; when < 5; ++when) {
        CAPTURE(when);
        SUBCASE("by the coroutine itself") {
            fixture own;
            own.served.action = [&] { test::close(own.peer.ours); };
            own.peer.send(own.peer.make_call("/test", name, "Act", "i", when));
            while (own.peer.ours.try_process().value_or(false)) {
            }
            own.served.door.open();
            own.served.door.open();
            CHECK(own.served.alive == 0);
        }
    }
    CHECK(served.alive == 0);
}

// ---- arguments that a deferred reply keeps ----

namespace {

struct queue {
    struct entry {
        ctbus::deferred<std::string> reply;
        const std::string* text;
        std::span<const std::int32_t> numbers;
        const std::vector<double>* more;
        std::string_view view;

        std::string answer() const {
            return *text + ' ' +
                   std::to_string(std::accumulate(numbers.begin(), numbers.end(), 0)) + ' ' +
                   std::to_string(more->size()) + ' ' + std::string{view};
        }
    };
    std::vector<entry> entries;
    std::string seen_after;

    void put(const std::string& text, std::span<const std::int32_t> numbers,
             const std::vector<double>& more, std::string_view view,
             ctbus::deferred<std::string> reply) {
        entries.push_back({std::move(reply), &text, numbers, &more, view});
    }
    // Answers inside the handler, and uses its arguments after that.
    void at_once(const std::string& text, std::span<const std::int32_t> numbers,
                 const std::vector<double>& more, std::string_view view,
                 ctbus::deferred<std::string> reply) {
        entry one{std::move(reply), &text, numbers, &more, view};
        must(one.reply.try_reply(one.answer()));
        one.reply = {};
        seen_after = one.answer();
    }
    // A coroutine too.
    task<void> both(const std::string& text, std::span<const std::int32_t> numbers,
                    const std::vector<double>& more, std::string_view view,
                    ctbus::deferred<std::string> reply) {
        entry one{std::move(reply), &text, numbers, &more, view};
        co_await door.wait();
        must(one.reply.try_reply(one.answer()));
        seen_after = one.answer();
    }
    gate door;
};
// clang-format off
struct queue_vtable : ctbus::vtable<"org.ctbus.Queue",
    ctbus::handler<"Put", &queue::put>,
    ctbus::handler<"AtOnce", &queue::at_once>,
    ctbus::handler<"Both", &queue::both>> {};
// clang-format on

struct queue_fixture {
    raw_peer peer;
    queue served;
    std::optional<test::exported<queue_vtable>> object;

    queue_fixture() { object.emplace(peer.ours, ctbus::object_path_view{"/test"}, served); }
    test::arrivals call(const char* member, std::int32_t n, std::endian order) {
        marshalled body{order};
        body.s("text" + std::to_string(n)).a(4, [&] { body.i(n).i(1); });
        body.a(8, [&] { body.d(1).d(2); }).s("view" + std::to_string(n));
        return peer.exchange_bytes(
            test::message_bytes({.serial = 1000 + static_cast<std::uint32_t>(n),
                                 .path = "/test",
                                 .interface = "org.ctbus.Queue",
                                 .member = member,
                                 .signature = "saiads"},
                                body));
    }
    static std::string expected(std::int32_t n) {
        const std::string digits = std::to_string(n);
        return "text" + digits + ' ' + std::to_string(n + 1) + " 2 view" + digits;
    }
};

} // namespace

TEST_CASE_FIXTURE(queue_fixture, "S18 deferred: arguments are there as long as the reply is due") {
    for (const std::endian order : {std::endian::native, test::other_order}) {
        for (std::int32_t n = 0; n < 50; ++n) CHECK(call("Put", n, order).empty());
        REQUIRE(served.entries.size() == 50);
        for (std::int32_t n = 49; n >= 0; --n) {
            queue::entry one = std::move(served.entries.back());
            served.entries.pop_back();
            CHECK(one.answer() == expected(n));
            must(one.reply.try_reply(one.answer()));
            CHECK(peer.settle().reply() == '"' + expected(n) + '"');
        }
        for (std::int32_t n = 0; n < 3; ++n) {
            CHECK(call("AtOnce", n, order).reply() == '"' + expected(n) + '"');
            CHECK(served.seen_after == expected(n));
        }
    }
    CHECK(call("Put", 1, test::other_order).empty());
    object.reset();
    CHECK(served.entries[0].answer() == expected(1)); // also when the object has gone
    test::close(peer.ours);
    CHECK(served.entries[0].answer() == expected(1));
}

TEST_CASE_FIXTURE(queue_fixture, "S18 deferred in a coroutine") {
    for (const std::endian order : {std::endian::native, test::other_order}) {
        CHECK(call("Both", 5, order).empty());
        CHECK(call("Both", 6, order).empty());
        served.door.open();
        const auto got = peer.settle();
        REQUIRE(got.size() == 2);
        CHECK(got[0].body() == '"' + expected(5) + '"');
        CHECK(got[1].body() == '"' + expected(6) + '"');
        CHECK(served.seen_after == expected(6));
    }
    CHECK(call("Both", 7, std::endian::native).empty());
    object.reset();
    CHECK(peer.settle().error_text() == dropped);
}
