// expect: ctbus: text made at run time may be no valid name: check it with parse(), as in object_path::parse(text)
// names: bus_name_rules
#include <ctbus/signals.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Overflowed", void(double)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, std::string name) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, [](double) {}, {.sender = name});
}
#else
void use(const ctbus::connection& bus, std::string name) {
    auto checked = ctbus::bus_name::parse(name);
    if (!checked) return;
    auto heard =
        ctbus::match_signal<contract, "Overflowed">(bus, [](double) {}, {.sender = *checked});
}
#endif
