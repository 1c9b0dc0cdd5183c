// expect: ctbus: an object wants structs derived from ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: service_vtable
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

#ifdef MISUSE
class service_vtable
#else
struct service_vtable
#endif
    :
    ctbus::vtable<"org.example.Service", ctbus::handler<"Run", &service::run>,
        ctbus::signal<"Ran", void()>> {
};

void serve(const ctbus::connection& bus, service& s) {
    ctbus::object<service_vtable> object{bus, "/", s};
    object.emit<"Ran">();
}
