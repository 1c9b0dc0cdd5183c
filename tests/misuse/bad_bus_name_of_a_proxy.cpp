// expect: name_needs_at_least_two_elements_separated_by_a_dot
// names: bus_name_rules
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    ctbus::proxy<contract> calc{bus, "calculator", "/calc"};
}
#else
void use(const ctbus::connection& bus) {
    ctbus::proxy<contract> calc{bus, "org.example.Calculator", "/calc"};
}
#endif
