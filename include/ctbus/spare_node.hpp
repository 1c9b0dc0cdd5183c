// Memory that is kept for what follows: whoever touches it meanwhile hears of it.
#pragma once

#include <cstddef>

// Weak: null where the program has no address sanitizer, so that parts of it that are built with
// and without one do the same.
extern "C" {
[[gnu::weak]] void __asan_poison_memory_region(const volatile void*, std::size_t);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void*, std::size_t);
}

namespace ctbus::detail {

/// Where a block that is kept says which one is next; behind that the address sanitizer reports
/// every use of it, as if it were freed.
struct spare_node {
    spare_node* next;

    void poison(std::size_t block) {
        if (&__asan_poison_memory_region)
            __asan_poison_memory_region(this + 1, block - sizeof *this);
    }
    void unpoison(std::size_t block) {
        if (&__asan_unpoison_memory_region)
            __asan_unpoison_memory_region(this + 1, block - sizeof *this);
    }
};

} // namespace ctbus::detail
