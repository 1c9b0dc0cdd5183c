// expect: ctbus: a time is a duration with a unit, such as std::chrono::seconds{5}, or ctbus::infinite
// names: int
#include <ctbus/ctbus.hpp>

#include <chrono>

void send(const ctbus::connection& bus, const ctbus::message& call) {
    bus.call(call, ctbus::infinite);
#ifdef MISUSE
    bus.call(call, 5);
#else
    bus.call(call, std::chrono::seconds{5});
#endif
}
