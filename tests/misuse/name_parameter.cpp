// expect: ctbus: a bus, interface, member or error name has no D-Bus type of its own: use std::string or std::string_view
// names: "Follow"
// names: bus_name
#include <ctbus/interface.hpp>

#include <string>

#ifdef MISUSE
using type = ctbus::bus_name;
#else
using type = std::string;
#endif

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Follow", void(type)>> {};
