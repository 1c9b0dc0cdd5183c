// expect: ctbus: text made at run time may be no valid name: check it with parse(), as in object_path::parse(text)
// names: bus_name_rules
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, const std::string& name) {
    ctbus::proxy<contract> calc{bus, name, "/calc"};
}
#else
void use(const ctbus::connection& bus, const std::string& name) {
    auto checked = ctbus::bus_name::parse(name);
    if (checked) ctbus::proxy<contract> calc{bus, *checked, "/calc"};
}
#endif
