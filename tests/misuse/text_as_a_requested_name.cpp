// expect: ctbus: text made at run time may be no valid name: check it with parse(), as in object_path::parse(text)
// names: bus_name_rules
#include <ctbus/connection.hpp>

#include <string>

#ifdef MISUSE
void use(ctbus::connection& bus, std::string name) {
    bus.request_name(name);
}
#else
void use(ctbus::connection& bus, std::string name) {
    auto checked = ctbus::bus_name::parse(name);
    if (checked) bus.request_name(*checked);
}
#endif
