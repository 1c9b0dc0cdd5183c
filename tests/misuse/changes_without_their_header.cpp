// expect: property_changes_need_property_changes_hpp
#ifdef MISUSE
#include <ctbus/proxy.hpp>
#else
#include <ctbus/property_changes.hpp>
#endif

#include <string>

struct contract :
    ctbus::interface<"org.example.Lamp", ctbus::property<"Level", int, ctbus::emits_change>,
        ctbus::property<"Age", int>> {};

void use(const ctbus::proxy<contract>& lamp) {
#ifdef MISUSE
    const auto heard = lamp.on_changed<"Level">([](int) {});
#else
    const auto heard = lamp.on_changed<"Level">([](int) {});
#endif
}
