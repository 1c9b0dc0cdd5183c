// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: Find
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Finder", ctbus::method<"Find", void(ctbus::object_path)>> {};

void use(const ctbus::proxy<contract>& finder, const ctbus::bus_name& name,
    const ctbus::object_path& path) {
#ifdef MISUSE
    finder.call<"Find">(name);
#else
    finder.call<"Find">(path);
    static_cast<void>(name);
#endif
}
