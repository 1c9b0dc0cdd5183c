// expect-warning: the call is sent by then()
// names: pending_call
#include <ctbus/async.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0);
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0).then([](ctbus::result<int>) {}).detach();
}
#endif
