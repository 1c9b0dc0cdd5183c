// A valid name or path that somebody else owns: a literal, or an owning name.
#pragma once

#include <ctbus/name_rules.hpp>
#include <ctbus/outcome.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
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

// Text that is only known at run time, by its type; a const char* may be a literal's.
template <class T>
concept run_time_text = std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view> ||
    std::is_same_v<T, char*>;

template <class T>
consteval bool unchecked_text() {
    static_assert(!run_time_text<T>, "ctbus: text made at run time may be no valid name: check it "
                                     "with parse(), as in object_path::parse(text)");
    return true;
}

/// Gives `put` the characters of an element that stands for any text: what an element may not hold
/// is written as `_xx`, as sd_bus_path_encode() does.
void escape_element(std::string_view id, auto&& put) {
    static constexpr char hex[] = "0123456789abcdef";
    if (id.empty()) put('_');
    for (const char& c : id) {
        if (c != '_' && is_word(c) && !(&c == id.data() && is_digit(c))) {
            put(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        put('_');
        put(hex[byte >> 4]);
        put(hex[byte & 15]);
    }
}

} // namespace detail

// clang-format 14 does not know requires-clauses.
// clang-format off
/// A valid name that somebody else owns. From a string literal it is checked at compile time; at
/// run time it comes from an owning name. Always ends in NUL.
template <class Rules>
class basic_name_view {
public:
    using owning = basic_name<Rules>;

    template <std::size_t N>
    consteval basic_name_view(const char (&literal)[N])
        : basic_name_view{literal_tag{}, literal, N - 1} {
        if (literal[N - 1] != 0) detail::a_name_is_a_string_literal();
    }
    /// From a constexpr pointer to a literal.
    template <std::same_as<const char*> Pointer>
    consteval basic_name_view(Pointer literal)
        : basic_name_view{literal_tag{}, literal, std::string_view{literal}.size()} {}
    template <detail::run_time_text Text>
    basic_name_view(const Text&) : basic_name_view{"", 0, detail::unchecked_text<Text>()} {}

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

    /// The text, as a std::string_view would give it.
    constexpr const char* c_str() const { return text_; }
    constexpr const char* data() const { return text_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const char* begin() const { return text_; }
    constexpr const char* end() const { return text_ + size_; }
    constexpr std::string_view view() const { return {text_, size()}; }
    constexpr operator std::string_view() const { return view(); }
    std::string str() const { return std::string{view()}; }

    /// Whether the text lives as long as the program, so that objects and proxies need no copy.
    constexpr bool is_literal() const { return literal_; }

    /// The path above this one; that of `/` is `/`. It owns, since a view ends in NUL.
    owning parent() const
        requires detail::path_rules<Rules>
    {
        const std::size_t slash = view().rfind('/');
        return owning{view().substr(0, slash == 0 ? 1 : slash), checked{}};
    }
    /// The path's last element; that of `/` is empty.
    constexpr std::string_view leaf() const
        requires detail::path_rules<Rules>
    {
        return view().substr(view().rfind('/') + 1);
    }
    /// This path with one more element; a label that is not `[A-Za-z0-9_]+` is an error.
    [[nodiscard]] result<owning> try_child(std::string_view label) const
        requires detail::path_rules<Rules>
    {
        name_fault fault = label.empty() ? name_fault::empty_element : name_fault::none;
        for (char c : label)
            if (!detail::is_word(c)) fault = name_fault::bad_character;
        if (fault != name_fault::none) [[unlikely]]
            return result<owning>{std::unexpect, owning::explain(below(label).view(), fault)};
        return below(label);
    }
    template <class Style = error_style>
        requires detail::path_rules<Rules>
    owning child(std::string_view label) const {
        return or_throw<Style>(try_child(label));
    }
    /// The same as child().
    template <class Style = error_style>
        requires detail::path_rules<Rules>
    friend owning operator/(const basic_name_view& path, std::string_view label) {
        return path.template child<Style>(label);
    }
    /// This path with any text as one more element: what a label may not hold is written as `_xx`
    /// (as `sd_bus_path_encode` does).
    owning child_escaped(std::string_view id) const
        requires detail::path_rules<Rules>
    {
        std::size_t size = 0;
        detail::escape_element(id, [&](char) { ++size; });
        char* end = nullptr;
        owning longer = below(size, end);
        detail::escape_element(id, [&](char c) { *end++ = c; });
        return longer;
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
    struct checked {};

    constexpr basic_name_view(const char* text, std::size_t size, bool literal)
        : text_{text}, size_{static_cast<unsigned>(size)}, literal_{literal} {}

    // This path, a slash, and as many characters as an element has, which are still to be written.
    owning below(std::size_t size, char*& element) const {
        const std::size_t parent = size_ == 1 ? 0 : size_;
        char* const text = owning::room(parent + 1 + size);
        std::memcpy(text, text_, parent);
        text[parent] = '/';
        element = text + parent + 1;
        return owning{text, parent + 1 + size};
    }
    // The same with the element, which may break a rule.
    owning below(std::string_view label) const {
        char* element = nullptr;
        owning longer = below(label.size(), element);
        label.copy(element, label.size());
        return longer;
    }

    const char* text_;
    unsigned size_;
    bool literal_;
};
// clang-format on

} // namespace ctbus
