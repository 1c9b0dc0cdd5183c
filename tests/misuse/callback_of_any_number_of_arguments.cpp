// expect: ctbus: a callback is something that can be called with the signal's arguments, and has one operator(): in place of std::bind_front or a generic lambda, write a lambda with their types
// names: lambda
#include <ctbus/ctbus.hpp>

struct contract : ctbus::interface<"org.example.Counter", ctbus::signal<"Counted", void(int)>> {};

void hear(const ctbus::proxy<contract>& counter) {
#ifdef MISUSE
    const auto heard = counter.on<"Counted">([](int, ...) {});
#else
    const auto heard = counter.on<"Counted">([](int) {});
#endif
}
