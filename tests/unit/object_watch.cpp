// watch_objects(): the objects of an object manager that have an interface, as they come and go.
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>
#include <ctbus/object_watch.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using test::contains;
using test::must;
using namespace ctbus::literals;

namespace {

struct disk {
    std::string name;
    std::uint64_t size = 0;
};
struct disk_vtable : ctbus::vtable<"org.example.Disk", ctbus::accessor<"name", &disk::name>,
                                   ctbus::accessor<"size", &disk::size>> {};
struct usb {
    bool fast = true;
};
struct usb_vtable : ctbus::vtable<"org.example.Usb", ctbus::accessor<"fast", &usb::fast>> {};
struct stick : disk, usb {};

struct disk_properties {
    std::string name;
    std::uint64_t size = 0;
};
struct narrow_properties { // of another type
    std::string size;
};

} // namespace

template <>
inline constexpr bool ctbus::as_dict<disk_properties> = true;
template <>
inline constexpr bool ctbus::as_dict<narrow_properties> = true;

namespace {

template <class... Vtables>
struct managed {
    ctbus::result<ctbus::managed_object<Vtables...>> made;

    template <class Instance>
    managed(const ctbus::connection& bus, ctbus::object_path_view at, Instance& instance)
        : made(ctbus::managed_object<Vtables...>::try_make(bus, at, instance)) {
        if (!made) FAIL(std::string{made.error().what()});
    }
};

/// Both ends of a direct connection, with a manager at /disks, and what the client heard.
struct fixture {
    test::both_ends ends;
    std::optional<ctbus::object_manager> manager{
        must(ctbus::object_manager::try_make(ends.service, "/disks"))};
    std::vector<std::string> heard;

    auto removed() {
        return [this](ctbus::object_path_view path) {
            heard.push_back("-" + std::string{path.view()});
        };
    }
    auto added() {
        return [this](ctbus::object_path_view path, const disk_properties& p) {
            heard.push_back("+" + std::string{path.view()} + " " + p.name + " " +
                            std::to_string(p.size));
        };
    }
    std::vector<std::string> news() {
        ends.settle();
        return std::exchange(heard, {});
    }
    ctbus::object_watch watch() {
        return must(
            ctbus::try_watch_objects<disk_vtable>(ends.client, "/disks", added(), removed()));
    }
};

using words = std::vector<std::string>;

} // namespace

TEST_CASE("watch_objects tells of objects that are there, that come and that go") {
    fixture f;
    disk a{"sda", 1}, b{"sdb", 2};
    usb u;
    std::optional<managed<disk_vtable>> first;
    first.emplace(f.ends.service, "/disks/a"_path, a);
    const managed<usb_vtable> other{f.ends.service, "/disks/usb", u};
    const ctbus::object_watch watch = f.watch();
    CHECK(watch);
    CHECK(f.heard.empty()); // only from the loop
    CHECK(f.news() == words{"+/disks/a sda 1"});
    std::optional<managed<disk_vtable>> second;
    second.emplace(f.ends.service, "/disks/b"_path, b);
    CHECK(f.news() == words{"+/disks/b sdb 2"});
    first.reset();
    CHECK(f.news() == words{"-/disks/a"});
    first.emplace(f.ends.service, "/disks/a"_path, a);
    second.reset();
    CHECK(f.news() == words{"+/disks/a sda 1", "-/disks/b"});
}

TEST_CASE("watch_objects tells of interfaces that come to objects and leave them") {
    fixture f;
    disk a{"sda", 1};
    usb u;
    const ctbus::object_watch watch = f.watch();
    const managed<usb_vtable> other{f.ends.service, "/disks/a", u};
    CHECK(f.news().empty());
    {
        const managed<disk_vtable> object{f.ends.service, "/disks/a", a};
        CHECK(f.news() == words{"+/disks/a sda 1"});
    }
    CHECK(f.news() == words{"-/disks/a"});
}

TEST_CASE("watch_objects takes properties of any type of a{sv}, or none") {
    fixture f;
    stick a{{"sda", 1}, {}};
    const managed<usb_vtable, disk_vtable> object{f.ends.service, "/disks/a", a};
    words heard;
    const auto watch = [&](auto added) {
        const auto w = must(ctbus::try_watch_objects<disk_vtable>(f.ends.client, "/disks",
                                                                  std::move(added), f.removed()));
        f.ends.settle();
    };
    watch([&](const ctbus::object_path& path) { heard.push_back(path.c_str()); });
    watch([&](ctbus::object_path_view, std::map<std::string, ctbus::variant> all) {
        heard.push_back(std::to_string(all.size()) + must(all.at("name").try_get<std::string>()));
    });
    watch([&](ctbus::object_path path,
              ctbus::dict<std::string_view, std::variant<std::string_view, std::uint64_t>> all) {
        heard.push_back(std::string{path.leaf()} +
                        std::string{std::get<std::string_view>(all.find("name")->second)});
    });
    watch([&](ctbus::object_path_view, disk_properties p) { heard.push_back(std::move(p.name)); });
    CHECK(heard == words{"/disks/a", "2sda", "asda", "sda"});
}

TEST_CASE("watch_objects hears everything once where the list and announcements cross") {
    fixture f;
    disk a{"sda", 1}, b{"sdb", 2};
    std::optional<managed<disk_vtable>> first;
    first.emplace(f.ends.service, "/disks/a"_path, a);
    f.ends.settle();
    const ctbus::object_watch watch = f.watch(); // asked, and not answered
    const managed<disk_vtable> second{f.ends.service, "/disks/b", b};
    first.reset();
    CHECK(f.news() == words{"+/disks/b sdb 2"});
}

TEST_CASE("what is announced again has gone and come") {
    test::raw_peer service; // the client is the raw end's peer
    words heard;
    const auto watch = must(ctbus::try_watch_objects<disk_vtable>(
        service.ours, "/disks",
        [&](ctbus::object_path_view path, const disk_properties& p) {
            heard.push_back("+" + std::string{path.view()} + p.name);
        },
        [&](ctbus::object_path_view path) { heard.push_back("-" + std::string{path.view()}); }));
    for (const char* name : {"x", "y"}) {
        REQUIRE(sd_bus_emit_signal(service.client(), "/disks", "org.freedesktop.DBus.ObjectManager",
                                   "InterfacesAdded", "oa{sa{sv}}", "/disks/a", 1,
                                   "org.example.Disk", 2, "name", "s", name, "size", "t",
                                   std::uint64_t{1}) >= 0);
        service.settle();
    }
    CHECK(heard == words{"+/disks/ax", "-/disks/a", "+/disks/ay"});
}

TEST_CASE("what other paths and interfaces announce is not heard") {
    test::raw_peer service;
    int heard = 0;
    const auto watch = must(ctbus::try_watch_objects<disk_vtable>(
        service.ours, "/disks", [&](ctbus::object_path_view) { ++heard; },
        [&](ctbus::object_path_view) { ++heard; }));
    REQUIRE(sd_bus_emit_signal(service.client(), "/other", "org.freedesktop.DBus.ObjectManager",
                               "InterfacesAdded", "oa{sa{sv}}", "/disks/a", 1, "org.example.Disk",
                               0) >= 0);
    REQUIRE(sd_bus_emit_signal(service.client(), "/disks", "org.freedesktop.DBus.ObjectManager",
                               "InterfacesRemoved", "oas", "/disks/a", 1, "org.example.Disk") >= 0);
    const test::reports reported;
    REQUIRE(sd_bus_emit_signal(service.client(), "/disks", "org.freedesktop.DBus.ObjectManager",
                               "InterfacesAdded", "oas", "/disks/a", 1, "org.example.Disk") >= 0);
    service.settle();
    CHECK(heard == 0);
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0], "InterfacesAdded"));
}

TEST_CASE("objects with properties of other types are reported and left out") {
    fixture f;
    disk a{"sda", 1};
    const auto watch = must(ctbus::try_watch_objects<disk_vtable>(
        f.ends.client, "/disks",
        [&](ctbus::object_path_view path, const narrow_properties& p) {
            f.heard.push_back("+" + std::string{path.view()} + p.size);
        },
        f.removed()));
    f.ends.settle();
    const test::reports reported;
    const managed<disk_vtable> object{f.ends.service, "/disks/a", a};
    CHECK(f.news().empty());
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0], "the properties of /disks/a"));
}

TEST_CASE("a list goes on behind objects with properties of other types") {
    test::both_ends ends;
    const test::reports reported;
    int there = 0, size = 0, bad = 0;
    sd_bus_slot* slot = nullptr;
    struct numbers {
        int &size, &bad;
    } told{size, bad};
    REQUIRE(sd_bus_add_object(
                ends.service.get(), &slot, "/disks",
                [](sd_bus_message* m, void* userdata, sd_bus_error*) {
                    auto& n = *static_cast<numbers*>(userdata);
                    sd_bus_message* reply = nullptr;
                    if (sd_bus_message_new_method_return(m, &reply) < 0 ||
                        sd_bus_message_open_container(reply, 'a', "{oa{sa{sv}}}") < 0)
                        return -EIO;
                    for (int i = 0; i < n.size; ++i) {
                        const std::string path = "/disks/" + std::to_string(i);
                        const char* const types = "{oa{sa{sv}}}";
                        const int r =
                            i < n.bad
                                ? sd_bus_message_append(reply, types, path.c_str(), 3,
                                                        "org.example.A", 0, "org.example.Disk", 1,
                                                        "name", "i", 7, "org.example.Z", 0)
                                : sd_bus_message_append(reply, types, path.c_str(), 3,
                                                        "org.example.A", 0, "org.example.Disk", 2,
                                                        "name", "s", "x", "size", "t",
                                                        std::uint64_t{1}, "org.example.Z", 0);
                        if (r < 0) return -EIO;
                    }
                    if (sd_bus_message_close_container(reply) < 0) return -EIO;
                    const int r = sd_bus_send(nullptr, reply, nullptr);
                    sd_bus_message_unref(reply);
                    return r < 0 ? r : 1;
                },
                &told) >= 0);
    const auto count = [&](int all, int wrong) {
        size = all;
        bad = wrong;
        there = 0;
        reported.texts().clear();
        const auto watch = must(ctbus::try_watch_objects<disk_vtable>(
            ends.client, "/disks",
            [&](ctbus::object_path_view, const disk_properties&) { ++there; },
            [](ctbus::object_path_view) {}));
        ends.settle();
    };
    count(1000, 0);
    CHECK(there == 1000);
    CHECK(reported.texts().empty());
    count(100, 5);
    CHECK(there == 95);
    CHECK(reported.texts().size() == 5);
    count(100, 16);
    CHECK(there == 84);
    CHECK(reported.texts().size() == 16);
    count(5000, 2500); // no more than a few lines for a service that has many
    CHECK(there == 2500);
    REQUIRE(reported.texts().size() == 17);
    CHECK(contains(reported.texts()[15], "the properties of /disks/15"));
    CHECK(contains(reported.texts()[16], "2484 more objects have other properties"));
    sd_bus_slot_unref(slot);
}

TEST_CASE("a manager that is not there is reported") {
    test::both_ends ends;
    const test::reports reported;
    const auto watch = must(ctbus::try_watch_objects<disk_vtable>(
        ends.client, "/nowhere", [](ctbus::object_path_view) {}, [](ctbus::object_path_view) {}));
    ends.settle();
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0], "GetManagedObjects"));
    CHECK(contains(reported.texts()[0], "/nowhere"));
}

TEST_CASE("a watch may be dropped in its callbacks, and is moved") {
    fixture f;
    disk a{"sda", 1}, b{"sdb", 2};
    const managed<disk_vtable> first{f.ends.service, "/disks/a", a};
    std::optional<managed<disk_vtable>> second;
    second.emplace(f.ends.service, "/disks/b"_path, b);
    ctbus::object_watch watch;
    CHECK(!watch);
    SUBCASE("in the first callback of the list") {
        watch = must(ctbus::try_watch_objects<disk_vtable>(
            f.ends.client, "/disks",
            [&](ctbus::object_path_view path, const disk_properties&) {
                watch.reset();
                f.heard.push_back(path.c_str());
            },
            f.removed()));
        CHECK(f.news() == words{"/disks/a"});
    }
    SUBCASE("when an object goes") {
        watch = must(ctbus::try_watch_objects<disk_vtable>(f.ends.client, "/disks", f.added(),
                                                           [&](ctbus::object_path_view path) {
                                                               watch = {};
                                                               f.heard.push_back(path.c_str());
                                                           }));
        CHECK(f.news().size() == 2);
        second.reset();
        CHECK(f.news() == words{"/disks/b"});
    }
    SUBCASE("when one is announced") {
        second.reset();
        f.ends.settle();
        watch = must(ctbus::try_watch_objects<disk_vtable>(
            f.ends.client, "/disks",
            [&](ctbus::object_path_view path) {
                if (path == "/disks/b") watch.reset();
                f.heard.push_back(path.c_str());
            },
            f.removed()));
        CHECK(f.news() == words{"/disks/a"});
        second.emplace(f.ends.service, "/disks/b"_path, b);
        CHECK(f.news() == words{"/disks/b"});
    }
    SUBCASE("before the list comes") {
        watch = f.watch();
        watch.reset();
        CHECK(f.news().empty());
    }
    SUBCASE("moved") {
        ctbus::object_watch before = f.watch();
        watch = std::move(before);
        CHECK(!before);
        CHECK(f.news().size() == 2);
    }
}

TEST_CASE("a lost connection is the end of its objects, and a watch may outlive it") {
    fixture f;
    disk a{"sda", 1}, b{"sdb", 2};
    std::optional<managed<disk_vtable>> first, second;
    first.emplace(f.ends.service, "/disks/a"_path, a);
    second.emplace(f.ends.service, "/disks/b"_path, b);
    const ctbus::object_watch watch = f.watch();
    CHECK(f.news().size() == 2);
    const test::reports reported;
    SUBCASE("lost") {
        const ctbus::object_watch another = f.watch(); // its answer never comes
        test::close(f.ends.service);
        CHECK(f.news() == words{"-/disks/a", "-/disks/b"});
    }
    SUBCASE("closed") {
        test::close(f.ends.client);
    }
    first.reset();
    CHECK(reported.texts().empty());
}

TEST_CASE("a callback that throws is reported, and the rest goes on") {
    fixture f;
    disk a{"sda", 1}, b{"sdb", 2};
    const managed<disk_vtable> first{f.ends.service, "/disks/a", a};
    const managed<disk_vtable> second{f.ends.service, "/disks/b", b};
#ifdef __cpp_exceptions
    const test::reports reported;
    int told = 0;
    const auto watch = ctbus::watch_objects<disk_vtable>(
        f.ends.client, "/disks",
        [&](ctbus::object_path_view, const disk_properties&) {
            ++told;
            throw ctbus::error{"org.example.Error.Odd", "oh"};
        },
        f.removed());
    f.ends.settle();
    CHECK(told == 2);
    REQUIRE(reported.texts().size() == 2);
    CHECK(contains(reported.texts()[0], "in the callback for object /disks/a"));
    CHECK(contains(reported.texts()[0], "oh"));
#endif
}

TEST_CASE("a proxy of object_manager_interface does it by hand") {
    fixture f;
    disk a{"sda", 1};
    const ctbus::proxy<ctbus::object_manager_interface> manager{f.ends.client, "/disks"};
    words heard;
    const auto added = must(manager.try_on<"InterfacesAdded">(
        [&](ctbus::object_path_view path,
            const ctbus::dict<std::string, ctbus::dict<std::string, ctbus::variant>>& interfaces) {
            heard.push_back(path.c_str() + interfaces.begin()->first);
        }));
    const managed<disk_vtable> first{f.ends.service, "/disks/a", a};
    f.ends.settle();
    CHECK(heard == words{"/disks/aorg.example.Disk"});
}

TEST_CASE("who does not want to hear of objects that go leaves that out") {
    fixture f;
    disk a{"sda", 1};
    const auto watch = must(ctbus::try_watch_objects<disk_vtable>(
        f.ends.client, "/disks",
        [&](ctbus::object_path_view path) { f.heard.push_back(path.str()); }));
    {
        const managed<disk_vtable> object{f.ends.service, "/disks/a", a};
        CHECK(f.news() == words{"/disks/a"});
    }
    CHECK(f.news().empty());
}

TEST_CASE("nothing is told after a callback has closed the connection") {
    fixture f;
    disk a{"sda", 1}, b{"sdb", 2};
    const managed<disk_vtable> first{f.ends.service, "/disks/a", a};
    const managed<disk_vtable> second{f.ends.service, "/disks/b", b};
    f.ends.settle();
    const auto watch = must(ctbus::try_watch_objects<disk_vtable>(
        f.ends.client, "/disks",
        [&](ctbus::object_path_view path) {
            f.heard.push_back(path.str());
            test::close(f.ends.client);
        },
        f.removed()));
    CHECK(f.news() == words{"/disks/a"});
}

TEST_CASE("a list of another type is reported as such") {
    test::both_ends ends;
    const test::reports reported;
    sd_bus_slot* slot = nullptr;
    REQUIRE(sd_bus_add_object(
                ends.service.get(), &slot, "/disks",
                [](sd_bus_message* m, void*, sd_bus_error*) {
                    return sd_bus_reply_method_return(m, "s", "none");
                },
                nullptr) >= 0);
    const auto watch = must(ctbus::try_watch_objects<disk_vtable>(ends.client, "/disks",
                                                                  [](ctbus::object_path_view) {}));
    ends.settle();
    sd_bus_slot_unref(slot);
    REQUIRE(reported.texts().size() == 1);
    CHECK(contains(reported.texts()[0],
                   "below /disks are listed with the signature \"s\" where \"a{oa{sa{sv}}}\""));
}
