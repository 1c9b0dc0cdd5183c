// expect: ctbus: a getter takes nothing (or the served instance) and returns the property's value
// names: "Mode"
#include <ctbus/vtable.hpp>

#include <string>

#ifdef MISUSE
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", [](std::string& mode) { mode = "fast"; }>> {};
#else
struct table :
    ctbus::vtable<"org.example.Calculator",
        ctbus::accessor<"Mode", [] { return std::string{"fast"}; }>> {};
#endif
