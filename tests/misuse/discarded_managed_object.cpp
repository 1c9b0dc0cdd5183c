// expect-warning: the object is there only as long as this lives
// names: managed_object
#include <ctbus/object_manager.hpp>

struct disk {
    int size;
};
struct table : ctbus::vtable<"org.example.Disk", ctbus::accessor<"Size", &disk::size>> {};

void serve(const ctbus::connection& bus, disk& one) {
#ifdef MISUSE
    ctbus::managed_object<table>{bus, "/disks/one", one};
#else
    ctbus::managed_object<table> object{bus, "/disks/one", one};
#endif
}
