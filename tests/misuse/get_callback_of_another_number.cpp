// expect: ctbus: the callback of an asynchronous call is called as callback(result): it takes one ctbus::result<T>, T being what the call gives (void for nothing, a tuple for several outputs)
// names: std::expected<double, ctbus::error>
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Thermometer", ctbus::property<"Degrees", double>> {};

#ifdef MISUSE
void use(const ctbus::proxy<contract>& room) {
    room.async_get<"Degrees">().then([](const ctbus::result<float>&) {}).detach();
}
#else
void use(const ctbus::proxy<contract>& room) {
    room.async_get<"Degrees">().then([](const ctbus::result<double>&) {}).detach();
}
#endif
