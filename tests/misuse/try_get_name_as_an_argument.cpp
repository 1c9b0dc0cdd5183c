// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/proxy.hpp>

struct contract : ctbus::interface<"org.example.Thermostat", ctbus::property<"Celsius", double>> {};

double use(const ctbus::proxy<contract>& stat) {
#ifdef MISUSE
    const auto celsius = stat.try_get("Celsius");
#else
    const auto celsius = stat.try_get<"Celsius">();
#endif
    return celsius ? *celsius : 0;
}
