// expect: ctbus: returns<...> names another number of outputs than the function has: give one name for each output
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::returns<"sum", "carry">>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::returns<"sum">>> {};
#endif
