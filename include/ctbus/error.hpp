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
#include <new> // std::exception and std::bad_alloc; <exception> is ten times as long
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

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
    error(std::string_view name, std::string_view text, const char* context = "",
          int code = 0) noexcept
        : block_{make_block(code, name, text, context, nullptr)} {}
    error(const error& other) noexcept : block_{other.block_} { retain(); }
    error(error&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
    error& operator=(error other) noexcept {
        detail::swap_values(block_, other.block_);
        return *this;
    }
    ~error() {
        if (block_) release(block_);
    }

    /// An error with a name of your own, checked at compile time.
    template <fixed_string Name>
    static error make(std::string_view text) {
        check_literal<Name>();
        return {Name.view(), text};
    }

    /// The error for errno `code` (positive or negative), named as sd-bus names it.
    /// `text` empty: the system's own words.
    [[gnu::cold, gnu::noinline]] static error from_errno(int code, const char* text = "",
                                                         const char* context = "") noexcept {
        sd_bus_error named{};
        sd_bus_error_set_errno(&named, code); // returns that errno
        if ((!text || !*text) && named.message) text = named.message;
        if (!text) text = "";
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
        char* text = print(pattern, values);
        va_end(values);
        if (!text) return out_of_memory();
        error made = name ? error{name, text, "", code} : from_errno(code, text);
        std::free(text);
        return made;
    }

    /// The same error with a context, written as by printf, for what(); one that it has follows.
    [[gnu::cold, gnu::noinline, gnu::format(printf, 2, 3)]] error during(const char* pattern,
                                                                         ...) const noexcept {
        va_list values;
        va_start(values, pattern);
        char* text = print(pattern, values);
        va_end(values);
        if (!text) return out_of_memory();
        error made;
        made.block_ = make_block(code(), name(), message(), text, context());
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

    /// Whether there is an error at all.
    explicit operator bool() const noexcept { return block_ != nullptr; }
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
    struct block {
        int references;
        int code;
        unsigned message; // offsets into the text
        unsigned what;
        unsigned context; // 0: there is none
        const char* text() const { return reinterpret_cast<const char*>(this + 1); }
    };

    // Null where memory is gone.
    [[gnu::cold, gnu::noinline]] static char* print(const char* pattern, va_list values) noexcept {
        char* text = nullptr;
        return ::vasprintf(&text, pattern, values) < 0 ? nullptr : text;
    }

    // What follows the opening bracket in what(), or null.
    const char* context() const noexcept {
        return block_ && block_->context != 0 ? block_->text() + block_->context : nullptr;
    }

    template <fixed_string Name>
    static consteval void check_literal() {
        detail::bad_literal<error_name_rules>::reject(error_name_rules::check(Name.view()));
    }

    // `outer_context`: as context() gives it.
    [[gnu::cold, gnu::noinline]] static block* make_block(int code, std::string_view name,
                                                          std::string_view text,
                                                          const char* context,
                                                          const char* outer_context) noexcept {
        if (!context) context = "";
        const std::size_t message = name.size() + 1, what = message + text.size() + 1;
        auto* made =
            static_cast<block*>(std::malloc(sizeof(block) + 2 * what + std::strlen(context) +
                                            (outer_context ? std::strlen(outer_context) : 0) + 8));
        if (!made) return no_memory();
        *made = {1, code, static_cast<unsigned>(message), static_cast<unsigned>(what), 0};
        char* const begin = reinterpret_cast<char*>(made + 1);
        char* p = put(put(put(begin, name) + 1, text) + 1, name);
        if (!text.empty()) p = put(put(p, ": "), text);
        if (*context) {
            p = put(p, " (");
            made->context = static_cast<unsigned>(p - begin);
            p = put(put(p, context), outer_context ? ", " : ")");
            if (outer_context) put(p, outer_context);
        }
        if (code == 0) made->code = errno_of(begin);
        return made;
    }

    // Ends in NUL, which it points to.
    [[gnu::cold, gnu::noinline]] static char* put(char* to, std::string_view part) noexcept {
        for (std::size_t i = 0; i < part.size(); ++i) to[i] = part[i];
        to[part.size()] = 0;
        repair_text(to, part.size());
        return to + part.size();
    }

    // For where there is no memory for another: one that is always there.
    [[gnu::cold, gnu::noinline]] static block* no_memory() noexcept {
        struct whole {
            block head;
            char name[sizeof SD_BUS_ERROR_NO_MEMORY], message[1], what[sizeof name];
        };
        static constinit whole always = {{1, ENOMEM, sizeof always.name, sizeof always.name + 1, 0},
                                         SD_BUS_ERROR_NO_MEMORY,
                                         "",
                                         SD_BUS_ERROR_NO_MEMORY};
        __atomic_add_fetch(&always.head.references, 1, __ATOMIC_RELAXED);
        return &always.head;
    }
    static error out_of_memory() noexcept {
        error made;
        made.block_ = no_memory();
        return made;
    }

    static int errno_of(const char* name) noexcept {
        const sd_bus_error named = {name, nullptr, 0};
        const int code = sd_bus_error_get_errno(&named);
        // sd-bus answers EIO for every name it does not know, and EACCES for what just failed.
        if (std::strcmp(name, SD_BUS_ERROR_FAILED) == 0) return 0;
        const bool is_io = std::strcmp(name, SD_BUS_ERROR_IO_ERROR) == 0 ||
                           std::strcmp(name, "System.Error.EIO") == 0;
        return code == EIO && !is_io ? 0 : code;
    }

    void retain() const noexcept {
        if (block_) __atomic_fetch_add(&block_->references, 1, __ATOMIC_RELAXED);
    }
    // Static, so that an error that is nowhere else can stay in a register.
    [[gnu::cold, gnu::noinline]] static void release(block* last) noexcept {
        if (__atomic_sub_fetch(&last->references, 1, __ATOMIC_ACQ_REL) == 0) std::free(last);
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
    explicit thrown_error(error&& from) noexcept : error{std::move(from)} {}
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
