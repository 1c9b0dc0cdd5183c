// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/property_changes.hpp>

struct contract :
    ctbus::interface<"org.example.Thermostat",
        ctbus::property<"Celsius", double, ctbus::emits_change>> {};

ctbus::subscription use(const ctbus::proxy<contract>& stat) {
#ifdef MISUSE
    return stat.on_changed("Celsius", [](double) {});
#else
    return stat.on_changed<"Celsius">([](double) {});
#endif
}
