// expect: ctbus: a task or an operation is awaited, run or spawned once: give it as std::move(it)
// names: task<int>
#include <ctbus/async.hpp>

#include <chrono>
#include <utility>

#ifdef MISUSE
ctbus::task<int> twice(ctbus::task<int> one) {
    co_return 2 * co_await one;
}
#else
ctbus::task<int> twice(ctbus::task<int> one) {
    co_return 2 * co_await std::move(one);
}
#endif
