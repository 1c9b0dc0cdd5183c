// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: disk
#include <ctbus/object_watch.hpp>

struct disk : ctbus::interface<"org.example.Disk", ctbus::property<"Size", int>> {};

void use() {
#ifdef MISUSE
    const auto watch = ctbus::watch_objects<disk>(
        ctbus::connection::session(), "/disks", [](ctbus::object_path_view) {});
#else
    const auto bus = ctbus::connection::session();
    const auto watch = ctbus::watch_objects<disk>(bus, "/disks", [](ctbus::object_path_view) {});
#endif
}
