// expect: ctbus: args<...> names another number of arguments than the function has: give one name for each input
// names: "Add"
#include <ctbus/interface.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator",
#ifdef MISUSE
        ctbus::method<"Add", double(double, double), ctbus::args<>>
#else
        ctbus::method<"Add", double(double, double)>
#endif
        ,
        ctbus::method<"Reset", void(), ctbus::args<>, ctbus::returns<>>> {
};
