// expect: ctbus: the interface has no method of this name
// names: "Sum"
// names: contract
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::method<"Enable", void(bool)>, ctbus::method<"Name", void(std::string)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>,
        ctbus::signal<"Changed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    ctbus::message sum = calc.call_message<"Sum">(1, 2.0);
}
#else
void use(const ctbus::proxy<contract>& calc) {
    ctbus::message sum = calc.call_message<"Add">(1, 2.0);
}
#endif
