// What stands in for a value that a mistake keeps from being there.
#pragma once

namespace ctbus::detail {

/// What an expression gives after its mistake was explained: no second error for most of what is
/// done with one.
///
/// A function that explains a mistake has a deduced return type: Clang instantiates it where it is
/// called. Others it instantiates at the end of the file, and then no longer tells the user's line
/// where a function with a deduced return type stands between.
struct anything {
    template <class T>
    operator T() const;

    static constexpr bool await_ready() { return true; }
    static constexpr void await_suspend(const auto&) {}
    static constexpr anything await_resume() { return {}; }

    // As of a result, of a message or of an operation.
    anything operator*() const;
    const anything* operator->() const;
    bool has_value() const;
    anything value() const;
    anything value_or(const auto&) const { return {}; }
    anything error() const;
    const char* what() const;
    anything name() const;
    anything message() const;
    int code() const;
    template <class... Ts>
    anything read() const;
    anything then(const auto&) const { return {}; }
    void detach() const;

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
