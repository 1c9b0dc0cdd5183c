// expect-warning: the objects are followed only as long as the watch lives
// names: object_watch
#include <ctbus/object_watch.hpp>

struct disk : ctbus::interface<"org.example.Disk", ctbus::property<"Size", int>> {};

void use(const ctbus::connection& bus) {
    const auto there = [](ctbus::object_path_view) {};
#ifdef MISUSE
    ctbus::watch_objects<disk>(bus, "org.example.Disks", "/disks", there, there);
#else
    const auto watch = ctbus::watch_objects<disk>(bus, "org.example.Disks", "/disks", there, there);
#endif
}
