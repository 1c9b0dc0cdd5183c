// Objects that are listed and announced by the object manager above them.
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>

#include "must.hpp"
#include "one_thread.hpp"
#include "raw_peer.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

using test::contains;
using test::must;
using test::raw_peer;
using namespace ctbus::literals;

namespace {

constexpr const char* manager_interface = "org.freedesktop.DBus.ObjectManager";

struct disk {
    std::string name;
    std::uint64_t size = 0;
    std::string secret = "no";
};
struct disk_vtable : ctbus::vtable<"org.example.Disk", ctbus::accessor<"Name", &disk::name>,
                                   ctbus::accessor<"Size", &disk::size>,
                                   ctbus::accessor<"Secret", &disk::secret, ctbus::hidden>> {};

struct usb {
    bool fast = true;
};
struct usb_vtable : ctbus::vtable<"org.example.Usb", ctbus::accessor<"Fast", &usb::fast>> {};

struct stick : disk, usb {};

// Runs something whenever its property is read.
struct lively {
    void (*read)(lively&) = [](lively&) {};
    int reads = 0;
    bool fails = false;
    void* more = nullptr;
    ctbus::result<int> value() {
        ++reads;
        if (fails)
            return ctbus::failure{ctbus::error::make<"org.example.Error.Broken">("it broke")};
        read(*this);
        return 7;
    }
};
struct lively_vtable
    : ctbus::vtable<"org.example.Lively", ctbus::accessor<"Value", &lively::value>> {};

int count() {
    return 3;
}
struct free_vtable : ctbus::vtable<"org.example.Free", ctbus::accessor<"Count", &count>> {};

/// A managed object made by try_make(), which must succeed.
template <class... Vtables>
struct managed {
    ctbus::result<ctbus::managed_object<Vtables...>> made;

    template <class... Instance>
    managed(const ctbus::connection& bus, ctbus::object_path_view at, Instance&... instance)
        : made(ctbus::managed_object<Vtables...>::try_make(bus, at, instance...)) {
        if (!made) FAIL(std::string{made.error().what()});
    }
    ctbus::managed_object<Vtables...>* operator->() { return &*made; }
};

ctbus::object_manager manager_at(const ctbus::connection& bus, ctbus::object_path_view at) {
    return must(ctbus::object_manager::try_make(bus, at));
}

std::string list(raw_peer& peer, const char* at) {
    peer.settle(); // announcements
    return peer.call(at, manager_interface, "GetManagedObjects").reply();
}

} // namespace

TEST_CASE("managed objects are listed with their interfaces and properties") {
    raw_peer peer;
    stick a{{"sda", 100}, {}};
    disk b{"sdb", 200};
    const auto manager = manager_at(peer.ours, "/disks");
    CHECK(manager.path() == "/disks");
    CHECK(list(peer, "/disks") == "[]");
    const managed<disk_vtable> second{peer.ours, "/disks/sdb", b};
    const managed<disk_vtable, usb_vtable> first{peer.ours, "/disks/sda", a};
    const std::string of_a = R"({"org.example.Disk": [{"Name": <s "sda">} {"Size": <t 100>}]})";
    const std::string of_b = R"({"org.example.Disk": [{"Name": <s "sdb">} {"Size": <t 200>}]})";
    CHECK(list(peer, "/disks") == R"([{"/disks/sda": [)" + of_a +
                                      R"( {"org.example.Usb": [{"Fast": <b true>}]}]} )" +
                                      R"({"/disks/sdb": [)" + of_b + "]}]");
}

TEST_CASE("managed objects are announced when they come and go") {
    raw_peer peer;
    disk a{"sda", 100};
    usb u;
    const auto manager = manager_at(peer.ours, "/disks");
    {
        const managed<disk_vtable> object{peer.ours, "/disks/sda", a};
        const auto added = peer.settle().only();
        CHECK(added.type() == "signal");
        CHECK(added.path() == "/disks");
        CHECK(added.interface() == manager_interface);
        CHECK(added.member() == "InterfacesAdded");
        CHECK(added.signature() == "oa{sa{sv}}");
        CHECK(added.body() == R"("/disks/sda" [{"org.example.Disk": [{"Name": <s "sda">} )"
                              R"({"Size": <t 100>}]}])");
        {
            const managed<usb_vtable> more{peer.ours, "/disks/sda", u};
            CHECK(peer.settle().only().body() ==
                  R"("/disks/sda" [{"org.example.Usb": [{"Fast": <b true>}]}])");
        }
        CHECK(peer.settle().only().body() == R"("/disks/sda" ["org.example.Usb"])");
    }
    const auto removed = peer.settle().only();
    CHECK(removed.path() == "/disks");
    CHECK(removed.interface() == manager_interface);
    CHECK(removed.member() == "InterfacesRemoved");
    CHECK(removed.signature() == "oas");
    CHECK(removed.body() == R"("/disks/sda" ["org.example.Disk"])");
    CHECK(list(peer, "/disks") == "[]");
}

TEST_CASE("an object of two vtables is announced once") {
    raw_peer peer;
    stick instance;
    const auto manager = manager_at(peer.ours, "/");
    std::optional<managed<disk_vtable, usb_vtable>> object;
    object.emplace(peer.ours, "/x"_path, instance);
    CHECK(contains(peer.settle().only().body(), "org.example.Usb"));
    object.reset();
    CHECK(peer.settle().only().body() == R"("/x" ["org.example.Disk" "org.example.Usb"])");
}

TEST_CASE("several managed objects on one path are one object") {
    raw_peer peer;
    disk a{"sda", 1};
    usb u;
    const auto manager = manager_at(peer.ours, "/disks");
    const managed<disk_vtable> one{peer.ours, "/disks/sda", a};
    const managed<disk_vtable> other{peer.ours, "/disks/sdb", a};
    const managed<usb_vtable> two{peer.ours, "/disks/sda", u};
    peer.settle();
    const std::string all = list(peer, "/disks");
    CHECK(contains(all, R"("/disks/sda": [{"org.example.)"));
    CHECK(contains(all, "org.example.Usb"));
    CHECK(all.find("/disks/sda") == all.rfind("/disks/sda"));
}

TEST_CASE("a manager has what is below its path, and not what is below another") {
    raw_peer peer;
    usb u;
    const auto root = manager_at(peer.ours, "/");
    const auto inner = manager_at(peer.ours, "/a/b");
    const managed<usb_vtable> at_inner{peer.ours, "/a/b", u};
    const managed<usb_vtable> below{peer.ours, "/a/b/c", u};
    const managed<usb_vtable> beside{peer.ours, "/a/bc", u};
    const auto told = peer.settle();
    REQUIRE(told.size() == 3);
    CHECK(told[0].path() == "/");
    CHECK(told[1].path() == "/a/b");
    CHECK(told[2].path() == "/");
    const std::string one = R"([{"org.example.Usb": [{"Fast": <b true>}]}]})";
    CHECK(list(peer, "/") == R"([{"/a/b": )" + one + R"( {"/a/bc": )" + one + "]");
    CHECK(list(peer, "/a/b") == R"([{"/a/b/c": )" + one + "]");
}

TEST_CASE("other objects are neither listed nor announced") {
    raw_peer peer;
    disk a{"sda", 100};
    const auto manager = manager_at(peer.ours, "/disks");
    const test::exported<disk_vtable> object{peer.ours, "/disks/sda", a};
    CHECK(peer.settle().empty());
    CHECK(list(peer, "/disks") == "[]");
}

TEST_CASE("an object made before its manager is listed, and announced when it goes") {
    raw_peer peer;
    usb u;
    std::optional<managed<usb_vtable>> object;
    object.emplace(peer.ours, "/x/y"_path, u);
    CHECK(peer.settle().empty());
    std::optional<ctbus::object_manager> manager;
    manager.emplace(manager_at(peer.ours, "/x"));
    CHECK(list(peer, "/x") == R"([{"/x/y": [{"org.example.Usb": [{"Fast": <b true>}]}]}])");
    object.reset();
    CHECK(peer.settle().only().member() == "InterfacesRemoved");
    object.emplace(peer.ours, "/x/y"_path, u);
    CHECK(peer.settle().only().member() == "InterfacesAdded");
    manager.reset(); // takes what it has away from its clients
    CHECK(peer.settle().only().body() == R"("/x/y" ["org.example.Usb"])");
    CHECK(peer.call("/x", manager_interface, "GetManagedObjects").only().type() == "error");
    object.reset();
    CHECK(peer.settle().empty());
}

TEST_CASE("a path has one manager, which can be moved") {
    raw_peer peer;
    auto manager = manager_at(peer.ours, "/x");
    const auto again = ctbus::object_manager::try_make(peer.ours, "/x");
    REQUIRE(!again);
    CHECK(again.error().code() == EEXIST);
    CHECK(contains(again.error().what(), "an object manager at /x"));
    ctbus::object_manager other{std::move(manager)};
    CHECK(manager.path() == "/");
    CHECK(other.path() == "/x");
    CHECK(list(peer, "/x") == "[]");
    other = manager_at(peer.ours, "/y");
    CHECK(list(peer, "/y") == "[]");
    CHECK(peer.call("/x", manager_interface, "GetManagedObjects").only().type() == "error");
}

TEST_CASE("a manager is introspected, and leaves its path to others") {
    raw_peer peer;
    usb u;
    const auto manager = manager_at(peer.ours, "/x");
    const managed<usb_vtable> below{peer.ours, "/x/y", u};
    const test::exported<usb_vtable> there{peer.ours, "/x", u};
    peer.settle();
    const std::string xml =
        peer.call("/x", "org.freedesktop.DBus.Introspectable", "Introspect").reply();
    CHECK(contains(xml, manager_interface));
    CHECK(contains(xml, "org.example.Usb"));
    CHECK(contains(xml, R"(<node name="y"/>)"));
    CHECK(peer.call("/x", "org.freedesktop.DBus.Properties", "Get", "ss", "org.example.Usb", "Fast")
              .reply() == "<b true>");
    CHECK(peer.call("/x", manager_interface, "GetManagedObjects", "i", 1).error_name() ==
          test::invalid_args);
    CHECK(peer.call("/x/y", manager_interface, "GetManagedObjects").error_name() ==
          "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(peer.call_no_reply("/x", manager_interface, "GetManagedObjects").empty());
}

TEST_CASE("a getter that fails fails the list and the announcement, which name the property") {
    raw_peer peer;
    lively l;
    const auto manager = manager_at(peer.ours, "/x");
    {
        const managed<lively_vtable> object{peer.ours, "/x/y", l};
        peer.settle();
        l.fails = true;
        const auto answer = peer.call("/x", manager_interface, "GetManagedObjects");
        CHECK(answer.error_name() == "org.example.Error.Broken");
        CHECK(answer.error_text() == "org.example.Lively at /x/y: Value: it broke");
        l.fails = false;
        CHECK(contains(list(peer, "/x"), "<i 7>"));
    }
    peer.settle();
    l.fails = true;
    const auto made = ctbus::managed_object<lively_vtable>::try_make(peer.ours, "/x/y", l);
    REQUIRE(!made);
    CHECK(made.error().is<"org.example.Error.Broken">());
    CHECK(contains(made.error().what(), "InterfacesAdded"));
    CHECK(contains(made.error().what(), "org.example.Lively at /x/y: Value: it broke"));
    CHECK_THROWS_AS(static_cast<void>(ctbus::managed_object<lively_vtable>{peer.ours, "/x/y", l}),
                    ctbus::error);
    CHECK(peer.settle().empty());
    CHECK(list(peer, "/x") == "[]");
    l.fails = false;
    const managed<lively_vtable> now{peer.ours, "/x/y", l};
    CHECK(peer.settle().only().member() == "InterfacesAdded");
}

TEST_CASE("a getter may make and destroy managed objects while they are listed") {
    raw_peer peer;
    const auto manager = manager_at(peer.ours, "/x");
    struct world {
        raw_peer& peer;
        usb u{};
        std::deque<managed<usb_vtable>> made{};
    } w{peer};
    lively l;
    l.more = &w;
    const managed<lively_vtable> object{peer.ours, "/x/a", l};
    w.made.emplace_back(peer.ours, "/x/b"_path, w.u);
    peer.settle();
    l.reads = 0;
    SUBCASE("once: the list is begun anew") {
        l.read = [](lively& me) {
            auto& with = *static_cast<world*>(me.more);
            if (with.made.size() == 1) with.made.emplace_back(with.peer.ours, "/x/c"_path, with.u);
        };
        const auto all = peer.call("/x", manager_interface, "GetManagedObjects");
        REQUIRE(all.size() == 2);
        CHECK(all[0].member() == "InterfacesAdded");
        CHECK(contains(all[1].body(), "/x/c"));
        CHECK(l.reads == 2);
    }
    SUBCASE("each time: that is an error, and no endless loop") {
        l.read = [](lively& me) {
            auto& with = *static_cast<world*>(me.more);
            with.made.clear();
            with.made.emplace_back(with.peer.ours, "/x/c"_path, with.u);
        };
        const auto all = peer.call("/x", manager_interface, "GetManagedObjects");
        CHECK(all.back().type() == "error");
        CHECK(contains(all.back().error_text(), "create or destroy managed objects"));
        CHECK(l.reads == 3);
    }
}

TEST_CASE("a getter may destroy its own object, and the manager, while they are listed") {
    raw_peer peer;
    struct world {
        std::optional<ctbus::object_manager> manager{};
        std::optional<managed<lively_vtable>> object{};
    } w;
    w.manager.emplace(manager_at(peer.ours, "/x"));
    lively l;
    l.more = &w;
    w.object.emplace(peer.ours, "/x/a"_path, l);
    peer.settle();
    SUBCASE("the object") {
        l.read = [](lively& me) { static_cast<world*>(me.more)->object.reset(); };
        const auto all = peer.call("/x", manager_interface, "GetManagedObjects");
        REQUIRE(all.size() == 2);
        CHECK(all[0].member() == "InterfacesRemoved");
        CHECK(all[1].body() == "[]");
    }
    SUBCASE("the manager") {
        l.read = [](lively& me) { static_cast<world*>(me.more)->manager.reset(); };
        const auto all = peer.call("/x", manager_interface, "GetManagedObjects");
        REQUIRE(all.size() == 2);
        CHECK(all[0].member() == "InterfacesRemoved");
        CHECK(all[1].error_name() == "org.freedesktop.DBus.Error.UnknownObject");
    }
}

TEST_CASE("managed objects and managers may outlive their connection") {
    usb u;
    std::optional<ctbus::object_manager> manager;
    std::optional<managed<usb_vtable>> object;
    {
        const raw_peer peer;
        manager.emplace(manager_at(peer.ours, "/x"));
        object.emplace(peer.ours, "/x/y"_path, u);
    }
    const test::reports reported;
    object.reset();
    manager.reset();
    CHECK(reported.texts().empty());
}

TEST_CASE("on a closed connection there is no manager") {
    test::both_ends ends;
    test::close(ends.service);
    const auto made = ctbus::object_manager::try_make(ends.service, "/x");
    REQUIRE(!made);
    CHECK(made.error().code() == ENOTCONN);
}

TEST_CASE("vtables that serve no class can be managed") {
    raw_peer peer;
    const auto manager = manager_at(peer.ours, "/");
    const managed<free_vtable> object{peer.ours, "/free"};
    CHECK(peer.settle().only().body() == R"("/free" [{"org.example.Free": [{"Count": <i 3>}]}])");
}

TEST_CASE("what goes from one manager to another is told to the clients of both") {
    raw_peer peer;
    usb u;
    const auto root = manager_at(peer.ours, "/");
    const managed<usb_vtable> object{peer.ours, "/a/b", u};
    const managed<usb_vtable> beside{peer.ours, "/b", u};
    peer.settle();
    {
        const auto inner = manager_at(peer.ours, "/a");
        const auto told = peer.settle();
        CHECK(told.only().path() == "/");
        CHECK(told.only().body() == R"("/a/b" ["org.example.Usb"])");
    }
    const auto told = peer.settle();
    REQUIRE(told.size() == 2);
    CHECK(told[0].path() == "/a");
    CHECK(told[0].member() == "InterfacesRemoved");
    CHECK(told[1].path() == "/");
    CHECK(told[1].member() == "InterfacesAdded");
    CHECK(contains(told[1].body(), R"("/a/b" [{"org.example.Usb")"));
}

TEST_CASE("getters may make and destroy managed objects while their manager goes") {
    raw_peer peer;
    struct world {
        raw_peer& peer;
        lively l{};
        usb u{};
        std::unique_ptr<managed<lively_vtable>> object{};
        std::optional<managed<usb_vtable>> more{};
        std::optional<ctbus::object_manager> above{}, again{};
    } w{peer};
    w.l.more = &w;
    w.above.emplace(manager_at(peer.ours, "/"));
    auto between = std::make_optional(manager_at(peer.ours, "/m"));
    const managed<usb_vtable> first{peer.ours, "/m/a"_path, w.u};
    w.object = std::make_unique<managed<lively_vtable>>(peer.ours, "/m/b"_path, w.l);
    const managed<usb_vtable> last{peer.ours, "/m/c"_path, w.u};
    peer.settle();
    test::arrivals all;
    // The objects that the messages told of, in the order of their paths.
    const auto told = [&](const char* by, const char* member) {
        std::multiset<std::string> paths;
        for (const auto& m : all)
            if (m.path() == by && m.member() == member) paths.insert(m.body().substr(1, 4));
        std::string joined;
        for (const auto& path : paths) joined += path + ' ';
        return joined;
    };
    SUBCASE("one that its own getter destroys") {
        w.l.read = [](lively& me) { static_cast<world*>(me.more)->object.reset(); };
        between.reset();
        all = peer.settle();
        CHECK(told("/m", "InterfacesRemoved") == "/m/a /m/b /m/c ");
        CHECK(told("/", "InterfacesAdded") == "/m/a /m/c ");
        CHECK(list(peer, "/") == R"([{"/m/a": [{"org.example.Usb": [{"Fast": <b true>}]}]} )"
                                 R"({"/m/c": [{"org.example.Usb": [{"Fast": <b true>}]}]}])");
    }
    SUBCASE("one that a getter makes") {
        w.l.read = [](lively& me) {
            auto& with = *static_cast<world*>(me.more);
            if (!with.more) with.more.emplace(with.peer.ours, "/m/d"_path, with.u);
        };
        between.reset();
        all = peer.settle();
        CHECK(told("/m", "InterfacesRemoved") == "/m/a /m/b /m/c ");
        CHECK(told("/m", "InterfacesAdded") == "");
        CHECK(told("/", "InterfacesAdded") == "/m/a /m/b /m/c /m/d ");
    }
    SUBCASE("one in its place") {
        w.l.read = [](lively& me) {
            auto& with = *static_cast<world*>(me.more);
            if (!with.again) with.again.emplace(manager_at(with.peer.ours, "/m"));
        };
        between.reset();
        all = peer.settle();
        std::set<std::string> known; // to a client of the manager above
        for (const auto& m : all)
            if (m.path() == "/") {
                const std::string object = m.body().substr(1, 4);
                if (m.member() == "InterfacesAdded") known.insert(object);
                else known.erase(object);
            }
        CHECK(known.empty());
        CHECK(list(peer, "/") == "[]");
        CHECK(contains(list(peer, "/m"), "/m/b"));
        w.l.read = [](lively&) {}; // or it would make one more while that goes
    }
    SUBCASE("the manager above") {
        w.l.read = [](lively& me) { static_cast<world*>(me.more)->above.reset(); };
        between.reset();
        all = peer.settle();
        CHECK(told("/m", "InterfacesRemoved") == "/m/a /m/b /m/c ");
        const auto listed = peer.call("/", manager_interface, "GetManagedObjects");
        CHECK(listed.only().type() == "error");
    }
}

TEST_CASE("a list is not begun anew for what is not managed, or is elsewhere") {
    raw_peer peer;
    const test::both_ends other;
    const auto manager = manager_at(peer.ours, "/x");
    struct world {
        const ctbus::connection &here, &there;
        usb u{};
    } w{peer.ours, other.service};
    lively l;
    l.more = &w;
    l.read = [](lively& me) {
        auto& with = *static_cast<world*>(me.more);
        const test::exported<usb_vtable> unmanaged{with.here, "/y", with.u};
        const managed<usb_vtable> elsewhere{with.there, "/x/y", with.u};
    };
    const managed<lively_vtable> object{peer.ours, "/x/a", l};
    l.reads = 0;
    CHECK(contains(list(peer, "/x"), "<i 7>"));
    CHECK(l.reads == 1);
}

TEST_CASE("no calls come to an object while it is made") {
    raw_peer peer;
    const auto manager = manager_at(peer.ours, "/x");
    lively l;
    l.more = &peer;
    l.read = [](lively& me) {
        auto& with = *static_cast<raw_peer*>(me.more);
        if (me.reads == 1)
            CHECK(with.call("/x/a", "org.freedesktop.DBus.Properties", "GetAll", "s",
                            "org.example.Lively")
                      .error_name() == "org.freedesktop.DBus.Error.UnknownObject");
    };
    const managed<lively_vtable> object{peer.ours, "/x/a", l};
    CHECK(l.reads == 1);
}

TEST_CASE("nobody's getters run for a list that nobody wants") {
    raw_peer peer;
    const auto manager = manager_at(peer.ours, "/x");
    lively l;
    const managed<lively_vtable> object{peer.ours, "/x/a", l};
    peer.settle();
    l.reads = 0;
    CHECK(peer.call_no_reply("/x", manager_interface, "GetManagedObjects").empty());
    CHECK(l.reads == 0);
}

TEST_CASE("values may nest as deeply as D-Bus allows where they are listed and announced") {
    struct box {
        ctbus::variant value;
    };
    struct box_vtable : ctbus::vtable<"org.example.Box", ctbus::accessor<"value", &box::value>> {};
    raw_peer peer;
    box b;
    const auto nested = [&](int depth) {
        b.value = must(ctbus::variant::try_make(7));
        for (int i = 1; i < depth; ++i) b.value = must(ctbus::variant::try_make(b.value));
    };
    const auto manager = manager_at(peer.ours, "/x");
    // A property's value lies in 5 containers where it is announced, in 7 where it is listed.
    nested(58);
    {
        const managed<box_vtable> object{peer.ours, "/x/a", b};
        peer.settle();
        const auto answer = peer.call("/x", manager_interface, "GetManagedObjects");
        CHECK(contains(answer.error_text(), "org.example.Box at /x/a: value: the value of value is "
                                            "nested more deeply"));
        nested(57);
        CHECK(contains(list(peer, "/x"), "<v <v <v "));
    }
    peer.settle();
    nested(59);
    {
        const managed<box_vtable> object{peer.ours, "/x/a", b};
        CHECK(peer.settle().only().member() == "InterfacesAdded");
    }
    peer.settle();
    nested(60);
    const auto made = ctbus::managed_object<box_vtable>::try_make(peer.ours, "/x/a", b);
    REQUIRE(!made);
    CHECK(contains(made.error().what(), "nested more deeply"));
    CHECK(peer.settle().empty());
}

TEST_CASE("a list of more than 64 MiB is an error") {
    raw_peer peer;
    const auto manager = manager_at(peer.ours, "/x");
    disk large{std::string(1 << 20, 'x'), 1};
    std::deque<managed<disk_vtable>> objects;
    const std::string base = "/x/";
    for (int i = 0; i < 65; ++i) {
        objects.emplace_back(peer.ours, must(ctbus::object_path::parse(base + std::to_string(i))),
                             large);
        peer.settle();
    }
    const auto answer = peer.call("/x", manager_interface, "GetManagedObjects");
    CHECK(contains(answer.error_text(), "org.example.Disk at /x/"));
    CHECK(contains(answer.error_text(), "too large"));
    objects.pop_back(), objects.pop_back();
    peer.settle();
    CHECK(peer.call("/x", manager_interface, "GetManagedObjects").only().type() == "reply");
}
