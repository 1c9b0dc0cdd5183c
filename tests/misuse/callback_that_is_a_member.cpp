// expect: ctbus: a callback is something that can be called with the signal's arguments, and has one operator(): in place of std::bind_front or a generic lambda, write a lambda with their types
// names: "Overflowed"
// names: watcher
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Overflowed", void(double)>> {};
struct watcher {
    void overflowed(double);
};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc, watcher&) {
    auto heard = calc.on<"Overflowed">(&watcher::overflowed);
}
#else
void use(const ctbus::proxy<contract>& calc, watcher& w) {
    auto heard = calc.on<"Overflowed">([&w](double x) { w.overflowed(x); });
}
#endif
