// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: "Mode"
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::method<"Enable", void(bool)>, ctbus::method<"Name", void(std::string)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>,
        ctbus::signal<"Changed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.set<"Mode">("two");
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.set<"Mode">(2);
}
#endif
