// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/object_watch.hpp>

struct disk : ctbus::interface<"org.example.Disk", ctbus::property<"Size", int>> {};

void use(const ctbus::connection& bus) {
    const auto there = [](ctbus::object_path_view) {};
#ifdef MISUSE
    auto watch = ctbus::watch_objects<disk>(bus, "/disks", there, there);
#else
    const auto watch = ctbus::try_watch_objects<disk>(bus, "/disks", there, there);
#endif
}
