// expect-warning: a task starts when it is awaited, run or spawned
// names: task
#include <ctbus/async.hpp>

#include <chrono>
#include <utility>

#ifdef MISUSE
ctbus::task<> work();
void use() {
    work();
}
#else
ctbus::task<> work();
void use(ctbus::connection& bus) {
    bus.spawn(work());
}
#endif
