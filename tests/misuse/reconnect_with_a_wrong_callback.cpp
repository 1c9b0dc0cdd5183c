// expect: ctbus: this function is called as function(): it takes no arguments
// names: on_reconnect
#include <ctbus/reconnect.hpp>

#ifdef MISUSE
void use(ctbus::connection& bus) {
    static_cast<void>(bus.try_on_reconnect([](bool) {}));
}
#else
void use(ctbus::connection& bus) {
    static_cast<void>(bus.try_on_reconnect([] {}));
}
#endif
