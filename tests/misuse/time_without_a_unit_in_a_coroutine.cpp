// expect: ctbus: a time is a duration with a unit, such as std::chrono::seconds{5}, or ctbus::infinite
// names: int
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <chrono>

ctbus::task<> wait(const ctbus::connection& bus) {
#ifdef MISUSE
    co_await ctbus::after(bus, 5);
#else
    co_await ctbus::after(bus, std::chrono::seconds{5});
#endif
}
