// expect: ctbus: the callbacks of watch_objects() are called as added(path) or added(path, properties), and removed(path): path is a ctbus::object_path_view, properties a type of the signature a{sv}
// names: disk
#include <ctbus/object_watch.hpp>

#include <map>
#include <string>

struct disk : ctbus::interface<"org.example.Disk", ctbus::property<"Size", int>> {};
using properties = std::map<std::string, ctbus::variant>;

void use(const ctbus::connection& bus) {
    const auto removed = [](ctbus::object_path_view) {};
#ifdef MISUSE
    const auto watch = ctbus::watch_objects<disk>(
        bus, "org.example.Disks", "/disks", [](ctbus::object_path_view, int) {}, removed);
#else
    const auto watch = ctbus::watch_objects<disk>(
        bus,
        "org.example.Disks",
        "/disks",
        [](ctbus::object_path_view, const properties&) {},
        removed);
#endif
}
