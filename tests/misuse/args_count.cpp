// expect: ctbus: args<...> names another number of arguments than the function has: give one name for each input
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::args<"a">>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::args<"a", "b">>> {};
#endif
