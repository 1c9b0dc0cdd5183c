// expect: ctbus: implements<Contract, ...> wants as its contract a struct derived from ctbus::interface<...>, publicly and from one only
// names: Service
#include <ctbus/ctbus.hpp>

struct Base : ctbus::interface<"org.example.Base", ctbus::method<"Walk", void()>> {};
#ifdef MISUSE
struct Service : Base, ctbus::interface<"org.example.Service", ctbus::method<"Run", void()>> {};
#else
struct Service : ctbus::interface<"org.example.Service", ctbus::method<"Run", void()>> {};
#endif

class service {
public:
    void run() {}
};

struct service_vtable : ctbus::implements<Service, ctbus::handler<"Run", &service::run>> {};
