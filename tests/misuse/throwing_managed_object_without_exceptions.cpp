// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/object_manager.hpp>

struct disk {
    int size;
};
struct table : ctbus::vtable<"org.example.Disk", ctbus::accessor<"Size", &disk::size>> {};

void serve(const ctbus::connection& bus, disk& one) {
#ifdef MISUSE
    ctbus::managed_object<table> object{bus, "/disks/one", one};
#else
    const auto object = ctbus::managed_object<table>::try_make(bus, "/disks/one", one);
#endif
}
