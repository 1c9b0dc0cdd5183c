// expect: ctbus: the callback of an asynchronous call is called as callback(result): it takes one ctbus::result<T>, T being what the call gives (void for nothing, a tuple for several outputs)
// names: subscription
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::signal<"Overflowed", void(int)>> {};

#ifdef MISUSE
void use(const ctbus::connection& bus) {
    auto asking = ctbus::async_match_signal<contract, "Overflowed">(bus,
        [](int) {}).then([](ctbus::result<bool>) {});
}
#else
void use(const ctbus::connection& bus) {
    auto asking = ctbus::async_match_signal<contract, "Overflowed">(bus,
        [](int) {}).then([](ctbus::result<ctbus::subscription>) {});
}
#endif
