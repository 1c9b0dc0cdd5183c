// expect: ctbus: a bus, interface, member or error name has no D-Bus type of its own: use std::string or std::string_view
// names: "Last"
// names: error_name
#include <ctbus/vtable.hpp>

#include <string_view>

#ifdef MISUSE
using type = ctbus::error_name_view;
#else
using type = std::string_view;
#endif

type last();
struct calculator_vtable :
    ctbus::vtable<"org.example.Calculator", ctbus::handler<"Last", &last>> {};
