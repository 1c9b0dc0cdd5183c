// expect: ctbus: this option does not belong to this kind of declaration: give it to the one that it is about, or remove it
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int), 5>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::timeout_hint<5>>> {};
#endif
