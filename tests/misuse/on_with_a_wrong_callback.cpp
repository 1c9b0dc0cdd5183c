// expect: ctbus: the callback's parameters have another D-Bus signature than the signal: take its arguments, and perhaps the message last
// names: "Changed"
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::method<"Enable", void(bool)>, ctbus::method<"Name", void(std::string)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>,
        ctbus::signal<"Changed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    auto heard = calc.on<"Changed">([](double) {});
}
#else
void use(const ctbus::proxy<contract>& calc) {
    auto heard = calc.on<"Changed">([](int) {});
}
#endif
