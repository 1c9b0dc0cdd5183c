// A name or path that objects, proxies and their calls keep: literals are borrowed, others copied.
#pragma once

#include <ctbus/names.hpp>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace ctbus {

/// Copies share one text, so that they cost no memory and cannot fail. Belongs to one thread, as
/// the bus does.
class kept_name {
public:
    kept_name() = default;
    /// Null text afterwards means that memory is gone.
    template <class Rules>
    explicit kept_name(basic_name_view<Rules> name) : text_{name.c_str()} {
        if (name.is_literal() || !text_) return;
        owned_ = copy(text_);
        text_ = owned_ ? owned_->text() : nullptr;
    }
    kept_name(const kept_name& other) : owned_{other.owned_}, text_{other.text_} {
        if (owned_) ++owned_->users;
    }
    kept_name(kept_name&& other) noexcept
        : owned_{std::exchange(other.owned_, nullptr)}, text_{other.text_} {}
    kept_name& operator=(const kept_name& other) noexcept { return *this = kept_name{other}; }
    kept_name& operator=(kept_name&& other) noexcept {
        detail::swap_values(owned_, other.owned_);
        text_ = other.text_;
        return *this;
    }
    ~kept_name() {
        if (owned_) release();
    }

    const char* c_str() const { return text_; }

private:
    struct block {
        int users;
        char* text() { return reinterpret_cast<char*>(this + 1); }
    };

    // Null when memory is gone.
    [[gnu::noinline]] static block* copy(const char* text) {
        const std::size_t size = std::strlen(text) + 1;
        void* room = std::malloc(sizeof(block) + size);
        if (!room) return nullptr;
        auto* made = ::new (room) block{1};
        std::memcpy(made->text(), text, size);
        return made;
    }
    [[gnu::noinline]] void release() {
        if (--owned_->users == 0) std::free(owned_);
    }

    block* owned_ = nullptr; // null: the text is a literal
    const char* text_ = nullptr;
};

} // namespace ctbus
