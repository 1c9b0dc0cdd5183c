// expect: ctbus: exceptions are off, so x() does not exist here: use try_x()
// flags: -fno-exceptions
#include <ctbus/async.hpp>

#include <chrono>
#include <utility>

#ifdef MISUSE
int use(ctbus::connection& bus, ctbus::task<int> work) {
    return bus.run(std::move(work));
}
#else
ctbus::result<int> use(ctbus::connection& bus, ctbus::task<int> work) {
    return bus.try_run(std::move(work));
}
#endif
