// expect: ctbus: this function is called as function(): it takes no arguments
// names: pending_timer
#include <ctbus/timer.hpp>

#include <chrono>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto timer = ctbus::after(bus, std::chrono::seconds{1}).then([](int) {});
}
#else
void use(const ctbus::connection& bus) {
    auto timer = ctbus::after(bus, std::chrono::seconds{1}).then([] {});
}
#endif
