// expect: ctbus: nobody looks at the result, error, answer or operation that this callback returns: deal with it inside, and return nothing
#include <ctbus/proxy.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Reset", void()>,
        ctbus::signal<"Overflowed", void(int)>> {};

ctbus::subscription use(const ctbus::proxy<contract>& calc) {
    return calc.on<"Overflowed">([&](int) {
#ifdef MISUSE
        return calc.try_call<"Reset">();
#else
        calc.call<"Reset">();
#endif
    });
}
