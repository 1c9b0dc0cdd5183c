// expect: ctbus: text made at run time may be no valid name: check it with parse(), as in object_path::parse(text)
// names: object_path_rules
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus, const std::string& path) {
    ctbus::proxy<contract> calc{bus, "org.example.Calculator", path};
}
#else
void use(const ctbus::connection& bus, const std::string& path) {
    auto checked = ctbus::object_path::parse(path);
    if (checked) ctbus::proxy<contract> calc{bus, "org.example.Calculator", *checked};
}
#endif
