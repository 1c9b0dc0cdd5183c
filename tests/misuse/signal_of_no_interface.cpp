// expect: ctbus: an interface is a struct derived from ctbus::interface<...>, ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: calculator
#include <ctbus/signals.hpp>

struct calculator {};
struct contract : ctbus::interface<"org.example.Calculator", ctbus::signal<"Changed", void()>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::emit<calculator, "Changed">(bus, "/calc");
}
#else
void use(const ctbus::connection& bus) {
    ctbus::emit<contract, "Changed">(bus, "/calc");
}
#endif
