// expect: ctbus: a constant property cannot be writable
// names: "Mode"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::property<"Mode", int, ctbus::constant, ctbus::writable>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Mode", int, ctbus::writable>> {};
#endif
