// expect: ctbus: an interface is a struct derived from ctbus::interface<...>, ctbus::vtable<...> or ctbus::implements<...>, publicly and from one only
// names: calculator
#include <ctbus/proxy.hpp>

struct calculator {};
struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, int)>> {};

#ifdef MISUSE
int use(const ctbus::proxy<calculator>& calc) {
    return calc.call<"Add">(1, 2);
}
#else
int use(const ctbus::proxy<contract>& calc) {
    return calc.call<"Add">(1, 2);
}
#endif
