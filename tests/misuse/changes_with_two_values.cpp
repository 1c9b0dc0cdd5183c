// expect: ctbus: the callback of on_changed() is called as callback(value), with the property's new value, or as callback(): it is a lambda, or a function, with the value's type
// names: "Level"
#include <ctbus/property_changes.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Lamp", ctbus::property<"Level", int, ctbus::emits_change>,
        ctbus::property<"Age", int>> {};

void use(const ctbus::proxy<contract>& lamp) {
#ifdef MISUSE
    const auto heard = lamp.on_changed<"Level">([](int, int) {});
#else
    const auto heard = lamp.on_changed<"Level">([](int) {});
#endif
}
