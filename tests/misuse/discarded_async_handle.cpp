// expect-warning: the call is cancelled where its handle goes: keep it, or detach() it
// names: async_handle
#include <ctbus/async.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0).then([](ctbus::result<int>) {});
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0).then([](ctbus::result<int>) {}).detach();
}
#endif
