// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: "Overflowed"
// names: parameter<2>
#include <ctbus/signals.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Overflowed", void(std::string, double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::emit<contract, "Overflowed">(bus, "/calc", "Add", "much");
}
#else
void use(const ctbus::connection& bus) {
    ctbus::emit<contract, "Overflowed">(bus, "/calc", "Add", 1.0);
}
#endif
