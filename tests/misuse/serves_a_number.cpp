// expect: ctbus: serves<S> names the class itself: neither a reference, nor a pointer, nor const
// names: int
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

#ifdef MISUSE
using served = int;
#else
using served = service;
#endif
struct service_vtable :
    ctbus::vtable<"org.example.Service", ctbus::handler<"Run", &service::run>,
        ctbus::serves<served>> {};

void serve(const ctbus::connection& bus, service& s) {
    ctbus::object<service_vtable> object{bus, "/", s};
}
