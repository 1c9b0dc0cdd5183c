// Counts heap calls, also those inside libraries, by being malloc.
#include "heap.hpp"

#include <bit>
#include <cerrno>

namespace bench {
std::atomic<unsigned long> heap_calls = 0;
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
    bench::count_heap_call();
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    bench::count_heap_call();
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
    bench::count_heap_call();
    return __libc_realloc(old, size);
}
// operator new with an alignment comes to one of these.
void* memalign(std::size_t alignment, std::size_t size) {
    bench::count_heap_call();
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    bench::count_heap_call();
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** made, std::size_t alignment, std::size_t size) {
    if (alignment % sizeof(void*) != 0 || !std::has_single_bit(alignment)) return EINVAL;
    bench::count_heap_call();
    void* room = __libc_memalign(alignment, size);
    if (!room) return ENOMEM;
    *made = room;
    return 0;
}
}

namespace bench {

void fill_holes() {
    for (std::size_t size = 24; size <= 4096; size += 16)
        for (int i = 0; i < 32; ++i) {
            void* const never_freed = __libc_malloc(size);
            asm volatile("" : : "g"(never_freed) : "memory");
        }
}

} // namespace bench
