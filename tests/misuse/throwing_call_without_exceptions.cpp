// expect: ctbus: exceptions are off, so x() does not exist here: use try_x(), and try_make() instead of a constructor
// names: without_exceptions
// flags: -fno-exceptions
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>> {};

#ifdef MISUSE
int use(const ctbus::proxy<contract>& calc) {
    return calc.call<"Add">(1, 2);
}
#else
int use(const ctbus::proxy<contract>& calc) {
    return calc.try_call<"Add">(1, 2).value_or(0);
}
#endif
