// expect: asynchronous_calls_need_async_hpp
// names: contract
#include <ctbus/proxy.hpp>

#include <string>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::property<"Mode", int, ctbus::writable>, ctbus::property<"Version", std::string>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1, 2.0).then([](ctbus::result<int>) {}).detach();
}
#else
void use(const ctbus::proxy<contract>& calc) {
    static_cast<void>(calc.try_call<"Add">(1, 2.0));
}
#endif
