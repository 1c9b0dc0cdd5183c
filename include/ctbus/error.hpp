// The one error type, and what try_x() returns.
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

namespace ctbus {

/// A D-Bus error: what a peer answered, what sd-bus refused, or what ctbus itself found wrong.
/// A copy costs no memory and cannot fail; the texts are valid UTF-8 and end in NUL.
class error {
public:
    /// No error yet: all texts are empty.
    error() noexcept : block_{nullptr} {}
    /// `name` and `text` as a peer gave them; `context` (may be null) says what was being done and
    /// goes into what() only. `code` 0: derived from the name (`sd_bus_error_get_errno`).
    /// Bytes of `text` that may not go on the bus become '?'.
    error(std::string_view name, std::string_view text, const char* context = nullptr,
          int code = 0) noexcept
        : block_{make_block(code, name, text, context, nullptr)} {}
    error(const error& other) noexcept : block_{other.block_} { retain(); }
    error(error&& other) noexcept : block_{detail::take(other.block_)} {}
    error& operator=(error other) noexcept {
        detail::swap_values(block_, other.block_);
        return *this;
    }
    ~error() {
        if (block_) release(block_);
    }

    /// An error with a name of your own, checked at compile time.
    template <fixed_string Name>
    [[nodiscard]] static error make(std::string_view text) {
        check_literal<Name>();
        return {Name.view(), text};
    }

    /// The error for errno `code` (positive or negative), named as sd-bus names it.
    /// `text` null or empty: the system's own words, but for ENOTCONN.
    static error from_errno(int code, const char* text = nullptr,
                            const char* context = nullptr) noexcept {
        return from_name(nullptr, code, text, context);
    }

    /// The error for what has no name of its own: `org.freedesktop.DBus.Error.Failed`.
    [[gnu::cold, gnu::noinline]] static error failed(const char* text) noexcept {
        return {SD_BUS_ERROR_FAILED, text};
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
        error made = from_name(name, code, text, nullptr);
        std::free(text);
        return made;
    }

    /// This error with a context for what(), written as by printf; a context that it has follows.
    [[gnu::cold, gnu::noinline, gnu::format(printf, 2, 3)]] error during(const char* pattern,
                                                                         ...) const noexcept {
        va_list values;
        va_start(values, pattern);
        char* text = print(pattern, values);
        va_end(values);
        if (!text) return out_of_memory();
        error made = in_context(text);
        std::free(text);
        return made;
    }
    /// The same with a context that is ready.
    [[gnu::cold, gnu::noinline]] error in_context(const char* text) const noexcept {
        if (!block_) return {SD_BUS_ERROR_FAILED, "", text}; // somebody threw `error{}`
        error made;
        const char* const own = block_->text();
        made.block_ = make_block(block_->code, name(), message(), text,
                                 block_->context != 0 ? own + block_->context : nullptr);
        return made;
    }

    /// The D-Bus name, such as `org.freedesktop.DBus.Error.InvalidArgs`.
    std::string_view name() const noexcept {
        if (!block_) return "";
        return block_->part(0, block_->message);
    }
    /// The text that belongs to the name, unchanged.
    std::string_view message() const noexcept {
        if (!block_) return "";
        return block_->part(block_->message, block_->what);
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
        const char* const own = name().data(); // the rules are the same as for interfaces
        return {sd_bus_interface_name_is_valid(own) > 0 ? own : SD_BUS_ERROR_FAILED,
                message().data(), 0};
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
        // What ends in NUL before `end`. A length of another type than size_t would have the
        // compiler ask whether it were a sentinel, which costs it 2 % of a small program.
        std::string_view part(std::size_t begin, std::size_t end) const {
            return {text() + begin, end - begin - 1};
        }
    };

    // `name` null: that of errno `code`, and its words where `text` is empty.
    [[gnu::cold, gnu::noinline]] static error from_name(const char* name, int code,
                                                        const char* text,
                                                        const char* context) noexcept {
        sd_bus_error named{};
        if (!name) {
            sd_bus_error_set_errno(&named, code); // returns that errno
            name = named.name ? named.name : SD_BUS_ERROR_FAILED;
            code = std::abs(code);
            // The system speaks of an endpoint, and of the transport.
            if (!text || !*text)
                text = code == ENOTCONN ? "the connection is closed" : named.message;
        }
        error made{name, text ? text : "", context, code};
        sd_bus_error_free(&named);
        return made;
    }

    // Null where memory is gone.
    [[gnu::cold, gnu::noinline]] static char* print(const char* pattern, va_list values) noexcept {
        char* text = nullptr;
        return ::vasprintf(&text, pattern, values) < 0 ? nullptr : text;
    }

    template <fixed_string Name>
    static consteval void check_literal() {
        detail::bad_literal<error_name_rules>::reject(error_name_rules::check(Name.view()));
    }

    // `outer_context`: what follows the opening bracket in what(), or null.
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
        put(begin, name);
        put(begin + message, text);
        char* p = add(begin + what, begin);
        if (!text.empty()) p = add(add(p, ": "), begin + message);
        if (*context) {
            p = add(p, " (");
            made->context = static_cast<unsigned>(p - begin);
            char* const end = add(p, context);
            repair_text(p, static_cast<std::size_t>(end - p));
            add(add(end, outer_context ? ", " : ")"), outer_context ? outer_context : "");
        }
        if (code == 0) made->code = errno_of(begin);
        return made;
    }

    // Returns where the NUL is.
    [[gnu::cold, gnu::noinline]] static char* add(char* to, const char* part) noexcept {
        while ((*to = *part++) != 0) ++to;
        return to;
    }
    [[gnu::cold, gnu::noinline]] static void put(char* to, std::string_view part) noexcept {
        for (std::size_t i = 0; i < part.size(); ++i) to[i] = part[i];
        to[part.size()] = 0;
        repair_text(to, part.size());
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

} // namespace ctbus
