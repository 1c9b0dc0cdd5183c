// expect: ctbus: this connection is closed at once, and what is made on it is gone: give the connection a name, so that it lives as long
// names: table
#include <ctbus/object_manager.hpp>

struct disk {
    int size;
};
struct table : ctbus::vtable<"org.example.Disk", ctbus::accessor<"Size", &disk::size>> {};

#ifdef MISUSE
void serve(disk& one) {
    ctbus::managed_object<table> object{ctbus::connection::session(), "/disks/one", one};
}
#else
void serve(disk& one) {
    const auto bus = ctbus::connection::session();
    ctbus::managed_object<table> object{bus, "/disks/one", one};
}
#endif
