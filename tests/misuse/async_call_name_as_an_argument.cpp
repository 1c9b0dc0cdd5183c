// expect: ctbus: a member's name is a template argument, as in call<"Name">(arguments...)
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

void use(const ctbus::proxy<contract>& calc) {
#ifdef MISUSE
    calc.async_call("Add", 1.0, 2.0).then([](ctbus::result<double>) {}).detach();
#else
    calc.async_call<"Add">(1.0, 2.0).then([](ctbus::result<double>) {}).detach();
#endif
}
