// watch_objects() on a bus: services that start, stop and are replaced.
#include <ctbus/ctbus.hpp>
#include <ctbus/object_manager.hpp>
#include <ctbus/object_watch.hpp>
#include <ctbus/property_changes.hpp>

#include "../must.hpp"
#include "../one_thread.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using ctbus::connection;
using test::must;
using namespace ctbus::literals;

namespace {

constexpr ctbus::bus_name_view name = "org.ctbus.Shelf";

struct book {
    std::string title;
};
struct book_vtable
    : ctbus::vtable<"org.ctbus.Book",
                    ctbus::accessor<"Title", &book::title, ctbus::emits_invalidation>> {};

struct service {
    connection bus = must(connection::try_session());
    ctbus::object_manager manager = must(ctbus::object_manager::try_make(bus, "/books"));
    book one;
    std::optional<ctbus::managed_object<book_vtable>> object;

    explicit service(std::string title) : one{std::move(title)} {
        object.emplace(bus, "/books/one"_path, one);
    }
};

struct client {
    connection bus = must(connection::try_session());
    std::vector<std::string> heard;

    auto added() {
        return [this](ctbus::object_path_view path,
                      const ctbus::dict<std::string, ctbus::variant>& all) {
            heard.push_back("+" + path.str() + " " +
                            must(all.begin()->second.try_get<std::string>()));
        };
    }
    auto removed() {
        return [this](ctbus::object_path_view path) { heard.push_back("-" + path.str()); };
    }
    ctbus::object_watch watch(ctbus::bus_name_view who = name) {
        return must(ctbus::try_watch_objects<book_vtable>(bus, who, "/books", added(), removed()));
    }
    /// What is heard until `count` came, and nothing follows.
    std::vector<std::string> news(std::initializer_list<connection*> others, std::size_t count) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        const auto step = [&] {
            bool busy = bus.try_process().value_or(false);
            for (connection* other : others) busy |= other->try_process().value_or(false);
            if (!busy) static_cast<void>(bus.try_wait(std::chrono::milliseconds{1}));
        };
        while (heard.size() < count && std::chrono::steady_clock::now() < end) step();
        for (int more = 0; more < 50; ++more) step();
        return std::exchange(heard, {});
    }
};

using words = std::vector<std::string>;

} // namespace

TEST_CASE("a watch follows a name from instance to instance") {
    const test::reports reported;
    client c;
    const ctbus::object_watch watch = c.watch(); // nobody is there, and that is no error
    CHECK(c.news({}, 0).empty());
    service first{"first"};
    CHECK(c.news({&first.bus}, 0).empty()); // what it announced before it had the name
    must(first.bus.try_request_name(name, ctbus::name_flag::allow_replacement));
    CHECK(c.news({&first.bus}, 1) == words{"+/books/one first"});
    std::optional<service> second{"second"};
    must(second->bus.try_request_name(name, ctbus::name_flag::replace_existing));
    CHECK(c.news({&first.bus, &second->bus}, 2) == words{"-/books/one", "+/books/one second"});
    first.object.reset(); // it is nobody's business now
    CHECK(c.news({&first.bus, &second->bus}, 0).empty());
    second.reset();
    CHECK(c.news({&first.bus}, 1) == words{"-/books/one"});
    CHECK(reported.texts().empty());
}

TEST_CASE("a watch of a unique name ends with it") {
    client c;
    std::optional<service> only{"only"};
    const std::string unique = must(only->bus.try_unique_name()).str();
    const ctbus::object_watch watch = c.watch(must(ctbus::bus_name::parse(unique)));
    CHECK(c.news({&only->bus}, 1) == words{"+/books/one only"});
    only.reset();
    CHECK(c.news({}, 1) == words{"-/books/one"});
}

TEST_CASE("a service watches its own objects") {
    service own{"own"};
    must(own.bus.try_request_name(name));
    words heard;
    const auto watch = must(ctbus::try_watch_objects<book_vtable>(
        own.bus, name, "/books", [&](ctbus::object_path_view path) { heard.push_back(path.str()); },
        [](ctbus::object_path_view) {}));
    for (int i = 0; i < 1000 && heard.empty(); ++i) {
        static_cast<void>(own.bus.try_wait(std::chrono::milliseconds{1}));
        while (own.bus.try_process().value_or(false)) {
        }
    }
    CHECK(heard == words{"/books/one"});
}

TEST_CASE("nobody else's announcements are heard") {
    client c;
    service right{"right"}, wrong{"wrong"};
    must(right.bus.try_request_name(name));
    const ctbus::object_watch watch = c.watch();
    CHECK(c.news({&right.bus}, 1) == words{"+/books/one right"});
    const auto another =
        ctbus::managed_object<book_vtable>::try_make(wrong.bus, "/books/two", wrong.one);
    REQUIRE(another);
    CHECK(c.news({&right.bus, &wrong.bus}, 0).empty());
}

TEST_CASE("the value of a property that changed is that of the name's present owner") {
    const test::reports reported;
    client c;
    std::optional<service> first{"first"};
    service second{"second"};
    must(first->bus.try_request_name(name, ctbus::name_flag::allow_replacement));
    const ctbus::proxy<book_vtable> book{c.bus, name, "/books/one"};
    const auto title =
        must(book.try_on_changed<"Title">([&](const std::string& now) { c.heard.push_back(now); }));
    must(first->object->try_changed<"Title">());
    must(first->bus.try_flush());
    CHECK(c.news({}, 0).empty()); // asked, but the first does not answer
    must(second.bus.try_request_name(name, ctbus::name_flag::replace_existing));
    must(second.object->try_changed<"Title">());
    CHECK(c.news({&second.bus}, 1) == words{"second"});
    CHECK(c.news({&first->bus, &second.bus}, 0).empty()); // what the first says is of no interest
    first.reset();
    CHECK(c.news({&second.bus}, 0).empty());
    CHECK(reported.texts().empty());
}
