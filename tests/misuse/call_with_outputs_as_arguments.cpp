// expect: ctbus: the outputs are given as arguments too: give the inputs only, since a call returns its outputs
// names: "Divide"
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"Divide", void(int, int, int&, int&)>> {};

int use(const ctbus::proxy<contract>& calc) {
    int quotient = 0, rest = 0;
#ifdef MISUSE
    calc.call<"Divide">(17, 5, quotient, rest);
#else
    std::tie(quotient, rest) = calc.call<"Divide">(17, 5);
#endif
    return quotient + rest;
}
