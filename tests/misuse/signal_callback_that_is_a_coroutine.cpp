// expect: ctbus: the task that this callback returns would never run: give it to bus.spawn() inside a callback that returns nothing
// names: "Overflowed"
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", int(int, double)>,
        ctbus::signal<"Overflowed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto heard =
        ctbus::match_signal<contract, "Overflowed">(bus, [](int) -> ctbus::task<> { co_return; });
}
#else
void use(const ctbus::connection& bus) {
    auto heard = ctbus::match_signal<contract, "Overflowed">(bus, [](int) {});
}
#endif
