// Memory for what is on its way for a short time: a connection keeps some of it for what follows.
#pragma once

#include <ctbus/bus_state.hpp>

#include <cstddef>
#include <new>
#include <utility>

namespace ctbus {

/// Blocks of one size that nobody uses now; they go with their connection.
struct spare_blocks : bus_part {
    static constexpr std::size_t size = 256;
    // None for the address sanitizer, which is to see who uses a block that is gone; Clang and GCC
    // say in ways of their own that it is there.
#ifdef __has_feature
    static constexpr int most = __has_feature(address_sanitizer) ? 0 : 32;
#elif defined __SANITIZE_ADDRESS__
    static constexpr int most = 0;
#else
    static constexpr int most = 32;
#endif

    static void* take(bus_state& bus, std::size_t bytes) {
        if (bytes > size) return ::operator new(bytes);
        spare_blocks* const spares = bus.spares ? bus.spares : make(bus);
        block* const first = spares->first_;
        if (!first) return ::operator new(size);
        spares->first_ = first->next;
        --spares->count_;
        return first;
    }
    static void give(bus_state& bus, void* gone, std::size_t bytes) noexcept {
        spare_blocks* const spares = bus.spares;
        if (bytes > size || !spares || spares->count_ == most) return ::operator delete(gone);
        spares->first_ = ::new (gone) block{spares->first_};
        ++spares->count_;
    }

private:
    struct block {
        block* next;
    };

    [[gnu::cold, gnu::noinline]] static spare_blocks* make(bus_state& bus) {
        auto* made = new spare_blocks;
        made->bus_ = &bus;
        made->destroy = [](bus_part* part) {
            auto* gone = static_cast<spare_blocks*>(part);
            gone->bus_->spares = nullptr;
            while (gone->first_) ::operator delete(std::exchange(gone->first_, gone->first_->next));
            delete gone;
        };
        made->enter(bus.parts);
        return bus.spares = made;
    }

    bus_state* bus_ = nullptr;
    block* first_ = nullptr;
    int count_ = 0;
};

namespace detail {

/// Makes a `T` in such a block; drop_spared() destroys it.
template <class T, class... As>
T* make_spared(bus_state& bus, As&&... as) {
    if constexpr (alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
        return new T(std::forward<As>(as)...);
    struct unless_made {
        bus_state& bus;
        void* block;
        ~unless_made() {
            if (block) [[unlikely]]
                spare_blocks::give(bus, block, sizeof(T));
        }
    } guard{bus, spare_blocks::take(bus, sizeof(T))};
    T* const made = ::new (guard.block) T(std::forward<As>(as)...);
    guard.block = nullptr;
    return made;
}
template <class T>
void drop_spared(bus_ref bus, T* gone) {
    if constexpr (alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__) return delete gone;
    gone->~T();
    spare_blocks::give(*bus, gone, sizeof(T));
}

} // namespace detail

} // namespace ctbus
