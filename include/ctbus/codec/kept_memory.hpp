// Memory for what borrowed arguments point to, where the message itself does not have it.
#pragma once

#include <ctbus/fixed_string.hpp>

#include <cstddef>
#include <cstdlib>

namespace ctbus::codec {

/// Memory that lives as long as the arguments of a call: arrays swapped from the other byte order.
/// A copy shares it.
class kept_memory {
public:
    kept_memory() = default;
    kept_memory(const kept_memory& other) noexcept : last_{other.last_} {
        if (last_) [[unlikely]]
            ++last_->users;
    }
    kept_memory(kept_memory&& other) noexcept : last_{ctbus::detail::take(other.last_)} {}
    kept_memory& operator=(kept_memory other) noexcept {
        ctbus::detail::swap_values(last_, other.last_);
        return *this;
    }
    ~kept_memory() {
        if (last_) [[unlikely]]
            release(last_);
    }

    bool is_empty() const { return !last_; }

    [[gnu::cold]] void* add(std::size_t bytes) {
        auto* made = static_cast<block*>(std::malloc(sizeof(block) + bytes));
        if (!made) return nullptr;
        made->previous = last_;
        made->users = 1;
        last_ = made;
        return made + 1;
    }

private:
    struct alignas(8) block {
        block* previous; // which this one is a user of
        int users;
    };

    // Static, so that the compiler may keep a reader that is not handed on in registers.
    [[gnu::cold, gnu::noinline]] static void release(block* last) {
        while (last && --last->users == 0) {
            block* const gone = last;
            last = gone->previous;
            std::free(gone);
        }
    }

    block* last_ = nullptr;
};

} // namespace ctbus::codec
