// expect: ctbus: the function for a lost connection is called as function(error): it takes one const ctbus::error&
// names: on_disconnect
#include <ctbus/reconnect.hpp>

#ifdef MISUSE
void use(ctbus::connection& bus) {
    static_cast<void>(bus.try_on_disconnect([] {}));
}
#else
void use(ctbus::connection& bus) {
    static_cast<void>(bus.try_on_disconnect([](const ctbus::error&) {}));
}
#endif
