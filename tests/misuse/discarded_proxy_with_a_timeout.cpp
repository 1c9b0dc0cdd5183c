// expect-warning: nodiscard
// names: with_timeout
#include <ctbus/ctbus.hpp>

#include <chrono>

struct Service : ctbus::interface<"org.example.Service", ctbus::method<"Run", void()>> {};

void run(ctbus::proxy<Service> service) {
#ifdef MISUSE
    service.with_timeout(std::chrono::seconds{5});
#else
    service = service.with_timeout(std::chrono::seconds{5});
#endif
    service.call<"Run">();
}
