// expect-warning: ignoring return value of
// flags: -Wall
#include <ctbus/ctbus.hpp>

#ifdef MISUSE
void use(ctbus::connection& bus) {
    bus.try_request_name("org.example.Calculator");
}
#else
bool use(ctbus::connection& bus) {
    return bus.try_request_name("org.example.Calculator").has_value();
}
#endif
