// expect: ctbus: run() and spawn() take a ctbus::task, or a function without parameters that returns one: await an operation in such a function, or use then()
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>

void use(ctbus::connection& bus) {
#ifdef MISUSE
    bus.spawn([] {});
#else
    bus.spawn([]() -> ctbus::task<void> { co_return; });
#endif
}
