// Memory that is kept for what follows: whoever touches it meanwhile hears of it.
#pragma once

#include <cstddef>

extern "C" void __asan_poison_memory_region(const volatile void*, std::size_t);
extern "C" void __asan_unpoison_memory_region(const volatile void*, std::size_t);

namespace ctbus::detail {

// Whether the address sanitizer is on: Clang and GCC say so in ways of their own.
#ifdef __has_feature
inline constexpr bool can_poison = __has_feature(address_sanitizer);
#elif defined __SANITIZE_ADDRESS__
inline constexpr bool can_poison = true;
#else
inline constexpr bool can_poison = false;
#endif

/// Where a block that is kept says which one is next; behind that the address sanitizer reports
/// every use of it, as if it were freed.
struct spare_node {
    spare_node* next;

    void poison([[maybe_unused]] std::size_t block) {
        if constexpr (can_poison) __asan_poison_memory_region(this + 1, block - sizeof(spare_node));
    }
    void unpoison([[maybe_unused]] std::size_t block) {
        if constexpr (can_poison)
            __asan_unpoison_memory_region(this + 1, block - sizeof(spare_node));
    }
};

} // namespace ctbus::detail
