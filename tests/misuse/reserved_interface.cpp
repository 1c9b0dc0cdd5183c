// expect: ctbus: sd-bus serves this interface itself, ObjectManager by sd_bus_add_object_manager(): choose another name
// names: "org.freedesktop.DBus.Properties"
#include <ctbus/vtable.hpp>

int get();

#ifdef MISUSE
struct table : ctbus::vtable<"org.freedesktop.DBus.Properties", ctbus::handler<"Get", &get>> {};
#else
struct table : ctbus::vtable<"org.example.Properties", ctbus::handler<"Get", &get>> {};
#endif
