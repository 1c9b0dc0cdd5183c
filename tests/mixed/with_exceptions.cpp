// A program of two halves, with exceptions (this one) and without (DESIGN 1.7): each uses the same
// types, and neither gets the other's code.
#include "shared.hpp"

#include "../service_thread.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mixed {

namespace {

std::vector<std::string> reported;

// Leaves with an error: thrown, or returned.
ctbus::failure refuse(bool throws, const char* why) {
    if (throws) throw std::runtime_error{why};
    return ctbus::failure{ctbus::error::make<"org.example.Refused">(why)};
}

exported serve(const ctbus::connection& bus, ctbus::object_path_view path, calculator& served) {
    using made = ctbus::result<ctbus::object<calculator_vtable>>;
    return exported{new made{std::in_place, bus, path, served}};
}

constexpr const char* thrown_name = "org.freedesktop.DBus.Error.Failed";

} // namespace

ctbus::result<int> calculator::divide(int a, int b) {
    if (b == 0) return refuse(throws, "division by zero");
    return a / b;
}
void calculator::divide_later(int a, int b, ctbus::deferred<int> answer) {
    if (b != 0) {
        if (a < 0) answer.reply(a / b); // at once
        else kept.push_back(std::move(answer));
    } else {
        const ctbus::failure refused =
            refuse(throws, "division by zero"); // or answered by what it throws
        answer.fail(refused.error());
    }
}
int calculator::divide_by_hand(int a, int b, const ctbus::message& call) {
    if (b != 0) return a / b;
    kept.push_back(throws ? call.defer<int>() : without::defer(call).value());
    return 0;
}
ctbus::result<int> calculator::get_limit() const {
    if (limit == 0) return refuse(throws, "no limit");
    return limit;
}
ctbus::result<void> calculator::set_limit(int n) {
    if (n < 0) return refuse(throws, "below 0");
    limit = n;
    return {};
}
void listener::operator()(std::string_view words) const {
    heard->emplace_back(words);
    if (throws) throw std::runtime_error{"heard enough"};
}
void answer::operator()(const ctbus::result<int>& outcome) const {
    heard->emplace_back(outcome ? std::to_string(*outcome)
                                : std::string{outcome.error().message()});
    if (throws) throw std::runtime_error{"no such answer"};
}
void subscribed::operator()(const ctbus::result<ctbus::subscription>&) const {
    ++*calls;
    if (throws) throw std::runtime_error{"not wanted"};
}
void stopping::operator()() const {
    ++*calls;
    if (throws) throw std::runtime_error{"not now"};
}
void responder::operator()(const ctbus::message& call) const {
    if (throws) throw std::runtime_error{"no answer"};
    static_cast<void>(call.try_reply(7));
}

TEST_CASE("mixed: one vtable exported by both halves") {
    auto [ours, theirs] = ctbus::connection::pair();
    calculator throwing{.throws = true}, returning;
    const exported with = serve(ours, "/with", throwing);
    const exported without = without::serve(ours, "/without", returning);
    REQUIRE(without->has_value());
    const ctbus::raw_object raw_with{ours, "/raw/with", responder{.throws = true}};
    const auto raw_without = without::respond(ours, "/raw/without");
    REQUIRE(raw_without);
    const test::service_thread thread{ours};

    for (const bool throws : {true, false}) {
        CAPTURE(throws);
        const ctbus::object_path_view path =
            throws ? ctbus::object_path_view{"/with"} : ctbus::object_path_view{"/without"};
        const std::string_view name = throws ? thrown_name : "org.example.Refused";
        // Called by this half ...
        const ctbus::proxy<calculator_vtable> proxy{theirs, path};
        CHECK(proxy.call<"Divide">(7, 2) == 3);
        try {
            proxy.call<"Divide">(7, 0);
            FAIL("nothing thrown");
        } catch (const ctbus::error& e) {
            CHECK(e.name() == name);
            CHECK(e.message() == "division by zero");
        }
        CHECK_THROWS_AS(proxy.set<"Limit">(-1), ctbus::error);
        proxy.set<"Limit">(5);
        CHECK(proxy.get<"Limit">() == 5);
        // ... and by the other.
        CHECK(without::divide(theirs, path, 7, 2) == 3);
        const auto refused = without::divide(theirs, path, 7, 0);
        REQUIRE(!refused);
        CHECK(refused.error().name() == name);
        CHECK(refused.error().message() == "division by zero");
        CHECK(without::set_limit(theirs, path, -1).error().message() == "below 0");
        CHECK(without::set_limit(theirs, path, 0).has_value());
        CHECK(without::limit(theirs, path).error().message().find("no limit") !=
              std::string_view::npos);
        CHECK_THROWS_AS(proxy.get<"Limit">(), ctbus::error);
    }
    const auto ask = [&](ctbus::object_path_view path) {
        return theirs.try_call(theirs.new_call("", path, "org.example.Any", "Thing"));
    };
    CHECK(ask("/raw/with").error().message() == "no answer");
    CHECK(ask("/raw/without").value().read<int>() == 7);
}

TEST_CASE("mixed: one callback used by both halves") {
    auto [ours, theirs] = ctbus::connection::pair();
    reported.clear();
    const auto before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    std::vector<std::string> with, without;
    const auto throwing = ctbus::match_signal<calculator_vtable, "Said">(
        ours, listener{.heard = &with, .throws = true});
    auto quiet = without::listen(ours, without);
    REQUIRE(quiet);
    const ctbus::subscription kept = *std::move(quiet);

    calculator served;
    const exported object = without::serve(theirs, "/served", served);
    ctbus::emit<calculator_vtable, "Said">(theirs, "/with", "one");
    CHECK(without::say(theirs, "two").has_value());
    (*object)->emit<"Said">("three");
    CHECK(without::say(**object, "four").has_value());
    while (ours.process()) {
    }
    const std::vector<std::string> all{"one", "two", "three", "four"};
    CHECK(with == all);
    CHECK(without == all);
    CHECK(reported.size() == 4);
    ctbus::set_report_handler(before);
}

TEST_CASE("mixed: later replies and calls that do not wait, of both halves") {
    auto [ours, theirs] = ctbus::connection::pair();
    reported.clear();
    const auto before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    calculator throwing{.throws = true}, returning;
    const exported with = serve(ours, "/with", throwing);
    const exported without = without::serve(ours, "/without", returning);
    REQUIRE(without->has_value());
    const auto settle = [&] {
        while (ours.process() || theirs.process()) {
        }
    };

    for (calculator* served : {&throwing, &returning}) {
        CAPTURE(served->throws);
        const ctbus::object_path_view path =
            served->throws ? ctbus::object_path_view{"/with"} : ctbus::object_path_view{"/without"};
        const ctbus::proxy<calculator_vtable> proxy{theirs, path};
        std::vector<std::string> thrown, quiet;
        std::vector<ctbus::async_handle> handles;
        // The callbacks of this half throw, which is reported; those of the other must not.
        const answer throws{.heard = &thrown, .throws = true};
        const auto call = [&](int a, int b) {
            handles.push_back(proxy.async_call<"Divide">(a, b).then(throws));
            handles.push_back(without::divide_async(theirs, path, a, b, quiet));
            handles.push_back(proxy.async_call<"DivideLater">(a, b).then(throws));
            handles.push_back(without::divide_later(theirs, path, a, b, quiet));
            handles.push_back(proxy.async_call<"DivideByHand">(a, b).then(throws));
            handles.push_back(without::divide_by_hand(theirs, path, a, b, quiet));
            proxy.async_get<"Limit">().then(throws).detach();
            without::limit_async(theirs, path, quiet);
            settle();
        };
        call(-6, 2);
        const std::vector<std::string> at_once{"-3", "-3", "-3", "100"};
        CHECK(thrown == at_once);
        CHECK(quiet == at_once);
        thrown.clear(), quiet.clear();
        call(6, 0);
        const std::vector<std::string> refused{"division by zero", "division by zero", "100"};
        CHECK(thrown == refused); // DivideByHand's answers are due
        CHECK(quiet == refused);
        REQUIRE(served->kept.size() == 2);
        thrown.clear(), quiet.clear();
        served->kept[0].reply(1);
        CHECK(without::reply(served->kept[1], 2).has_value());
        CHECK_THROWS_AS(served->kept[1].reply(3), ctbus::error);
        CHECK(!without::reply(served->kept[0], 4));
        settle();
        CHECK(thrown == std::vector<std::string>{"1"});
        CHECK(quiet == std::vector<std::string>{"2"});
        served->kept.clear();
        // Given up, by their handles and by the service.
        call(6, 2);
        REQUIRE(served->kept.size() == 2);
        thrown.clear(), quiet.clear();
        handles.pop_back(), handles.pop_back();
        served->kept.erase(served->kept.begin());
        handles[handles.size() - 1] = {};
        CHECK(without::reply(served->kept[0], 3).has_value());
        settle();
        CHECK(thrown ==
              std::vector<std::string>{"the service gave this call up without an answer"});
        CHECK(quiet.empty());
        served->kept.clear();
    }
    CHECK(!reported.empty());
    for (const std::string& each : reported)
        CHECK_MESSAGE(each.find("no such answer") != each.npos, each);
    ctbus::set_report_handler(before);
}

TEST_CASE("mixed: subscriptions that do not wait, and stop requests") {
    auto [ours, theirs] = ctbus::connection::pair();
    reported.clear();
    const auto before =
        ctbus::set_report_handler([](const ctbus::error& e) { reported.emplace_back(e.what()); });
    std::vector<std::string> heard;
    int with = 0, without = 0;
    const auto throwing =
        ctbus::async_match_signal<calculator_vtable, "Said">(ours, listener{&heard})
            .then(subscribed{.calls = &with, .throws = true});
    const auto quiet = without::subscribe(ours, heard, without);
    std::stop_source source;
    const auto thrown =
        ctbus::stopped(ours, source.get_token()).then(stopping{.calls = &with, .throws = true});
    const auto silent = without::on_stop(ours, source.get_token(), without);
    source.request_stop();
    while (with < 2 || without < 2) {
        CHECK(ours.wait(std::chrono::seconds{10}));
        ours.process();
    }
    REQUIRE(reported.size() == 2);
    CHECK(reported[0].find("not wanted") != std::string::npos);
    CHECK(reported[1].find("not now") != std::string::npos);
    ctbus::set_report_handler(before);
}

TEST_CASE("mixed: values and errors that cross") {
    CHECK(without::variant_of("text").value() == ctbus::variant{"text"});
    const auto bad = without::variant_of("\xff");
    REQUIRE(!bad);
    try {
        ctbus::throw_error(bad.error());
    } catch (const std::exception& e) {
        CHECK(std::string_view{e.what()} == bad.error().what());
    }
}

} // namespace mixed
