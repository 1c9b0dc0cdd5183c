// expect: ctbus: this function takes no such type as a template argument: leave it out, the declaration gives the types of values
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::property<"Precision", unsigned>> {};

unsigned use(const ctbus::proxy<contract>& calc) {
#ifdef MISUSE
    return calc.get<"Precision", int>();
#else
    return calc.get<"Precision">();
#endif
}
