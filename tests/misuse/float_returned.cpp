// expect: ctbus: D-Bus has one floating type: use double
// names: "Half"
// names: the_result
// names: float
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Half", float(double)>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Half", double(double)>> {};
#endif
