// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/raw_object.hpp>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    const ctbus::raw_object all{bus, "/calc", [](const ctbus::message&) {}};
}
#else
void use(const ctbus::connection& bus) {
    const auto all = ctbus::raw_object::try_make(bus, "/calc", [](const ctbus::message&) {});
}
#endif
