// Copies values from any reader to any writer, going by their signature alone.
#pragma once

#include <ctbus/codec/layout.hpp>
#include <ctbus/types.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace ctbus::codec {

namespace detail {

/// A signature, or a part of one, ending in NUL as sd-bus wants it.
struct signature_copy {
    char text[256];
    explicit signature_copy(std::string_view from) { text[from.copy(text, sizeof text - 1)] = 0; }
};

/// Everything inside a container: `open` is its type as open_container() takes it, `contents` ends
/// in NUL.
int transfer_container(auto& reader, auto& writer, char open, const char* contents);

/// The same for contents that something follows.
int transfer_contents(auto& reader, auto& writer, char open, std::string_view contents) {
    const signature_copy inner{contents};
    return transfer_container(reader, writer, open, inner.text);
}

} // namespace detail

/// Copies one value of the single complete type `type`. More than 0 when copied, 0 at the end of
/// the array around it, else negative. sd-bus bounds the depth (128 containers).
[[gnu::noinline]] int transfer(auto& reader, auto& writer, std::string_view type) {
    const char first = type[0];
    if (first == '(')
        return detail::transfer_contents(reader, writer, 'r', type.substr(1, type.size() - 2));
    if (first == '{')
        return detail::transfer_contents(reader, writer, 'e', type.substr(1, type.size() - 2));
    if (first == 'v') {
        const char* contents = nullptr;
        char seen = 0;
        const int r = reader.peek(&seen, &contents);
        if (r <= 0) return r;
        return contents ? detail::transfer_contents(reader, writer, 'v', contents) : -EBADMSG;
    }
    if (first == 'a') {
        if (type.size() == 2 && detail::fixed_size(type[1]) != 0) {
            const void* data = nullptr;
            std::size_t bytes = 0;
            const int r = reader.array(type[1], &data, &bytes);
            if (r > 0 && bytes % detail::fixed_size(type[1]) != 0) return -EBADMSG;
            if (r > 0) {
                const int written = writer.array(type[1], data, bytes);
                return written < 0 ? written : 1;
            }
            if (r != -EOPNOTSUPP) return r; // that is an array in the other byte order
        }
        return detail::transfer_contents(reader, writer, 'a', type.substr(1));
    }
    union {
        std::uint64_t number;
        const char* text;
    } value{};
    const int r = reader.basic(first, &value);
    if (r <= 0) return r;
    int written = 0;
    if constexpr (std::is_same_v<decltype(writer), message_writer&>)
        if (detail::is_text_type(first)) {
            const std::string_view text = value.text;
            written =
                first == 's' ? writer.string(text) : writer.basic(first, value.text, text.size());
            return written < 0 ? written : 1;
        }
    written = writer.basic(first, detail::is_text_type(first) ? static_cast<const void*>(value.text)
                                                              : &value.number);
    return written < 0 ? written : 1;
}

int detail::transfer_container(auto& reader, auto& writer, char open, const char* contents) {
    int r = reader.enter(open, contents);
    if (r <= 0) return r;
    if ((r = writer.open(open, contents)) < 0) return r;
    const char first = contents[0];
    if (open != 'a') {
        for (std::string_view rest = contents; !rest.empty();) {
            const bool is_container = rest[0] == 'a' || rest[0] == '(' || rest[0] == '{';
            const std::size_t length = is_container ? ctbus::detail::complete_type(rest) : 1;
            if (length == 0) return -EBADMSG;
            if ((r = transfer(reader, writer, rest.substr(0, length))) <= 0)
                return r < 0 ? r : -EBADMSG;
            rest.remove_prefix(length);
        }
    } else if (first == '(' || first == '{') {
        std::string_view fields = contents + 1;
        fields.remove_suffix(1);
        const signature_copy inner{fields}; // once for all elements
        do r = transfer_container(reader, writer, first == '(' ? 'r' : 'e', inner.text);
        while (r > 0);
    } else {
        do r = transfer(reader, writer, contents);
        while (r > 0);
    }
    if (r < 0 || (r = reader.exit()) < 0 || (r = writer.close(open)) < 0) return r;
    return 1;
}

} // namespace ctbus::codec
