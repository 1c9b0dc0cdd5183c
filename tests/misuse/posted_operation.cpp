// expect: ctbus: nobody looks at the result, error, answer or operation that this callback returns: deal with it inside, and return nothing
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

struct contract : ctbus::interface<"org.example.Calculator", ctbus::method<"Reset", void()>> {};

void use(ctbus::connection& bus, const ctbus::proxy<contract>& calc) {
    bus.post([&] {
#ifdef MISUSE
        return calc.async_call<"Reset">();
#else
        calc.async_call<"Reset">().detach();
#endif
    });
}
