// expect: ctbus: an option is given twice, or two that exclude one another: remove one
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::args<"a", "b">, ctbus::args<"c", "d">>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::args<"a", "b">, ctbus::returns<"c">>> {};
#endif
