// expect: ctbus: a task or an operation is awaited, run or spawned once: give it as std::move(it)
#include <ctbus/async.hpp>

void use(ctbus::connection& bus, ctbus::task<> work) {
#ifdef MISUSE
    bus.spawn(work);
#else
    bus.spawn(std::move(work));
#endif
}
