// What errors say at run time: what was wrong, of what, on whom. The README's table of errors has
// the same texts; the last test compares the two.
#include "one_thread.hpp"
#include "raw_peer.hpp"
#include "service_thread.hpp"

#include <ctbus/ctbus.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <ostream> // doctest prints string_views
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <utility>
#include <variant>
#include <vector>

using test::contains;

namespace {

enum class colour { red, green };
struct options {
    int depth = 0;
};

} // namespace

template <>
inline constexpr std::pair<colour, const char*> ctbus::enum_strings<colour>[] = {
    {colour::red, "red"}, {colour::green, "green"}};
template <>
inline constexpr bool ctbus::as_dict<options> = true;

namespace {

class painter {
public:
    colour door = colour::red;
    void paint(colour, std::uint32_t) {}
    void choose(std::variant<int, std::string>) {}
    void mix(std::array<double, 3>) {}
    void with(options) {}
    std::string title() { return "\xff"; }
    std::string guess() { return "blue"; }
    [[noreturn]] int fail() { throw std::runtime_error{"no paint left"}; }
    int reply_wrongly(const ctbus::message& call) {
        const auto sent = call.try_reply("text");
        refused = sent ? "" : sent.error().what();
        return 0;
    }
    int reply_twice(const ctbus::message& call) {
        call.reply(1);
        const auto sent = call.try_reply(2);
        refused = sent ? "" : sent.error().what();
        return 0;
    }
    int keep(ctbus::message call) {
        kept = std::move(call);
        return 0;
    }
    std::string refused;
    ctbus::message kept;
};

// clang-format off
struct painter_vtable : ctbus::vtable<"org.ctbus.Painter",
    ctbus::handler<"Paint", &painter::paint, ctbus::args<"colour", "layers">>,
    ctbus::handler<"Choose", &painter::choose, ctbus::args<"what">>,
    ctbus::handler<"Mix", &painter::mix>,
    ctbus::handler<"With", &painter::with>,
    ctbus::handler<"Title", &painter::title>,
    ctbus::handler<"Guess", &painter::guess>,
    ctbus::handler<"Fail", &painter::fail>,
    ctbus::handler<"ReplyWrongly", &painter::reply_wrongly>,
    ctbus::handler<"ReplyTwice", &painter::reply_twice>,
    ctbus::handler<"Keep", &painter::keep>,
    ctbus::accessor<"Refused", &painter::refused>,
    ctbus::accessor<"Wall", &painter::guess>,
    ctbus::accessor<"Door", &painter::door, ctbus::writable>,
    ctbus::signal<"Dried", void(std::string), ctbus::args<"what">>> {};

// The same on the wire as far as a caller may go wrong; and where it does not fit.
struct Loose : ctbus::interface<"org.ctbus.Painter",
    ctbus::method<"Paint", void(std::string, std::uint32_t), ctbus::args<"colour", "layers">>,
    ctbus::method<"Choose", void(ctbus::variant), ctbus::args<"what">>,
    ctbus::method<"Mix", void(std::vector<double>)>,
    ctbus::method<"With", void(std::map<std::string, ctbus::variant>)>,
    ctbus::method<"Title", int()>,
    ctbus::method<"Guess", colour()>,
    ctbus::method<"Fail", std::string()>,
    ctbus::method<"Keep", std::string()>,
    ctbus::method<"Bytes", void(std::vector<std::uint8_t>)>,
    ctbus::method<"Open", void(ctbus::unix_fd_view)>,
    ctbus::method<"Absent", void()>,
    ctbus::property<"Refused", double>,
    ctbus::property<"Wall", colour>,
    ctbus::property<"Door", std::string, ctbus::writable>> {};
// clang-format on

std::set<std::string> seen; // the messages of all errors so far

// What an error says, without what it says of the call.
template <class T>
std::string text(const ctbus::result<T>& outcome) {
    REQUIRE_FALSE(outcome.has_value());
    seen.emplace(outcome.error().message());
    return std::string{outcome.error().message()};
}
// What it says of the call.
template <class T>
std::string context(const ctbus::result<T>& outcome) {
    REQUIRE_FALSE(outcome.has_value());
    const std::string what = outcome.error().what();
    const std::size_t bracket = what.rfind(" (");
    return bracket == what.npos ? "" : what.substr(bracket + 2, what.size() - bracket - 3);
}

struct fixture {
    ctbus::connection service = ctbus::connection::session();
    ctbus::connection client = ctbus::connection::session();
    painter served;
    ctbus::object<painter_vtable> object{service, "/painter", served};
    std::optional<test::service_thread> thread;

    fixture() {
        service.request_name("org.ctbus.Texts");
        thread.emplace(service);
    }
    ctbus::proxy<painter_vtable> proxy{client, "org.ctbus.Texts", "/painter"};
    ctbus::proxy<Loose> loose{client, "org.ctbus.Texts", "/painter"};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "texts: what a service answers names the call") {
    const auto failed = proxy.try_call<"Fail">();
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().is<"org.freedesktop.DBus.Error.Failed">());
    CHECK(failed.error().message() == "no paint left");
    CHECK(context(failed) == "calling org.ctbus.Painter.Fail on org.ctbus.Texts at /painter");
    CHECK(text(loose.try_call<"Absent">()) ==
          "Unknown method Absent or interface org.ctbus.Painter.");
}

TEST_CASE_FIXTURE(fixture, "texts: an argument that cannot be sent") {
    const auto bad = loose.try_call<"Paint">("\xff", 1);
    CHECK(text(bad) == "argument 1 \"colour\" of Paint is not valid UTF-8");
    CHECK(context(bad) == "calling org.ctbus.Painter.Paint on org.ctbus.Texts at /painter");
    CHECK(text(loose.try_call<"Paint">("red", -1)) ==
          "argument 2 \"layers\" of Paint does not fit into the D-Bus type");
    CHECK(text(loose.try_call<"Bytes">(std::vector<std::uint8_t>(140'000'000))) ==
          "argument 1 of Bytes is too large: an array may have 64 MiB, a message 128 MiB");
    CHECK(text(object.try_emit<"Dried">("\xff")) ==
          "argument 1 \"what\" of Dried is not valid UTF-8");
}

TEST_CASE("texts: a descriptor that the connection does not pass") {
    // The other end does not take descriptors.
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
    sd_bus* other = nullptr;
    REQUIRE(sd_bus_new(&other) >= 0);
    REQUIRE(sd_bus_set_fd(other, fds[0], fds[0]) >= 0);
    REQUIRE(sd_bus_negotiate_fds(other, 0) >= 0);
    REQUIRE(sd_bus_start(other) >= 0);
    auto ours = ctbus::connection::from_fd(fds[1], ctbus::role::server);
    while (sd_bus_is_ready(other) == 0 || sd_bus_is_ready(ours.get()) == 0) {
        ours.process();
        REQUIRE(sd_bus_process(other, nullptr) >= 0);
    }
    const ctbus::proxy<Loose> proxy{ours, "/painter"};
    CHECK(text(proxy.try_call<"Open">(ctbus::unix_fd_view{0})) ==
          "argument 1 of Open is a file descriptor, which this connection does not pass");
    CHECK(text(proxy.try_call<"Open">(ctbus::unix_fd_view{-1})) ==
          "argument 1 of Open is not an open file descriptor");
    sd_bus_close_unref(other);
}

TEST_CASE_FIXTURE(fixture, "texts: an argument that the service cannot read") {
    CHECK(text(loose.try_call<"Paint">("blue", 1)) ==
          "argument 1 \"colour\" of Paint is \"blue\", which is not an enumerator's name");
    CHECK(text(loose.try_call<"Choose">(ctbus::variant{2.5})) ==
          "argument 1 \"what\" of Choose is a variant that holds none of the expected types");
    CHECK(text(loose.try_call<"Mix">(std::vector{1.0})) ==
          "argument 1 of Mix is an array of another length");
    CHECK(text(loose.try_call<"With">(std::map<std::string, ctbus::variant>{})) ==
          "argument 1 of With lacks the key \"depth\"");
    CHECK(text(loose.try_call<"With">(std::map<std::string, ctbus::variant>{{"depth", "x"}})) ==
          "argument 1 of With has another type than i under the key \"depth\"");
}

TEST_CASE_FIXTURE(fixture, "texts: replies that are wrong") {
    CHECK(text(proxy.try_call<"Title">()) == "output 1 of Title is not valid UTF-8");
    const auto guessed = loose.try_call<"Guess">();
    CHECK(text(guessed) == "output 1 of Guess is \"blue\", which is not an enumerator's name");
    CHECK(context(guessed) == "calling org.ctbus.Painter.Guess on org.ctbus.Texts at /painter");
    const auto wall = loose.try_get<"Wall">();
    CHECK(text(wall) == "property Wall is \"blue\", which is not an enumerator's name");
    CHECK(context(wall) == "property Wall of org.ctbus.Painter, calling "
                           "org.freedesktop.DBus.Properties.Get on org.ctbus.Texts at /painter");
    CHECK(text(loose.try_set<"Door">("blue")) ==
          "the value of Door is \"blue\", which is not an enumerator's name");
    const auto all = loose.try_get_all<std::map<std::string, std::variant<int, double>>>();
    CHECK(context(all) == "properties of org.ctbus.Painter, calling "
                          "org.freedesktop.DBus.Properties.GetAll on org.ctbus.Texts at /painter");
    CHECK(text(loose.try_call<"Keep">()) ==
          "the reply has the signature \"i\" where \"s\" is declared");
    CHECK(text(loose.try_get<"Refused">()) ==
          "property Refused has the signature \"s\" where \"d\" is declared");
    CHECK(text(proxy.try_call<"ReplyWrongly">()) ==
          "the reply has the signature \"s\", which is not what the method declares");
    CHECK(contains(proxy.get<"Refused">(), "which is not what the method declares"));
    CHECK(proxy.call<"ReplyTwice">() == 1);
    CHECK(contains(proxy.get<"Refused">(), "this call has been answered already"));
    CHECK(proxy.call<"Keep">() == 0);
    thread.reset();
    CHECK(text(served.kept.try_reply(5)) ==
          "this call is not being handled any more: only its running handler may answer it");
}

TEST_CASE_FIXTURE(fixture, "texts: nobody there, and oneself") {
    CHECK(text(ctbus::proxy<Loose>{client, "org.ctbus.Nobody", "/painter"}.try_call<"Fail">()) ==
          "The name org.ctbus.Nobody was not provided by any .service files");
    CHECK(text(ctbus::proxy<Loose>{client, client.unique_name(), "/painter"}.try_call<"Fail">()) ==
          "this would wait for itself: the destination is this connection");
    thread.reset(); // nobody answers now
    CHECK(text(proxy.with_timeout(std::chrono::milliseconds{20}).try_call<"Fail">()) ==
          "no reply came in time");
}

TEST_CASE_FIXTURE(fixture, "texts: names and objects") {
    thread.reset();
    CHECK(text(client.try_request_name("org.ctbus.Texts")) ==
          "cannot have the name org.ctbus.Texts: it is taken: ask with name_flag::queue, or "
          "with name_flag::replace_existing where its owner allows that");
    CHECK(text(client.try_request_name("org.ctbus.Denied")) ==
          "cannot have the name org.ctbus.Denied: the bus's policy denies it to this user");
    CHECK(text(client.try_request_name("org.freedesktop.DBus")) ==
          "cannot have the name org.freedesktop.DBus: it is the bus's own, or one that the bus "
          "gives itself");
    CHECK(text(client.try_request_name(*ctbus::bus_name::parse(":1.5"))) ==
          "cannot have the name :1.5: it is the bus's own, or one that the bus gives itself");
    CHECK(text(client.try_release_name("org.ctbus.Texts")) ==
          "cannot release the name org.ctbus.Texts: another connection owns it");
    CHECK(text(ctbus::object<painter_vtable>::try_make(service, "/painter", served)) ==
          "cannot export org.ctbus.Painter at /painter: it is exported already on this connection");
    CHECK(text(ctbus::connection::pair().first.try_request_name("org.ctbus.Texts")) ==
          "a direct connection has no names: there is no bus");
    CHECK(text(ctbus::object_path::parse("/a//b")) ==
          "object path \"/a//b\" must not have an empty element");
    CHECK(text(ctbus::connection::try_open("unix:path=/absent")) ==
          "cannot connect to the bus at unix:path=/absent: No such file or directory");
    CHECK(text(ctbus::connection::try_open("")) ==
          "cannot connect to the bus at \"\": Connection refused: the address is empty");
    CHECK(text(ctbus::connection::try_open("/run/dbus")) ==
          "cannot connect to the bus at /run/dbus: Connection refused: the address has none of the "
          "transports unix:, "
          "tcp:, unixexec: and x-machine-unix:");
    CHECK(text(ctbus::connection::try_open("unix:")) ==
          "cannot connect to the bus at unix:: Invalid argument: the address is malformed, or "
          "lacks what its "
          "transport needs");
    CHECK(text(client.try_new_call("a bus", "/painter", "org.ctbus.Painter", "Paint")) ==
          "bus name \"a bus\" allows only letters, digits, underscore and hyphen");
    sd_bus_close(client.get());
    CHECK(text(client.try_request_name("org.ctbus.Texts")) ==
          "cannot have the name org.ctbus.Texts: the connection is closed");
    CHECK(text(proxy.try_call<"Fail">()) == "the connection is closed");
}

TEST_CASE_FIXTURE(fixture, "texts: a signal of another signature names who sent it") {
    thread.reset();
    const test::reports reported;
    const auto subscription = proxy.on<"Dried">([](const std::string&) { FAIL("not delivered"); });
    service.new_signal("/painter", "org.ctbus.Painter", "Dried").append(1).send();
    service.flush();
    for (int i = 0; i < 1000 && reported.texts().empty(); ++i)
        if (!client.process()) client.wait(std::chrono::milliseconds{10});
    REQUIRE(reported.texts().size() == 1);
    CHECK(test::contains(reported.texts()[0],
                         "signal org.ctbus.Painter.Dried of /painter from " +
                             std::string{service.unique_name()} +
                             " has the signature \"i\" where \"s\" is declared"));
}

TEST_CASE("texts: messages") {
    auto [ours, theirs] = ctbus::connection::pair();
    ctbus::message m = ours.new_signal("/painter", "org.ctbus.Painter", "Dried");
    m.append("text");
    m.seal();
    CHECK(text(m.try_append("more")) ==
          "a sealed message cannot be changed, and one that is not cannot be read");
    CHECK(text(m.try_read<int>()) == "value 1 has another type: 's' comes next");
    CHECK(text(ctbus::message{}.try_read<int>()) ==
          "the message is empty: it was made by default, or moved from");
    ctbus::message spoiled = ours.new_call("", "/painter", "org.ctbus.Painter", "Paint");
    CHECK(!spoiled.try_append("\xff"));
    CHECK(text(ours.try_call(spoiled)) ==
          "it is incomplete: something could not be appended to it");
    CHECK(text(ours.try_call(m)) == "this message is not a method call: send() sends it");
    m.read<std::string>();
    CHECK(text(m.try_read<int>()) ==
          "value 1: there is nothing left to read; rewind() goes back to the start");
    CHECK(text(ctbus::variant{1}.try_get<std::string>()) == "the variant holds \"i\", not \"s\"");
}

TEST_CASE("texts: the README's table has them, and nothing else") {
    std::ifstream readme{std::filesystem::path{__FILE__}.parent_path() / "../../README.md"};
    std::set<std::string> listed;
    bool inside = false;
    for (std::string line; std::getline(readme, line);) {
        if (line == "<!-- errors -->") inside = true;
        else if (inside && line.empty() && !listed.empty()) break;
        else if (inside && line.starts_with("| `"))
            listed.insert(line.substr(3, line.find("` |") - 3));
    }
    CHECK(!listed.empty());
    for (const std::string& each : listed) CHECK_MESSAGE(seen.contains(each), each);
    for (const std::string& each : seen) CHECK_MESSAGE(listed.contains(each), each);
}
