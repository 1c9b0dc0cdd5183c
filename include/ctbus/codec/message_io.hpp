// What codecs read from and write to: an sd-bus message, and the faults that are not errnos.
#pragma once

#include <ctbus/codec/kept_memory.hpp>
#include <ctbus/error.hpp>
#include <ctbus/utf8.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus::codec {

/// Why a value could not be written or read, where sd-bus has no errno for it. Negative and out of
/// errno's range, so that both travel as one int.
enum fault : int {
    explained = -5000, // the reader holds an error of its own
    not_utf8,
    embedded_nul,
    null_text,
    bad_path,
    bad_signature,
    no_fd,
    no_fd_passing,
    out_of_range,
    valueless,
    no_alternative,
    no_enumerator,
    not_borrowable,
    nested_too_deeply,
    wrong_length,
    changed,
};

constexpr bool is_fault(int code) {
    return code >= explained && code <= changed;
}

/// The fault or errno as the end of the sentence "argument 1 ...".
[[gnu::cold, gnu::noinline]] inline const char* describe(int code) {
    // One after the other, in the order of `fault`: a table of pointers would be relocated at
    // start.
    static constexpr char texts[] =
        "is not valid UTF-8\0"
        "has an embedded NUL\0"
        "is a null pointer where text is needed\0"
        "is not a valid object path\0"
        "is not a valid D-Bus signature\0"
        "is not an open file descriptor\0"
        "is a file descriptor, which this connection does not pass\0"
        "does not fit into the D-Bus type\0"
        "is a variant without a value\0"
        "is a variant that holds none of the expected types\0"
        "is not one of the enumerators\0"
        "is in the other byte order: read it into a container, not a view\0"
        "is nested more deeply than D-Bus allows (64 levels in all)\0"
        "is an array of another length\0"
        "is not the same each time it is looked at\0"
        "has another type\0"
        "is malformed\0"
        "is not valid\0"
        "is too large: an array may have 64 MiB, a message 128 MiB";
    constexpr int errnos = changed - not_utf8 + 1; // those that follow
    int index = is_fault(code)                       ? code - not_utf8
                : code == -ENXIO                     ? errnos
                : code == -EBADMSG || code == -EBUSY ? errnos + 1 // an array ends inside a value
                : code == -EINVAL                    ? errnos + 2
                : code == -EMSGSIZE                  ? errnos + 3
                                                     : -1;
    if (index < 0) return std::strerror(-code);
    const char* text = texts;
    for (; index > 0; --index) text += std::strlen(text) + 1;
    return text;
}

/// Whether a signature is the wanted one. Most are of a letter or two, where strcmp() is slower.
inline bool is_signature(const char* got, const char* wanted) {
    for (; *got == *wanted; ++got, ++wanted)
        if (*got == 0) return true;
    return false;
}

/// Writes into an sd-bus message that is not sealed.
class message_writer {
public:
    /// `depth`: how many containers around the values are open already; `is_ours`: nobody else has
    /// written into the message.
    explicit message_writer(sd_bus_message* m, int depth = 0, bool is_ours = true)
        : m_{m}, depth_{depth}, is_ours_{is_ours} {}

    /// `length`: of a path or signature.
    int basic(char type, const void* value, std::size_t length = 0) {
        most_ += 16 + length;
        return sd_bus_message_append_basic(m_, type, value);
    }

    /// Text of known length: no terminated copy, no second check by sd-bus.
    [[gnu::noinline]] int string(std::string_view text) {
        if (const text_fault bad = check_text(text); bad != text_fault::none) [[unlikely]]
            return bad == text_fault::not_utf8 ? not_utf8 : embedded_nul;
        char* space = nullptr;
        const int r = text_space(text.size(), &space);
        if (r >= 0 && !text.empty()) std::memcpy(space, text.data(), text.size());
        return r;
    }
    /// Room for text that is put there afterwards; the NUL is there already.
    int text_space(std::size_t size, char** space) {
        if (grows_too_large(size)) [[unlikely]]
            return -EMSGSIZE;
        return sd_bus_message_append_string_space(m_, size, space);
    }

    int array(char type, const void* data, std::size_t bytes) {
        if (bytes > most_in_array || grows_too_large(bytes)) [[unlikely]]
            return -EMSGSIZE;
        return sd_bus_message_append_array(m_, type, data, bytes);
    }
    /// Room for text with its NUL (of `type` 's'), or for all of an array of `type`.
    int space(char type, std::size_t bytes, char** space) {
        if (type == 's') return text_space(bytes - 1, space);
        void* elements = nullptr;
        const int r = array_space(type, bytes, &elements);
        *space = static_cast<char*>(elements);
        return r;
    }
    /// Room for all elements, which are put there afterwards.
    int array_space(char type, std::size_t bytes, void** space) {
        if (bytes > most_in_array || grows_too_large(bytes)) [[unlikely]]
            return -EMSGSIZE;
        return sd_bus_message_append_array_space(m_, type, bytes, space);
    }
    /// `contents` ends in NUL.
    int open(char type, std::string_view contents) {
        if (++depth_ > 64) [[unlikely]]
            return nested_too_deeply;
        most_ += 16;
        return sd_bus_message_open_container(m_, type, contents.data());
    }
    int close(char /*type*/) {
        --depth_;
        return sd_bus_message_close_container(m_);
    }

    sd_bus_message* get() const { return m_; }
    /// Whether room for numbers of eight bytes comes right behind their length. Where somebody has
    /// put a memfd into the message, what follows may begin at other addresses than sd-bus aligns
    /// to, and is then in a piece of memory of its own.
    bool lies_together() const { return is_ours_ || sd_bus_message_is_empty(m_) > 0; }
    /// How many containers are open.
    int depth() const { return depth_; }
    /// No less than the bytes written so far.
    std::uint64_t most_written() const { return most_; }
    /// Around the elements of an array that are written one by one.
    struct array_mark {
        std::uint64_t before; // no less than the bytes written until then
        bool are_inner;       // of an array within another one
    };
    array_mark begin_elements() {
        const array_mark mark = {most_, in_array_};
        in_array_ = true;
        return mark;
    }
    /// Whether the elements may be so many that their bytes have to be counted; settle() is told.
    bool end_elements(const array_mark& of) {
        in_array_ = of.are_inner;
        return most_ - of.before > most_uncounted;
    }
    int settle(const array_mark& of, std::uint64_t bytes) {
        most_ = of.before + bytes;
        const bool too_large = bytes > most_in_array || (!in_array_ && most_ > most_in_message);
        return too_large ? -EMSGSIZE : 0;
    }

    // D-Bus's limits. sd-bus minds neither these nor the depth of what variants hold; a bus drops
    // whoever breaks them.
    static constexpr std::size_t most_in_array = 64 * 1024 * 1024;

private:
    static constexpr std::size_t most_in_message = 128 * 1024 * 1024 - 64 * 1024; // without headers
    static constexpr std::size_t most_uncounted = 1024 * 1024;
    bool grows_too_large(std::size_t bytes) {
        most_ += bytes + 16;
        return (size_ += bytes) > most_in_message;
    }

    sd_bus_message* m_;
    // In 64 bits, which never overflow.
    std::uint64_t size_ = 0; // of texts and arrays: what can be large
    std::uint64_t most_ = 0; // no less than the bytes written so far
    int depth_;
    bool is_ours_;
    bool in_array_ = false; // whose elements are written one by one
};

/// What every reader has besides its data: an error of its own, and memory for borrowed arrays.
class reader_base {
public:
    /// Remembers why reading failed, in words.
    [[gnu::cold, gnu::noinline]] int explain(error why) {
        why_ = std::move(why);
        return explained;
    }
    /// The same, written as by printf: the end of the sentence "argument 1 ...".
    template <class... Values>
    [[gnu::cold, gnu::noinline]] int explain(const char* pattern, Values... values) {
        return explain(error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, pattern, values...));
    }
    const error& why() const { return why_; }

    /// Memory that lives until the borrowed values are gone; null when there is none.
    void* keep(std::size_t bytes) { return kept_.add(bytes); }
    bool keeps() const { return keeps_; }
    /// All of that memory: for who holds values that borrow longer than this reader lives.
    const kept_memory& memory() const { return kept_; }
    /// Whether there is neither an error nor memory.
    bool is_empty() const { return !why_ && kept_.is_empty(); }
    /// For a reader that is gone before the values that borrow.
    void keep_nothing() { keeps_ = false; }

private:
    error why_;
    kept_memory kept_;
    bool keeps_ = true;
};

/// Reads from a sealed sd-bus message what needs neither words nor memory: see reader_of. What it
/// returns points into the message.
class plain_reader {
public:
    explicit plain_reader(sd_bus_message* m) : m_{m} {}

    int basic(char type, void* value) { return sd_bus_message_read_basic(m_, type, value); }
    int enter(char type, const char* contents) {
        return sd_bus_message_enter_container(m_, type, contents);
    }
    int exit() { return sd_bus_message_exit_container(m_); }
    int peek(char* type, const char** contents) {
        return sd_bus_message_peek_type(m_, type, contents);
    }
    /// All elements at once; -EOPNOTSUPP when the message is in the other byte order.
    int array(char type, const void** data, std::size_t* bytes) {
        return sd_bus_message_read_array(m_, type, data, bytes);
    }
    int skip(const char* types) { return sd_bus_message_skip(m_, types); }
    static error why() { return {}; }
    static void keep_nothing() {}

private:
    sd_bus_message* m_;
};

/// Reads anything from a sealed sd-bus message.
class message_reader : public plain_reader, public reader_base {
public:
    using plain_reader::plain_reader;
    using reader_base::keep_nothing;
    using reader_base::why;
};

} // namespace ctbus::codec
