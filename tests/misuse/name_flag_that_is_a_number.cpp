// expect: ctbus: request_name() takes, after the name, any of ctbus::name_flag's flags, one by one
// names: double
#include <ctbus/ctbus.hpp>

void begin(ctbus::connection& bus) {
#ifdef MISUSE
    bus.request_name("org.example.Calculator", 3.0);
#else
    bus.request_name(
        "org.example.Calculator", ctbus::name_flag::queue, ctbus::name_flag::allow_replacement);
#endif
}
