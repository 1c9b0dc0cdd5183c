// expect: ctbus: D-Bus has one floating type: use double
// names: float
#include <ctbus/deferred.hpp>

#ifdef MISUSE
void use(const ctbus::message& call) {
    auto later = call.try_defer<int, float>();
}
#else
void use(const ctbus::message& call) {
    auto later = call.try_defer<int, double>();
}
#endif
