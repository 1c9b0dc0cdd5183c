// expect: ctbus: the property announces no changes: mark it emits_change or emits_invalidation
// names: "Age"
#include <ctbus/property_changes.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Lamp", ctbus::property<"Level", int, ctbus::emits_change>,
        ctbus::property<"Age", int>> {};

void use(const ctbus::proxy<contract>& lamp) {
#ifdef MISUSE
    const auto heard = lamp.on_changed<"Age">([](int) {});
#else
    const auto heard = lamp.on_changed<"Level">([](int) {});
#endif
}
