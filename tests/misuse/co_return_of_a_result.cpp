// expect: ctbus: co_return gives something of which the task's value cannot be made: give a T to a task<T>, and or_throw(result) for a result<T>
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

ctbus::task<double> sum(const ctbus::proxy<contract>& calculator) {
#ifdef MISUSE
    co_return co_await calculator.async_call<"Add">(1.0, 2.0);
#else
    co_return ctbus::or_throw(co_await calculator.async_call<"Add">(1.0, 2.0));
#endif
}
