// expect: ctbus: the callback of a raw_object, or of match_messages(), is called as callback(message): it takes one const ctbus::message&
// names: raw_object
#include <ctbus/raw_object.hpp>

#include <utility>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    const ctbus::raw_object all{bus, "/calc", [](int) {}};
}
#else
void use(const ctbus::connection& bus) {
    const ctbus::raw_object all{bus, "/calc", [](const ctbus::message&) {}};
}
#endif
