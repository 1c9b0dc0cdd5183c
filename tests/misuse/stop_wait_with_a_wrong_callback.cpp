// expect: ctbus: this function is called as function(): it takes no arguments
// names: pending_stop
#include <ctbus/stop.hpp>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto wait = ctbus::stopped(bus, {}).then([](bool) {});
}
#else
void use(const ctbus::connection& bus) {
    auto wait = ctbus::stopped(bus, {}).then([] {});
}
#endif
