// expect: ctbus: implements<Contract, ...> wants as its contract a struct derived from ctbus::interface<...>, publicly and from one only
// names: calculator
#include <ctbus/implements.hpp>

struct calculator {
    double add(double, double);
};
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

#ifdef MISUSE
struct table : ctbus::implements<calculator, ctbus::handler<"Add", &calculator::add>> {};
#else
struct table : ctbus::implements<contract, ctbus::handler<"Add", &calculator::add>> {};
#endif
