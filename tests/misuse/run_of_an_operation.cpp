// expect: ctbus: run() and spawn() take a ctbus::task, or a function without parameters that returns one: await an operation in such a function, or use then()
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

#include <chrono>

using namespace std::chrono_literals;

void use(ctbus::connection& bus) {
#ifdef MISUSE
    bus.run(ctbus::after(bus, 1s));
#else
    bus.run([&]() -> ctbus::task<void> { co_await ctbus::after(bus, 1s); });
#endif
}
