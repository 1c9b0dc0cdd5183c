// Where the callback of an operation lies: inside its handle if it is small, else on the heap.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// How a callable lies in a few bytes, which somebody else keeps.
struct callback_bytes {
    static constexpr std::size_t size = 5 * sizeof(void*);

    /// Null: the bytes are copied; nothing has to be done.
    struct operations {
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void* bytes) noexcept;

        void relocate(void* from, void* to) const noexcept {
            if (move) move(from, to);
            else std::memcpy(to, from, size);
        }
    };

    template <class T>
    static constexpr bool fits =
        sizeof(T) <= size &&
        alignof(T) <= alignof(void*) && std::is_nothrow_move_constructible_v<T>;

    template <class T, class F>
    static void make(void* bytes, F&& f) {
        if constexpr (fits<T>) ::new (bytes) T(std::forward<F>(f));
        else ::new (bytes) T*(new T(std::forward<F>(f)));
    }
    template <class T>
    static T& in(void* bytes) {
        if constexpr (fits<T>) return *static_cast<T*>(bytes);
        else return **static_cast<T**>(bytes);
    }

private:
    template <class T>
    static consteval operations make_operations() {
        operations made{};
        if constexpr (fits<T> && !std::is_trivially_copyable_v<T>)
            made.move = [](void* from, void* to) noexcept {
                ::new (to) T(std::move(in<T>(from)));
                in<T>(from).~T();
            };
        if constexpr (!fits<T>) made.destroy = [](void* bytes) noexcept { delete &in<T>(bytes); };
        else if constexpr (!std::is_trivially_destructible_v<T>)
            made.destroy = [](void* bytes) noexcept { in<T>(bytes).~T(); };
        return made;
    }

public:
    template <class T>
    static constexpr operations operations_of = make_operations<T>();

    /// The callable, out of its bytes, which may go while it is called.
    template <class T>
    class taken {
    public:
        explicit taken(void* bytes) : callable_{hold(bytes)} {}
        taken(const taken&) = delete;
        taken& operator=(const taken&) = delete;
        ~taken() {
            if constexpr (!fits<T>) delete callable_;
        }
        T& get() {
            if constexpr (fits<T>) return callable_;
            else return *callable_;
        }

    private:
        using held = std::conditional_t<fits<T>, T, T*>;

        static held hold(void* bytes) {
            T& there = in<T>(bytes);
            if constexpr (!fits<T>) return &there;
            else {
                T out(std::move(there));
                there.~T();
                return out;
            }
        }

        held callable_;
    };
};

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
        callback_bytes::make<T>(room_, std::forward<F>(f));
        does_ = &callback_bytes::operations_of<T>;
    }
    /// What keep<T>() put here.
    template <class T>
    T& get() {
        return callback_bytes::in<T>(room_);
    }
    void clear() {
        const auto* does = std::exchange(does_, nullptr);
        if (does && does->destroy) does->destroy(room_);
    }

private:
    void take(callback_room& other) noexcept {
        does_ = std::exchange(other.does_, nullptr);
        if (does_) does_->relocate(other.room_, room_);
    }

    const callback_bytes::operations* does_ = nullptr;
    alignas(void*) unsigned char room_[callback_bytes::size];
};

} // namespace detail

} // namespace ctbus
