// S37: messages in the other byte order are read correctly through every path.
#include <ctbus/ctbus.hpp>

#include "marshalled.hpp"
#include "must.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using test::contains;
using test::marshalled;
using test::must;
using test::raw_peer;

namespace {

constexpr const char* name = "org.example.Order";

enum class level : std::uint16_t { low = 1, high = 0x102 };
enum class colour { red, green };
struct point {
    std::int32_t x;
    double y;
};
struct settings {
    std::string title;
    std::optional<std::vector<std::uint32_t>> sizes;
};
struct hertz {
    std::uint32_t value = 0;
};
using choice = std::variant<std::int32_t, std::string, std::vector<std::int16_t>, point>;

} // namespace

template <>
inline constexpr std::pair<colour, const char*> ctbus::enum_strings<colour>[] = {
    {colour::red, "red"}, {colour::green, "green"}};
template <>
inline constexpr bool ctbus::as_dict<settings> = true;
template <>
struct ctbus::wire<hertz> {
    using type = std::uint32_t;
    static std::uint32_t to(const hertz& h) { return h.value; }
    static hertz from(std::uint32_t n) { return {n}; }
};

namespace {

template <class... Ts>
std::tuple<Ts...> echo(const Ts&... values) {
    return {values...};
}
template <class T>
using vector = std::vector<T>;

struct titled {
    std::span<const std::int32_t> values;
    std::string_view title;
};
using later = ctbus::deferred<std::int32_t>;

struct service {
    std::vector<std::int32_t> numbers;
    std::vector<later> replies;
    std::span<const std::int32_t> kept; // what a reply that waits keeps alive
    std::size_t first = 0, second = 0;
    std::int64_t sum = 0;

    void set_numbers(std::span<const std::int32_t> values) {
        numbers.assign(values.begin(), values.end());
    }
    const std::vector<std::int32_t>& get_numbers() const { return numbers; }
    void keep(std::span<const std::int32_t> values, later reply) {
        kept = values;
        replies.push_back(std::move(reply));
    }
    void keep_titled(titled of, later reply) { keep(of.values, std::move(reply)); }
    void keep_second(vector<std::span<const std::int32_t>> all, later reply) {
        keep(all.at(1), std::move(reply));
    }
    void keep_of_tuple(std::tuple<std::int32_t, std::span<const std::int32_t>> all, later reply) {
        keep(std::get<1>(all), std::move(reply));
    }
    std::int32_t keep_by_message(std::span<const std::int32_t> values, const ctbus::message& call) {
        keep(values, must(call.try_defer<std::int32_t>()));
        return 0;
    }
    // The handler still has its argument when the reply has gone.
    void drop_at_once(std::span<const std::int32_t> values, later reply) {
        must(reply.try_reply(1));
        reply = {};
        sum = std::accumulate(values.begin(), values.end(), std::int64_t{0});
    }
    // Two swapped arrays at once, and text between them.
    std::string two_spans(std::span<const std::int32_t> a, std::string_view text,
                          std::span<const double> b) {
        first = a.size();
        second = b.size();
        sum = std::accumulate(a.begin(), a.end(), std::int64_t{0}) +
              static_cast<std::int64_t>(std::accumulate(b.begin(), b.end(), 0.0));
        return std::string{text};
    }
};

struct service_vtable
    : ctbus::vtable<
          "org.example.Order",
          ctbus::handler<"Basics",
                         &echo<std::uint8_t, bool, std::int16_t, std::uint16_t, std::int32_t,
                               std::uint32_t, std::int64_t, std::uint64_t, double>>,
          ctbus::handler<"Texts", &echo<std::string, std::string_view, const char*,
                                        ctbus::object_path, ctbus::signature>>,
          ctbus::handler<"Mapped", &echo<level, colour, hertz>>,
          ctbus::handler<"MappedArrays",
                         &echo<vector<hertz>, std::list<hertz>, std::array<hertz, 2>,
                               ctbus::dict<std::string, vector<hertz>>, hertz>>,
          ctbus::handler<"Vectors",
                         &echo<vector<std::uint8_t>, vector<std::int16_t>, vector<std::int32_t>,
                               vector<std::int64_t>, vector<double>, vector<bool>, vector<level>>>,
          ctbus::handler<"Containers", &echo<std::list<std::int32_t>, std::deque<std::int32_t>,
                                             std::set<std::int32_t>, std::array<std::int32_t, 2>>>,
          ctbus::handler<"Texts2",
                         &echo<vector<std::string>, std::array<std::string, 2>, vector<colour>>>,
          ctbus::handler<"Nested", &echo<vector<vector<std::int32_t>>, vector<point>,
                                         vector<std::array<std::int16_t, 2>>>>,
          ctbus::handler<"Spans", &echo<vector<std::span<const std::int32_t>>>>,
          ctbus::handler<"Bytes", &echo<std::span<const std::byte>>>,
          ctbus::handler<"Structs",
                         &echo<point, std::tuple<std::uint8_t, std::pair<bool, std::string>>>>,
          ctbus::handler<"Dicts", &echo<std::map<std::string, std::int32_t>,
                                        ctbus::dict<std::uint16_t, vector<double>>>>,
          ctbus::handler<"Variants", &echo<choice, choice, choice, vector<choice>>>,
          ctbus::handler<"Settings", &echo<settings>>,
          ctbus::handler<"TwoSpans", &service::two_spans>, ctbus::handler<"Keep", &service::keep>,
          ctbus::handler<"KeepTitled", &service::keep_titled>,
          ctbus::handler<"KeepSecond", &service::keep_second>,
          ctbus::handler<"KeepOfTuple", &service::keep_of_tuple>,
          ctbus::handler<"KeepByMessage", &service::keep_by_message>,
          ctbus::handler<"DropAtOnce", &service::drop_at_once>,
          ctbus::handler<"Three", &echo<std::array<std::int32_t, 3>>>,
          ctbus::accessor<"Numbers", &service::get_numbers, &service::set_numbers,
                          ctbus::emits_change>,
          ctbus::accessor<"Member", &service::numbers, ctbus::writable>,
          ctbus::signal<"Measured", void(std::vector<double>, std::string, point)>> {};

struct fixture {
    raw_peer peer;
    service served;
    test::exported<service_vtable> object{peer.ours, "/test", served};

    test::arrivals exchange(const char* member, const char* signature, const marshalled& body) {
        return peer.exchange_bytes(test::message_bytes({.serial = 77,
                                                        .path = "/test",
                                                        .interface = name,
                                                        .member = member,
                                                        .signature = signature},
                                                       body));
    }
    test::arrivals call(const char* member, const char* signature, const marshalled& body) {
        auto got = exchange(member, signature, body);
        CHECK(got.only().answers() == 77);
        return got;
    }
    std::string echoed(const char* member, const char* signature, const marshalled& body) {
        CAPTURE(member);
        const auto got = call(member, signature, body);
        const std::string text{got.only().error_text()}; // a REQUIRE inside CAPTURE would hang
        CAPTURE(text);
        CHECK(got.only().signature() == signature);
        return got.reply();
    }
};

/// Runs a test in both byte orders: with our own, it shows that the bytes themselves are right.
template <class F>
void in_both_orders(F&& f) {
    for (const std::endian order : {std::endian::native, test::other_order}) {
        CAPTURE(order == std::endian::native);
        f(order);
    }
}

marshalled numbers(std::endian order, std::size_t count) {
    marshalled m{order};
    m.a(4, [&] {
        for (std::size_t k = 0; k < count; ++k) m.i(static_cast<std::int32_t>(k * 0x10203));
    });
    return m;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "S37 basic types") {
    in_both_orders([&](std::endian order) {
        marshalled m{order};
        m.y(1).b(true).n(-0x102).q(0x102).i(-0x1020304).u(0x1020304).x(-0x102030405060708);
        m.t(0x102030405060708).d(-0.1);
        CHECK(echoed("Basics", "ybnqiuxtd", m) ==
              "1 true -258 258 -16909060 16909060 -72623859790382856 72623859790382856 "
              "-0.10000000000000001");
        marshalled texts{order};
        texts.s("one").s("").s("three").s("/a/b").g("a{sv}");
        CHECK(echoed("Texts", "sssog", texts) == R"("one" "" "three" "/a/b" "a{sv}")");
        CHECK(echoed("Mapped", "qsu", marshalled{order}.q(0x102).s("green").u(0x1020304)) ==
              R"(258 "green" 16909060)");
    });
}

TEST_CASE_FIXTURE(fixture, "S37 bulk arrays into vectors and other containers") {
    in_both_orders([&](std::endian order) {
        marshalled m{order};
        m.a(1, [&] { m.y(1).y(255); }).a(2, [&] { m.n(0x102).n(-2); });
        m.a(4, [&] { m.i(0x1020304).i(-2); }).a(8, [&] { m.x(0x102030405060708).x(-2); });
        m.a(8, [&] { m.d(0.5).d(-1e300); }).a(4, [&] { m.b(true).b(false); });
        m.a(2, [&] { m.q(0x102).q(1); });
        CHECK(
            echoed("Vectors", "ayanaiaxadabaq", m) ==
            "[1 255] [258 -2] [16909060 -2] [72623859790382856 -2] [0.5 -1.0000000000000001e+300] "
            "[true false] [258 1]");
        marshalled empty{order};
        empty.a(1, [] {}).a(2, [] {}).a(4, [] {}).a(8, [] {}).a(8, [] {}).a(4, [] {}).a(2, [] {});
        CHECK(echoed("Vectors", "ayanaiaxadabaq", empty) == "[] [] [] [] [] [] []");

        marshalled c{order};
        for (int k = 0; k < 4; ++k) c.a(4, [&] { c.i(0x10000).i(2); });
        CHECK(echoed("Containers", "aiaiaiai", c) == "[65536 2] [65536 2] [2 65536] [65536 2]");
        marshalled t{order};
        t.a(4, [&] { t.s("a").s(""); }).a(4, [&] { t.s("b").s("c"); }).a(4, [&] { t.s("red"); });
        CHECK(echoed("Texts2", "asasas", t) == R"(["a" ""] ["b" "c"] ["red"])");

        marshalled nested{order};
        nested.a(4, [&] {
            nested.a(4, [&] { nested.i(1).i(0x100); }).a(4, [] {}).a(4, [&] { nested.i(3); });
        });
        nested.a(8, [&] {
            nested.align(8).i(0x100).d(0.5);
            nested.align(8).i(-1).d(2);
        });
        nested.a(4, [&] { nested.a(2, [&] { nested.n(0x100).n(2); }); });
        CHECK(echoed("Nested", "aaia(id)aan", nested) ==
              "[[1 256] [] [3]] [(256 0.5) (-1 2)] [[256 2]]");
    });
}

TEST_CASE_FIXTURE(fixture, "S37 arrays of what wire<T> makes numbers") {
    in_both_orders([&](std::endian order) {
        marshalled m{order};
        m.a(4, [&] { m.u(0x1020304).u(2).u(3); }).a(4, [&] { m.u(4); });
        m.a(4, [&] { m.u(5).u(0x60000000); });
        m.a(8, [&] { m.align(8).s("x").a(4, [&] { m.u(7).u(8); }); }).u(9);
        CHECK(echoed("MappedArrays", "auauaua{sau}u", m) ==
              R"([16909060 2 3] [4] [5 1610612736] [{"x": [7 8]}] 9)");
        for (std::uint32_t wrong : {0u, 1u, 3u}) {
            marshalled other{order};
            other.a(4, [] {}).a(4, [] {}).a(4, [&] {
                for (std::uint32_t k = 0; k < wrong; ++k) other.u(k);
            });
            other.a(8, [] {}).u(9);
            const auto got = call("MappedArrays", "auauaua{sau}u", other);
            CHECK(got.only().error_name() == "org.freedesktop.DBus.Error.InvalidArgs");
            CHECK(contains(got.only().error_text(), "is an array of another length"));
        }
    });
}

TEST_CASE_FIXTURE(fixture, "S37 arrays of any length into a span") {
    in_both_orders([&](std::endian order) {
        for (const std::size_t count : {0u, 1u, 2u, 63u, 64u, 65u, 128u, 129u, 1000u, 100'000u}) {
            CAPTURE(count);
            marshalled m = numbers(order, count);
            m.s("between").a(8, [&] {
                for (std::size_t k = 0; k < count / 2; ++k) m.d(-1);
            });
            CHECK(call("TwoSpans", "aisad", m).reply() == R"("between")");
            CHECK(served.first == count);
            CHECK(served.second == count / 2);
            std::int64_t sum = -static_cast<std::int64_t>(count / 2);
            for (std::size_t k = 0; k < count; ++k) sum += static_cast<std::int32_t>(k * 0x10203);
            CHECK(served.sum == sum);
        }
        marshalled m{order};
        m.a(4, [&] { m.a(4, [&] { m.i(0x100).i(2); }).a(4, [] {}).a(4, [&] { m.i(3); }); });
        CHECK(echoed("Spans", "aai", m) == "[[256 2] [] [3]]"); // each has its own memory
        CHECK(echoed("Bytes", "ay", marshalled{order}.u(3).y(1).y(2).y(3)) == "[1 2 3]");
    });
}

TEST_CASE_FIXTURE(fixture, "S37 S16 borrowed arrays live as long as a reply that waits") {
    in_both_orders([&](std::endian order) {
        const auto three = [](marshalled& m) { m.a(4, [&] { m.i(1).i(0x200).i(3); }); };
        const auto kept = [&](const char* member, const char* signature, const marshalled& body) {
            CAPTURE(member);
            CHECK(exchange(member, signature, body).empty());
            REQUIRE(served.replies.size() == 1);
            std::int32_t sum = 0;
            for (const std::int32_t n : served.kept) sum += n;
            CHECK(sum == 0x204);
            must(served.replies.front().try_reply(sum));
            CHECK(peer.settle().reply() == "516");
            served.replies.clear();
        };
        marshalled one{order}, titles{order}, two{order}, tuple{order};
        three(one);
        titles.align(8);
        three(titles);
        titles.s("title");
        two.a(4, [&] {
            two.a(4, [&] { two.i(7); });
            three(two);
        });
        tuple.align(8).i(5);
        three(tuple);
        kept("Keep", "ai", one);
        kept("KeepTitled", "(ais)", titles);
        kept("KeepSecond", "aai", two);
        kept("KeepOfTuple", "(iai)", tuple);
        kept("KeepByMessage", "ai", one);
        CHECK(call("DropAtOnce", "ai", one).reply() == "1");
        CHECK(served.sum == 0x204);
    });
}

TEST_CASE_FIXTURE(fixture, "S37 a fixed array of another length is refused") {
    in_both_orders([&](std::endian order) {
        CHECK(echoed("Three", "ai", numbers(order, 3)) == "[0 66051 132102]");
        for (const std::size_t count : {0u, 2u, 4u})
            CHECK(call("Three", "ai", numbers(order, count)).error_name() == test::invalid_args);
    });
}

TEST_CASE_FIXTURE(fixture, "S37 an array that ends inside an element is refused") {
    in_both_orders([&](std::endian order) {
        marshalled m{order};
        m.u(6).i(1).q(2);
        for (const char* member : {"Three", "Numbers"}) {
            CAPTURE(member);
            const bool set = member == std::string_view{"Numbers"};
            marshalled value{order};
            value.s(name).s("Numbers").g("ai").align(4).raw(m.bytes());
            const auto got = peer.exchange_bytes(test::message_bytes(
                set ? test::header{.serial = 78,
                                   .path = "/test",
                                   .interface = "org.freedesktop.DBus.Properties",
                                   .member = "Set",
                                   .signature = "ssv"}
                    : test::header{.serial = 78,
                                   .path = "/test",
                                   .interface = name,
                                   .member = member,
                                   .signature = "ai"},
                set ? value : m));
            CHECK(got.only().type() == "error");
        }
        CHECK(served.numbers.empty());
    });
}

TEST_CASE_FIXTURE(fixture, "S37 structs, dictionaries, variants, as_dict") {
    in_both_orders([&](std::endian order) {
        marshalled m{order};
        m.align(8).i(0x100).d(0.5).align(8).y(7).align(8).b(true).s("x");
        CHECK(echoed("Structs", "(id)(y(bs))", m) == R"((256 0.5) (7 (true "x")))");

        marshalled d{order};
        d.a(8, [&] {
            d.align(8).s("a").i(0x100);
            d.align(8).s("b").i(2);
        });
        d.a(8, [&] { d.align(8).q(0x102).a(8, [&] { d.d(0.5).d(2); }); });
        CHECK(echoed("Dicts", "a{si}a{qad}", d) == R"([{"a": 256} {"b": 2}] [{258: [0.5 2]}])");

        marshalled v{order};
        v.g("i").i(0x100).g("s").s("text").g("an").a(2, [&] { v.n(0x100).n(2); });
        v.a(1, [&] { v.g("(id)").align(8).i(0x100).d(0.5).g("i").i(1); });
        CHECK(echoed("Variants", "vvvav", v) ==
              R"(<i 256> <s "text"> <an [256 2]> [<(id) (256 0.5)> <i 1>])");

        marshalled s{order};
        s.a(8, [&] {
            s.align(8).s("unknown").g("at").a(8, [&] { s.t(1); });
            s.align(8).s("title").g("s").s("t");
            s.align(8).s("sizes").g("au").a(4, [&] { s.u(0x100).u(2); });
        });
        CHECK(echoed("Settings", "a{sv}", s) == R"([{"title": <s "t">} {"sizes": <au [256 2]>}])");
        marshalled lacking{order};
        lacking.a(8, [] {});
        CHECK(call("Settings", "a{sv}", lacking).error_name() == test::invalid_args);
    });
}

TEST_CASE_FIXTURE(fixture, "S37 Set of a property, by member and by a setter that borrows") {
    in_both_orders([&](std::endian order) {
        for (const char* property : {"Numbers", "Member"}) {
            CAPTURE(property);
            served.numbers = {9};
            marshalled m{order};
            m.s(name).s(property).g("ai").a(4, [&] { m.i(0x100).i(2); });
            const auto got = peer.exchange_bytes(
                test::message_bytes({.serial = 79,
                                     .path = "/test",
                                     .interface = "org.freedesktop.DBus.Properties",
                                     .member = "Set",
                                     .signature = "ssv"},
                                    m));
            REQUIRE(!got.empty());
            CHECK(got.back().type() == "reply");
            CHECK((served.numbers == std::vector<std::int32_t>{0x100, 2}));
        }
    });
}

TEST_CASE_FIXTURE(fixture, "S37 signals, their borrowed arguments too") {
    std::vector<double> heard;
    std::string text;
    point where{};
    auto subscription = must(ctbus::try_match_signal<service_vtable, "Measured">(
        peer.ours, [&](std::span<const double> values, std::string_view what, const point& p) {
            heard.assign(values.begin(), values.end());
            text = what;
            where = p;
        }));
    in_both_orders([&](std::endian order) {
        heard.clear();
        marshalled m{order};
        m.a(8, [&] { m.d(0.5).d(-2); }).s("what").align(8).i(0x100).d(1.5);
        CHECK(peer.exchange_bytes(test::message_bytes({.type = 4,
                                                       .path = "/anywhere",
                                                       .interface = name,
                                                       .member = "Measured",
                                                       .signature = "ads(id)"},
                                                      m))
                  .empty());
        CHECK((heard == std::vector{0.5, -2.0}));
        CHECK(text == "what");
        CHECK(where.x == 0x100);
        CHECK(where.y == 1.5);
    });
}

// The reply waits in the socket before the call is made; calls of a new connection count from 1.
TEST_CASE("S37 replies to a proxy: outputs, properties, errors") {
    in_both_orders([&](std::endian order) {
        raw_peer peer;
        ctbus::proxy<service_vtable> proxy{peer.ours, "/test"};
        const auto answer = [&](std::uint32_t call, const char* signature, const marshalled& body) {
            peer.write(test::message_bytes(
                {.type = 2, .serial = 1000 + call, .answers = call, .signature = signature}, body));
        };
        marshalled m{order};
        m.a(4, [&] { m.a(4, [&] { m.i(0x100).i(2); }); });
        answer(1, "aai", m);
        CHECK((must(proxy.try_call<"Spans">(std::vector<std::vector<std::int32_t>>{})) ==
               std::vector<std::vector<std::int32_t>>{{0x100, 2}}));

        marshalled d{order};
        d.a(8, [&] { d.align(8).s("a").i(0x100); }).a(8, [] {});
        answer(2, "a{si}a{qad}", d);
        const auto [map, dict] = must(proxy.try_call<"Dicts">(
            std::map<std::string, std::int32_t>{}, ctbus::dict<std::uint16_t, vector<double>>{}));
        CHECK(map.at("a") == 0x100);
        CHECK(dict.empty());

        marshalled bytes{order};
        bytes.a(1, [&] { bytes.y(1).y(2); });
        answer(3, "ay", bytes);
        CHECK((must(proxy.try_call<"Bytes">(std::vector<std::byte>{})) ==
               std::vector{std::byte{1}, std::byte{2}}));

        marshalled v{order};
        v.g("ai").a(4, [&] { v.i(0x100).i(2); });
        answer(4, "v", v);
        CHECK((must(proxy.try_get<"Numbers">()) == std::vector<std::int32_t>{0x100, 2}));

        peer.write(test::message_bytes({.type = 3,
                                        .serial = 1005,
                                        .answers = 5,
                                        .error_name = "org.example.Foreign",
                                        .signature = "s"},
                                       marshalled{order}.s("from afar")));
        const auto failed = proxy.try_call<"Bytes">(std::vector<std::byte>{});
        REQUIRE(!failed);
        CHECK(failed.error().is<"org.example.Foreign">());
        CHECK(failed.error().message() == "from afar");
        CHECK(peer.settle().size() == 5); // the calls themselves
    });
}

TEST_CASE("S37 a message read by hand") {
    in_both_orders([&](std::endian order) {
        raw_peer peer;
        std::uint32_t serial = 0; // of the calls of this connection
        const auto ask = [&](const char* signature, const marshalled& body) {
            const ctbus::message call = must(peer.ours.try_new_call("", "/", "org.example.I", "M"));
            ++serial;
            peer.write(test::message_bytes(
                {.type = 2, .serial = 1000 + serial, .answers = serial, .signature = signature},
                body));
            return must(peer.ours.try_call(call));
        };
        marshalled m{order};
        m.i(0x100).s("x").a(4, [&] { m.i(0x200); });
        ctbus::message reply = ask("isai", m);
        CHECK(must(reply.try_read<std::int32_t>()) == 0x100);
        CHECK(must(reply.try_read<std::string_view>()) == "x");
        CHECK((must(reply.try_read<std::vector<std::int32_t>>()) == std::vector{0x200}));

        // Where a span would have to be swapped there is nothing that would keep it: an error.
        ctbus::message again = ask("ai", numbers(order, 3));
        const auto borrowed = again.try_read<std::span<const std::int32_t>>();
        if (order == std::endian::native) {
            REQUIRE(borrowed);
            CHECK(borrowed->size() == 3);
        } else {
            REQUIRE(!borrowed);
            CHECK(contains(borrowed.error().message(), "value 1"));
            CHECK(contains(borrowed.error().message(), "byte order"));
            must(again.try_rewind());
            CHECK(must(again.try_read<std::vector<std::int32_t>>()).size() == 3);
        }
    });
}
