// expect: ctbus: this option does not belong to this kind of declaration: remove it
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::emits_change>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::deprecated>> {};
#endif
