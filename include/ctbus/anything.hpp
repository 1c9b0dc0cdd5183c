// What stands in for a value that a mistake keeps from being there.
#pragma once

namespace ctbus::detail {

/// What an expression gives after its mistake was explained: no second error where that is used.
struct anything {
    template <class T>
    operator T() const;

    static constexpr bool await_ready() { return true; }
    static constexpr void await_suspend(const auto&) {}
    static constexpr anything await_resume() { return {}; }

    const anything* begin() const;
    const anything* end() const;
    template <class Stream>
    friend Stream& operator<<(Stream&, const anything&);
    friend anything operator+(const auto&, const auto&);
    friend anything operator-(const auto&, const auto&);
    friend anything operator*(const auto&, const auto&);
    friend anything operator/(const auto&, const auto&);
    friend bool operator==(const anything&, const auto&);
};

} // namespace ctbus::detail
