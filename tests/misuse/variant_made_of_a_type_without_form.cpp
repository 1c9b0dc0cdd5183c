// expect: ctbus: D-Bus has one floating type: use double
// names: float
#include <ctbus/ctbus.hpp>

#ifdef MISUSE
const auto made = ctbus::variant::try_make(1.0f);
#else
const auto made = ctbus::variant::try_make(1.0);
#endif
