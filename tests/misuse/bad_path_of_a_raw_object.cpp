// expect: object_path_must_begin_with_a_slash
// names: object_path_rules
#include <ctbus/raw_object.hpp>

#include <utility>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    const ctbus::raw_object all{bus, "calc", [](const ctbus::message&) {}};
}
#else
void use(const ctbus::connection& bus) {
    const ctbus::raw_object all{bus, "/calc", [](const ctbus::message&) {}};
}
#endif
