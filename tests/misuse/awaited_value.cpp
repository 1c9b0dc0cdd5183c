// expect: ctbus: this cannot be awaited: co_await an async_call(), a task, after() or stream.next()
// names: double
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

struct Service : ctbus::interface<"org.example.Service", ctbus::method<"Ask", double()>> {};

ctbus::task<double> ask(ctbus::proxy<Service> service) {
#ifdef MISUSE
    double answer = co_await service.call<"Ask">();
    co_return answer;
#else
    ctbus::result<double> answer = co_await service.async_call<"Ask">();
    co_return answer.value_or(0);
#endif
}
