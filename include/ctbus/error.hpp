// The one error type, and the two ways to get it: thrown by x(), returned by try_x().
#pragma once

#include <ctbus/fixed_string.hpp>
#include <ctbus/name_rules.hpp>
#include <ctbus/utf8.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

#ifdef __cpp_exceptions
#include <exception> // what x() throws is a std::exception too
#endif

namespace ctbus {

/// A D-Bus error: what a peer answered, what sd-bus refused, or what ctbus itself found wrong.
/// A copy costs no memory and cannot fail; the texts are valid UTF-8 and end in NUL.
class error {
public:
    /// `name` and `text` as a peer gave them; `context` (may be empty) says what was being done and
    /// goes into what() only. `code` 0: derived from the name (`sd_bus_error_get_errno`).
    error(std::string_view name, std::string_view text, std::string_view context = {},
          int code = 0)
        : block_{make_block(name, text, context, code)} {}
    /// No error yet: all texts are empty.
    error() noexcept : block_{nullptr} {}
    error(const error& other) noexcept : block_{other.block_} { retain(); }
    error(error&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
    error& operator=(error other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~error() {
        if (block_) release();
    }

    /// An error with a name of your own, checked at compile time.
    template <fixed_string Name>
    static error make(std::string_view text) {
        check_literal<Name>();
        return {Name.view(), text};
    }

    /// The error for errno `code` (positive or negative), named as sd-bus names it.
    /// `text` empty: the system's own words.
    [[gnu::cold, gnu::noinline]] static error from_errno(int code, std::string_view text = {},
                                                         std::string_view context = {}) {
        code = std::abs(code);
        sd_bus_error named{};
        sd_bus_error_set_errno(&named, code);
        error made{named.name ? named.name : SD_BUS_ERROR_FAILED,
                   !text.empty()   ? text
                   : named.message ? std::string_view{named.message}
                                   : std::string_view{},
                   context, code};
        sd_bus_error_free(&named);
        return made;
    }

    /// The D-Bus name, such as `org.freedesktop.DBus.Error.InvalidArgs`.
    std::string_view name() const noexcept { return block_ ? block_->text() : ""; }
    /// The text that belongs to the name, unchanged.
    std::string_view message() const noexcept {
        return block_ ? block_->text() + block_->message : "";
    }
    /// Name, text and context in one line.
    const char* what() const noexcept { return block_ ? block_->text() + block_->what : ""; }
    /// The errno, where one is known; else 0.
    int code() const noexcept { return block_ ? block_->code : 0; }

    /// Whether this is the error of that name; the name is checked at compile time.
    template <fixed_string Name>
    bool is() const noexcept {
        check_literal<Name>();
        return name() == Name.view();
    }

    friend bool operator==(const error& a, const error& b) noexcept {
        return a.name() == b.name() && a.message() == b.message();
    }

private:
    struct block {
        int references;
        int code;
        std::size_t message; // offsets into the text
        std::size_t what;
        const char* text() const { return reinterpret_cast<const char*>(this + 1); }
    };

    template <fixed_string Name>
    static consteval void check_literal() {
        detail::bad_literal<error_name_rules>::reject(error_name_rules::check(Name.view()));
    }

    // Null (an error without words) when memory is gone.
    [[gnu::cold, gnu::noinline]] static block* make_block(std::string_view name,
                                                          std::string_view text,
                                                          std::string_view context, int code) {
        const std::size_t what = name.size() + text.size() + context.size() + 6;
        auto* made = static_cast<block*>(
            std::malloc(sizeof(block) + name.size() + text.size() + 2 + what));
        if (!made) return nullptr;
        *made = {1, code, name.size() + 1, name.size() + text.size() + 2};
        char* p = reinterpret_cast<char*>(made + 1);
        const auto put = [&p](std::string_view part) { p = part.copy(p, part.size()) + p; };
        put(name), put({"", 1});
        put(text), put({"", 1});
        put(name);
        if (!text.empty()) put(": "), put(text);
        if (!context.empty()) put(" ("), put(context), put(")");
        *p = 0;
        if (code == 0) made->code = errno_of(made->text());
        return made;
    }

    static int errno_of(const char* name) {
        const sd_bus_error named = {name, nullptr, 0};
        const int code = sd_bus_error_get_errno(&named);
        // sd-bus answers EIO for every name it does not know.
        return code == EIO && !std::strstr(name, "IO") ? 0 : code;
    }

    void retain() const noexcept {
        if (block_) __atomic_fetch_add(&block_->references, 1, __ATOMIC_RELAXED);
    }
    [[gnu::cold, gnu::noinline]] void release() noexcept {
        if (__atomic_sub_fetch(&block_->references, 1, __ATOMIC_ACQ_REL) == 0) std::free(block_);
    }

    block* block_;
};

/// What every try_x() returns.
template <class T>
using result = std::expected<T, error>;

using failure = std::unexpected<error>;

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<std::expected<T, error>> = true;

// Both kinds of objects may meet in one program (with and without -fno-exceptions). What differs
// between them is a template on one of these two, so that no two functions share a name but not a
// body.
struct with_exceptions {};
struct without_exceptions {};

#ifdef __cpp_exceptions
using error_style = with_exceptions;

namespace detail {

/// What is thrown: caught as `ctbus::error` or as `std::exception`. `error` itself has no virtual
/// function, so that its layout and linkage are the same in every mode.
template <bool Rtti>
class thrown_error final : public error, public std::exception {
public:
    explicit thrown_error(error from) noexcept : error{std::move(from)} {}
    const char* what() const noexcept override { return error::what(); }
};

} // namespace detail

#ifdef __cpp_rtti
template <bool Rtti = true>
#else
template <bool Rtti = false>
#endif
[[noreturn, gnu::cold, gnu::noinline]] void throw_error(error e) {
    throw detail::thrown_error<Rtti>{std::move(e)};
}
#else
using error_style = without_exceptions;
#endif

namespace detail {
template <class...>
inline constexpr bool always_false = false;
}

/// Turns what try_x() returned into what x() returns: the value, or an exception.
template <class Style, class T>
T or_throw(result<T>&& outcome) {
#ifdef __cpp_exceptions
    if (!outcome) [[unlikely]]
        throw_error(std::move(outcome).error());
    if constexpr (!std::is_void_v<T>) return *std::move(outcome);
#else
    static_assert(detail::always_false<Style, T>,
                  "ctbus: exceptions are off, so x() does not exist here: use try_x(), and "
                  "try_make() instead of a constructor");
#endif
}

/// 0 or more is success, a negative errno the error; `context` says what was being done.
inline result<int> check(int returned, std::string_view context = {}) {
    if (returned < 0) [[unlikely]]
        return failure{error::from_errno(returned, {}, context)};
    return returned;
}

} // namespace ctbus
