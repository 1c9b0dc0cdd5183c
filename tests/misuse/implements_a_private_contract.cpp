// expect: ctbus: implements<Contract, ...> wants as its contract a struct derived from ctbus::interface<...>, publicly and from one only
// names: Service
#include <ctbus/ctbus.hpp>

#ifdef MISUSE
class Service
#else
struct Service
#endif
    : ctbus::interface<"org.example.Service", ctbus::method<"Run", void()>> {
};

class service {
public:
    void run() {}
};

struct service_vtable : ctbus::implements<Service, ctbus::handler<"Run", &service::run>> {};
