// Shared ownership of one reference-counted sd-bus object.
#pragma once

#include <ctbus/fixed_string.hpp>

namespace ctbus {

/// Owns one reference to a `T`. `Ref` and `Unref` are sd-bus's own functions; both take null.
template <class T, T* (*Ref)(T*), T* (*Unref)(T*)>
class handle {
public:
    handle() = default;
    /// Takes a reference of its own.
    explicit handle(T* raw) : raw_{Ref(raw)} {}
    handle(const handle& other) : raw_{Ref(other.raw_)} {}
    handle(handle&& other) noexcept : raw_{detail::take(other.raw_)} {}
    handle& operator=(handle other) noexcept {
        detail::swap_values(raw_, other.raw_);
        return *this;
    }
    ~handle() {
        if (raw_) Unref(raw_);
    }

    /// Takes over a reference that the caller holds.
    static handle adopt(T* raw) {
        handle owned;
        owned.raw_ = raw;
        return owned;
    }

    T* get() const { return raw_; }
    /// Gives the reference up without dropping it.
    T* release() { return detail::take(raw_); }
    explicit operator bool() const { return raw_ != nullptr; }

private:
    T* raw_ = nullptr;
};

} // namespace ctbus
