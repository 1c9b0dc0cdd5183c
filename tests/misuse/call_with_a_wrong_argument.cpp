// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: "Add"
// names: parameter<2>
// names: string
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::method<"Enable", void(bool)>, ctbus::method<"Name", void(std::string)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>,
        ctbus::signal<"Changed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    int sum = calc.call<"Add">(1, std::string{"two"});
}
#else
void use(const ctbus::proxy<contract>& calc) {
    int sum = calc.call<"Add">(1, 2.0);
}
#endif
