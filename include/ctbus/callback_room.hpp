// Where the callback of an operation lies: inside its handle if it is small, else on the heap.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// Holds one callable of a type that only its maker knows, or none.
class callback_room {
public:
    callback_room() = default;
    callback_room(callback_room&& other) noexcept { take(other); }
    callback_room& operator=(callback_room&& other) noexcept {
        if (this != &other) {
            clear();
            take(other);
        }
        return *this;
    }
    ~callback_room() { clear(); }

    explicit operator bool() const { return does_ != nullptr; }

    template <class F>
    void keep(F&& f) {
        using T = std::decay_t<F>;
        clear();
        if constexpr (fits<T>) ::new (static_cast<void*>(room_)) T(std::forward<F>(f));
        else ::new (static_cast<void*>(room_)) T*(new T(std::forward<F>(f)));
        does_ = &operations_of<T>;
    }
    /// What keep<T>() put here.
    template <class T>
    T& get() {
        return in<T>(room_);
    }
    void clear() {
        if (does_) std::exchange(does_, nullptr)->destroy(room_);
    }

private:
    struct operations {
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void* room) noexcept;
    };
    static constexpr std::size_t room_size = 5 * sizeof(void*);

    template <class T>
    static constexpr bool fits =
        sizeof(T) <= room_size &&
        alignof(T) <= alignof(void*) && std::is_nothrow_move_constructible_v<T>;
    template <class T>
    static T& in(void* room) {
        if constexpr (fits<T>) return *static_cast<T*>(room);
        else return **static_cast<T**>(room);
    }
    template <class T>
    static constexpr operations operations_of = {
        .move =
            [](void* from, void* to) noexcept {
                if constexpr (fits<T>) {
                    ::new (to) T(std::move(*static_cast<T*>(from)));
                    static_cast<T*>(from)->~T();
                } else {
                    ::new (to) T*(*static_cast<T**>(from));
                }
            },
        .destroy =
            [](void* room) noexcept {
                if constexpr (fits<T>) static_cast<T*>(room)->~T();
                else delete *static_cast<T**>(room);
            },
    };

    void take(callback_room& other) noexcept {
        does_ = std::exchange(other.does_, nullptr);
        if (does_) does_->move(other.room_, room_);
    }

    const operations* does_ = nullptr;
    alignas(void*) unsigned char room_[room_size];
};

} // namespace detail

} // namespace ctbus
