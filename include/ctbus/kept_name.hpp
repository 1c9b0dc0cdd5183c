// A name or path that proxies and their calls keep: literals are borrowed, others copied.
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
    struct block {
        int users;
        char* text() { return reinterpret_cast<char*>(this + 1); }
    };

public:
    /// The same as plain data, for what is moved often: who has shared it drops it, once. Neither
    /// has to be done for a literal.
    class shared {
    public:
        const char* c_str() const { return text_; }
        bool is_literal() const { return !owned_; }
        void share() const {
            if (owned_) ++owned_->users;
        }
        void drop() const {
            if (owned_) release(owned_);
        }

    private:
        friend class kept_name;
        block* owned_; // null: the text is a literal
        const char* text_;
    };

    kept_name() = default;
    /// Null text afterwards means that memory is gone.
    template <class Rules>
    explicit kept_name(basic_name_view<Rules> name) {
        is_.text_ = name.c_str();
        if (name.is_literal() || !is_.text_) return;
        is_.owned_ = copy(is_.text_);
        is_.text_ = is_.owned_ ? is_.owned_->text() : nullptr;
    }
    kept_name(const kept_name& other) : is_{other.is_} { is_.share(); }
    kept_name(kept_name&& other) noexcept : is_{other.is_} { other.is_.owned_ = nullptr; }
    kept_name& operator=(const kept_name& other) noexcept { return *this = kept_name{other}; }
    kept_name& operator=(kept_name&& other) noexcept {
        detail::swap_values(is_.owned_, other.is_.owned_);
        is_.text_ = other.is_.text_;
        return *this;
    }
    ~kept_name() { is_.drop(); }

    const char* c_str() const { return is_.text_; }
    /// Not shared yet.
    shared data() const { return is_; }

private:
    // Null when memory is gone.
    [[gnu::noinline]] static block* copy(const char* text) {
        const std::size_t size = std::strlen(text) + 1;
        void* room = std::malloc(sizeof(block) + size);
        if (!room) return nullptr;
        auto* made = ::new (room) block{1};
        std::memcpy(made->text(), text, size);
        return made;
    }
    [[gnu::noinline]] static void release(block* owned) {
        if (--owned->users == 0) std::free(owned);
    }

    shared is_{};
};

} // namespace ctbus
