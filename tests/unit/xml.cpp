// introspection_xml(): the same text as sd-bus gives of an object.
#include <ctbus/ctbus.hpp>
#include <ctbus/xml.hpp>

#include "must.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using test::contains;
using test::raw_peer;

namespace {

struct contract
    : ctbus::interface<
          "org.example.Many", ctbus::method<"Nothing", void()>,
          ctbus::method<"Add", std::tuple<int, std::string>(int, double), ctbus::args<"x", "y">,
                        ctbus::returns<"sum", "text">>,
          ctbus::method<"Half", int(std::vector<std::string>), ctbus::args<"all">>,
          ctbus::method<"Plain",
                        std::map<std::string, ctbus::variant>(
                            std::vector<std::tuple<int, std::map<int, std::string>>>, int)>,
          ctbus::method<"Later", void(int), ctbus::no_reply, ctbus::deprecated>,
          ctbus::method<"Secret", void(), ctbus::hidden>, ctbus::property<"Read", int>,
          ctbus::property<"Written", std::vector<int>, ctbus::writable, ctbus::emits_change>,
          ctbus::property<"Constant", std::string, ctbus::constant>,
          ctbus::property<"Asked", std::string, ctbus::emits_invalidation, ctbus::deprecated>,
          ctbus::property<"Hidden", int, ctbus::hidden>, ctbus::signal<"Bare", void()>,
          ctbus::signal<"Told", void(int, std::tuple<std::string, bool>), ctbus::args<"n", "both">>,
          ctbus::signal<"Old", void(int), ctbus::deprecated>> {};

struct served {
    int number = 0;
    std::string text;
    std::vector<int> numbers;
    void nothing() {}
    std::tuple<int, std::string> add(int, double) { return {}; }
    int half(const std::vector<std::string>&) { return 0; }
    std::map<std::string, ctbus::variant> plain(
        const std::vector<std::tuple<int, std::map<int, std::string>>>&, int) {
        return {};
    }
    void later(int) {}
};
struct table
    : ctbus::implements<
          contract, ctbus::handler<"Nothing", &served::nothing>,
          ctbus::handler<"Add", &served::add>, ctbus::handler<"Half", &served::half>,
          ctbus::handler<"Plain", &served::plain>, ctbus::handler<"Later", &served::later>,
          ctbus::handler<"Secret", &served::nothing>, ctbus::accessor<"Read", &served::number>,
          ctbus::accessor<"Written", &served::numbers>, ctbus::accessor<"Constant", &served::text>,
          ctbus::accessor<"Asked", &served::text>, ctbus::accessor<"Hidden", &served::number>> {};
struct deduced : ctbus::vtable<"org.example.Deduced",
                               ctbus::handler<"Half", &served::half, ctbus::args<"all">>,
                               ctbus::accessor<"Read", &served::number, ctbus::explicit_get>> {};

/// The elements `<interface ...>` of a document that are not sd-bus's own, without what sd-bus says
/// of access, which depends on the connection.
std::string interfaces(const std::string& xml) {
    std::string found;
    for (std::size_t at = 0; (at = xml.find(" <interface name=\"org.example.", at)) != xml.npos;) {
        const std::size_t end = xml.find(" </interface>\n", at) + 14;
        found += xml.substr(at, end - at);
        at = end;
    }
    const std::string_view access =
        "   <annotation name=\"org.freedesktop.systemd1.Privileged\" value=\"true\"/>\n";
    for (std::size_t at = 0; (at = found.find(access)) != found.npos;)
        found.erase(at, access.size());
    return found;
}

} // namespace

TEST_CASE("introspection_xml is what sd-bus answers Introspect with") {
    raw_peer peer;
    served s;
    const test::exported<deduced> one{peer.ours, "/x", s};
    const test::exported<table> two{peer.ours, "/x", s};
    std::string answer =
        peer.call("/x", "org.freedesktop.DBus.Introspectable", "Introspect").reply();
    answer = answer.substr(1, answer.size() - 2);
    const std::string both = ctbus::introspection_xml<contract, deduced>();
    const std::string other = ctbus::introspection_xml<deduced, contract>();
    const std::string theirs = interfaces(answer);
    CHECK(theirs.size() > 2000);
    CHECK((interfaces(both) == theirs || interfaces(other) == theirs));
    CHECK(both.starts_with("<!DOCTYPE node PUBLIC"));
    CHECK(both.ends_with(" </interface>\n</node>\n"));
    CHECK(!contains(both, "Secret"));
    CHECK(!contains(both, "Hidden"));
    CHECK(ctbus::introspection_xml<table>() == ctbus::introspection_xml<contract>());
}
