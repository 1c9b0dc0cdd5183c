// expect: ctbus: an interface is a struct derived from ctbus::interface<...>, ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: service
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

struct service_vtable :
    ctbus::vtable<"org.example.Service", ctbus::handler<"Run", &service::run>,
        ctbus::signal<"Ran", void()>> {};

void announce(ctbus::object<service_vtable>& object) {
#ifdef MISUSE
    object.emit<service, "Ran">();
#else
    object.emit<service_vtable, "Ran">();
#endif
}
