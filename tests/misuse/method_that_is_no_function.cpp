// expect: ctbus: this is not a function that can be a D-Bus method: give a member function, a free function or a captureless lambda whose parameters are not generic
// names: "Add"
#include <ctbus/interface.hpp>

#ifdef MISUSE
struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double>> {};
#else
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double)>> {};
#endif
