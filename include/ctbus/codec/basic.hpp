// Codecs of the basic types, the signature they build, and of what wire<T> maps.
#pragma once

#include <ctbus/codec/message_io.hpp>
#include <ctbus/codec/shapes.hpp>
#include <ctbus/codec/slot.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace codec {

/// Collects a signature at compile time and minds D-Bus's limits on it.
struct signature_builder {
    char text[256]{};
    std::size_t size = 0;
    int arrays = 0;
    int structs = 0;
    bool too_long = false;
    bool too_deep = false;
    bool same_alternatives = false; // of a variant

    constexpr void put(char c) {
        if (size < 255) text[size++] = c;
        else too_long = true;
    }
    /// False when nested too deeply; do not go on then (a type may contain itself).
    constexpr bool open_array() {
        put('a');
        return ++arrays <= 32 || deep();
    }
    constexpr void close_array() { --arrays; }
    constexpr bool open_struct(char bracket) {
        put(bracket);
        return ++structs <= 32 || deep();
    }
    constexpr void close_struct(char bracket) {
        put(bracket);
        --structs;
    }

private:
    constexpr bool deep() {
        too_deep = true;
        return false;
    }
};

template <class... Ts>
constexpr signature_builder sign() {
    signature_builder built;
    (of<std::remove_const_t<Ts>>::sign(built), ...);
    return built;
}

template <class... Ts>
struct signature_text {
    static constexpr std::size_t size = sign<Ts...>().size;
    struct storage {
        char text[size + 1]{};
    };
    static constexpr storage make() {
        storage made;
        const signature_builder built = sign<Ts...>();
        for (std::size_t i = 0; i < size; ++i) made.text[i] = built.text[i];
        return made;
    }
    static constexpr storage value = make();
};

/// ctbus::signature_of for types that were judged already: that one says what is wrong with them.
template <class... Ts>
inline constexpr std::string_view signature_of{signature_text<Ts...>::value.text,
                                               signature_text<Ts...>::size};

/// The type code of a number; the size and sign decide, so that `long` and `long long` both work.
template <class T>
consteval char number_code() {
    if constexpr (std::is_same_v<T, double>) return 'd';
    else if constexpr (sizeof(T) == 1) return 'y';
    else if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? 'n' : 'q';
    else if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? 'i' : 'u';
    else return std::is_signed_v<T> ? 'x' : 't';
}

template <class T>
struct of<T, kind::number> {
    static constexpr char code = number_code<T>();
    static constexpr void sign(signature_builder& s) { s.put(code); }
    static int append(auto& writer, T value) { return writer.basic(code, &value); }
    static int read(auto& reader, T& value) { return reader.basic(code, &value); }
};

template <class T>
struct of<T, kind::boolean> {
    static constexpr void sign(signature_builder& s) { s.put('b'); }
    static int append(auto& writer, bool value) {
        const int wide = value; // sd-bus's boolean is an int
        return writer.basic('b', &wide);
    }
    static int read(auto& reader, bool& value) {
        int wide = 0;
        const int r = reader.basic('b', &wide);
        value = wide != 0;
        return r;
    }
};

template <class T>
struct of<T, kind::string> {
    static constexpr void sign(signature_builder& s) { s.put('s'); }
    static int append(auto& writer, std::string_view value) { return writer.string(value); }
    static int read(auto& reader, T& value) {
        const char* text = "";
        const int r = reader.basic('s', &text);
        if (r > 0) {
            // Less work than assign(), which allows for a part of the string itself. (GCC 12 hands
            // on a larger size than was asked for, where it allocates.)
            const std::size_t size = std::strlen(text);
            value.resize_and_overwrite(size, [text, size](char* to, std::size_t) {
                std::memcpy(to, text, size);
                return size;
            });
        }
        return r;
    }
};

template <class T>
struct of<T, kind::string_view> {
    static constexpr void sign(signature_builder& s) { s.put('s'); }
    static int append(auto& writer, T value) {
        if constexpr (std::is_pointer_v<T>)
            if (!value) return null_text;
        return writer.string(value);
    }
    /// The value points into the message.
    static int read(auto& reader, T& value) {
        if constexpr (std::is_same_v<T, const char*>) {
            return reader.basic('s', &value);
        } else {
            const char* text = "";
            const int r = reader.basic('s', &text);
            value = text;
            return r;
        }
    }
};

/// Text whose rules were checked before.
int append_known(auto& writer, char type, const auto& text) {
    if constexpr (std::is_same_v<decltype(writer), message_writer&>)
        return writer.basic(type, text.c_str(), text.view().size());
    else return writer.basic(type, text.c_str());
}

template <class T>
struct of<T, kind::path> {
    static constexpr void sign(signature_builder& s) { s.put('o'); }
    static int append(auto& writer, const T& value) { return append_known(writer, 'o', value); }
    static int read(auto& reader, T& value) {
        const char* text = "/";
        const int r = reader.basic('o', &text);
        if (r > 0) value = object_path_view::trusted(text); // sd-bus has checked it
        return r;
    }
};

template <class T>
struct of<T, kind::signature> {
    static constexpr void sign(signature_builder& s) { s.put('g'); }
    static int append(auto& writer, const T& value) { return append_known(writer, 'g', value); }
    static int read(auto& reader, T& value) {
        const char* text = "";
        const int r = reader.basic('g', &text);
        if (r <= 0) return r;
        // sd-bus has checked it, but lets a dict entry stand outside of an array.
        for (const char* p = text; *p != 0; ++p)
            if (*p == '{' && (p == text || p[-1] != 'a')) return bad_signature;
        value = T::trusted(text);
        return r;
    }
};

template <class T>
struct of<T, kind::fd> {
    static constexpr void sign(signature_builder& s) { s.put('h'); }
    static int append(auto& writer, const T& value) {
        const int fd = value.get();
        if (fd < 0) return no_fd;
        const int r = writer.basic('h', &fd);
        return r == -EOPNOTSUPP ? no_fd_passing : r == -EBADF ? no_fd : r;
    }
    static int read(auto& reader, T& value) {
        int fd = -1;
        const int r = reader.basic('h', &fd);
        if (r <= 0) return r;
        if constexpr (std::is_same_v<T, unix_fd>) {
            value = unix_fd::duplicate_of(unix_fd_view{fd});
            return value ? r : -errno;
        } else {
            value = unix_fd_view{fd};
            return r;
        }
    }
};

template <class T>
struct of<T, kind::wire> {
    using mapped = typename wire<T>::type;
    static constexpr void sign(signature_builder& s) { of<mapped>::sign(s); }
    static int append(auto& writer, const T& value) {
        return of<mapped>::append(writer, wire<T>::to(value));
    }
    static int read(auto& reader, slot<T>& value) {
        return read_made(reader, [&value](auto&& made) { value = std::move(made); });
    }
    /// Gives what it has read to `take`.
    [[gnu::always_inline]] static int read_made(auto& reader, auto take) {
        draft<mapped> travelled{};
        int position = 0;
        const int r = read_drafts<mapped>(reader, position, travelled);
        if (r <= 0) return r;
        if constexpr (from_may_fail<T>) {
            auto made = wire<T>::from(mapped(std::move(value_in(travelled))));
            if (!made) return reader.explain(std::move(made).error());
            take(*std::move(made));
        } else {
            take(wire<T>::from(mapped(std::move(value_in(travelled)))));
        }
        return r;
    }
};

} // namespace codec

} // namespace ctbus
