// expect: ctbus: this function takes no such type as a template argument: leave it out, the declaration gives the types of values
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

double use(const ctbus::proxy<contract>& calc) {
#ifdef MISUSE
    return calc.try_call<"Add", int>(1.9, 2.9).value_or(0);
#else
    return calc.try_call<"Add">(1.9, 2.9).value_or(0);
#endif
}
