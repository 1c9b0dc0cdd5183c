// expect-warning: the object is there only as long as this lives
// names: object
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

struct service_vtable :
    ctbus::vtable<"org.example.Service", ctbus::handler<"Run", &service::run>> {};

void serve(const ctbus::connection& bus, service& s) {
#ifdef MISUSE
    ctbus::object<service_vtable>{bus, "/", s};
#else
    ctbus::object<service_vtable> object{bus, "/", s};
#endif
}
