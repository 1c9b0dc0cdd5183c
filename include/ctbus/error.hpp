// The one error type, and what try_x() returns.
#pragma once

#include <ctbus/errno.hpp>
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
#include <initializer_list>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

/// A D-Bus error: what a peer answered, what sd-bus refused, or what ctbus itself found wrong.
/// A copy costs no memory and cannot fail; the texts are valid UTF-8 and end in NUL. Threads may
/// read one error, or copies of it, at once.
class error {
public:
    /// No error yet: all texts are empty.
    error() noexcept : block_{nullptr} {}
    /// `name` and `text` as a peer gave them; `context` (may be null) says what was being done and
    /// goes into what() only. `code` 0: derived from the name (`sd_bus_error_get_errno`).
    /// Bytes of `text` that may not go on the bus become '?'.
    error(std::string_view name, std::string_view text, const char* context = nullptr,
          int code = 0) noexcept
        : block_{make_block(code, name, text, context)} {}
    /// There is no error without a name: this says so, where it would be made of a text.
    template <class Text>
        requires std::is_convertible_v<const Text&, std::string_view>
    explicit error(const Text&) noexcept : block_{nullptr} {
        static_assert(sizeof(Text) == 0, "ctbus: an error has a name beside its text: "
                                         "error::make<\"org.example.Error.Failed\">(text)");
    }
    error(const error& other) noexcept : block_{other.block_} {
        if (block_) __atomic_fetch_add(&block_->references, 1, __ATOMIC_RELAXED);
    }
    error(error&& other) noexcept : block_{other.block_} { other.block_ = nullptr; }
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
        return in_parts(Name.view(), text, 0, {}, true);
    }

    /// The error for errno `code` (positive or negative), named as sd-bus names it.
    /// `text` null or empty: the system's own words, but for ENOTCONN.
    [[gnu::cold, gnu::noinline]] static error from_errno(int code, const char* text = nullptr,
                                                         const char* context = nullptr) noexcept {
        sd_bus_error named{};
        sd_bus_error_set_errno(&named, code); // returns that errno
        error made{make_block(std::abs(code), view(named.name ? named.name : SD_BUS_ERROR_FAILED),
                              view(text && *text ? text
                                   : code != 0   ? detail::words_of(code)
                                                 : ""),
                              context)};
        sd_bus_error_free(&named);
        return made;
    }

    /// The error for what has no name of its own: `org.freedesktop.DBus.Error.Failed`.
    [[gnu::cold, gnu::noinline]] static error failed(const char* text) noexcept {
        return error{make_block(0, view(SD_BUS_ERROR_FAILED), view(text), nullptr)};
    }

    /// An error whose text is written as by printf. `name` null: that of errno `code`.
    [[gnu::cold, gnu::noinline, gnu::format(printf, 3, 4)]] static error format(const char* name,
                                                                                int code,
                                                                                const char* pattern,
                                                                                ...) noexcept {
        char* text = nullptr;
        va_list values;
        va_start(values, pattern);
        const int size = ::vasprintf(&text, pattern, values);
        va_end(values);
        if (size < 0) return error{no_memory()};
        error made = name ? error{make_block(code, view(name), view(text), nullptr)}
                          : from_errno(code, text);
        std::free(text);
        return made;
    }

    /// This error with a context for what(), written as by printf; a context that it has follows.
    [[gnu::cold, gnu::noinline, gnu::format(printf, 2, 3)]] error during(const char* pattern,
                                                                         ...) const noexcept {
        char* text = nullptr;
        va_list values;
        va_start(values, pattern);
        const int size = ::vasprintf(&text, pattern, values);
        va_end(values);
        if (size < 0) return error{no_memory()};
        error made = in_context(text);
        std::free(text);
        return made;
    }
    /// The same with a context that is ready.
    [[gnu::cold, gnu::noinline]] error in_context(const char* text) const noexcept {
        // Without a block somebody threw `error{}`.
        return error{make_block(block_ ? block_->code : 0,
                                block_ ? name() : view(SD_BUS_ERROR_FAILED), message(), text,
                                context())};
    }
    /// The name is UTF-8, or even `checked`; the context is made of parts, of which some are null.
    [[gnu::cold]] static error in_parts(std::string_view name, std::string_view text, int code,
                                        std::initializer_list<const char*> context,
                                        bool checked = false) noexcept {
        std::size_t size = 0;
        for (const char* part : context)
            if (part) size += std::strlen(part);
        block* const made = begin_block(code, name, text, size, checked);
        if (!made) return error{no_memory()};
        char* to = made->text() + made->context;
        for (const char* part : context)
            if (part) to = ::stpcpy(to, part);
        return error{made};
    }

    /// The D-Bus name, such as `org.freedesktop.DBus.Error.InvalidArgs`.
    std::string_view name() const noexcept {
        return block_ ? block_->part(0, block_->message) : view("");
    }
    /// The text that belongs to the name, unchanged.
    std::string_view message() const noexcept {
        return block_ ? block_->part(block_->message, block_->context) : view("");
    }
    /// What was being done, as what() says it; empty where that is not known.
    const char* context() const noexcept { return block_ ? block_->text() + block_->context : ""; }
    /// Name, text and context in one line; made when it is first asked for.
    const char* what() const noexcept { return block_ ? what_of(*block_) : ""; }
    /// The errno, where one is known; else 0.
    int code() const noexcept { return block_ ? code_of(*block_) : 0; }

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
        const bool fit = (block_ && block_->is_checked) || sd_bus_interface_name_is_valid(own) > 0;
        return {fit ? own : SD_BUS_ERROR_FAILED, message().data(), 0};
    }

    /// The same name and text; contexts do not count.
    friend bool operator==(const error& a, const error& b) noexcept {
        return a.name().compare(b.name()) == 0 && a.message().compare(b.message()) == 0;
    }

private:
    struct block {
        bool is_checked; // the name is known to be valid
        int references;
        int code;         // 0: nobody has asked for it; no_code: there is none
        unsigned message; // offsets into the text
        unsigned context;
        char* what; // null: nobody has asked for it
        char* text() { return reinterpret_cast<char*>(this + 1); }
        // What ends in NUL before `end`. Of anything but a const char* and a size_t the compiler
        // asks whether they are iterator and sentinel, which costs it 2 % of a small program.
        std::string_view part(std::size_t begin, std::size_t end) const {
            return {reinterpret_cast<const char*>(this + 1) + begin, end - begin - 1};
        }
    };
    static constexpr int no_code = -1;

    explicit error(block* made) noexcept : block_{made} {}

    // The constructor of a const char* alone is six functions to compile.
    static std::string_view view(const char* text) noexcept { return {text, std::strlen(text)}; }

    template <fixed_string Name>
    static consteval void check_literal() {
        detail::bad_literal<error_name_rules>::reject(error_name_rules::check(Name.view()));
    }

    // With an empty context that has room. Null where memory is gone.
    [[gnu::always_inline]] static block* begin_block(int code, std::string_view name,
                                                     std::string_view text, std::size_t room,
                                                     bool checked = false) noexcept {
        const std::size_t message = name.size() + 1, context = message + text.size() + 1;
        auto* const made = static_cast<block*>(std::malloc(sizeof(block) + context + room + 1));
        if (!made) return nullptr;
        *made = {checked, 1, code, unsigned(message), unsigned(context), nullptr};
        std::memcpy(made->text(), name.data(), name.size());
        if (!text.empty()) std::memcpy(made->text() + message, text.data(), text.size());
        made->text()[message - 1] = made->text()[context - 1] = made->text()[context] = 0;
        repair_text(made->text() + message, text.size());
        return made;
    }
    // `outer`: the context so far.
    [[gnu::cold, gnu::noinline]] static block* make_block(int code, std::string_view name,
                                                          std::string_view text,
                                                          const char* context,
                                                          const char* outer = "") noexcept {
        if (!context) context = "";
        block* const made =
            begin_block(code, name, text, std::strlen(context) + std::strlen(outer) + 2);
        if (!made) return no_memory();
        repair_text(made->text(), name.size());
        char* const end = ::stpcpy(made->text() + made->context, context);
        if (*outer) ::stpcpy(::stpcpy(end, ", "), outer);
        return made;
    }

    // What is made late is the same whoever makes it: the first one's stays.
    [[gnu::cold, gnu::noinline]] static const char* what_of(block& of) noexcept {
        char* known = __atomic_load_n(&of.what, __ATOMIC_ACQUIRE);
        if (known) return known;
        const char* const text = of.text() + of.message;
        const char* const context = of.text() + of.context;
        char* made = nullptr;
        const int size = ::asprintf(&made, *context ? "%s%s%s (%s)" : "%s%s%s", of.text(),
                                    *text ? ": " : "", text, context);
        if (size < 0) return of.text();
        repair_text(made, static_cast<std::size_t>(size));
        for (char* p = made; *p != 0; ++p) // a peer's text may not begin another line of a log
            if (static_cast<unsigned char>(*p) < ' ' || *p == 0x7f) *p = ' ';
        if (__atomic_compare_exchange_n(&of.what, &known, made, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
            return made;
        std::free(made);
        return known;
    }
    // sd-bus compares the name with all that it knows.
    [[gnu::cold, gnu::noinline]] static int code_of(block& of) noexcept {
        int code = __atomic_load_n(&of.code, __ATOMIC_RELAXED);
        if (code == 0) {
            const int found = detail::errno_of(of.text());
            code = found != 0 ? found : no_code;
            __atomic_store_n(&of.code, code, __ATOMIC_RELAXED);
        }
        return code == no_code ? 0 : code;
    }

    // For where there is no memory for another: one that is always there.
    [[gnu::cold, gnu::noinline]] static block* no_memory() noexcept {
        constexpr unsigned size = sizeof SD_BUS_ERROR_NO_MEMORY;
        struct whole {
            block head;
            char texts[size + 2]; // the name; no text, no context
        };
        static constinit whole always = {{true, 1, ENOMEM, size, size + 1, nullptr},
                                         SD_BUS_ERROR_NO_MEMORY};
        __atomic_add_fetch(&always.head.references, 1, __ATOMIC_RELAXED);
        return &always.head;
    }

    // Static, so that an error that is nowhere else can stay in a register.
    [[gnu::cold, gnu::noinline]] static void release(block* last) noexcept {
        if (__atomic_sub_fetch(&last->references, 1, __ATOMIC_ACQ_REL) != 0) return;
        std::free(last->what);
        std::free(last);
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
