// Signals on a direct connection: emitting, hearing, filters, callbacks that misbehave.
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_object.hpp>

#include "must.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <utility>
#include <vector>

using test::contains;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Signals";

struct Signals
    : ctbus::interface<
          "org.example.Signals",
          ctbus::signal<"Said", void(std::string, std::int32_t), ctbus::args<"words", "times">>,
          ctbus::signal<"Many", void(std::vector<std::string>, std::map<std::string, double>)>,
          ctbus::signal<"Number", void(std::int32_t)>> {};
struct talker {
    int unused = 0;
};
struct talker_vtable : ctbus::implements<Signals, ctbus::serves<talker>> {};

std::vector<std::string> reported;

struct fixture {
    raw_peer peer;
    ctbus::report_handler before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });

    fixture() { reported.clear(); }
    ~fixture() { ctbus::set_report_handler(before); }

    // The raw client emits a signal; nothing may come back.
    template <class... Args>
    void emit(const char* from, const char* interface, const char* member, const char* types = "",
              Args... args) {
        sd_bus_message* m = nullptr;
        REQUIRE(sd_bus_message_new_signal(peer.client(), &m, from, interface, member) >= 0);
        const auto owned = test::raw_message::adopt(m);
        if constexpr (sizeof...(Args) != 0) {
            const int appended = sd_bus_message_append(m, types, args...);
            REQUIRE(appended >= 0);
        }
        REQUIRE(sd_bus_send(peer.client(), m, nullptr) >= 0);
        CHECK(peer.settle().empty());
    }
    void say(const char* words, int times = 1, const char* from = path) {
        emit(from, name, "Said", "si", words, times);
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "signals: an object emits exactly one message") {
    talker served;
    test::exported<talker_vtable> object{peer.ours, "/test", served};
    must(object->try_emit<"Said">("hello", 3));
    const auto got = peer.settle();
    CHECK(got.only().type() == "signal");
    CHECK(got.only().path() == path);
    CHECK(got.only().interface() == name);
    CHECK(got.only().member() == "Said");
    CHECK(got.only().signature() == "si");
    CHECK(got.only().body() == R"("hello" 3)");
    CHECK(object->try_emit<"Number">(5L).has_value());
    CHECK(peer.settle().only().body() == "5");
    must(std::as_const(*object).try_emit<Signals, "Number">(6)); // by the contract
    CHECK(peer.settle().only().body() == "6");
    must(object->try_emit<"Many">(std::deque<std::string_view>{"a"},
                                  ctbus::dict<const char*, double>{{"k", 0.5}}));
    CHECK(peer.settle().only().body() == R"(["a"] [{"k": 0.5}])");
    const auto refused = object->try_emit<"Said">("\xff", 1);
    REQUIRE(!refused);
    CHECK(contains(refused.error().message(), "words"));
    CHECK(!object->try_emit<"Number">(INT64_MAX));
    CHECK_THROWS_AS(object->emit<"Said">("\xff", 1), ctbus::error);
    CHECK(peer.settle().empty());
}

TEST_CASE_FIXTURE(fixture, "signals: without an object, from any path") {
    must(ctbus::try_emit<Signals, "Said">(peer.ours, "/any/path", "hello", 1));
    const auto got = peer.settle();
    CHECK(got.only().path() == "/any/path");
    CHECK(got.only().body() == R"("hello" 1)");
    CHECK(ctbus::try_emit<Signals, "Number">(peer.ours, ctbus::object_path{"/"}, 1).has_value());
    CHECK(peer.settle().only().path() == "/");
}

TEST_CASE_FIXTURE(fixture, "S27 S21 a subscription hears its signal, until it is dropped") {
    std::vector<std::string> heard;
    auto subscription = must(
        ctbus::try_match_signal<Signals, "Said">(peer.ours, [&](std::string_view words, int times) {
            heard.push_back(std::string{words} + std::to_string(times));
        }));
    CHECK(static_cast<bool>(subscription));
    say("a");
    emit(path, name, "Number", "i", 5);
    emit(path, "org.example.Other", "Said", "si", "other", 1);
    say("b", 2, "/elsewhere");
    CHECK((heard == std::vector<std::string>{"a1", "b2"}));
    subscription.reset();
    CHECK(!subscription);
    say("c");
    CHECK(heard.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "S21 filters: path, path_namespace, first argument; no sender here") {
    int by_path = 0, by_namespace = 0, by_argument = 0, by_quoted = 0, by_sender = 0, all = 0,
        by_namespace_of_names = 0;
    const auto count = [](int& n) { return [&n](std::string_view, int) { ++n; }; };
    const auto one =
        must(ctbus::try_match_signal<Signals, "Said">(peer.ours, count(by_path), {.path = "/a/b"}));
    const auto two = must(ctbus::try_match_signal<Signals, "Said">(peer.ours, count(by_namespace),
                                                                   {.path_namespace = "/a"}));
    const auto three = must(
        ctbus::try_match_signal<Signals, "Said">(peer.ours, count(by_argument), {.arg0 = "yes"}));
    const auto four = must(ctbus::try_match_signal<Signals, "Said">(peer.ours, count(by_quoted),
                                                                    {.arg0 = "it's, 'x'"}));
    const auto five = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, count(by_sender), {.sender = "org.example.Nobody"}));
    const auto six = must(ctbus::try_match_signal<Signals, "Said">(peer.ours, count(all)));
    const auto seven = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, count(by_namespace_of_names), {.arg0_namespace = "org.example"}));
    say("yes", 1, "/a/b");
    say("no", 1, "/a");
    say("no", 1, "/ab");
    say("it's, 'x'", 1, "/");
    say("org.example.Name", 1, "/");
    say("org.example", 1, "/");
    say("org.examples", 1, "/");
    CHECK(by_path == 1);
    CHECK(by_namespace == 2);
    CHECK(by_argument == 1);
    CHECK(by_quoted == 1);
    CHECK(by_sender == 7); // messages have no sender here: the filter is left out
    CHECK(all == 7);
    CHECK(by_namespace_of_names == 2);
}

TEST_CASE_FIXTURE(fixture, "signals: a proxy hears its own object's only") {
    int here = 0, there = 0;
    ctbus::proxy<Signals> proxy{peer.ours, "/test"}, other{peer.ours, "/other"};
    auto one = must(proxy.try_on<"Said">([&](std::string_view, int) { ++here; }));
    auto two = other.try_on<"Said">([&](std::string_view, int) { ++there; });
    REQUIRE(two);
    say("a");
    say("b", 1, "/other");
    say("c", 1, "/third");
    say("d", 1, "/test/child");
    CHECK(here == 1);
    CHECK(there == 1);
}

TEST_CASE_FIXTURE(fixture, "signals: callbacks of any type of the signature, the message last") {
    std::string text;
    auto one = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [&](const char* words, const std::int32_t& times, const ctbus::message& m) {
            text = std::string{words} + std::to_string(times) + m.path().str() + m.member().str();
        }));
    std::size_t size = 0;
    auto two = must(ctbus::try_match_signal<Signals, "Many">(
        peer.ours, [&](const std::vector<std::string_view>& list,
                       const ctbus::dict<std::string_view, double>& dict) {
            size = list.size() * 10 + dict.size();
        }));
    ctbus::message kept;
    auto three = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [&](std::string, int, ctbus::message m) { kept = std::move(m); }));
    static int calls = 0;
    calls = 0;
    struct function {
        static void heard(int n) { calls += n; }
    };
    auto four = must(ctbus::try_match_signal<Signals, "Number">(peer.ours, &function::heard));
    auto owned = std::make_unique<int>(0); // a callback that can only be moved, and changes itself
    int* const total = owned.get();
    auto five = must(ctbus::try_match_signal<Signals, "Number">(
        peer.ours, [mine = std::move(owned)](int n) mutable { *mine += n; }));

    say("a", 2);
    CHECK(text == "a2/testSaid");
    REQUIRE(kept);
    must(kept.try_rewind());
    CHECK(must(kept.try_read<std::string>()) == "a");
    emit(path, name, "Many", "asa{sd}", 2, "x", "y", 1, "k", 0.5);
    CHECK(size == 21);
    emit(path, name, "Number", "i", 7);
    CHECK(calls == 7);
    CHECK(*total == 7);
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(fixture, "S38 a callback that throws is reported and disturbs nobody") {
    int first = 0, last = 0;
    auto one = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [&](std::string_view, int) { ++first; }));
    auto two = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [](std::string_view, int) { throw std::runtime_error{"bad callback"}; }));
    auto three = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [](std::string_view, int) { throw 5; }));
    auto four = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [&](std::string_view, int) { ++last; }));
    say("a");
    say("b");
    CHECK(first == 2);
    CHECK(last == 2);
    REQUIRE(reported.size() == 4);
    int named = 0;
    for (const std::string& r : reported) {
        CHECK(contains(r, "Said"));
        named += contains(r, "bad callback");
    }
    CHECK(named == 2);
}
#endif

TEST_CASE_FIXTURE(fixture, "signals: a signal of another signature is reported, not delivered") {
    int heard = 0;
    auto one = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [&](std::string_view, int) { ++heard; }));
    emit(path, name, "Said", "s", "short");
    emit(path, name, "Said", "ss", "two", "texts");
    emit(path, name, "Said", "su", "unsigned", 1);
    emit(path, name, "Said", "sii", "more than declared", 1, 2);
    CHECK(heard == 0);
    CHECK(reported.size() == 4);
    for (const std::string& r : reported)
        CHECK(contains(r, "signal org.example.Signals.Said of /test has the signature \"s"));
    say("right");
    CHECK(heard == 1);
}

TEST_CASE_FIXTURE(fixture, "signals: each is looked at anew, whoever runs the loop") {
    int heard = 0;
    std::vector<ctbus::subscription> all;
    for (int i = 0; i < 3; ++i)
        all.push_back(must(ctbus::try_match_signal<Signals, "Said">(
            peer.ours, [&](std::string_view, int) { ++heard; })));
    for (int round = 1; round <= 3; ++round) {
        say("right");
        CHECK(heard == 3 * round);
        emit(path, name, "Said", "i", 1);
    }
    CHECK(reported.size() == 9);
    // Of what has more than is declared, the declared part could be read.
    const auto send = [&](const char* types, auto... values) {
        sd_bus_message* m = nullptr;
        REQUIRE(sd_bus_message_new_signal(peer.client(), &m, path, name, "Said") >= 0);
        const auto owned = test::raw_message::adopt(m);
        REQUIRE(sd_bus_message_append(m, types, values...) >= 0);
        REQUIRE(sd_bus_send(peer.client(), m, nullptr) >= 0);
    };
    const auto send_in_turns = [&] {
        reported.clear();
        heard = 0;
        for (int round = 0; round < 2; ++round) {
            send("si", "right", 1);
            send("sis", "surplus", 1, "more");
            send("si", "right", 1);
        }
    };
    // Without ctbus's loop, right after it.
    send_in_turns();
    while (sd_bus_process(peer.ours.get(), nullptr) > 0) {
    }
    CHECK(heard == 12);
    CHECK(reported.size() == 6);
    // By one run() that handles them all.
    int right = 0;
    const auto last =
        must(ctbus::try_match_signal<Signals, "Said">(peer.ours, [&](std::string_view, int) {
            if (++right == 4) peer.ours.stop();
        }));
    send_in_turns();
    must(peer.ours.try_run());
    CHECK(heard == 12);
    CHECK(reported.size() == 8); // the last one hears of it, too
}

TEST_CASE_FIXTURE(fixture, "signals: of a long signature, the last type counts too") {
    struct Long : ctbus::interface<
                      "org.example.Signals",
                      ctbus::signal<"Nine", void(int, int, int, int, int, int, int, int, int)>> {};
    int sum = 0;
    auto one = must(ctbus::try_match_signal<Long, "Nine">(
        peer.ours, [&](int a, int, int, int, int, int, int, int, int i) { sum += 10 * a + i; }));
    emit(path, name, "Nine", "iiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8);
    emit(path, name, "Nine", "iiiiiiiiu", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    CHECK(sum == 0);
    CHECK(reported.size() == 2);
    emit(path, name, "Nine", "iiiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    CHECK(sum == 19);
}

TEST_CASE_FIXTURE(fixture, "signals: a callback may change the subscriptions") {
    std::vector<std::string> log;
    ctbus::subscription first, second, third;
    first =
        must(ctbus::try_match_signal<Signals, "Said">(peer.ours, [&](std::string_view words, int) {
            log.push_back("first " + std::string{words});
            if (words == "drop first") first.reset();
            if (words == "drop second") second.reset();
            if (words == "replace first")
                first = must(ctbus::try_match_signal<Signals, "Said">(
                    peer.ours,
                    [&](std::string_view w, int) { log.push_back("new " + std::string{w}); }));
            if (words == "add third")
                third = must(ctbus::try_match_signal<Signals, "Said">(
                    peer.ours,
                    [&](std::string_view w, int) { log.push_back("third " + std::string{w}); }));
        }));
    second =
        must(ctbus::try_match_signal<Signals, "Said">(peer.ours, [&](std::string_view words, int) {
            log.push_back("second " + std::string{words});
        }));
    const auto heard = [&](const char* words) {
        log.clear();
        say(words);
        std::size_t n = 0;
        for (const std::string& entry : log) n += contains(entry, words);
        CHECK(n == log.size());
        return n;
    };
    CHECK(heard("plain") == 2);
    heard("add third");
    CHECK(heard("three") == 3);
    heard("drop second");
    CHECK(heard("two") == 2);
    heard("replace first");
    CHECK(heard("still two") == 2);
    CHECK((log[0] == "new still two" || log[1] == "new still two"));
    first.reset();
    CHECK(heard("one") == 1);
    third.reset();
    CHECK(heard("none") == 0);
}

TEST_CASE_FIXTURE(fixture, "signals: a callback that renews its subscription hears a signal once") {
    int heard = 0, by_sender = 0;
    ctbus::subscription one, other;
    std::function<void(std::string_view, int)> renew = [&](std::string_view, int) {
        REQUIRE(++heard < 1000); // without end, once
        one = must(ctbus::try_match_signal<Signals, "Said">(peer.ours, renew));
        other = must(ctbus::try_match_signal<Signals, "Said">(
            peer.ours, [&](std::string_view, int) { ++by_sender; }, {.arg0 = "'twice'"}));
    };
    one = must(ctbus::try_match_signal<Signals, "Said">(peer.ours, renew));
    say("once");
    CHECK(heard == 1);
    say("'twice'");
    CHECK(heard == 2);
    say("'twice'");
    CHECK(heard == 3);
    CHECK(by_sender <= 2); // the one of before is dropped or hears it, whichever comes first
}

TEST_CASE_FIXTURE(fixture, "signals: subscriptions move") {
    int heard = 0, others = 0;
    auto one = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [&](std::string_view, int) { ++heard; }));
    ctbus::subscription two = std::move(one);
    CHECK(!one);
    say("a");
    CHECK(heard == 1);
    two = must(ctbus::try_match_signal<Signals, "Said">(peer.ours,
                                                        [&](std::string_view, int) { ++others; }));
    say("b");
    CHECK(heard == 1);
    CHECK(others == 1);
    ctbus::subscription& same = two;
    two = std::move(same);
    say("c");
    CHECK(others == 2);
    CHECK(two.get() != nullptr);
    std::vector<ctbus::subscription> many;
    for (int i = 0; i < 50; ++i)
        many.push_back(must(ctbus::try_match_signal<Signals, "Said">(
            peer.ours, [&](std::string_view, int) { ++heard; })));
    heard = 0;
    say("d");
    CHECK(heard == 50);
    many.erase(many.begin() + 10, many.end());
    say("e");
    CHECK(heard == 60);
}

TEST_CASE_FIXTURE(fixture, "S27 both ends of a pair emit and hear") {
    auto [one, two] = must(ctbus::connection::try_pair());
    std::vector<int> heard_by_one, heard_by_two;
    auto at_one = must(
        ctbus::try_match_signal<Signals, "Number">(one, [&](int n) { heard_by_one.push_back(n); }));
    auto at_two = must(
        ctbus::try_match_signal<Signals, "Number">(two, [&](int n) { heard_by_two.push_back(n); }));
    for (int i = 0; i < 3; ++i) {
        must(ctbus::try_emit<Signals, "Number">(one, "/", i));
        must(ctbus::try_emit<Signals, "Number">(two, "/", 10 + i));
    }
    while (must(one.try_process()) || must(two.try_process())) {
    }
    CHECK((heard_by_one == std::vector{10, 11, 12})); // not its own
    CHECK((heard_by_two == std::vector{0, 1, 2}));
}

TEST_CASE_FIXTURE(fixture, "signals: named callbacks, const ones and std::function are copied") {
    ctbus::proxy<Signals> proxy{peer.ours, "/test"};
    int heard = 0;
    auto named = [&](int n) { heard += n; };
    const auto constant = [&](int n) { heard += 10 * n; };
    const std::function<void(std::int32_t)> wrapped = [&](int n) { heard += 100 * n; };
    auto one = must(proxy.try_on<"Number">(named));
    auto two = must(proxy.try_on<"Number">(constant));
    auto three = proxy.try_on<"Number">(wrapped);
    auto four =
        must(proxy.try_on<"Number">(std::function<void(int)>{[&](int n) { heard += 1000 * n; }}));
    REQUIRE(three);
    emit(path, name, "Number", "i", 2);
    CHECK(heard == 2222);
}

TEST_CASE_FIXTURE(fixture,
                  "signals: a callback with arguments may read the message from its start") {
    std::string text;
    auto subscription = must(ctbus::try_match_signal<Signals, "Said">(
        peer.ours, [&](std::string_view words, int times, ctbus::message m) {
            const auto [again, number] = must(m.try_read<std::string, int>());
            text = std::string{words} + std::to_string(times) + again + std::to_string(number);
        }));
    say("a", 2);
    CHECK(text == "a2a2");
}

TEST_CASE("signals: a callback that closes the connection is the last that hears") {
    auto [theirs, made] = must(ctbus::connection::try_pair());
    std::optional<ctbus::connection> ours{std::move(made)};
    int heard = 0;
    const auto close = [&](int) {
        ++heard;
        ours.reset();
    };
    const auto first = must(ctbus::try_match_signal<Signals, "Number">(*ours, close));
    const auto second = must(ctbus::try_match_signal<Signals, "Number">(*ours, close));
    must(ctbus::try_emit<Signals, "Number">(theirs, path, 1));
    for (int i = 0; ours && i < 10; ++i) static_cast<void>(ours->try_process());
    CHECK(!ours);
    CHECK(heard == 1);
}

TEST_CASE_FIXTURE(fixture, "signals: a filter that can match nothing says so") {
    const auto said = [&](const ctbus::signal_filter& filter) {
        const auto made = ctbus::try_match_signal<Signals, "Said">(
            peer.ours, [](std::string_view, int) {}, filter);
        return made ? std::string{} : std::string{made.error().what()};
    };
    CHECK(said({.path = "/a", .arg0 = "'\\"}).empty());
    CHECK(said({.path_namespace = "/a", .arg0_namespace = "org"}).empty());
    CHECK(said({.arg0_namespace = ":1.5"}).empty());
    CHECK(contains(said({.path = "/a/b", .path_namespace = "/a"}), "either a path"));
    CHECK(contains(said({.arg0 = "a", .arg0_namespace = "a"}), "either an arg0"));
    CHECK(contains(said({.arg0 = "\xff"}), "arg0 is no text"));
    CHECK(contains(said({.arg0 = {"a\0b", 3}}), "arg0 is no text"));
    for (const char* bad : {"it's", "a..b", ".", "a."})
        CHECK(contains(said({.arg0_namespace = bad}), "arg0_namespace is neither"));
    CHECK(contains(said({.path = "/a/b", .path_namespace = "/a"}), name));
    const auto number =
        ctbus::try_match_signal<Signals, "Number">(peer.ours, [](int) {}, {.arg0 = "1"});
    REQUIRE(!number);
    CHECK(contains(number.error().what(), "first argument is not"));
}

TEST_CASE_FIXTURE(fixture, "signals: a sender known at run time is an owning name") {
    const auto sender = ctbus::bus_name::parse("org.example.Nobody");
    REQUIRE(sender);
    int heard = 0;
    auto subscription = must(ctbus::try_match_signal<Signals, "Number">(
        peer.ours, [&](int n) { heard += n; }, {.sender = *sender}));
    emit(path, name, "Number", "i", 2);
    CHECK(heard == 2); // on a direct connection the filter is left out
}

TEST_CASE("signals: a sender whose owner the bus does not tell is an error, one without is none") {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
    auto server = must(ctbus::connection::try_from_fd(fds[0], ctbus::role::server));
    const ctbus::raw_object bus = must(ctbus::raw_object::try_make(
        server, "/org/freedesktop/DBus", [](const ctbus::message& call) {
            if (call.member() == "Hello") must(call.try_reply(":1.1"));
            else if (call.member() != "GetNameOwner") must(call.try_reply());
            else if (must(call.try_read<std::string>()) == "org.example.Hidden")
                must(call.try_reply_error({SD_BUS_ERROR_ACCESS_DENIED, "hidden"}));
            else must(call.try_reply_error({SD_BUS_ERROR_NAME_HAS_NO_OWNER, "nobody"}));
        }));
    test::service_thread thread{server};
    sd_bus* raw = nullptr;
    REQUIRE(sd_bus_new(&raw) >= 0);
    REQUIRE(sd_bus_set_fd(raw, fds[1], fds[1]) >= 0);
    REQUIRE(sd_bus_set_bus_client(raw, 1) >= 0);
    REQUIRE(sd_bus_start(raw) >= 0);
    {
        const ctbus::connection client{raw};
        const auto heard = [&client](ctbus::bus_name_view sender) {
            return ctbus::try_match_signal<Signals, "Number">(client, [](std::int32_t) {},
                                                              {.sender = sender});
        };
        CHECK(heard("org.example.Nobody").has_value());
        const auto hidden = heard("org.example.Hidden");
        REQUIRE(!hidden);
        CHECK(hidden.error().code() == EACCES);
        CHECK(heard("org.example.Nobody").has_value());
    }
    sd_bus_flush_close_unref(raw);
}
