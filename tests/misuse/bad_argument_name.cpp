// expect: ctbus: an argument's name has to be 1 to 255 letters, digits or underscores and must not begin with a digit
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::args<"a", "the sum">>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Add", int(int, int), ctbus::args<"a", "the_sum">>> {};
#endif
