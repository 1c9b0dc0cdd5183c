// expect: ctbus: this option does not belong to this kind of declaration: give it to the one that it is about, or remove it
// names: "Mode"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Mode", int, ctbus::no_reply>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Mode", int, ctbus::writable>> {};
#endif
