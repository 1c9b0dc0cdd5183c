// expect: ctbus: the callback of an asynchronous call is called as callback(result): it takes one ctbus::result<T>, T being what the call gives (void for nothing, a tuple for several outputs)
// names: bool
#include <ctbus/async.hpp>

#ifdef MISUSE
void use(ctbus::connection& bus) {
    auto asking = bus.async_request_name("org.example.X").then([](ctbus::result<int>) {});
}
#else
void use(ctbus::connection& bus) {
    auto asking = bus.async_request_name("org.example.X").then([](const ctbus::result<bool>&) {});
}
#endif
