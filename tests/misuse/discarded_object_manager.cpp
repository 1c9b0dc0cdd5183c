// expect-warning: the manager is there only as long as this lives
// names: object_manager
#include <ctbus/object_manager.hpp>

void serve(const ctbus::connection& bus) {
#ifdef MISUSE
    ctbus::object_manager{bus, "/disks"};
#else
    ctbus::object_manager manager{bus, "/disks"};
#endif
}
