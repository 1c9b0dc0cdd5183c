// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
// names: int
#include <ctbus/proxy.hpp>

struct contract : ctbus::interface<"org.example.Thermostat", ctbus::property<"Celsius", int>> {};

int use(const ctbus::proxy<contract>& stat) {
#ifdef MISUSE
    return stat.get<int>("Celsius");
#else
    return stat.get<"Celsius">();
#endif
}
