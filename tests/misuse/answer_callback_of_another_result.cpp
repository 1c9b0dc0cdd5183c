// expect: ctbus: the callback of an asynchronous call is called as callback(result): it takes one ctbus::result<T>, T being what the call gives (void for nothing, a tuple for several outputs)
// names: std::expected<int, ctbus::error>
#include <ctbus/async.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0).then([](ctbus::result<std::string>) {}).detach();
}
#else
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0).then([](ctbus::result<int>) {}).detach();
}
#endif
