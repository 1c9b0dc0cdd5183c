// expect: ctbus: the property is read-only: mark it writable in the interface, or do not set it
// names: "Version"
// names: contract
#include <ctbus/async.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_set<"Version">("2.0").then([](ctbus::result<void>) {}).detach();
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.async_set<"Mode">(2).then([](ctbus::result<void>) {}).detach();
}
#endif
