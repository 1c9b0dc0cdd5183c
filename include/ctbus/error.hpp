// The one error type, and the two ways to get it: thrown by x(), returned by try_x().
#pragma once

#include <ctbus/fixed_string.hpp>
#include <ctbus/name_rules.hpp>
#include <ctbus/utf8.hpp>

#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <expected>
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
    /// No error yet: all texts are empty.
    error() noexcept : block_{nullptr} {}
    /// `name` and `text` as a peer gave them; `context` (may be empty) says what was being done and
    /// goes into what() only. `code` 0: derived from the name (`sd_bus_error_get_errno`).
    /// Bytes of `text` that may not go on the bus become '?'.
    error(std::string_view name, std::string_view text, std::string_view context = {},
          int code = 0) noexcept
        : block_{make_block(name, text, context, code)} {}
    error(const error& other) noexcept : block_{other.block_} { retain(); }
    error(error&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
    error& operator=(error other) noexcept {
        detail::swap_values(block_, other.block_);
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
                                                         std::string_view context = {}) noexcept {
        sd_bus_error named{};
        sd_bus_error_set_errno(&named, code); // returns that errno
        if (text.empty() && named.message) text = named.message;
        error made{named.name ? named.name : SD_BUS_ERROR_FAILED, text, context, std::abs(code)};
        sd_bus_error_free(&named);
        return made;
    }

    /// An error whose text is written as by printf. `name` null: that of errno `code`.
    [[gnu::cold, gnu::noinline, gnu::format(printf, 3, 4)]] static error format(const char* name,
                                                                                int code,
                                                                                const char* pattern,
                                                                                ...) noexcept {
        va_list values;
        va_start(values, pattern);
        char* text = nullptr;
        if (::vasprintf(&text, pattern, values) < 0) text = nullptr;
        va_end(values);
        const char* written = text ? text : "";
        error made = name ? error{name, written, {}, code} : from_errno(code, written);
        std::free(text);
        return made;
    }

    /// The same error with a context, written as by printf, for what(); one that it has follows.
    [[gnu::cold, gnu::noinline, gnu::format(printf, 2, 3)]] error during(const char* pattern,
                                                                         ...) const noexcept {
        va_list values;
        va_start(values, pattern);
        char* text = nullptr;
        if (::vasprintf(&text, pattern, values) < 0) text = nullptr;
        va_end(values);
        char* both = nullptr;
        if (const char* before = context(); text && *before)
            if (::asprintf(&both, "%s, %s", text, before) < 0) both = nullptr;
        if (both) both[std::strlen(both) - 1] = 0; // the bracket that ended the one before
        error made{name(), message(), both ? both : text ? text : "", code()};
        std::free(both);
        std::free(text);
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

    /// As sd-bus takes it, valid as long as this error; a name that is none becomes Failed.
    [[gnu::cold, gnu::noinline]] sd_bus_error raw() const noexcept {
        const bool named = error_name_rules::check(name()) == name_fault::none;
        return {named ? name().data() : SD_BUS_ERROR_FAILED, message().data(), 0};
    }

    /// The same name and text; contexts do not count.
    friend bool operator==(const error& a, const error& b) noexcept {
        return a.name() == b.name() && a.message() == b.message();
    }

private:
    // What follows the opening bracket in what(), or nothing.
    const char* context() const noexcept {
        const std::size_t text = message().size();
        const char* end = what() + name().size() + (text == 0 ? 0 : 2 + text);
        return *end ? end + 2 : end;
    }

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
                                                          std::string_view context,
                                                          int code) noexcept {
        const std::size_t what = name.size() + text.size() + 2;
        auto* made =
            static_cast<block*>(std::malloc(sizeof(block) + 2 * what + context.size() + 6));
        if (!made) return nullptr;
        *made = {1, code, name.size() + 1, what};
        char* p = reinterpret_cast<char*>(made + 1);
        const auto put = [&p](std::string_view part) {
            if (!part.empty()) std::memcpy(p, part.data(), part.size());
            repair_text(p, part.size());
            *(p += part.size()) = 0;
        };
        put(name), ++p;
        put(text), ++p;
        put(name);
        if (!text.empty()) put(": "), put(text);
        if (!context.empty()) put(" ("), put(context), put(")");
        if (code == 0) made->code = errno_of(made->text());
        return made;
    }

    static int errno_of(const char* name) noexcept {
        const sd_bus_error named = {name, nullptr, 0};
        const int code = sd_bus_error_get_errno(&named);
        // sd-bus answers EIO for every name it does not know, and EACCES for what just failed.
        if (std::strcmp(name, SD_BUS_ERROR_FAILED) == 0) return 0;
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

/// What a function that returns a result<T> returns where it fails: `failure{error}`.
using failure = std::unexpected<error>;

/// Whether `T` is a result<...>.
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

/// Throws `e` as x() does: as a `ctbus::error` that is a `std::exception` too.
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

/// Turns what try_x() returned into what x() returns: the value, or an exception. Also for what
/// `co_await` gives: `or_throw(co_await proxy.async_call<"Add">(1.0, 2.0))`.
template <class Style = error_style, class T>
T or_throw([[maybe_unused]] result<T>&& outcome) {
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

} // namespace ctbus
