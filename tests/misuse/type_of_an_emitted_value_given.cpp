// expect: ctbus: this function takes no such type as a template argument: leave it out, the declaration gives the types of values
#include <ctbus/signals.hpp>

struct contract :
    ctbus::interface<"org.example.Thermostat", ctbus::signal<"Felt", void(double)>> {};

bool use(const ctbus::connection& bus) {
#ifdef MISUSE
    return ctbus::try_emit<contract, "Felt", int>(bus, "/stat", 2.9).has_value();
#else
    return ctbus::try_emit<contract, "Felt">(bus, "/stat", 2.9).has_value();
#endif
}
