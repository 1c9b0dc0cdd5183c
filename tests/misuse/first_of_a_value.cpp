// expect: ctbus: this cannot be awaited: co_await an async_call(), a task, after() or stream.next()
// names: double
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

struct Service : ctbus::interface<"org.example.Service", ctbus::method<"Ask", double()>> {};

ctbus::task<> ask(const ctbus::connection& bus, ctbus::proxy<Service> service) {
#ifdef MISUSE
    auto first =
        co_await ctbus::first_of(ctbus::after(bus, ctbus::infinite), service.call<"Ask">());
#else
    auto first =
        co_await ctbus::first_of(ctbus::after(bus, ctbus::infinite), service.async_call<"Ask">());
#endif
    static_cast<void>(first);
}
