// proxy.on_changed<"P">(callback): hearing that a property has changed.
#include <ctbus/ctbus.hpp>
#include <ctbus/property_changes.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using test::contains;
using test::must;

namespace {

struct lamp {
    std::int32_t level = 1;
    std::string colour = "red";
    std::vector<std::int32_t> history{1};
    bool fails = false;
    int reads = 0;
    ctbus::result<std::string> text() {
        ++reads;
        if (fails)
            return ctbus::failure{ctbus::error::make<"org.example.Error.Broken">("it broke")};
        return colour;
    }
};
struct lamp_vtable
    : ctbus::vtable<"org.example.Lamp",
                    ctbus::accessor<"Level", &lamp::level, ctbus::emits_change, ctbus::writable>,
                    ctbus::accessor<"Colour", &lamp::text, ctbus::emits_invalidation>,
                    ctbus::accessor<"History", &lamp::history, ctbus::emits_change>> {};
struct other_vtable : ctbus::vtable<"org.example.Other",
                                    ctbus::accessor<"Level", &lamp::level, ctbus::emits_change>> {};

struct fixture {
    test::both_ends ends;
    lamp served;
    test::exported<lamp_vtable> object{ends.service, "/lamp", served};
    ctbus::proxy<lamp_vtable> proxy{ends.client, "/lamp"};
    std::vector<std::string> heard;

    std::vector<std::string> news() {
        ends.settle();
        return std::exchange(heard, {});
    }
};

using words = std::vector<std::string>;

} // namespace

TEST_CASE("on_changed gives the new value of one property") {
    fixture f;
    const auto level = must(f.proxy.try_on_changed<"Level">(
        [&](std::int32_t now) { f.heard.push_back("level " + std::to_string(now)); }));
    const auto history =
        must(f.proxy.try_on_changed<"History">([&](const std::vector<std::int32_t>& all) {
            f.heard.push_back("history " + std::to_string(all.size()));
        }));
    f.served.level = 5;
    must(f.object->try_changed<"Level">());
    CHECK(f.news() == words{"level 5"});
    f.served.history = {1, 2, 3};
    must(f.object->try_changed<"History", "Level">());
    words both = f.news(); // sd-bus calls the matches of one message in no order
    std::sort(both.begin(), both.end());
    CHECK(both == words{"history 3", "level 5"});
}

TEST_CASE("on_changed borrows, or takes other types of the property's") {
    fixture f;
    const auto borrowed = must(f.proxy.try_on_changed<"History">(
        [&](std::span<const std::int32_t> all) { f.heard.push_back(std::to_string(all.back())); }));
    f.served.history = {1, 2, 33};
    must(f.object->try_changed<"History">());
    CHECK(f.news() == words{"33"});
}

TEST_CASE("on_changed asks for a value that was only invalidated, and once more for all that "
          "follow meanwhile") {
    fixture f;
    const auto colour = must(f.proxy.try_on_changed<"Colour">(
        [&](std::string_view now) { f.heard.push_back("colour " + std::string{now}); }));
    f.served.colour = "blue";
    must(f.object->try_changed<"Colour">());
    CHECK(f.news() == words{"colour blue"});
    f.served.reads = 0;
    must(f.object->try_changed<"Colour">());
    f.served.colour = "green";
    for (int i = 0; i < 5; ++i) must(f.object->try_changed<"Colour">());
    CHECK(f.news() == words{"colour green", "colour green"});
    CHECK(f.served.reads == 2);
}

TEST_CASE("on_changed without a value only tells that it changed") {
    fixture f;
    const auto colour =
        must(f.proxy.try_on_changed<"Colour">([&] { f.heard.push_back("colour"); }));
    const auto level = must(f.proxy.try_on_changed<"Level">([&] { f.heard.push_back("level"); }));
    f.served.reads = 0;
    must(f.object->try_changed<"Level", "Colour">());
    words both = f.news();
    std::sort(both.begin(), both.end());
    CHECK(both == words{"colour", "level"});
    CHECK(f.served.reads == 0);
}

TEST_CASE("on_changed hears no other object and no other interface") {
    fixture f;
    const test::exported<other_vtable> other{f.ends.service, "/lamp", f.served};
    test::exported<lamp_vtable> second{f.ends.service, "/second", f.served};
    const auto level = must(f.proxy.try_on_changed<"Level">(
        [&](std::int32_t now) { f.heard.push_back(std::to_string(now)); }));
    must(test::exported<other_vtable> { f.ends.service, "/third", f.served }
         -> try_changed<"Level">());
    must(second->try_changed<"Level">());
    CHECK(f.news().empty());
    must(f.object->try_changed<"Level">());
    CHECK(f.news() == words{"1"});
}

TEST_CASE("on_changed reports values of another type, and answers that are errors") {
    fixture f;
    test::reports reported;
    const auto level = must(f.proxy.try_on_changed<"Level">(
        [&](std::int32_t now) { f.heard.push_back(std::to_string(now)); }));
    const auto colour = must(
        f.proxy.try_on_changed<"Colour">([&](const std::string& now) { f.heard.push_back(now); }));
    REQUIRE(sd_bus_emit_signal(f.ends.service.get(), "/lamp", "org.freedesktop.DBus.Properties",
                               "PropertiesChanged", "sa{sv}as", "org.example.Lamp", 1, "Level", "s",
                               "high", 0) >= 0);
    CHECK(f.news().empty());
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0], "the new value of Level"));
    f.served.fails = true;
    must(f.object->try_changed<"Colour">());
    CHECK(f.news().empty());
    REQUIRE(reported.texts().size() == 2);
    CHECK(contains(reported.texts()[1], "it broke"));
    CHECK(contains(reported.texts()[1], "org.example.Lamp.Colour, which has changed"));
    REQUIRE(sd_bus_emit_signal(f.ends.service.get(), "/lamp", "org.freedesktop.DBus.Properties",
                               "PropertiesChanged", "s", "org.example.Lamp") >= 0);
    CHECK(f.news().empty());
    CHECK(reported.texts().size() == 4); // by each
    f.served.fails = false;
    must(f.object->try_changed<"Level", "Colour">());
    CHECK(f.news() == words{"1", "red"});
}

TEST_CASE(
    "a subscription to changes may be dropped in its callback, and while a value is asked for") {
    fixture f;
    ctbus::subscription level, colour;
    level = must(f.proxy.try_on_changed<"Level">([&](std::int32_t now) {
        level.reset();
        f.heard.push_back(std::to_string(now));
    }));
    colour = must(f.proxy.try_on_changed<"Colour">([&](std::string now) {
        colour.reset();
        f.heard.push_back(now);
    }));
    for (int i = 0; i < 2; ++i) must(f.object->try_changed<"Level", "Colour">());
    CHECK(f.news() == words{"1", "red"});
    colour =
        must(f.proxy.try_on_changed<"Colour">([&](std::string now) { f.heard.push_back(now); }));
    must(f.object->try_changed<"Colour">());
    static_cast<void>(must(f.ends.client.try_process()));
    colour.reset();
    CHECK(f.news().empty());
}

TEST_CASE("what a callback for changes throws is reported") {
#ifdef __cpp_exceptions
    fixture f;
    const test::reports reported;
    const auto level = f.proxy.on_changed<"Level">([](std::int32_t) {
        throw ctbus::error{"org.example.Error.Odd", "oh"};
    });
    must(f.object->try_changed<"Level">());
    f.ends.settle();
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0], "in the callback for changes of org.example.Lamp.Level"));
#endif
}

TEST_CASE("on_changed on a closed connection is an error") {
    fixture f;
    test::close(f.ends.client);
    const auto made = f.proxy.try_on_changed<"Level">([](std::int32_t) {});
    REQUIRE(!made);
    CHECK(made.error().code() == ENOTCONN);
    CHECK(contains(made.error().what(), "subscribing to changes of org.example.Lamp.Level"));
}

TEST_CASE("a value that is announced makes one on its way stale") {
    fixture f;
    const auto colour = must(
        f.proxy.try_on_changed<"Colour">([&](const std::string& now) { f.heard.push_back(now); }));
    must(f.object->try_changed<"Colour">());
    f.ends.client.try_process().value_or(false); // it asks
    REQUIRE(sd_bus_emit_signal(f.ends.service.get(), "/lamp", "org.freedesktop.DBus.Properties",
                               "PropertiesChanged", "sa{sv}as", "org.example.Lamp", 1, "Colour",
                               "s", "new", 0) >= 0);
    CHECK(f.news() == words{"new"});
}

TEST_CASE("an answer that is no value is reported") {
    test::both_ends ends;
    const test::reports reported;
    sd_bus_slot* slot = nullptr;
    REQUIRE(sd_bus_add_object(
                ends.service.get(), &slot, "/lamp",
                [](sd_bus_message* m, void*, sd_bus_error*) {
                    return sd_bus_reply_method_return(m, "i", 5);
                },
                nullptr) >= 0);
    const ctbus::proxy<lamp_vtable> lamp{ends.client, "/lamp"};
    int heard = 0;
    const auto colour = must(lamp.try_on_changed<"Colour">([&](const std::string&) { ++heard; }));
    REQUIRE(sd_bus_emit_signal(ends.service.get(), "/lamp", "org.freedesktop.DBus.Properties",
                               "PropertiesChanged", "sa{sv}as", "org.example.Lamp", 0, 1,
                               "Colour") >= 0);
    ends.settle();
    sd_bus_slot_unref(slot);
    CHECK(heard == 0);
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0], "the answer has the signature \"i\""));
}
