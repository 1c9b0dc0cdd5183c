// expect: ctbus: the callback of an asynchronous call is called as callback(result): it takes one ctbus::result<T>, T being what the call gives (void for nothing, a tuple for several outputs)
// names: std::expected<double, ctbus::error>
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1.0, 2.0).then([](ctbus::result<int>) {}).detach(); // 2.75 would be 2
}
#else
void by_value(ctbus::result<double>);

struct overloaded {
    void operator()(ctbus::result<int>) const;
    void operator()(ctbus::result<double>) const;
};
struct of_any_result {
    template <class T>
    void operator()(const ctbus::result<T>&) const;
};

void use(const ctbus::proxy<contract>& calc) {
    calc.async_call<"Add">(1.0, 2.0).then([](ctbus::result<double>) {}).detach();
    calc.async_call<"Add">(1.0, 2.0).then([](const ctbus::result<double>&) {}).detach();
    calc.async_call<"Add">(1.0, 2.0).then([](ctbus::result<double>&&) {}).detach();
    calc.async_call<"Add">(1.0, 2.0).then([](auto) {}).detach();
    calc.async_call<"Add">(1.0, 2.0).then([](const auto&) {}).detach();
    calc.async_call<"Add">(1.0, 2.0).then([](auto&&) mutable noexcept {}).detach();
    calc.async_call<"Add">(1.0, 2.0).then(by_value).detach();
    calc.async_call<"Add">(1.0, 2.0).then(&by_value).detach();
    calc.async_call<"Add">(1.0, 2.0).then(overloaded{}).detach();
    calc.async_call<"Add">(1.0, 2.0).then(of_any_result{}).detach();
}
#endif
