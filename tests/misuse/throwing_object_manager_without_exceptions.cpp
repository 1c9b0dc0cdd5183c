// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/object_manager.hpp>

void serve(const ctbus::connection& bus) {
#ifdef MISUSE
    ctbus::object_manager manager{bus, "/disks"};
#else
    const auto manager = ctbus::object_manager::try_make(bus, "/disks");
#endif
}
