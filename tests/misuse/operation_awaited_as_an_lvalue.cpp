// expect: ctbus: a task or an operation is awaited, run or spawned once: give it as std::move(it)
// names: pending_timer
#include <ctbus/async.hpp>

#include <chrono>
#include <utility>

#ifdef MISUSE
ctbus::task<> wait(ctbus::pending_timer timer) {
    co_await timer;
}
#else
ctbus::task<> wait(ctbus::pending_timer timer) {
    co_await std::move(timer);
}
#endif
