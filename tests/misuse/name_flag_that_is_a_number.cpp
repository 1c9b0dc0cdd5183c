// expect: ctbus: request_name() takes, after the name, any of ctbus::name_flag's flags (or of SD_BUS_NAME_*), one by one
// names: int
#include <ctbus/ctbus.hpp>

void begin(ctbus::connection& bus) {
#ifdef MISUSE
    bus.request_name("org.example.Calculator", 3);
#else
    bus.request_name(
        "org.example.Calculator", ctbus::name_flag::queue, ctbus::name_flag::allow_replacement);
#endif
}
