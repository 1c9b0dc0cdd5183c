// expect: ctbus: a vtable is made of handler<>, accessor<>, signal<> (signals stand in the contract if there is one) and options
// names: service::run
#include <ctbus/ctbus.hpp>

class service {
public:
    void run() {}
};

struct Service : ctbus::interface<"org.example.Service", ctbus::method<"Run", void()>> {};

#ifdef MISUSE
struct service_vtable : ctbus::implements<Service, &service::run> {};
#else
struct service_vtable : ctbus::implements<Service, ctbus::handler<"Run", &service::run>> {};
#endif
