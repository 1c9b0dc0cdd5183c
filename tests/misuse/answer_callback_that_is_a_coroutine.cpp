// expect: ctbus: the task that this callback returns would never run: give it to bus.spawn() inside a callback that returns nothing
// names: expected<int
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::signal<"Overflowed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto call = ctbus::proxy<contract>{bus, "/calc"}.async_call<"Add">(1, 2.0).then(
        [](ctbus::result<int>) -> ctbus::task<> { co_return; });
}
#else
void use(const ctbus::connection& bus) {
    auto call = ctbus::proxy<contract>{bus, "/calc"}.async_call<"Add">(1, 2.0).then(
        [](ctbus::result<int>) {});
}
#endif
