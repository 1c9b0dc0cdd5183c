// expect: ctbus: sd-bus serves this interface itself, ObjectManager by sd_bus_add_object_manager(): choose another name
// names: peer
#include <ctbus/implements.hpp>

int ping();

#ifdef MISUSE
struct peer : ctbus::interface<"org.freedesktop.DBus.Peer", ctbus::method<"Ping", int()>> {};
#else
struct peer : ctbus::interface<"org.example.Peer", ctbus::method<"Ping", int()>> {};
#endif

struct table : ctbus::implements<peer, ctbus::handler<"Ping", &ping>> {};
