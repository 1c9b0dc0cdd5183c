// expect: ctbus: a task or an operation is awaited, run or spawned once: give it as std::move(it)
#include <ctbus/async.hpp>

int use(ctbus::connection& bus, ctbus::task<int> work) {
#ifdef MISUSE
    return bus.run(work);
#else
    return bus.run(std::move(work));
#endif
}
