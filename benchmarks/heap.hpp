// What is known of the heap: the number of calls, in all threads.
#pragma once

#include <atomic>
#include <cstddef>

namespace bench {

extern std::atomic<unsigned long> heap_calls;

inline void count_heap_call() {
    heap_calls.fetch_add(1, std::memory_order_relaxed);
}

/// Fills the holes that setting up has left in the heap: whether the work then finds one, or has to
/// merge and split its neighbours, is a matter of chance, and no part of the work.
void fill_holes();

} // namespace bench
