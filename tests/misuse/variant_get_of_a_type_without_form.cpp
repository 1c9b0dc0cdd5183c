// expect: ctbus: D-Bus has one floating type: use double
// names: float
#include <ctbus/variant.hpp>

#ifdef MISUSE
bool use(const ctbus::variant& v) {
    return v.holds<float>();
}
#else
bool use(const ctbus::variant& v) {
    return v.holds<double>();
}
#endif
