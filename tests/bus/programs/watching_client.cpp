// A client that follows what watching.py serves, and says what it hears. It prints "ready" first.
#include <ctbus/ctbus.hpp>
#include <ctbus/object_watch.hpp>
#include <ctbus/property_changes.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

namespace {

struct Book
    : ctbus::interface<"org.ctbus.Book", ctbus::property<"Title", std::string, ctbus::emits_change>,
                       ctbus::property<"Pages", std::uint32_t, ctbus::emits_invalidation>> {};

void say(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

void follow() {
    ctbus::connection bus = ctbus::connection::session();
    const ctbus::proxy<Book> first{bus, "org.ctbus.Library", "/library/first"};
    const auto title =
        first.on_changed<"Title">([](const std::string& now) { say("title " + now); });
    const auto pages =
        first.on_changed<"Pages">([](std::uint32_t now) { say("pages " + std::to_string(now)); });
    const auto watch = ctbus::watch_objects<Book>(
        bus, "org.ctbus.Library", "/library",
        [](ctbus::object_path_view path, const std::map<std::string, ctbus::variant>& all) {
            say("+" + path.str() + " " + all.at("Title").get<std::string>());
        },
        [](ctbus::object_path_view path) { say("-" + path.str()); });
    say("ready");
    bus.run_until({SIGTERM, SIGINT});
}

} // namespace

int main() {
    try {
        follow();
    } catch (const ctbus::error& e) {
        std::fprintf(stderr, "watching_client: %s\n", e.what());
        return 3;
    }
}
