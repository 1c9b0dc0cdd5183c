// Calls that do not wait: results by callback, cancelling, timeouts, what goes meanwhile.
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream> // doctest prints string_views
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using test::contains;
using test::must;

namespace {

struct counter {
    std::vector<ctbus::deferred<std::int32_t>> waiting;
    std::uint32_t level = 3;
    int resets = 0;

    std::int32_t twice(std::int32_t n) { return 2 * n; }
    void split(std::int32_t n, std::int32_t& tens, std::int32_t& ones) {
        tens = n / 10;
        ones = n % 10;
    }
    void wait(ctbus::deferred<std::int32_t> reply) { waiting.push_back(std::move(reply)); }
    ctbus::result<void> fail() {
        return ctbus::failure{ctbus::error::make<"org.ctbus.Error.Sorry">("not today")};
    }
    void reset() { ++resets; }
};

// clang-format off
struct counter_vtable : ctbus::vtable<"org.ctbus.Counter",
    ctbus::handler<"Twice", &counter::twice>,
    ctbus::handler<"Split", &counter::split>,
    ctbus::handler<"Wait", &counter::wait>,
    ctbus::handler<"Fail", &counter::fail>,
    ctbus::handler<"Reset", &counter::reset, ctbus::no_reply>,
    ctbus::accessor<"Level", &counter::level, ctbus::writable>> {};
struct Loose : ctbus::interface<"org.ctbus.Counter",
    ctbus::method<"Twice", std::string(std::int32_t)>,
    ctbus::method<"Fail", void(std::string)>,
    ctbus::property<"Level", double, ctbus::writable>> {};
// clang-format on

struct fixture {
    std::pair<ctbus::connection, ctbus::connection> ends = must(ctbus::connection::try_pair());
    ctbus::connection& service = ends.first;
    ctbus::connection& client = ends.second;
    counter served;
    test::exported<counter_vtable> object{service, "/counter", served};
    ctbus::proxy<counter_vtable> proxy{client, "/counter"};
    ctbus::proxy<Loose> loose{client, "/counter"};

    void settle() {
        for (bool busy = true; busy;) {
            const bool served_one = service.try_process().value_or(false);
            busy = client.try_process().value_or(false) || served_one;
        }
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "async: outputs come to the callback, none, one and several") {
    std::optional<std::int32_t> twice;
    std::optional<std::tuple<std::int32_t, std::int32_t>> split;
    auto one = proxy.async_call<"Twice">(21).then([&](auto r) { twice = must(std::move(r)); });
    auto two = proxy.async_call<"Split">(42).then(
        [&](ctbus::result<std::tuple<std::int32_t, std::int32_t>> r) { split = *r; });
    CHECK(static_cast<bool>(one));
    CHECK_FALSE(twice.has_value());
    settle();
    CHECK(twice == 42);
    CHECK(split == std::tuple{4, 2});
    CHECK_FALSE(static_cast<bool>(one));
    std::string name;
    auto three = proxy.async_call<"Fail">().then(
        [&](const ctbus::result<void>& r) { name = r.error().name(); });
    settle();
    CHECK(name == "org.ctbus.Error.Sorry");
}

TEST_CASE_FIXTURE(fixture, "async: properties") {
    std::vector<double> seen;
    const auto get = [&] {
        return proxy.async_get<"Level">().then([&](auto r) { seen.push_back(must(std::move(r))); });
    };
    auto first = get();
    auto set = proxy.async_set<"Level">(7).then([&](auto r) { must(std::move(r)); });
    auto second = get();
    auto all = proxy.async_get_all<std::map<std::string, ctbus::variant>>().then([&](auto r) {
        seen.push_back(must(must(std::move(r)).at("Level").template try_get<std::uint32_t>()));
    });
    settle();
    CHECK(seen == std::vector<double>{3, 7, 7});
}

TEST_CASE_FIXTURE(fixture, "async: nothing is sent without then()") {
    { [[maybe_unused]] const auto pending = proxy.async_call<"Wait">(); }
    settle();
    CHECK(served.waiting.empty());
}

TEST_CASE_FIXTURE(fixture, "async: dropping the handle cancels, at any moment") {
    auto alive = std::make_shared<int>(1);
    int called = 0;
    {
        auto handle = proxy.async_call<"Wait">().then([&called, alive](const auto&) { ++called; });
        CHECK(alive.use_count() == 2);
        settle();
        REQUIRE(served.waiting.size() == 1);
    }
    CHECK(alive.use_count() == 1);
    must(served.waiting.front().try_reply(1));
    settle();
    CHECK(called == 0);

    // Inside its own callback, which goes on.
    std::optional<ctbus::async_handle> own;
    own = proxy.async_call<"Twice">(1).then([&, alive](auto r) {
        own.reset();
        called += must(std::move(r)) + *alive;
    });
    settle();
    CHECK(called == 3);
    CHECK(alive.use_count() == 1);
}

TEST_CASE_FIXTURE(fixture, "async: a callback may start the next call in the same handle") {
    ctbus::async_handle handle;
    std::vector<int> got;
    const auto next = [&](auto& self, int n) -> void {
        handle = proxy.async_call<"Twice">(n).then([&, n](auto r) {
            got.push_back(must(std::move(r)));
            if (n < 100) self(self, 2 * n);
        });
    };
    next(next, 1);
    settle();
    CHECK(got == std::vector{2, 4, 8, 16, 32, 64, 128, 256});
}

TEST_CASE_FIXTURE(fixture, "async: handles move, with small and with large callbacks") {
    int sum = 0;
    std::array<int, 100> large{};
    large[99] = 5;
    std::vector<ctbus::async_handle> all;
    for (int i = 0; i < 20; ++i) {
        all.push_back(proxy.async_call<"Twice">(i).then([&sum](auto r) { sum += *r; }));
        all.push_back(
            proxy.async_call<"Twice">(i).then([&sum, large, own = std::make_unique<int>(i)](
                                                  auto r) { sum += *r - 2 * *own + large[99]; }));
    }
    settle();
    CHECK(sum == 380 + 100);
}

TEST_CASE_FIXTURE(fixture, "async: a detached call belongs to its connection") {
    int got = 0;
    auto alive = std::make_shared<int>(1);
    ctbus::async_handle handle =
        proxy.async_call<"Twice">(4).then([&got, alive](auto r) { got = *r; });
    handle.detach();
    CHECK_FALSE(handle);
    CHECK(alive.use_count() == 2);
    settle();
    CHECK(got == 8);
    CHECK(alive.use_count() == 1);

    // One that is not answered ends with the connection.
    std::string what;
    proxy.async_call<"Wait">().then([&, alive](auto r) { what = r.error().what(); }).detach();
    settle();
    CHECK(alive.use_count() == 2);
    client = must(ctbus::connection::try_pair()).first;
    CHECK(contains(what, "the connection is closed (calling org.ctbus.Counter.Wait"));
    CHECK(alive.use_count() == 1);
}

TEST_CASE_FIXTURE(fixture, "S15 async: a timeout is the same error, and a late reply is dropped") {
    ctbus::error why;
    int calls = 0;
    const auto impatient = proxy.with_timeout(std::chrono::milliseconds{10});
    auto handle = impatient.async_call<"Wait">().then([&](const auto& r) {
        ++calls;
        why = r.error();
    });
    while (calls == 0) {
        settle();
        must(client.try_wait(std::chrono::milliseconds{5}));
    }
    CHECK(why.is<"org.freedesktop.DBus.Error.Timeout">());
    CHECK(
        contains(why.what(), "no reply came in time (calling org.ctbus.Counter.Wait at /counter)"));
    REQUIRE(served.waiting.size() == 1);
    must(served.waiting.front().try_reply(1));
    settle();
    CHECK(calls == 1);
    auto own = proxy.async_call<"Wait">()
                   .with_timeout(std::chrono::milliseconds{1})
                   .then([&](const auto&) { ++calls; });
    while (calls == 1) {
        settle();
        must(client.try_wait(std::chrono::milliseconds{5}));
    }
    int next = 0;
    auto after = proxy.async_call<"Twice">(1).then([&](auto r) { next = *r; });
    settle();
    CHECK(next == 2);
}

TEST_CASE_FIXTURE(fixture,
                  "async: what cannot be sent comes to the callback before then() returns") {
    std::string what;
    auto handle = loose.async_call<"Fail">("\xff").then([&](auto r) { what = r.error().what(); });
    CHECK_FALSE(static_cast<bool>(handle));
    CHECK(contains(what, "argument 1 of Fail is not valid UTF-8 (calling org.ctbus.Counter.Fail"));
    client = must(ctbus::connection::try_pair()).first;
    auto closed = proxy.async_call<"Twice">(1).then([&](auto r) { what = r.error().what(); });
    CHECK(contains(what, "the connection is closed"));
}

TEST_CASE_FIXTURE(fixture, "async: errors name the object though its proxy is gone") {
    std::vector<std::string> errors;
    const auto note = [&](const auto& r) { errors.emplace_back(r.error().what()); };
    std::vector<ctbus::async_handle> all;
    {
        const std::string path = "/found/at/run/time";
        const ctbus::proxy<counter_vtable> found{client, must(ctbus::object_path::parse(path))};
        all.push_back(found.async_call<"Twice">(1).then(note));
        all.push_back(found.async_get<"Level">().then(note));
        found.async_call<"Twice">(2).then(note).detach();
    }
    settle();
    REQUIRE(errors.size() == 3);
    CHECK(contains(errors[0], "(calling org.ctbus.Counter.Twice at /found/at/run/time)"));
    CHECK(contains(errors[1], "(property Level of org.ctbus.Counter, calling "
                              "org.freedesktop.DBus.Properties.Get at /found/at/run/time)"));
    CHECK(contains(errors[2], "(calling org.ctbus.Counter.Twice at /found/at/run/time)"));
}

TEST_CASE_FIXTURE(fixture, "async: replies of other types are errors that say so") {
    std::vector<std::string> errors;
    auto call = loose.async_call<"Twice">(1).then(
        [&](const auto& r) { errors.emplace_back(r.error().message()); });
    auto get = loose.async_get<"Level">().then(
        [&](const auto& r) { errors.emplace_back(r.error().message()); });
    settle();
    REQUIRE(errors.size() == 2);
    CHECK(errors[0] == "the reply has the signature \"i\" where \"s\" is declared");
    CHECK(errors[1] == "property Level has the signature \"u\" where \"d\" is declared");
}

TEST_CASE_FIXTURE(fixture, "S7 async: a call that wants no reply is done when it is sent") {
    bool done = false;
    auto handle = proxy.async_call<"Reset">().then([&](auto r) { done = r.has_value(); });
    CHECK(done);
    settle();
    CHECK(served.resets == 1);
}

TEST_CASE_FIXTURE(fixture, "S19 async: the other end goes while calls wait") {
    std::vector<std::string> errors;
    std::vector<ctbus::async_handle> all;
    for (int i = 0; i < 3; ++i)
        all.push_back(proxy.async_call<"Wait">().then(
            [&](const auto& r) { errors.emplace_back(r.error().message()); }));
    settle();
    served.waiting.clear();
    settle();
    CHECK(errors.size() == 3);
    errors.clear();
    for (int i = 0; i < 3; ++i)
        all.push_back(proxy.async_call<"Wait">().then(
            [&](const auto& r) { errors.emplace_back(r.error().message()); }));
    settle();
    sd_bus_close(service.get());
    while (client.try_process().value_or(false)) {
    }
    REQUIRE(errors.size() == 3);
    CHECK(errors[0] == "the connection is lost");
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(fixture, "async: what a callback throws is reported, and the loop goes on") {
    static std::vector<std::string> reported;
    reported.clear();
    const auto before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    auto one =
        proxy.async_call<"Twice">(1).then([](const auto&) { throw std::runtime_error{"thrown"}; });
    int got = 0;
    auto two = proxy.async_call<"Twice">(1).then([&](auto r) { got = *r; });
    settle();
    ctbus::set_report_handler(before);
    CHECK(got == 2);
    REQUIRE(reported.size() == 1);
    CHECK(contains(reported[0], "thrown (in the callback of a call of Twice)"));
}
#endif

TEST_CASE_FIXTURE(fixture, "async: a call detached without a callback reports its error alone") {
    const test::reports reported;
    proxy.async_call<"Twice">(4).detach();
    proxy.async_set<"Level">(7U).detach();
    proxy.async_call<"Split">(42).with_timeout(std::chrono::seconds{5}).detach();
    auto kept = proxy.async_call<"Reset">();
    CHECK(served.resets == 0);
    std::move(kept).detach();
    settle();
    CHECK(served.resets == 1);
    CHECK(served.level == 7);
    CHECK(reported.texts().empty());

    proxy.async_call<"Fail">().detach();
    loose.async_set<"Level">(1.5).detach();
    settle();
    REQUIRE(reported.texts().size() == 2);
    CHECK(contains(reported.texts()[0],
                   "Sorry: not today (calling org.ctbus.Counter.Fail at /counter)"));
    CHECK(contains(reported.texts()[1], "(property Level of org.ctbus.Counter, calling "));

    // What cannot be sent is reported at once, and an answer of other types when it comes.
    loose.async_call<"Fail">("\xff").detach();
    REQUIRE(reported.texts().size() == 3);
    CHECK(contains(reported.texts()[2], "argument 1 of Fail is not valid UTF-8 (calling "));
    loose.async_call<"Twice">(1).detach();
    settle();
    REQUIRE(reported.texts().size() == 4);
    CHECK(contains(reported.texts()[3], "\"s\" is declared (calling org.ctbus.Counter.Twice at"));
    // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
    std::move(kept).detach();
    REQUIRE(reported.texts().size() == 5);
    CHECK(contains(reported.texts()[4],
                   "this call has been sent already (calling org.ctbus.Counter.Reset)"));
    client.async_request_name("org.example.Name").detach();
    REQUIRE(reported.texts().size() == 6);
    CHECK(contains(reported.texts()[5], "there is no bus (asking for the name org.example.Name)"));

    // One that is not answered ends with the connection.
    proxy.async_call<"Wait">().detach();
    settle();
    client = must(ctbus::connection::try_pair()).first;
    REQUIRE(reported.texts().size() == 7);
    CHECK(contains(reported.texts()[6],
                   "the connection is closed (calling org.ctbus.Counter.Wait at /counter)"));
}

namespace {
int from_function = 0;
void take_result(ctbus::result<std::int32_t> r) {
    from_function = r.value_or(-1);
}
} // namespace

TEST_CASE_FIXTURE(fixture, "async: a plain function may be the callback, and a call is sent once") {
    auto pending = proxy.async_call<"Twice">(8);
    auto handle = std::move(pending).then(take_result);
    settle();
    CHECK(from_function == 16);
    std::string what;
    // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
    auto again = std::move(pending).then([&](auto r) { what = r.error().message(); });
    CHECK(what == "this call has been sent already");
}

TEST_CASE_FIXTURE(fixture, "async: a call detached, or held, when its connection is closed") {
    std::string what;
    auto held = proxy.async_call<"Wait">().then([&](auto r) { what = r.error().what(); });
    CHECK(static_cast<bool>(held));
    client = must(ctbus::connection::try_pair()).first;
    CHECK_FALSE(static_cast<bool>(held));
    std::move(held).detach();
    CHECK(contains(what, "the connection is closed"));
}
