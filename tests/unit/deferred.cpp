// S16, S17, S19: replies that are sent when the handler has returned.
#include <ctbus/ctbus.hpp>

#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <ostream> // doctest prints string_views
#include <string>
#include <utility>
#include <vector>

using test::path;
using test::raw_peer;

namespace {

constexpr const char* name = "org.ctbus.Later";
constexpr const char* dropped = "the service gave this call up without an answer";

class later {
public:
    std::deque<ctbus::deferred<std::int32_t>> numbers;
    std::deque<ctbus::deferred<std::string, double>> pairs;
    ctbus::deferred<> nothing;
    ctbus::message kept;
    std::int32_t seen = 0;

    void number(std::int32_t n, ctbus::deferred<std::int32_t> reply) {
        seen = n;
        numbers.push_back(std::move(reply));
    }
    void pair(ctbus::deferred<std::string, double> reply) { pairs.push_back(std::move(reply)); }
    void none(ctbus::deferred<> reply) { nothing = std::move(reply); }
    void at_once(ctbus::deferred<std::int32_t> reply) { CHECK(reply.try_reply(5).has_value()); }
    void drop(ctbus::deferred<std::int32_t>) {}
    // Defers, or not.
    std::int32_t maybe(bool wait, const ctbus::message& call) {
        if (!wait) return 1;
        auto made = call.try_defer<std::int32_t>();
        REQUIRE(made.has_value());
        CHECK_FALSE(call.try_reply(std::int32_t{9}).has_value());
        CHECK_FALSE(call.try_defer<std::int32_t>().has_value());
        kept = call;
        numbers.push_back(*std::move(made));
        return 2; // ignored
    }
    std::int32_t wrong_types(const ctbus::message& call) {
        auto made = call.try_defer<std::string>();
        REQUIRE(made.has_value());
        wrong = *std::move(made);
        return 0;
    }
    std::int32_t defer_and_drop(const ctbus::message& call) {
        { const auto made = call.try_defer<std::int32_t>(); }
        return 3;
    }
    ctbus::result<std::int32_t> defer_and_fail(const ctbus::message& call) {
        const auto made = call.try_defer<std::int32_t>();
        return ctbus::failure{ctbus::error::make<"org.ctbus.Error.Own">("its own words")};
    }
#ifdef __cpp_exceptions
    void throws(ctbus::deferred<std::int32_t>) {
        throw ctbus::error::make<"org.ctbus.Error.Thrown">("thrown");
    }
    void keeps_and_throws(ctbus::deferred<std::int32_t> reply) {
        numbers.push_back(std::move(reply));
        throw ctbus::error::make<"org.ctbus.Error.Thrown">("thrown");
    }
#endif
    ctbus::deferred<std::string> wrong;
};

// clang-format off
struct later_vtable : ctbus::vtable<"org.ctbus.Later",
    ctbus::handler<"Number", &later::number, ctbus::args<"n">, ctbus::returns<"same">>,
    ctbus::handler<"Pair", &later::pair>,
    ctbus::handler<"None", &later::none>,
    ctbus::handler<"AtOnce", &later::at_once>,
    ctbus::handler<"Drop", &later::drop>,
    ctbus::handler<"Maybe", &later::maybe>,
    ctbus::handler<"WrongTypes", &later::wrong_types>,
    ctbus::handler<"DeferAndDrop", &later::defer_and_drop>,
#ifdef __cpp_exceptions
    ctbus::handler<"Throws", &later::throws>,
    ctbus::handler<"KeepsAndThrows", &later::keeps_and_throws>,
#endif
    ctbus::handler<"DeferAndFail", &later::defer_and_fail>> {};
// clang-format on

struct fixture {
    raw_peer peer;
    later served;
    ctbus::result<ctbus::object<later_vtable>> object =
        ctbus::object<later_vtable>::try_make(peer.ours, "/test", served);

    fixture() { REQUIRE(object.has_value()); }
    template <class... Args>
    test::arrivals ask(const char* method, const char* types = "", Args... args) {
        return peer.call("/test", name, method, types, args...);
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "S16 deferred: no automatic reply, one reply later") {
    CHECK(ask("Number", "i", 7).empty());
    CHECK(served.seen == 7);
    REQUIRE(served.numbers.size() == 1);
    auto& reply = served.numbers.front();
    CHECK(static_cast<bool>(reply));
    CHECK(reply.call().member() == "Number");
    CHECK(reply.try_reply(8).has_value());
    CHECK(peer.settle().reply() == "8");
    CHECK_FALSE(static_cast<bool>(reply));
    CHECK_FALSE(reply.try_reply(9).has_value());
    CHECK_FALSE(reply.try_fail(ctbus::error::make<"org.ctbus.Error.Late">("")).has_value());
    served.numbers.clear();
    CHECK(peer.settle().empty());
}

TEST_CASE_FIXTURE(fixture, "S16 deferred: several outputs, none, an error, a reply at once") {
    CHECK(ask("Pair").empty());
    CHECK(served.pairs.front().try_reply("text", 2).has_value());
    CHECK(peer.settle().reply() == "\"text\" 2");
    CHECK(ask("None").empty());
    CHECK(served.nothing.try_reply().has_value());
    CHECK(peer.settle().reply().empty());
    CHECK(ask("Number", "i", 1).empty());
    CHECK(served.numbers.back()
              .try_fail(ctbus::error::make<"org.ctbus.Error.Sorry">("not today"))
              .has_value());
    CHECK(peer.settle().error_name() == "org.ctbus.Error.Sorry");
    CHECK(ask("AtOnce").reply() == "5");
}

TEST_CASE_FIXTURE(fixture, "S16 the same handler may choose not to defer") {
    CHECK(ask("Maybe", "b", 0).reply() == "1");
    CHECK(ask("Maybe", "b", 1).empty());
    CHECK_FALSE(served.kept.try_reply(std::int32_t{4}).has_value()); // only the deferred may
    CHECK(served.numbers.back().try_reply(6).has_value());
    CHECK(peer.settle().reply() == "6");
}

TEST_CASE_FIXTURE(fixture, "S17 others are served meanwhile, and replies go in any order") {
    for (int i = 1; i <= 3; ++i) CHECK(ask("Number", "i", i).empty());
    CHECK(ask("Maybe", "b", 0).reply() == "1");
    std::vector<std::string> order;
    for (const std::size_t i : {2u, 0u, 1u}) {
        CHECK(served.numbers[i].try_reply(static_cast<int>(i) + 1).has_value());
        order.push_back(peer.settle().reply());
    }
    CHECK(order == std::vector<std::string>{"3", "1", "2"});
}

TEST_CASE_FIXTURE(fixture, "S19 what is dropped unanswered is answered with an error at once") {
    CHECK(ask("Number", "i", 1).empty());
    served.numbers.clear();
    CHECK(peer.settle().error_text() == dropped);
    CHECK(ask("Drop").error_text() == dropped);
    CHECK(ask("DeferAndDrop").error_text() == dropped);
    CHECK(ask("DeferAndFail").error_name() == "org.ctbus.Error.Own");
    CHECK(ask("Number", "i", 1).empty());
    CHECK(ask("Number", "i", 2).empty());
    served.numbers[0] = std::move(served.numbers[1]);
    CHECK(peer.settle().error_text() == dropped);
    CHECK(served.numbers[0].try_reply(2).has_value());
    CHECK(peer.settle().reply() == "2");
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(fixture, "S20 a handler that throws instead of deferring: what it threw") {
    CHECK(ask("Throws").error_name() == "org.ctbus.Error.Thrown");
    std::vector<std::string> reported;
    static std::vector<std::string>* to;
    to = &reported;
    const auto before =
        ctbus::set_report_handler([](const ctbus::error& e) { to->emplace_back(e.message()); });
    CHECK(ask("KeepsAndThrows").empty());
    ctbus::set_report_handler(before);
    CHECK(reported == std::vector<std::string>{"thrown"});
    CHECK(served.numbers.front().try_reply(4).has_value());
    CHECK(peer.settle().reply() == "4");
}
#endif

TEST_CASE_FIXTURE(fixture, "S7 S16 a deferred call that wants no reply gets none") {
    CHECK(peer.call_no_reply("/test", name, "Number", "i", 1).empty());
    CHECK(served.numbers.front().try_reply(2).has_value());
    CHECK(peer.settle().empty());
    CHECK(peer.call_no_reply("/test", name, "Number", "i", 1).empty());
    served.numbers.clear();
    CHECK(peer.settle().empty());
}

TEST_CASE_FIXTURE(fixture, "S14 a deferred reply of other types than declared: one clear error") {
    CHECK(ask("WrongTypes").empty());
    const auto sent = served.wrong.try_reply("text");
    REQUIRE_FALSE(sent.has_value());
    CHECK(test::contains(sent.error().message(), "not what the method declares"));
    CHECK(test::contains(peer.settle().error_text(), "not what the method declares"));
    CHECK_FALSE(static_cast<bool>(served.wrong));
}

TEST_CASE_FIXTURE(fixture, "S35 a deferred reply that cannot be sent may be tried again") {
    CHECK(ask("Pair").empty());
    const auto sent = served.pairs.front().try_reply("\xff", 1);
    REQUIRE_FALSE(sent.has_value());
    CHECK(sent.error().message() == "output 1 of Pair is not valid UTF-8");
    CHECK(peer.settle().empty());
    CHECK(served.pairs.front().try_reply("ok", 1).has_value());
    CHECK(peer.settle().reply() == "\"ok\" 1");
}

TEST_CASE("S19 a deferred reply outlives the caller, the object and the connection") {
    for (int what = 0; what < 3; ++what) {
        CAPTURE(what);
        std::optional<fixture> all{std::in_place};
        CHECK(all->ask("Number", "i", 1).empty());
        CHECK(all->ask("Number", "i", 2).empty());
        std::deque<ctbus::deferred<std::int32_t>> numbers = std::move(all->served.numbers);
        if (what == 0) {
            all->object = ctbus::failure{ctbus::error{}};
            CHECK(numbers[0].try_reply(5).has_value());
            CHECK(all->peer.settle().reply() == "5");
            numbers.clear();
            CHECK(all->peer.settle().error_text() == dropped);
        } else if (what == 1) {
            all->peer.hang_up();
            while (all->peer.ours.try_process().value_or(false)) {
            }
            CHECK_FALSE(numbers[0].try_reply(5).has_value());
        } else {
            all.reset();
            const auto sent = numbers[0].try_reply(5);
            REQUIRE_FALSE(sent.has_value());
            CHECK(sent.error().code() == ENOTCONN);
        }
        numbers.clear(); // nobody to answer, and no crash
    }
}

namespace {

struct picky {
    std::int32_t level = 0;
    std::int32_t get() const { return level; }
    void set(std::int32_t, const ctbus::message& call) {
        const auto dropped_at_once = call.try_defer<>();
        CHECK(dropped_at_once.has_value());
    }
};
struct picky_vtable
    : ctbus::vtable<"org.ctbus.Picky", ctbus::accessor<"Level", &picky::get, &picky::set>> {};

} // namespace

TEST_CASE("S19 a Set that was deferred and dropped is answered with an error") {
    raw_peer peer;
    picky served;
    const auto object = ctbus::object<picky_vtable>::try_make(peer.ours, "/test", served);
    REQUIRE(object.has_value());
    CHECK(peer.set("/test", "org.ctbus.Picky", "Level", "i", 5).error_text() == dropped);
}
