// expect: ctbus: an object wants structs derived from ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: service_vtable
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

struct service_vtable;
#ifndef MISUSE
struct service_vtable :
    ctbus::vtable<"org.example.Service", ctbus::handler<"Run", &service::run>> {};
#endif

void serve(const ctbus::connection& bus, service& s) {
    ctbus::object<service_vtable> object{bus, "/", s};
}
