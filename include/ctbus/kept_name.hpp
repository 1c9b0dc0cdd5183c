// A name or path that an object or a proxy keeps: literals are borrowed, others copied.
#pragma once

#include <ctbus/names.hpp>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace ctbus {

class kept_name {
public:
    kept_name() = default;
    /// Null text afterwards means that memory is gone.
    template <class Rules>
    explicit kept_name(basic_name_view<Rules> name)
        : text_{name.is_literal() ? name.c_str() : copy(name.c_str())}, owned_{!name.is_literal()} {
    }
    kept_name(const kept_name& other)
        : text_{other.owned_ ? copy(other.text_) : other.text_}, owned_{other.owned_} {}
    kept_name(kept_name&& other) noexcept
        : text_{std::exchange(other.text_, nullptr)}, owned_{std::exchange(other.owned_, false)} {}
    kept_name& operator=(kept_name other) noexcept {
        std::swap(text_, other.text_);
        std::swap(owned_, other.owned_);
        return *this;
    }
    ~kept_name() {
        if (owned_) std::free(const_cast<char*>(text_));
    }

    const char* c_str() const { return text_; }

private:
    [[gnu::noinline]] static const char* copy(const char* text) {
        return text ? ::strdup(text) : nullptr;
    }

    const char* text_ = nullptr;
    bool owned_ = false;
};

} // namespace ctbus
