// expect: ctbus: two methods of one interface have the same name: D-Bus has no overloading, rename one
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>,
        ctbus::method<"Add", double(double, double)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>,
        ctbus::method<"AddReal", double(double, double)>> {};
#endif
