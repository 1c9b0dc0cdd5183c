// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: object_manager
#include <ctbus/object_manager.hpp>

#ifdef MISUSE
void serve() {
    ctbus::object_manager manager{ctbus::connection::session(), "/disks"};
}
#else
void serve() {
    const auto bus = ctbus::connection::session();
    ctbus::object_manager manager{bus, "/disks"};
}
#endif
