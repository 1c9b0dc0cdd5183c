// expect: deleted
// names: raw_object
#include <ctbus/raw_object.hpp>

#include <utility>

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    const ctbus::raw_object all{bus, "/calc", [](const ctbus::message&) {}};
    const ctbus::raw_object other{all};
}
#else
void use(const ctbus::connection& bus) {
    ctbus::raw_object all{bus, "/calc", [](const ctbus::message&) {}};
    const ctbus::raw_object other{std::move(all)};
}
#endif
