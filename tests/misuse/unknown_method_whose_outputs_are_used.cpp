// expect: ctbus: the interface has no method of this name
// names: DivMdo
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator",
        ctbus::method<"DivMod", void(int, int, int&, int&)>> {};

int use(const ctbus::proxy<contract>& calc) {
#ifdef MISUSE
    const auto [quotient, remainder] = calc.call<"DivMdo">(17, 5);
#else
    const auto [quotient, remainder] = calc.call<"DivMod">(17, 5);
#endif
    return quotient + remainder;
}
