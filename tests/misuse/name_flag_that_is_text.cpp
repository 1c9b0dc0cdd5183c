// expect: ctbus: request_name() takes, after the name, any of ctbus::name_flag's flags, one by one
// names: queue
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

enum class queue { yes };

bool begin(ctbus::connection& bus) {
#ifdef MISUSE
    return bus.try_request_name("org.example.Calculator", "queue", true, queue::yes).value();
#else
    return bus.try_request_name("org.example.Calculator", ctbus::name_flag::queue).value();
#endif
}
