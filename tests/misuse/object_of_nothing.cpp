// expect: ctbus: an object wants structs derived from ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: object<>
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

struct service_vtable :
    ctbus::vtable<"org.example.Service", ctbus::handler<"Run", &service::run>> {};

void serve(const ctbus::connection& bus, service& s) {
#ifdef MISUSE
    ctbus::object object{bus, "/", s};
#else
    ctbus::object<service_vtable> object{bus, "/", s};
#endif
}
