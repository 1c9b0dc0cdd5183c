// expect: ctbus: the instance is not of the class that the vtable serves, nor of one derived from it, publicly and from one only
// names: table
#include <ctbus/object_manager.hpp>

struct disk {
    int size;
};
struct tape {
    int size;
};
struct table : ctbus::vtable<"org.example.Disk", ctbus::accessor<"Size", &disk::size>> {};

#ifdef MISUSE
void serve(const ctbus::connection& bus, tape& one) {
    ctbus::managed_object<table> object{bus, "/disks/one", one};
}
#else
void serve(const ctbus::connection& bus, disk& one) {
    ctbus::managed_object<table> object{bus, "/disks/one", one};
}
#endif
