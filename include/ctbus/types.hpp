// The D-Bus types that C++ has no word for: signature and file descriptor (and object_path).
#pragma once

#include <ctbus/names.hpp>

#include <concepts>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace ctbus {

namespace detail {

constexpr bool is_basic_type(char c) {
    for (char one : {'y', 'b', 'n', 'q', 'i', 'u', 'x', 't', 'd', 's', 'o', 'g', 'h'})
        if (c == one) return true;
    return false;
}

/// Length of the single complete type at the start of `text`, or 0; `arrays` and `structs` count
/// the nesting around it.
constexpr std::size_t complete_type(std::string_view text, int arrays = 0, int structs = 0,
                                    bool element = false) {
    if (text.empty() || arrays > 32 || structs > 32) return 0;
    const char c = text[0];
    if (is_basic_type(c) || c == 'v') return 1;
    if (c == 'a') {
        const std::size_t inner = complete_type(text.substr(1), arrays + 1, structs, true);
        return inner == 0 ? 0 : inner + 1;
    }
    if (c == '(') {
        std::size_t at = 1;
        while (at < text.size() && text[at] != ')') {
            const std::size_t field = complete_type(text.substr(at), arrays, structs + 1);
            if (field == 0) return 0;
            at += field;
        }
        return at > 1 && at < text.size() ? at + 1 : 0;
    }
    if (c == '{' && element && text.size() > 2 && is_basic_type(text[1])) {
        const std::size_t value = complete_type(text.substr(2), arrays, structs + 1);
        return value != 0 && 2 + value < text.size() && text[2 + value] == '}' ? value + 3 : 0;
    }
    return 0;
}

constexpr bool is_signature(std::string_view text) {
    if (text.size() > 255) return false;
    while (!text.empty()) {
        const std::size_t length = complete_type(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

inline void not_a_valid_dbus_signature() {}

// Before the value that is made of it is touched: newer compilers tell the first fault they meet.
template <std::size_t N>
consteval const char* checked_signature(const char (&literal)[N]) {
    if (literal[N - 1] != 0) a_name_is_a_string_literal();
    if (!is_signature({literal, N - 1})) not_a_valid_dbus_signature();
    return literal;
}

} // namespace detail

/// A D-Bus signature as a value (D-Bus type `g`): any number of complete types, also none. From a
/// string literal it is checked at compile time, and needs no memory.
class signature {
public:
    constexpr signature() = default;
    template <std::size_t N>
    consteval signature(const char (&literal)[N])
        : outside_{detail::checked_signature(literal)}, size_{static_cast<unsigned char>(N - 1)} {}
    signature(const signature& other) : outside_{other.outside_}, size_{other.size_} {
        if (!outside_ || other.owns_) copy(other.view());
    }
    constexpr signature(signature&& other) noexcept { swap(other); }
    constexpr signature& operator=(signature other) noexcept {
        swap(other);
        return *this;
    }
    constexpr ~signature() {
        if (owns_) delete[] outside_;
    }

    /// Checks `text` at run time.
    template <class T = signature>
    [[nodiscard]] static result<T> parse(std::string_view text) {
        T made;
        if (!detail::is_signature(text))
            return result<T>{std::unexpect,
                             error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                                           "\"%.*s\" is not a D-Bus signature",
                                           static_cast<int>(text.size()), text.data())};
        made.copy(text);
        return made;
    }

    /// Of text that is known to be one.
    static signature trusted(std::string_view text) {
        signature made;
        made.copy(text);
        return made;
    }

    /// The text of the signature.
    constexpr const char* c_str() const { return outside_ ? outside_ : inside_.text; }
    constexpr std::string_view view() const { return {c_str(), std::size_t{size_}}; }
    constexpr operator std::string_view() const { return view(); }
    // A template, so that what makes std::strings is compiled only where it is used; so is the
    // hash.
    template <class Text = std::string>
    Text str() const {
        return Text{view()};
    }

    template <detail::text_like Text>
    friend constexpr bool operator==(const signature& a, const Text& b) {
        return a.view() == std::string_view{b};
    }
    template <detail::text_like Text>
    friend constexpr auto operator<=>(const signature& a, const Text& b) {
        return a.view() <=> std::string_view{b};
    }
    template <class Stream>
        requires requires(Stream& out, const char* text) {
            out.write(text, 1);
        }
    friend Stream& operator<<(Stream& out, const signature& s) {
        out.write(s.c_str(), s.size_);
        return out;
    }

private:
    void copy(std::string_view text) {
        char* to = inside_.text;
        outside_ = nullptr;
        if ((owns_ = text.size() >= sizeof inside_)) outside_ = to = new char[text.size() + 1];
        to[text.copy(to, text.size())] = 0;
        size_ = static_cast<unsigned char>(text.size());
    }
    constexpr void swap(signature& other) noexcept {
        detail::swap_values(outside_, other.outside_);
        detail::swap_values(size_, other.size_);
        detail::swap_values(owns_, other.owns_);
        // As a whole: GCC 12 swaps an array of characters one by one.
        detail::swap_values(inside_, other.inside_);
    }

    const char* outside_ = nullptr; // null: it is inside
    unsigned char size_ = 0;        // 255 at most
    bool owns_ = false;             // what is outside; else that is a literal
    struct {
        char text[22];
    } inside_ = {};
};

/// A file descriptor that somebody else owns (D-Bus type `h`).
class unix_fd_view {
public:
    constexpr unix_fd_view() = default;
    constexpr explicit unix_fd_view(int fd) : fd_{fd} {}
    /// The descriptor, -1 for none.
    constexpr int get() const { return fd_; }

private:
    int fd_ = -1;
};

/// A file descriptor (D-Bus type `h`), closed with the value. Copying duplicates it with CLOEXEC.
class unix_fd {
public:
    unix_fd() = default;
    /// Takes over `fd`.
    explicit unix_fd(int fd) : fd_{fd} {}
    unix_fd(const unix_fd& other) : fd_{duplicate(other.fd_)} {}
    unix_fd(unix_fd&& other) noexcept : fd_{other.release()} {}
    unix_fd& operator=(unix_fd other) noexcept {
        detail::swap_values(fd_, other.fd_);
        return *this;
    }
    ~unix_fd() {
        if (fd_ >= 0) ::close(fd_);
    }

    /// A duplicate of `fd`; check get() >= 0, or errno.
    static unix_fd duplicate_of(unix_fd_view fd) { return unix_fd{duplicate(fd.get())}; }

    /// The descriptor, -1 for none; it stays this value's.
    int get() const { return fd_; }
    /// The descriptor, which is the caller's from now on.
    int release() {
        const int fd = fd_;
        fd_ = -1;
        return fd;
    }
    explicit operator bool() const { return fd_ >= 0; }
    operator unix_fd_view() const { return unix_fd_view{fd_}; }

private:
    static int duplicate(int fd) { return fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 3); }

    int fd_ = -1;
};

} // namespace ctbus

template <>
struct std::hash<ctbus::signature> {
    template <std::same_as<ctbus::signature> Signature>
    std::size_t operator()(const Signature& s) const noexcept {
        return std::hash<std::string_view>{}(s);
    }
};
