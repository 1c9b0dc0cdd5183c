// expect: not_a_valid_dbus_signature
// names: a{vs}
#include <ctbus/types.hpp>

void take(const ctbus::signature&);

void give() {
#ifdef MISUSE
    take("a{vs}");
#else
    take("a{sv}");
#endif
}
