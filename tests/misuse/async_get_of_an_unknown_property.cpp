// expect: ctbus: the interface has no property of this name
// names: "Speed"
// names: contract
#include <ctbus/async.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_get<"Speed">().then([](ctbus::result<std::string>) {}).detach();
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.async_get<"Mode">().then([](ctbus::result<int>) {}).detach();
}
#endif
