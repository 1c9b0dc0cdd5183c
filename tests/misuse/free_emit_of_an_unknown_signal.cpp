// expect: ctbus: the interface has no signal of this name
// names: "Underflowed"
// names: contract
#include <ctbus/signals.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::signal<"Overflowed", void(std::string, double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::emit<contract, "Underflowed">(bus, "/calc", "Add", 1.0);
}
#else
void use(const ctbus::connection& bus) {
    ctbus::emit<contract, "Overflowed">(bus, "/calc", "Add", 1.0);
}
#endif
