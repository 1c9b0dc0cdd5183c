// expect: ctbus: a time is a duration with a unit, such as std::chrono::seconds{5}, or ctbus::infinite
// names: int
#include <ctbus/ctbus.hpp>

#include <chrono>

struct Service : ctbus::interface<"org.example.Service", ctbus::method<"Run", void()>> {};

void run(const ctbus::proxy<Service>& service) {
#ifdef MISUSE
    service.with_timeout(5).call<"Run">();
#else
    service.with_timeout(std::chrono::seconds{5}).call<"Run">();
#endif
}
