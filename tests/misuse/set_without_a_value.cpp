// expect: ctbus: too few arguments: give one for each parameter of the declaration
// names: "Celsius"
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Thermostat", ctbus::property<"Celsius", int, ctbus::writable>> {};

void use(const ctbus::proxy<contract>& stat) {
#ifdef MISUSE
    stat.set<"Celsius">();
#else
    stat.set<"Celsius">(20);
#endif
}
