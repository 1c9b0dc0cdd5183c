// expect: ctbus: this cannot be awaited: co_await an async_call(), a task, after() or stream.next()
// names: duration
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <chrono>

struct Service : ctbus::interface<"org.example.Service", ctbus::method<"Ask", double()>> {};

ctbus::task<> ask(const ctbus::connection& bus, ctbus::proxy<Service> service) {
#ifdef MISUSE
    auto answer = co_await ctbus::within(bus, service.async_call<"Ask">(), std::chrono::seconds{1});
#else
    auto answer = co_await ctbus::within(bus, std::chrono::seconds{1}, service.async_call<"Ask">());
#endif
    static_cast<void>(answer);
}
