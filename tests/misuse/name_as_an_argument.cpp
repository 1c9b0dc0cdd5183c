// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

double use(const ctbus::proxy<contract>& calc) {
#ifdef MISUSE
    return calc.call("Add", 1.0, 2.0);
#else
    return calc.call<"Add">(1.0, 2.0);
#endif
}
