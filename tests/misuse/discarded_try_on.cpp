// expect-warning: nodiscard
// names: try_on
#include <ctbus/ctbus.hpp>

struct Service : ctbus::interface<"org.example.Service", ctbus::signal<"Ran", void()>> {};

void listen(const ctbus::proxy<Service>& service) {
#ifdef MISUSE
    service.try_on<"Ran">([] {});
#else
    const auto heard = service.try_on<"Ran">([] {});
#endif
}
