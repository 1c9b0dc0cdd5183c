// expect: ctbus: this function takes no such type as a template argument: leave it out, the declaration gives the types of values
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

void use(const ctbus::proxy<contract>& calc) {
#ifdef MISUSE
    calc.async_call<"Add", int>(1.9, 2.9).detach();
#else
    calc.async_call<"Add">(1.9, 2.9).detach();
#endif
}
