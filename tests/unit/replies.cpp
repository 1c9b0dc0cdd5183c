// Exactly one reply per call, and the right one: S3, S7 to S14, S20, S38, S40.
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <tuple>
#include <vector>

using test::contains;
using test::failed;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Replies";

struct point {
    std::int32_t x;
    std::int32_t y;
};

std::vector<std::string> reported;
void collect(const ctbus::error& e) {
    reported.emplace_back(e.what());
}

/// Collects what is reported while it lives.
struct report_collector {
    ctbus::report_handler before = ctbus::set_report_handler(collect);
    report_collector() { reported.clear(); }
    ~report_collector() { ctbus::set_report_handler(before); }
};

struct service {
    explicit service(raw_peer* p = nullptr) : peer{p} {}

    raw_peer* peer;
    std::vector<int> bumped;
    std::size_t arrived_before_return = 99;
    ctbus::message kept;
    ctbus::result<void> second; // what a second reply of the handler came to
    ctbus::result<void> first;
    int ran = 0;

    // S7 to S11
    void notify(int n) { bumped.push_back(n); }
#ifdef __cpp_exceptions
    void notify_throws() {
        throw std::runtime_error{"nobody hears this"};
    }
#endif
    std::uint32_t count() {
        return static_cast<std::uint32_t>(bumped.size());
    }
    void swallow(std::string_view) {
        ++ran;
        arrived_before_return = peer->settle_client().size();
    }
    void outputs(int& number, std::string& text, std::vector<int>& list, point& where,
                 std::tuple<int, bool>& pair) {
        number += 1;
        text += "x";
        list.push_back(7);
        where.x += 2;
        std::get<0>(pair) += 3;
    }
    void adds_to_outputs(int in, int& out, std::string& text) {
        out += in;
        text += std::to_string(in);
    }
    int mixed(int n, std::string& text, double& half) {
        text = "n" + std::to_string(n);
        half = n / 2.0;
        return n;
    }
    std::tuple<int, std::string> tuple() {
        return {1, "two"};
    }
    point structure() {
        return {1, 2};
    }
    ctbus::result<std::tuple<int, int>> tuple_result(bool good) {
        if (!good) return ctbus::failure{ctbus::error::make<"org.example.Bad">("not good")};
        return std::tuple{3, 4};
    }
    std::tuple<int, point> tuple_then_outputs(std::string& text) {
        text = "after";
        return {1, {2, 3}};
    }
    const std::string& reference() {
        return referenced;
    }

    // S3
    std::tuple<std::string, std::string, std::string, std::string, std::string> who(
        int, std::string_view, const ctbus::message& m) {
        return {m.sender().str(), m.path().str(), m.interface().str(), m.member().str(),
                std::string{m.signature()}};
    }
    void keep(int, std::string_view, ctbus::message m) {
        kept = m;
    }
    void message_at_end(int in, int& out, const ctbus::message& m) {
        out = in + static_cast<int>(m.signature().size());
    }
    int message_between(int in, const ctbus::message& m, std::string& out) {
        out = m.member().str();
        return in;
    }

    // S13
    int reply_then_return(const ctbus::message& m) {
        must(m.try_reply(1));
        return 2;
    }
    ctbus::result<int> reply_then_throw(const ctbus::message& m) {
        must(m.try_reply(1));
        return test::refuse<std::runtime_error>("too late");
    }
    void reply_then_set_outputs(const ctbus::message& m, int& a, std::string& b) {
        must(m.try_reply(1, "one"));
        a = 2;
        b = "two";
    }
    int error_then_return(const ctbus::message& m) {
        must(m.try_reply_error(ctbus::error::make<"org.example.Explicit">("said by hand")));
        return 2;
    }
    ctbus::result<int> error_then_throw(const ctbus::message& m) {
        must(m.try_reply_error(ctbus::error::make<"org.example.Explicit">("said by hand")));
        return test::refuse<std::runtime_error>("too late");
    }
    int two_replies(const ctbus::message& m) {
        must(m.try_reply(1));
        second = m.try_reply(2);
        return 3;
    }
    int reply_then_error(const ctbus::message& m) {
        must(m.try_reply(1));
        second = m.try_reply_error(ctbus::error::make<"org.example.Second">("again"));
        return 3;
    }
    int error_then_reply(const ctbus::message& m) {
        must(m.try_reply_error(ctbus::error::make<"org.example.First">("first")));
        second = m.try_reply(2);
        return 3;
    }
    ctbus::result<int> throws_second_reply(const ctbus::message& m) {
        must(m.try_reply(1));
        if (const auto again = m.try_reply(2); !again) return test::refuse(again.error());
        return 3;
    }
    int made_not_sent(const ctbus::message& m) {
        ctbus::message reply = must(m.try_new_reply());
        must(reply.try_append(1));
        return 2;
    }
    int error_made_not_sent(const ctbus::message& m) {
        static_cast<void>(
            must(m.try_new_error(ctbus::error::make<"org.example.Unsent">("unsent"))));
        return 2;
    }
    int sent_by_hand(const ctbus::message& m) {
        ctbus::message reply = must(m.try_new_reply());
        must(reply.try_append(1));
        must(reply.try_send());
        return 2;
    }
    int two_made_both_sent(const ctbus::message& m) {
        ctbus::message one = must(m.try_new_reply()), two = must(m.try_new_reply());
        must(one.try_append(1));
        must(two.try_append(2));
        must(peer->ours.try_send(one));
        second = peer->ours.try_send(two);
        return 3;
    }
    int error_sent_by_hand(const ctbus::message& m) {
        must(must(m.try_new_error(ctbus::error::make<"org.example.ByHand">("by hand"))).try_send());
        return 2;
    }
    void one_message_twice(const ctbus::message& m, int&) {
        ctbus::message reply = must(m.try_new_reply());
        must(reply.try_append(1));
        must(reply.try_send());
        second = reply.try_send();
    }
    int reply_to_kept(const ctbus::message&) {
        second = kept.try_reply(5);
        return 6;
    }
    void reply_nothing(const ctbus::message& m) {
        must(m.try_reply());
    }

    // S14
    int wrong_reply(const ctbus::message& m) {
        first = m.try_reply("text");
        return 2;
    }
    ctbus::result<int> wrong_reply_throws(const ctbus::message& m) {
        if (const auto wrong = m.try_reply("text"); !wrong) return test::refuse(wrong.error());
        return 2;
    }
    int wrong_reply_by_hand(const ctbus::message& m) {
        ctbus::message reply = must(m.try_new_reply());
        must(reply.try_append(1));
        must(reply.try_append(2));
        first = reply.try_send();
        return 2;
    }
    int wrong_then_right(const ctbus::message& m) {
        first = m.try_reply("text");
        second = m.try_reply(8);
        return 9;
    }
    int wrong_then_error(const ctbus::message& m) {
        first = m.try_reply("text");
        must(m.try_reply_error(ctbus::error::make<"org.example.Own">("own error")));
        return 9;
    }
    void unsendable_reply(const ctbus::message& m, std::string&) {
        first = m.try_reply(std::string_view{"\xff"});
    }
    void unfilled_reply(const ctbus::message& m, std::string&) {
        auto made = must(m.try_new_reply());
        CHECK(!made.try_append(std::string_view{"\xff"}));
        first = made.try_send();
    }
    void surplus_reply(const ctbus::message& m) {
        first = m.try_reply(1);
    }

    // S20, S40
    ctbus::result<void> throws() {
        return test::refuse<std::runtime_error>("it broke");
    }
    ctbus::result<int> throws_after_outputs(int& out) {
        out = 1;
        return test::refuse<std::runtime_error>("it broke");
    }
    ctbus::result<void> throws_bad_text() {
        return test::refuse<std::runtime_error>("caf\xe9 broke");
    }
    ctbus::result<void> throws_bad_error() {
        return test::refuse({"org.example.Bad", "caf\xe9 \x80"});
    }
    ctbus::result<void> throws_bad_name() {
        return test::refuse({"not a name", "the text"});
    }
    ctbus::result<int> fails_with_bad_text() {
        return ctbus::failure{ctbus::error{"org.example.Bad", "\xff\xfe"}};
    }
    void replies_bad_error(const ctbus::message& m) {
        must(m.try_reply_error(ctbus::error{"org.example.Bad", "\xff text"}));
    }
    std::string bad_output() {
        return "caf\xe9";
    }

    std::string referenced = "a reference";
};

struct service_vtable
    : ctbus::vtable<
          "org.example.Replies", ctbus::handler<"Notify", &service::notify, ctbus::no_reply>,
#ifdef __cpp_exceptions
          ctbus::handler<"NotifyThrows", &service::notify_throws, ctbus::no_reply>,
#endif
          ctbus::handler<"Count", &service::count>, ctbus::handler<"Swallow", &service::swallow>,
          ctbus::handler<"Outputs", &service::outputs>,
          ctbus::handler<"AddsToOutputs", &service::adds_to_outputs>,
          ctbus::handler<"Mixed", &service::mixed>, ctbus::handler<"Tuple", &service::tuple>,
          ctbus::handler<"Structure", &service::structure>,
          ctbus::handler<"TupleResult", &service::tuple_result>,
          ctbus::handler<"TupleThenOutputs", &service::tuple_then_outputs>,
          ctbus::handler<"Reference", &service::reference>, ctbus::handler<"Who", &service::who>,
          ctbus::handler<"Keep", &service::keep>,
          ctbus::handler<"MessageAtEnd", &service::message_at_end>,
          ctbus::handler<"MessageBetween", &service::message_between>,
          ctbus::handler<"ReplyThenReturn", &service::reply_then_return>,
          ctbus::handler<"ReplyThenThrow", &service::reply_then_throw>,
          ctbus::handler<"ReplyThenSetOutputs", &service::reply_then_set_outputs>,
          ctbus::handler<"ErrorThenReturn", &service::error_then_return>,
          ctbus::handler<"ErrorThenThrow", &service::error_then_throw>,
          ctbus::handler<"TwoReplies", &service::two_replies>,
          ctbus::handler<"ReplyThenError", &service::reply_then_error>,
          ctbus::handler<"ErrorThenReply", &service::error_then_reply>,
          ctbus::handler<"ThrowsSecondReply", &service::throws_second_reply>,
          ctbus::handler<"MadeNotSent", &service::made_not_sent>,
          ctbus::handler<"ErrorMadeNotSent", &service::error_made_not_sent>,
          ctbus::handler<"SentByHand", &service::sent_by_hand>,
          ctbus::handler<"TwoMadeBothSent", &service::two_made_both_sent>,
          ctbus::handler<"ErrorSentByHand", &service::error_sent_by_hand>,
          ctbus::handler<"OneMessageTwice", &service::one_message_twice>,
          ctbus::handler<"ReplyToKept", &service::reply_to_kept>,
          ctbus::handler<"ReplyNothing", &service::reply_nothing>,
          ctbus::handler<"WrongReply", &service::wrong_reply>,
          ctbus::handler<"WrongReplyThrows", &service::wrong_reply_throws>,
          ctbus::handler<"WrongReplyByHand", &service::wrong_reply_by_hand>,
          ctbus::handler<"WrongThenRight", &service::wrong_then_right>,
          ctbus::handler<"WrongThenError", &service::wrong_then_error>,
          ctbus::handler<"UnsendableReply", &service::unsendable_reply>,
          ctbus::handler<"UnfilledReply", &service::unfilled_reply>,
          ctbus::handler<"SurplusReply", &service::surplus_reply>,
          ctbus::handler<"Throws", &service::throws>,
          ctbus::handler<"ThrowsAfterOutputs", &service::throws_after_outputs>,
          ctbus::handler<"ThrowsBadText", &service::throws_bad_text>,
          ctbus::handler<"ThrowsBadError", &service::throws_bad_error>,
          ctbus::handler<"ThrowsBadName", &service::throws_bad_name>,
          ctbus::handler<"FailsWithBadText", &service::fails_with_bad_text>,
          ctbus::handler<"RepliesBadError", &service::replies_bad_error>,
          ctbus::handler<"BadOutput", &service::bad_output>> {
};

struct fixture {
    raw_peer peer;
    service served{&peer};
    test::exported<service_vtable> object{peer.ours, "/test", served};

    template <class... Args>
    test::arrivals call(const char* member, const char* types = "", Args... args) {
        return peer.call(path, name, member, types, args...);
    }
    template <class... Args>
    test::arrivals call_no_reply(const char* member, const char* types = "", Args... args) {
        return peer.call_no_reply(path, name, member, types, args...);
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "S3 the message parameter is the current call") {
    CHECK(call("Who", "is", 1, "x").reply() ==
          R"("" "/test" "org.example.Replies" "Who" "is")"); // no sender on a direct connection
    CHECK(call("MessageAtEnd", "i", 5).reply() == "6");
    CHECK(call("MessageBetween", "i", 5).reply() == R"(5 "MessageBetween")");
}

TEST_CASE_FIXTURE(fixture, "S3 a kept message can be read after its handler returned") {
    CHECK(call("Keep", "is", 42, "kept").reply() == "");
    CHECK(call("Count").reply() == "0");
    REQUIRE(served.kept);
    CHECK(served.kept.member() == "Keep");
    CHECK(served.kept.path() == path);
    CHECK(served.kept.interface() == name);
    CHECK(served.kept.signature() == "is");
    CHECK(served.kept.sender().empty());
    must(served.kept.try_rewind());
    CHECK(must(served.kept.try_read<int, std::string>()) == std::tuple{42, std::string{"kept"}});

    SUBCASE("and even when everything else is gone") {
        ctbus::message kept = served.kept;
        served.kept = {};
        {
            raw_peer other;
            service shorter{&other};
            test::exported<service_vtable> short_lived{other.ours, "/test", shorter};
            other.call(path, name, "Keep", "is", 43, "longer");
            kept = shorter.kept;
        }
        must(kept.try_rewind());
        CHECK(must(kept.try_read<int, std::string>()) == std::tuple{43, std::string{"longer"}});
    }
}

TEST_CASE_FIXTURE(fixture, "S7 a proxy's call of a no_reply method asks for no reply") {
    ctbus::proxy<service_vtable> proxy{peer.ours, "/elsewhere"};
    must(proxy.try_call<"Notify">(5)); // returns at once: nobody has read the call yet
    const auto got = peer.settle();
    CHECK(got.only().type() == "call");
    CHECK(got.only().member() == "Notify");
    CHECK(got.only().body() == "5");
    CHECK(!got.only().expects_reply());
}

TEST_CASE_FIXTURE(fixture, "S7 with NO_REPLY_EXPECTED nothing comes back") {
    report_collector reports;
    CHECK(call_no_reply("Notify", "i", 1).empty());
    CHECK(served.bumped.size() == 1);
#ifdef __cpp_exceptions
    CHECK(call_no_reply("NotifyThrows").empty());
    REQUIRE(reported.size() == 1); // nobody else would hear of it
    CHECK(contains(reported[0], "nobody hears this"));
#endif
    CHECK(call_no_reply("Mixed", "i", 1).empty());
    CHECK(call_no_reply("Swallow", "s", "x").empty());
    CHECK(call_no_reply("Throws").empty());
    CHECK(call_no_reply("ThrowsBadText").empty());
    CHECK(call_no_reply("TupleResult", "b", 0).empty());
    CHECK(call_no_reply("BadOutput").empty());
    CHECK(call_no_reply("ReplyThenReturn").empty());
    CHECK(call_no_reply("ReplyThenThrow").empty());
    CHECK(call_no_reply("ErrorThenReturn").empty());
    CHECK(call_no_reply("SentByHand").empty());
    CHECK(call_no_reply("ErrorSentByHand").empty());
    CHECK(call_no_reply("WrongReply").empty());
    CHECK(call_no_reply("WrongReplyThrows").empty());
    CHECK(call_no_reply("UnsendableReply").empty());
    CHECK(call_no_reply("TwoReplies").empty());
    CHECK(!served.second); // the caller's flag does not make a second reply legal
    CHECK(call_no_reply("Notify", "s", "of another type").empty());
    CHECK(call_no_reply("NoSuchMethod").empty());
    CHECK(peer.call_no_reply(path, "no.such.interface", "Notify").empty());
    CHECK(peer.call_no_reply("/nowhere", name, "Notify").empty());
    CHECK(call("Count").reply() == "1"); // and the service still works
}

TEST_CASE_FIXTURE(fixture, "S7 a caller that waits for a no_reply method gets one empty reply") {
    const auto got = call("Notify", "i", 1);
    CHECK(got.reply() == "");
    CHECK(got.only().signature() == "");
    CHECK(served.bumped.size() == 1);
#ifdef __cpp_exceptions
    CHECK(call("NotifyThrows").error_name() == failed);
#endif
}

TEST_CASE("S8 calls of one connection are handled in arrival order") {
    auto [ours, theirs] = must(ctbus::connection::try_pair());
    service served;
    test::exported<service_vtable> object{ours, "/test", served};
    {
        test::service_thread thread{ours};
        ctbus::proxy<service_vtable> proxy{theirs, "/test"};
        for (int i = 0; i < 100; ++i) must(proxy.try_call<"Notify">(i));
        CHECK(must(proxy.try_call<"Count">()) == 100);
    }
    REQUIRE(served.bumped.size() == 100);
    for (int i = 0; i < 100; ++i) CHECK(served.bumped[static_cast<std::size_t>(i)] == i);
}

TEST_CASE_FIXTURE(fixture, "S9 an input-only method answers once, empty, after the handler") {
    const auto got = call("Swallow", "s", "x");
    CHECK(got.reply() == "");
    CHECK(got.only().signature() == "");
    CHECK(served.ran == 1);
    CHECK(served.arrived_before_return == 0);
}

TEST_CASE_FIXTURE(fixture, "S10 outputs start value-initialised") {
    for (int i = 0; i < 3; ++i) CHECK(call("Outputs").reply() == R"(1 "x" [7] (2 0) (3 false))");
}

TEST_CASE_FIXTURE(fixture, "S10 outputs are never read from the call") {
    CHECK(call("AddsToOutputs", "i", 5).reply() == R"(5 "5")");
    // What else the caller sends is no output's first value, but an error.
    CHECK(call("AddsToOutputs", "iis", 5, 6, "x").error_name() == test::invalid_args);
    CHECK(call("Outputs", "isaib", 1, "x", 1, 2, 0).error_name() == test::invalid_args);
}

TEST_CASE_FIXTURE(fixture, "S11 the return value first, then output references in order") {
    const auto mixed = call("Mixed", "i", 5);
    CHECK(mixed.only().signature() == "isd");
    CHECK(mixed.reply() == R"(5 "n5" 2.5)");
    const auto both = call("TupleThenOutputs");
    CHECK(both.only().signature() == "i(ii)s");
    CHECK(both.reply() == R"(1 (2 3) "after")");
}

TEST_CASE_FIXTURE(fixture, "S11 a returned tuple is several outputs, a returned struct is one") {
    CHECK(call("Tuple").only().signature() == "is");
    CHECK(call("Tuple").reply() == R"(1 "two")");
    CHECK(call("Structure").only().signature() == "(ii)");
    CHECK(call("Structure").reply() == "(1 2)");
    CHECK(call("TupleResult", "b", 1).only().signature() == "ii");
    CHECK(call("TupleResult", "b", 1).reply() == "3 4");
    CHECK(call("TupleResult", "b", 0).error_name() == "org.example.Bad");
    CHECK(call("Reference").reply() == R"("a reference")");
}

TEST_CASE_FIXTURE(fixture, "S12 exactly one reply per call, with the right signature and serial") {
    // The serial is checked in exchange().
    CHECK(call("Count").only().signature() == "u");
    CHECK(call("Swallow", "s", "").only().signature() == "");
    CHECK(call("Mixed", "i", 1).only().signature() == "isd");

    // Many calls in flight: each is answered once, by its own serial, in order.
    std::vector<std::uint64_t> cookies;
    for (int i = 0; i < 20; ++i)
        cookies.push_back(peer.send(peer.make_call(path, name, "MessageBetween", "i", i)));
    const auto got = peer.settle();
    REQUIRE(got.size() == 20);
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(got[i].answers() == cookies[i]);
        CHECK(got[i].body() == std::to_string(i) + R"( "MessageBetween")");
    }
}

TEST_CASE_FIXTURE(fixture, "S12 what is not exported answers one error") {
    CHECK(call("NoSuchMethod").error_name() == "org.freedesktop.DBus.Error.UnknownMethod");
    // sd-bus does not tell an unknown interface from an unknown method.
    CHECK(peer.call(path, "no.such.interface", "Count").error_name() ==
          "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(peer.call("/nowhere", name, "Count").error_name() ==
          "org.freedesktop.DBus.Error.UnknownObject");
}

TEST_CASE_FIXTURE(fixture, "S13 an explicit reply is the only one") {
    CHECK(call("ReplyThenReturn").reply() == "1");
    CHECK(call("ReplyThenSetOutputs").reply() == R"(1 "one")");
    CHECK(call("ReplyNothing").reply() == "");
    CHECK(call("SentByHand").reply() == "1");
    CHECK(call("ErrorThenReturn").error_name() == "org.example.Explicit");
    CHECK(call("ErrorThenReturn").error_text() == "said by hand");
    CHECK(call("ErrorSentByHand").error_name() == "org.example.ByHand");
}

TEST_CASE_FIXTURE(fixture, "S13 an explicit reply, then an exception: one message and a report") {
    report_collector reports;
    CHECK(call("ReplyThenThrow").reply() == "1");
    REQUIRE(reported.size() == 1);
    CHECK(contains(reported[0], "too late"));
    CHECK(contains(reported[0], "ReplyThenThrow"));
    CHECK(call("ErrorThenThrow").error_name() == "org.example.Explicit");
    CHECK(reported.size() == 2);
    CHECK(call("ThrowsSecondReply").reply() == "1");
    CHECK(reported.size() == 3);
}

TEST_CASE_FIXTURE(fixture, "S13 a second explicit reply fails locally") {
    const auto refused = [&] {
        const bool failed_here = !served.second.has_value();
        served.second = {};
        return failed_here;
    };
    CHECK(call("TwoReplies").reply() == "1");
    CHECK(refused());
    CHECK(call("ReplyThenError").reply() == "1");
    CHECK(refused());
    CHECK(call("ErrorThenReply").error_name() == "org.example.First");
    CHECK(refused());
    CHECK(call("TwoMadeBothSent").reply() == "1");
    CHECK(refused());
    CHECK(call("OneMessageTwice").reply() == "1");
    CHECK(refused());
}

TEST_CASE_FIXTURE(fixture, "S13 a reply made but not sent gets the automatic one") {
    CHECK(call("MadeNotSent").reply() == "2");
    CHECK(call("ErrorMadeNotSent").reply() == "2");
}

TEST_CASE_FIXTURE(fixture, "S13 a call whose handler has returned cannot be answered") {
    CHECK(call("Keep", "is", 1, "x").reply() == "");
    // Neither outside of any handler, nor inside another call's.
    CHECK(!served.kept.try_reply());
    CHECK(!served.kept.try_reply_error(ctbus::error::make<"org.example.Late">("late")));
    auto made = served.kept.try_new_reply();
    REQUIRE(made);
    CHECK(!made->try_send());
    CHECK(!peer.ours.try_send(*made));
    CHECK(peer.settle().empty());
    CHECK(call("ReplyToKept").reply() == "6");
    CHECK(!served.second);
}

TEST_CASE_FIXTURE(fixture, "S14 an untyped reply of the wrong types: one clear error") {
    const auto is_clear = [](const test::arrivals& got) {
        CHECK(got.error_name() == failed);
        CHECK(contains(got.error_text(), "signature"));
    };
    for (const char* member : {"WrongReply", "WrongReplyByHand", "SurplusReply"}) {
        CAPTURE(member);
        served.first = {};
        is_clear(call(member));
        REQUIRE(!served.first); // it failed locally, too
        CHECK(contains(served.first.error().message(), "signature"));
    }
    is_clear(call("WrongReplyThrows"));
    // The handler may still answer rightly.
    CHECK(call("WrongThenRight").reply() == "8");
    CHECK(served.second.has_value());
    CHECK(call("WrongThenError").error_name() == "org.example.Own");
}

TEST_CASE_FIXTURE(fixture, "S14 an untyped reply that cannot be written: one clear error") {
    const auto got = call("UnsendableReply");
    CHECK(got.only().type() == "error");
    CHECK(got.error_name() == failed);
    CHECK(contains(got.error_text(), "output 1 of UnsendableReply"));
    REQUIRE(!served.first);
    CHECK(contains(served.first.error().message(), "output 1"));
    const auto unfilled = call("UnfilledReply");
    CHECK(unfilled.error_name() == failed);
    CHECK(contains(unfilled.error_text(), "could not be appended"));
    REQUIRE(!served.first);
}

TEST_CASE_FIXTURE(fixture, "S20 a throwing handler answers one error") {
    const auto got = call("Throws");
    CHECK(got.error_name() == failed);
    CHECK(got.error_text() == "it broke");
    CHECK(call("ThrowsAfterOutputs").error_text() == "it broke");
    CHECK(call("Count").reply() == "0");
}

TEST_CASE_FIXTURE(fixture, "S40 bad UTF-8 in an error's text still gives the caller an error") {
    CHECK(call("ThrowsBadText").error_name() == failed);
    CHECK(call("ThrowsBadText").error_text() == "caf? broke");
    CHECK(call("ThrowsBadError").error_name() == "org.example.Bad");
    CHECK(call("ThrowsBadError").error_text() == "caf? ?");
    CHECK(call("FailsWithBadText").error_name() == "org.example.Bad");
    CHECK(call("FailsWithBadText").error_text() == "??");
    CHECK(call("RepliesBadError").error_name() == "org.example.Bad");
    CHECK(call("RepliesBadError").error_text() == "? text");
}

TEST_CASE_FIXTURE(fixture, "S40 an error whose name is not one still reaches the caller") {
    CHECK(call("ThrowsBadName").error_name() == failed);
    CHECK(contains(call("ThrowsBadName").error_text(), "the text"));
}

TEST_CASE_FIXTURE(fixture, "S40 an output that cannot be written: an error that names it") {
    const auto got = call("BadOutput");
    CHECK(got.error_name() == failed);
    CHECK(contains(got.error_text(), "output 1"));
    CHECK(contains(got.error_text(), "BadOutput"));
}
