// expect: ctbus: a task or an operation is awaited, run or spawned once: give it as std::move(it)
#include <ctbus/async.hpp>

struct contract :
    ctbus::interface<"org.example.Calculator", ctbus::method<"Add", double(double, double)>> {};

void use(const ctbus::proxy<contract>& calc) {
    const auto call = calc.async_call<"Add">(1.0, 2.0);
#ifdef MISUSE
    call.detach();
#endif
}
