// Names as types: bus, interface, member, error names and object paths, each owning or borrowed.
#pragma once

#include <ctbus/error.hpp>
#include <ctbus/name_rules.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctbus {

template <class Rules>
class basic_name;

namespace detail {

template <class Rules>
concept path_rules = std::is_same_v<Rules, object_path_rules>;

template <class T>
concept text_like = std::is_convertible_v<const T&, std::string_view>;

constexpr std::string_view last_element(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

} // namespace detail

/// A valid name that somebody else owns. From a string literal it is checked at compile time; at
/// run time it comes from an owning name. Always ends in NUL.
template <class Rules>
class basic_name_view {
public:
    using owning = basic_name<Rules>;

    template <std::size_t N>
    consteval basic_name_view(const char (&literal)[N])
        : basic_name_view{literal_tag{}, literal, N - 1} {}

    /// The path `/`.
    constexpr basic_name_view()
        requires detail::path_rules<Rules>
        : basic_name_view{"/", 1, true} {}

    /// From a literal's characters, as a user-defined literal gets them.
    struct literal_tag {};
    consteval basic_name_view(literal_tag, const char* text, std::size_t size)
        : basic_name_view{text, size, true} {
        detail::bad_literal<Rules>::reject(Rules::check({text, size}));
    }

    /// For text that is known to be valid, as what sd-bus hands out is; null becomes empty.
    static constexpr basic_name_view trusted(const char* text) {
        return text ? basic_name_view{text, std::char_traits<char>::length(text), false}
                    : basic_name_view{"", 0, true};
    }

    constexpr const char* c_str() const { return text_; }
    constexpr const char* data() const { return text_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const char* begin() const { return text_; }
    constexpr const char* end() const { return text_ + size_; }
    constexpr std::string_view view() const { return {text_, size_}; }
    constexpr operator std::string_view() const { return view(); }
    std::string str() const { return std::string{view()}; }

    /// Whether the text lives as long as the program, so that objects and proxies need no copy.
    constexpr bool is_literal() const { return literal_; }

    /// The path above this one; that of `/` is `/`. It owns, since a view ends in NUL.
    owning parent() const
        requires detail::path_rules<Rules>
    {
        return owning{*this}.parent();
    }
    /// The path's last element; that of `/` is empty.
    constexpr std::string_view leaf() const
        requires detail::path_rules<Rules>
    {
        return detail::last_element(view());
    }

    template <detail::text_like Text>
    friend constexpr bool operator==(const basic_name_view& a, const Text& b) {
        return a.view() == std::string_view{b};
    }
    template <detail::text_like Text>
    friend constexpr auto operator<=>(const basic_name_view& a, const Text& b) {
        return a.view() <=> std::string_view{b};
    }
    template <class Stream>
        requires requires(Stream& out, const char* text) { out.write(text, 1); }
    friend Stream& operator<<(Stream& out, const basic_name_view& name) {
        out.write(name.text_, static_cast<std::ptrdiff_t>(name.size_));
        return out;
    }

private:
    template <class>
    friend class basic_name;

    constexpr basic_name_view(const char* text, std::size_t size, bool literal)
        : text_{text}, size_{static_cast<unsigned>(size)}, literal_{literal} {}

    const char* text_;
    unsigned size_;
    bool literal_;
};

/// A valid name that owns its text.
template <class Rules>
class basic_name {
public:
    using view_type = basic_name_view<Rules>;

    basic_name(view_type name) : text_{name.view()} {}

    /// The path `/`.
    basic_name()
        requires detail::path_rules<Rules>
        : text_{"/"} {}

    /// Checks `text` at run time; the error is InvalidArgs and says which rule it breaks.
    static result<basic_name> parse(std::string text) {
        if (const name_fault fault = Rules::check(text); fault != name_fault::none)
            return failure{explain(text, fault)};
        return basic_name{checked{}, std::move(text)};
    }

    const char* c_str() const { return text_.c_str(); }
    const char* data() const { return text_.data(); }
    std::size_t size() const { return text_.size(); }
    bool empty() const { return text_.empty(); }
    auto begin() const { return text_.data(); }
    auto end() const { return text_.data() + text_.size(); }
    const std::string& str() const { return text_; }
    std::string_view view() const { return text_; }
    operator std::string_view() const { return text_; }
    operator view_type() const { return view_type{text_.data(), text_.size(), false}; }

    /// The path above this one; that of `/` is `/`.
    basic_name parent() const
        requires detail::path_rules<Rules>
    {
        const std::size_t slash = text_.rfind('/');
        return basic_name{checked{}, text_.substr(0, slash == 0 ? 1 : slash)};
    }
    /// The path's last element; that of `/` is empty.
    std::string_view leaf() const
        requires detail::path_rules<Rules>
    {
        return detail::last_element(text_);
    }

    /// This path with one more element; a label that is not `[A-Za-z0-9_]+` is an error.
    result<basic_name> try_child(std::string_view label) const
        requires detail::path_rules<Rules>
    {
        std::string longer = below();
        longer += label;
        if (label.find('/') != label.npos)
            return failure{explain(longer, name_fault::bad_character)};
        return parse(std::move(longer));
    }
    template <class Style = error_style>
        requires detail::path_rules<Rules>
    basic_name child(std::string_view label) const {
        return or_throw<Style>(try_child(label));
    }
    /// The same as child().
    template <class Style = error_style>
        requires detail::path_rules<Rules>
    friend basic_name operator/(const basic_name& path, std::string_view label) {
        return path.child<Style>(label);
    }

    /// This path with any text as one more element: what a label may not hold is written as `_xx`
    /// (as `sd_bus_path_encode` does).
    basic_name child_escaped(std::string_view id) const
        requires detail::path_rules<Rules>
    {
        static constexpr char hex[] = "0123456789abcdef";
        std::string longer = below();
        if (id.empty()) longer += '_';
        for (std::size_t i = 0; i < id.size(); ++i) {
            const char c = id[i];
            if (c != '_' && detail::is_word(c) && !(i == 0 && detail::is_digit(c))) {
                longer += c;
                continue;
            }
            const auto byte = static_cast<unsigned char>(c);
            longer += '_';
            longer += hex[byte >> 4];
            longer += hex[byte & 15];
        }
        return basic_name{checked{}, std::move(longer)};
    }

    template <detail::text_like Text>
    friend bool operator==(const basic_name& a, const Text& b) {
        return a.view() == std::string_view{b};
    }
    template <detail::text_like Text>
    friend auto operator<=>(const basic_name& a, const Text& b) {
        return a.view() <=> std::string_view{b};
    }
    template <class Stream>
        requires requires(Stream& out, const char* text) { out.write(text, 1); }
    friend Stream& operator<<(Stream& out, const basic_name& name) {
        return out << view_type{name};
    }

private:
    struct checked {};
    basic_name(checked, std::string&& text) : text_{std::move(text)} {}

    static error explain(const std::string& text, name_fault fault) {
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, "%s \"%s\" %s", Rules::noun,
                             text.c_str(), describe(fault));
    }

    /// This path and the slash before the next element.
    std::string below() const { return text_.size() == 1 ? text_ : text_ + '/'; }

    std::string text_;
};

using bus_name = basic_name<bus_name_rules>;
using bus_name_view = basic_name_view<bus_name_rules>;
using interface_name = basic_name<interface_name_rules>;
using interface_name_view = basic_name_view<interface_name_rules>;
using member_name = basic_name<member_name_rules>;
using member_name_view = basic_name_view<member_name_rules>;
using error_name = basic_name<error_name_rules>;
using error_name_view = basic_name_view<error_name_rules>;
using object_path = basic_name<object_path_rules>;
using object_path_view = basic_name_view<object_path_rules>;

inline namespace literals {
/// An object path from a literal, for where a plain one would be forwarded as `const char*`.
consteval object_path_view operator""_path(const char* text, std::size_t size) {
    return {object_path_view::literal_tag{}, text, size};
}
} // namespace literals

} // namespace ctbus

template <class Rules>
struct std::hash<ctbus::basic_name<Rules>> {
    std::size_t operator()(const ctbus::basic_name<Rules>& name) const noexcept {
        return std::hash<std::string_view>{}(name.view());
    }
};
