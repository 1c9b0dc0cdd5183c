// expect: ctbus: an argument has a type that ctbus does not take for the parameter's type: give a value of that type
// names: "Add"
// names: parameter<2>
// names: string
#include <ctbus/async.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, std::string{"two"}).then([](ctbus::result<int>) {}).detach();
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0).then([](ctbus::result<int>) {}).detach();
}
#endif
