// expect: ctbus: the interface has no property of this name
// names: "Levle"
#include <ctbus/property_changes.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Lamp", ctbus::property<"Level", int, ctbus::emits_change>,
        ctbus::property<"Age", int>> {};

void use(const ctbus::proxy<contract>& lamp) {
#ifdef MISUSE
    const auto heard = lamp.on_changed<"Levle">([](int) {});
#else
    const auto heard = lamp.on_changed<"Level">([](int) {});
#endif
}
