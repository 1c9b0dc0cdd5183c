// S38: nothing that a peer sends makes the service stop, throw out of its loop, leak, or answer
// another caller's call.
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>
#include <ctbus/raw_object.hpp>

#include "marshalled.hpp"
#include "must.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

using test::contains;
using test::header;
using test::invalid_args;
using test::marshalled;
using test::must;
using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Hostile";
constexpr const char* properties = "org.freedesktop.DBus.Properties";

std::vector<std::string> reported;

struct service {
    ctbus::report_handler before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    int ran = 0;
    std::int32_t number = 5;
    std::string text = "old";
    bool flag = false;
    ctbus::message kept;
    ctbus::message* others = nullptr;
    ctbus::result<void> outcome;
    std::function<void()> meanwhile;

    service() { reported.clear(); }
    ~service() { ctbus::set_report_handler(before); }

    int ping() {
        ++ran;
        if (meanwhile) meanwhile();
        return ran;
    }
    void take_text(std::string_view) { ++ran; }
    void take_texts(const std::vector<std::string>&) { ++ran; }
    void take_path(const ctbus::object_path&) { ++ran; }
    void take_type(const ctbus::signature&) { ++ran; }
    bool take_flag(bool b) {
        ++ran;
        return b;
    }
    void take_descriptor(const ctbus::unix_fd&) { ++ran; }
    void take_numbers(const std::vector<int>&) { ++ran; }
    void take_span(std::span<const std::int64_t>) { ++ran; }
    void take_rows(const std::vector<std::vector<int>>&) { ++ran; }
    void take_variant(const std::variant<int, std::string>&) { ++ran; }
    void take_dict(const std::map<std::string, int>&) { ++ran; }
    int keep(int, ctbus::message m) {
        kept = std::move(m);
        return 1;
    }
    int answer_another() {
        outcome = others->try_reply(99);
        return 2;
    }
    int send_another() {
        ctbus::message reply = must(others->try_new_reply());
        must(reply.try_append(99));
        outcome = reply.try_send();
        return 3;
    }
};

struct service_vtable
    : ctbus::vtable<
          "org.example.Hostile", ctbus::handler<"Ping", &service::ping>,
          ctbus::handler<"Text", &service::take_text, ctbus::args<"words">>,
          ctbus::handler<"Texts", &service::take_texts, ctbus::args<"words">>,
          ctbus::handler<"Path", &service::take_path, ctbus::args<"where">>,
          ctbus::handler<"Type", &service::take_type, ctbus::args<"type">>,
          ctbus::handler<"Flag", &service::take_flag, ctbus::args<"flag">>,
          ctbus::handler<"TakeDescriptor", &service::take_descriptor>,
          ctbus::handler<"Numbers", &service::take_numbers, ctbus::args<"numbers">>,
          ctbus::handler<"Span", &service::take_span, ctbus::args<"numbers">>,
          ctbus::handler<"Rows", &service::take_rows, ctbus::args<"rows">>,
          ctbus::handler<"Variant", &service::take_variant, ctbus::args<"chosen">>,
          ctbus::handler<"Dict", &service::take_dict, ctbus::args<"named">>,
          ctbus::handler<"Keep", &service::keep>,
          ctbus::handler<"AnswerAnother", &service::answer_another>,
          ctbus::handler<"SendAnother", &service::send_another>,
          ctbus::accessor<"Number", &service::number, ctbus::writable, ctbus::emits_change>,
          ctbus::accessor<"Words", &service::text, ctbus::writable, ctbus::emits_change>,
          ctbus::signal<"Said", void(std::string, int)>> {};

struct fixture {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    std::uint32_t serial = 100;

    std::string call_bytes(const char* interface, const char* member, const char* signature,
                           const marshalled& body) {
        return test::message_bytes({.serial = ++serial,
                                    .path = "/test",
                                    .interface = interface,
                                    .member = member,
                                    .signature = signature},
                                   body);
    }
    // The call is refused, naming the argument; its handler does not run.
    void refused(const char* argument, const char* member, const char* signature,
                 const marshalled& body) {
        CAPTURE(member);
        served.ran = 0;
        const auto got = peer.exchange_bytes(call_bytes(name, member, signature, body));
        CHECK(got.error_name() == invalid_args);
        const std::string text{got.error_text()}; // a REQUIRE inside the message would hang
        CHECK_MESSAGE(contains(text, argument), text);
        CHECK(served.ran == 0);
        alive();
    }
    void alive() {
        served.ran = 0;
        CHECK(peer.call("/test", name, "Ping").reply() == "1");
    }
};

/// Lets the process have `more` descriptors than now.
class few_descriptors {
public:
    explicit few_descriptors(unsigned more) {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const int next = ::dup(0);
        REQUIRE(::close(next) == 0);
        const rlimit few{static_cast<rlim_t>(next) + more, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    }
    few_descriptors(const few_descriptors&) = delete;
    few_descriptors& operator=(const few_descriptors&) = delete;
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    void lift() { REQUIRE(::setrlimit(RLIMIT_NOFILE, &before_) == 0); }

private:
    rlimit before_{};
};

std::vector<ctbus::unix_fd> give(std::uint32_t count) {
    std::vector<ctbus::unix_fd> all;
    while (count-- != 0) all.emplace_back(::fcntl(0, F_DUPFD_CLOEXEC, 0));
    return all;
}
ctbus::result<void> refuse() {
    return ctbus::failure{ctbus::error::from_errno(EXFULL)};
}
struct giving_vtable : ctbus::vtable<"org.example.Giving", ctbus::handler<"Give", &give>,
                                     ctbus::handler<"Refuse", &refuse>> {};

} // namespace

TEST_CASE_FIXTURE(fixture, "S38 text that is none is refused, naming the argument") {
    refused("words", "Text", "s", marshalled{}.s("caf\xe9"));
    refused("words", "Text", "s", marshalled{}.s({"a\0b", 3}));
    refused("words", "Text", "s", marshalled{}.u(3).raw("abcd"));   // no NUL at its end
    refused("words", "Text", "s", marshalled{}.u(1000).raw("abc")); // longer than the message
    refused("words", "Text", "s", marshalled{}.u(UINT32_MAX).raw("abc"));
    refused("words", "Text", "s", marshalled{}); // nothing there
    marshalled texts;
    texts.a(4, [&] { texts.s("good").s("\xff"); });
    refused("words", "Texts", "as", texts);
    refused("where", "Path", "o", marshalled{}.s("no/path"));
    refused("where", "Path", "o", marshalled{}.s(""));
    refused("type", "Type", "g", marshalled{}.g("z"));
    refused("type", "Type", "g", marshalled{}.g("a"));
    refused("type", "Type", "g", marshalled{}.y(200).raw("i"));
}

TEST_CASE_FIXTURE(fixture, "S38 arrays with wrong lengths are refused, naming the argument") {
    for (const char* member : {"Numbers", "Span"}) {
        const char* type = *member == 'N' ? "ai" : "ax";
        refused("numbers", member, type, marshalled{}.u(6).u(0).u(1).u(2).u(3));
        refused("numbers", member, type, marshalled{}.u(1).u(0).u(1).u(2).u(3));
        refused("numbers", member, type, marshalled{}.u(4000).u(0).u(1));
        refused("numbers", member, type, marshalled{}.u(UINT32_MAX).u(0).u(1));
        refused("numbers", member, type, marshalled{}.u(0x7fffffff).u(0));
    }
    for (const std::uint32_t inner : {3u, 5u, 4000u, UINT32_MAX})
        refused("rows", "Rows", "aai", marshalled{}.u(16).u(4).i(1).u(inner).u(2));
    refused("rows", "Rows", "aai", marshalled{}.u(15).u(4).i(1).u(3).raw("abc"));
    refused("words", "Texts", "as", marshalled{}.u(3).u(0).u(0));
    marshalled dict;
    dict.a(8, [&] { dict.s("key without a value"); });
    refused("named", "Dict", "a{si}", dict);
}

TEST_CASE_FIXTURE(fixture, "S38 variants of no type are refused, naming the argument") {
    refused("chosen", "Variant", "v", marshalled{}.g("").i(1));
    refused("chosen", "Variant", "v", marshalled{}.g("ii").i(1).i(2));
    refused("chosen", "Variant", "v", marshalled{}.g("z").i(1));
    refused("chosen", "Variant", "v", marshalled{}.y(250).raw("i"));
    refused("chosen", "Variant", "v", marshalled{}.g("i"));
    refused("chosen", "Variant", "v", marshalled{}.g("s").s("\xff"));
    refused("chosen", "Variant", "v", marshalled{}.g("a{").i(1));
    refused("chosen", "Variant", "v", marshalled{}.g(std::string(255, 'a')).i(1));
}

TEST_CASE_FIXTURE(fixture, "a boolean other than 0 or 1 is true") {
    CHECK(peer.exchange_bytes(call_bytes(name, "Flag", "b", marshalled{}.u(7))).reply() == "true");
}

TEST_CASE_FIXTURE(fixture, "S38 messages that cannot be read do not end process()") {
    const auto survives = [&](const std::string& bytes) {
        for (const auto& a : peer.exchange_bytes(bytes)) CHECK(a.type() == "error");
        alive();
    };
    // A Set whose value is broken: sd-bus itself fails on it.
    survives(call_bytes(properties, "Set", "ssv", marshalled{}.s(name).s("Number")));
    survives(call_bytes(properties, "Set", "ssv", marshalled{}.s(name).s("Number").g("")));
    survives(call_bytes(properties, "Set", "ssv", marshalled{}.s(name).s("Number").y(200)));
    survives(call_bytes(properties, "Set", "ssv", marshalled{}.s(name).s("Number").g("i")));
    survives(
        call_bytes(properties, "Set", "ssv", marshalled{}.s(name).s("Words").g("s").s("\xff")));
    survives(call_bytes(properties, "Get", "ss", marshalled{}.s(name).s("\xff")));
    survives(call_bytes(properties, "GetAll", "s", marshalled{}.u(UINT32_MAX)));
    CHECK(served.number == 5);
    CHECK(served.text == "old");
    // Several at once.
    std::string many;
    for (int i = 0; i < 50; ++i)
        many += call_bytes(properties, "Set", "ssv", marshalled{}.s(name).s("Number"));
    survives(many);
}

TEST_CASE_FIXTURE(fixture, "S38 messages with broken headers are dropped") {
    const auto dropped = [&](const header& h) {
        CHECK(peer.exchange_bytes(test::message_bytes(h, marshalled{})).empty());
        alive();
    };
    dropped({.type = 1, .path = "/test"});  // no member
    dropped({.type = 1, .member = "Ping"}); // no path
    dropped({.type = 1, .path = "bad path", .member = "Ping"});
    dropped({.type = 1, .path = "/test", .interface = name, .member = "no-member"});
    dropped({.type = 1, .path = "/test", .interface = "nodots", .member = "Ping"});
    dropped({.type = 1, .path = "/test", .interface = name, .member = "Ping", .signature = "("});
    dropped({.type = 2});                                    // answers nothing
    dropped({.type = 3, .answers = 1});                      // an error without name
    dropped({.type = 4, .path = "/test", .member = "Said"}); // no interface
    dropped({.type = 0, .path = "/test", .interface = name, .member = "Ping"});
    dropped({.type = 9, .path = "/test", .interface = name, .member = "Ping"});
    dropped({.type = 1, .serial = 0, .path = "/test", .interface = name, .member = "Ping"});
    // Replies and errors that nobody asked for.
    dropped({.type = 2, .answers = 12345});
    dropped({.type = 3, .answers = 12345, .error_name = "org.example.Unasked"});
}

TEST_CASE_FIXTURE(fixture, "S38 signals of other types never reach a callback") {
    int heard = 0, other = 0;
    auto first = must(ctbus::try_match_signal<service_vtable, "Said">(
        peer.ours, [&](std::string_view, int) { ++heard; }));
    auto second = must(ctbus::try_match_signal<service_vtable, "Said">(
        peer.ours, [&](const std::string&, int, const ctbus::message&) { ++other; }));
    const auto said = [&](const char* signature, const marshalled& body) {
        CHECK(peer.exchange_bytes(test::message_bytes({.type = 4,
                                                       .serial = ++serial,
                                                       .path = "/x",
                                                       .interface = name,
                                                       .member = "Said",
                                                       .signature = signature},
                                                      body))
                  .empty());
    };
    said("", marshalled{});
    said("s", marshalled{}.s("x"));
    said("is", marshalled{}.i(1).s("x"));
    said("sii", marshalled{}.s("x").i(1).i(2));
    CHECK(reported.size() == 8); // each callback's declaration was missed
    said("si", marshalled{}.s("\xff").i(1));
    said("si", marshalled{}.s("x"));
    CHECK(heard == 0);
    CHECK(other == 0);
    CHECK(reported.size() == 12);
    for (const std::string& r : reported) CHECK(contains(r, "Said"));
    said("si", marshalled{}.s("x").i(1));
    CHECK(heard == 1);
    CHECK(other == 1);
    alive();
}

TEST_CASE_FIXTURE(fixture, "S38 a handler cannot answer another caller's call") {
    raw_peer other;
    test::exported<service_vtable> there{other.ours, "/test", served};
    // Both calls have the same serial number, each on its own connection.
    serial = 500;
    CHECK(peer.exchange_bytes(call_bytes(name, "Keep", "i", marshalled{}.i(1))).reply() == "1");
    ctbus::message kept = std::exchange(served.kept, {});
    served.others = &kept;
    for (const auto& [member, own] : {std::pair{"AnswerAnother", "2"}, {"SendAnother", "3"}}) {
        serial = 500;
        served.outcome = {};
        const auto got = other.exchange_bytes(call_bytes(name, member, "", marshalled{}));
        CHECK(got.reply() == own);
        CHECK(!served.outcome);
        CHECK(peer.settle().empty());
    }
}

TEST_CASE_FIXTURE(fixture, "S38 a reply that comes twice answers one call") {
    ctbus::proxy<service_vtable> proxy{peer.ours, "/test"};
    // The raw client's bytes wait in the socket; our calls count from 1.
    const auto answer = [&](std::uint32_t call, int value) {
        peer.write(
            test::message_bytes({.type = 2, .serial = ++serial, .answers = call, .signature = "i"},
                                marshalled{}.i(value)));
    };
    answer(1, 10);
    answer(1, 11);
    CHECK(must(proxy.try_call<"Ping">()) == 10);
    answer(2, 20);
    CHECK(must(proxy.try_call<"Ping">()) == 20);
    CHECK(peer.settle().size() == 2);
    alive();
}

TEST_CASE("S38 run() goes on after broken messages") {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    served.meanwhile = [&] {
        if (served.ran == 50) peer.ours.stop();
    };
    const auto broken = [](std::uint32_t serial) {
        return test::message_bytes({.serial = serial,
                                    .path = "/test",
                                    .interface = properties,
                                    .member = "Set",
                                    .signature = "ssv"},
                                   marshalled{}.s(name).s("Number"));
    };
    for (std::uint32_t i = 1; i <= 50; ++i) {
        peer.write(broken(i));
        peer.write(test::message_bytes(
            {.serial = 1000 + i, .path = "/test", .interface = name, .member = "Ping"},
            marshalled{}));
        peer.write(broken(2000 + i) + broken(3000 + i) + broken(4000 + i));
    }
    must(peer.ours.try_run());
    CHECK(served.ran == 50);
    CHECK(peer.settle().size() == 50);
    CHECK(reported.size() == 200);
}

TEST_CASE("S38 a stream that is none ends run() with an error") {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    peer.write("this is not D-Bus at all, and there is no way to find the next message");
    CHECK(!peer.ours.try_run());
    CHECK(served.ran == 0);
}

// sd-bus has dropped bytes of that message then: what comes behind it would be read from its
// middle.
TEST_CASE("S38 more descriptors than the process may have are the end of the connection") {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    peer.send(peer.make_call("/test", name, "Ping", "hhhhhhhhhh", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    peer.send(peer.make_call("/test", name, "Ping"));
    REQUIRE(sd_bus_flush(peer.client()) >= 0);
    few_descriptors limit{2};
    const auto ran = peer.ours.try_run();
    limit.lift();
    REQUIRE(!ran);
    CHECK(ran.error().code() == ECONNRESET);
    CHECK(sd_bus_is_open(peer.ours.get()) <= 0);
    CHECK(served.ran == 0);
}

TEST_CASE("a reply of more descriptors than the caller may have is the end of the connection") {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
    const pid_t child = ::fork(); // as the limit is the process's
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(fds[1]);
        auto bus = must(ctbus::connection::try_from_fd(fds[0], ctbus::role::server));
        const auto object = ctbus::object<giving_vtable>::try_make(bus, "/test");
        static_cast<void>(bus.try_run());
        ::_exit(0);
    }
    ::close(fds[0]);
    auto bus = must(ctbus::connection::try_from_fd(fds[1], ctbus::role::client));
    const ctbus::proxy<giving_vtable> proxy{bus, "/test"};
    CHECK(must(proxy.try_call<"Give">(2u)).size() == 2);
    // One that only answers with that error goes on.
    const auto refused = proxy.try_call<"Refuse">();
    REQUIRE(!refused);
    CHECK(refused.error().code() == EXFULL);
    CHECK(must(proxy.try_call<"Give">(2u)).size() == 2);
    few_descriptors limit{4};
    const auto given = proxy.try_call<"Give">(20u);
    const auto later = proxy.try_call<"Give">(1u);
    limit.lift();
    CHECK(!given);
    REQUIRE(!later);
    CHECK(later.error().code() == ECONNRESET);
    CHECK(sd_bus_is_open(bus.get()) <= 0);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("a descriptor that cannot be duplicated is no fault of the caller's") {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    peer.send(peer.make_call("/test", name, "TakeDescriptor", "h", 0));
    REQUIRE(sd_bus_flush(peer.client()) >= 0);
    few_descriptors limit{1};
    const auto answer = peer.settle();
    limit.lift();
    CHECK(answer.only().error_name() == "System.Error.EMFILE");
    CHECK(contains(answer.only().error_text(), "Too many open files"));
    CHECK(served.ran == 0);
}

TEST_CASE("S38 a peer that goes while it is owed replies") {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};
    for (int i = 0; i < 100; ++i) peer.send(peer.make_call("/test", name, "Ping"));
    peer.hang_up();
    const auto end = peer.ours.try_run();
    REQUIRE(!end);
    CHECK(end.error().code() == ECONNRESET);
    CHECK(!object->try_emit<"Said">("x", 1)); // ENOTCONN, no crash
}

// ---- nesting ----

namespace {

// A number inside `levels` variants, one in the other.
ctbus::variant nested(int levels) {
    ctbus::variant value = must(ctbus::variant::try_make(1));
    for (int i = 1; i < levels; ++i) value = must(ctbus::variant::try_make(value));
    return value;
}

struct nesting {
    ctbus::variant kept = must(ctbus::variant::try_make(1));
    std::vector<ctbus::variant> wrap(const ctbus::variant& v) { return {v}; }
};
struct nesting_vtable
    : ctbus::vtable<"org.example.Nesting", ctbus::handler<"Wrap", &nesting::wrap>,
                    ctbus::accessor<"Kept", &nesting::kept, ctbus::writable, ctbus::emits_change>,
                    ctbus::signal<"Said", void(ctbus::variant)>> {};

constexpr std::string_view too_deep = "nested more deeply";

} // namespace

TEST_CASE("S38 what is nested too deeply is refused before a bus drops us for it") {
    raw_peer peer;
    nesting served;
    test::exported<nesting_vtable> object{peer.ours, "/test", served};
    const auto refused = [&](const ctbus::result<void>& outcome) {
        REQUIRE(!outcome);
        CHECK(contains(outcome.error().message(), too_deep));
        CHECK(peer.settle().empty());
    };

    // A reply: an error to the caller, and the service goes on.
    const auto wrap = [&](int levels) {
        auto call = must(peer.ours.try_new_call("", "/test", "org.example.Nesting", "Wrap"));
        must(call.try_append(nested(levels)));
        must(call.try_seal());
        sd_bus_message* raw = nullptr;
        REQUIRE(sd_bus_message_new_method_call(peer.client(), &raw, nullptr, "/test",
                                               "org.example.Nesting", "Wrap") >= 0);
        const auto owned = test::raw_message::adopt(raw);
        REQUIRE(sd_bus_message_copy(raw, call.get(), 1) >= 0);
        return peer.exchange(owned);
    };
    CHECK(wrap(63).only().type() == "reply");
    const auto got = wrap(64);
    CHECK(got.error_name() == test::failed);
    const std::string text{got.error_text()}; // a REQUIRE inside the message would hang
    CHECK_MESSAGE(contains(text, too_deep), text);
    CHECK(wrap(1).reply() == "[<i 1>]");

    // A signal, by the object and without it.
    CHECK(object->try_emit<"Said">(nested(64)).has_value());
    CHECK(peer.settle().only().type() == "signal");
    refused(object->try_emit<"Said">(nested(65)));
    refused(ctbus::try_emit<nesting_vtable, "Said">(peer.ours, "/test", nested(65)));

    // A property: Get, GetAll and the announcement.
    served.kept = nested(70);
    for (const auto& answer : {peer.get(path, "org.example.Nesting", "Kept"),
                               peer.get_all(path, "org.example.Nesting")}) {
        CHECK(answer.only().type() == "error");
        const std::string why{answer.error_text()};
        CHECK_MESSAGE(contains(why, too_deep), why);
    }
    refused(object->try_changed<"Kept">());
    served.kept = must(ctbus::variant::try_make(2));
    CHECK(peer.get(path, "org.example.Nesting", "Kept").reply() == "<v <i 2>>");

    // A call, Set, and a message by hand.
    ctbus::proxy<nesting_vtable> proxy{peer.ours, "/test"};
    const auto outcome = proxy.try_call<"Wrap">(nested(65));
    REQUIRE(!outcome);
    CHECK(contains(outcome.error().message(), too_deep));
    refused(proxy.try_set<"Kept">(nested(64)));
    refused(must(peer.ours.try_new_signal("/x", "org.example.I", "S")).try_append(nested(65)));
}

TEST_CASE("S38 an object at a path of more elements than sd-bus can take is an error") {
    raw_peer peer;
    service s;
    std::string deep;
    for (int i = 0; i < 3000; ++i) deep += "/x";
    const auto at = must(ctbus::object_path::parse(deep));
    const auto object = ctbus::object<service_vtable>::try_make(peer.ours, at, s);
    REQUIRE(!object);
    CHECK(contains(object.error().what(), "a path of more elements than sd-bus has room for"));
    const auto raw = ctbus::raw_object::try_make(peer.ours, at, [](const ctbus::message&) {});
    REQUIRE(!raw);
    CHECK(contains(raw.error().what(), "a path of more elements than sd-bus has room for"));
    const auto manager = ctbus::object_manager::try_make(peer.ours, at);
    REQUIRE(!manager);
    CHECK(contains(manager.error().what(), "a path of more elements than sd-bus has room for"));
    // Asking for one is no harm.
    CHECK(peer.call(deep.c_str(), name, "Ping").error_name() ==
          "org.freedesktop.DBus.Error.UnknownObject");
    const auto less = must(ctbus::object_path::parse(deep.substr(0, 600)));
    const test::exported<service_vtable> fits{peer.ours, less, s};
    const auto long_one = must(ctbus::object_path::parse("/" + std::string(60'000, 'x')));
    const test::exported<service_vtable> fits_too{peer.ours, long_one, s};
}

TEST_CASE("S38 properties that are too large together are an error for who asks for all") {
    struct texts {
        std::string a, b;
        std::string c() const { return b; }
    };
    struct texts_table
        : ctbus::vtable<"org.example.Texts", ctbus::accessor<"a", &texts::a>,
                        ctbus::accessor<"b", &texts::b>, ctbus::accessor<"c", &texts::c>> {};
    raw_peer peer;
    texts all{std::string(40 << 20, 'x'), std::string(1 << 20, 'x')};
    const test::exported<texts_table> object{peer.ours, path, all};
    const auto get_all = [&] { return peer.get_all(path, "org.example.Texts"); };
    for (int i = 0; i < 4; ++i) CHECK(get_all().only().type() == "reply"); // each counts alone
    all.b.assign(30 << 20, 'x');
    const auto answer = get_all();
    CHECK(contains(answer.error_text(), "b: the value of b is too large"));
    CHECK(peer.get(path, "org.example.Texts", "b").only().type() == "reply");
    all.a.clear();
    CHECK(get_all().only().type() == "reply");
    all.a.assign(10 << 20, 'x');
    CHECK(contains(get_all().error_text(), "c: the value of c is too large"));
}

TEST_CASE("S38 a Set whose announcement would be too large announces nothing") {
    struct texts {
        std::string a, b;
    };
    struct texts_table
        : ctbus::vtable<"org.example.Texts",
                        ctbus::accessor<"a", &texts::a, ctbus::writable, ctbus::emits_change>,
                        ctbus::accessor<"b", &texts::b, ctbus::emits_change>> {};
    raw_peer peer;
    service reports; // keeps what is reported
    texts all;
    test::exported<texts_table> object{peer.ours, path, all};
    const std::string most((64 << 20) - 8, 'x');
    CHECK(peer.set(path, "org.example.Texts", "a", "s", most.c_str()).only().type() == "reply");
    CHECK(all.a.size() == most.size());
    REQUIRE(reported.size() == 1);
    CHECK(contains(reported[0], "a: the value of a is too large"));
    all.a.assign(40 << 20, 'x');
    all.b.assign(40 << 20, 'x');
    const auto both = object->try_changed<"a", "b">();
    REQUIRE(!both);
    CHECK(contains(both.error().what(), "b: the value of b is too large"));
    CHECK(object->try_changed<"b">());
    CHECK(peer.settle().size() == 1);
}

TEST_CASE("S38 what one peer is given counts for no other") {
    struct texts {
        std::string a;
    };
    struct texts_table : ctbus::vtable<"org.example.Texts", ctbus::accessor<"a", &texts::a>> {};
    texts all{std::string(40 << 20, 'x')};
    for (int i = 0; i < 10; ++i) {
        raw_peer peer;
        const test::exported<texts_table> object{peer.ours, path, all};
        CHECK(peer.get_all(path, "org.example.Texts").only().type() == "reply");
    }
}

TEST_CASE("S38 small values count too where they go with large ones") {
    struct texts {
        std::string a, b, c;
        int d = 0;
    };
    struct texts_table
        : ctbus::vtable<"org.example.Texts", ctbus::accessor<"a", &texts::a>,
                        ctbus::accessor<"b", &texts::b>, ctbus::accessor<"c", &texts::c>,
                        ctbus::accessor<"d", &texts::d>> {};
    raw_peer peer;
    texts all{std::string(60'000, 'x'), std::string((64 << 20) - 50'000, 'x'), "", 0};
    const test::exported<texts_table> object{peer.ours, path, all};
    const auto get_all = [&] { return peer.get_all(path, "org.example.Texts"); };
    CHECK(get_all().only().type() == "error");
    all.b.resize((64 << 20) - 200'000);
    CHECK(get_all().only().type() == "reply");
    all.c.assign(150'000, 'x');
    CHECK(contains(get_all().error_text(), "c: the value of c is too large"));
    all.a.clear();
    all.c.clear();
    CHECK(get_all().only().type() == "reply");
}
