// Names as types: bus, interface, member, error names and object paths, each owning or borrowed.
#pragma once

#include <ctbus/name_view.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace ctbus {

// clang-format 14 does not know requires-clauses.
// clang-format off
/// A valid name that owns its text; one from a literal, which needs no owner, is checked at compile
/// time as a view is.
template <class Rules>
class basic_name {
public:
    using view_type = basic_name_view<Rules>;

    template <std::size_t N>
    consteval basic_name(const char (&literal)[N]) : text_{literal} {}
    template <std::same_as<const char*> Pointer>
    consteval basic_name(Pointer literal) : text_{literal} {}
    template <detail::run_time_text Text>
    basic_name(const Text& text) : text_{text} {}
    basic_name(view_type name) : text_{name.is_literal() ? name : copy(name.view())} {}

    /// The path `/`.
    constexpr basic_name()
        requires detail::path_rules<Rules>
        : text_{} {}

    basic_name(const basic_name& other) : basic_name{other.text_} {}
    constexpr basic_name(basic_name&& other) noexcept
        : text_{std::exchange(other.text_, view_type{"", 0, true})} {}
    constexpr basic_name& operator=(basic_name other) noexcept {
        detail::swap_values(text_, other.text_);
        return *this;
    }
    // GCC 12 takes what was moved from for a literal that is deleted (at -O1).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wfree-nonheap-object"
    constexpr ~basic_name() {
        if (!text_.is_literal()) delete[] text_.data();
    }
#pragma GCC diagnostic pop

    /// Checks `text` at run time; the error is InvalidArgs and says which rule it breaks.
    [[nodiscard]] static result<basic_name> parse(std::string_view text) {
        if (const name_fault fault = Rules::check(text); fault != name_fault::none)
            return result<basic_name>{std::unexpect, explain(text, fault)};
        return basic_name{text, checked{}};
    }

    /// The text, as a std::string would give it.
    constexpr const char* c_str() const { return text_.c_str(); }
    constexpr const char* data() const { return text_.data(); }
    constexpr std::size_t size() const { return text_.size(); }
    constexpr bool empty() const { return text_.empty(); }
    constexpr auto begin() const { return text_.begin(); }
    constexpr auto end() const { return text_.end(); }
    std::string str() const { return text_.str(); }
    constexpr std::string_view view() const { return text_.view(); }
    constexpr operator std::string_view() const { return text_.view(); }
    constexpr operator view_type() const { return text_; } // a literal's stays one

    /// As the view's, of paths.
    basic_name parent() const
        requires detail::path_rules<Rules>
    {
        return text_.parent();
    }
    std::string_view leaf() const
        requires detail::path_rules<Rules>
    {
        return text_.leaf();
    }
    [[nodiscard]] result<basic_name> try_child(std::string_view label) const
        requires detail::path_rules<Rules>
    {
        return text_.try_child(label);
    }
    template <class Style = error_style>
        requires detail::path_rules<Rules>
    basic_name child(std::string_view label) const {
        return text_.template child<Style>(label);
    }
    template <class Style = error_style>
        requires detail::path_rules<Rules>
    friend basic_name operator/(const basic_name& path, std::string_view label) {
        return path.template child<Style>(label);
    }
    basic_name child_escaped(std::string_view id) const
        requires detail::path_rules<Rules>
    {
        return text_.child_escaped(id);
    }

    template <detail::text_like Text>
    friend constexpr bool operator==(const basic_name& a, const Text& b) {
        return a.view() == std::string_view{b};
    }
    template <detail::text_like Text>
    friend constexpr auto operator<=>(const basic_name& a, const Text& b) {
        return a.view() <=> std::string_view{b};
    }
    template <class Stream>
        requires requires(Stream& out, const char* text) { out.write(text, 1); }
    friend Stream& operator<<(Stream& out, const basic_name& name) {
        return out << name.text_;
    }

private:
    friend view_type;
    using checked = typename view_type::checked;

    basic_name(std::string_view text, checked) : text_{copy(text)} {}

    // Takes over what room() gave.
    basic_name(const char* text, std::size_t size) : text_{text, size, false} {}

    static char* room(std::size_t size) {
        auto* text = new char[size + 1];
        text[size] = 0;
        return text;
    }
    static view_type copy(std::string_view text) {
        char* const made = room(text.size());
        text.copy(made, text.size());
        return {made, text.size(), false};
    }
    static error explain(std::string_view text, name_fault fault) {
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, "%s \"%.*s\" %s", Rules::noun,
                             static_cast<int>(text.size()), text.data(), describe(fault));
    }

    view_type text_; // what is no literal was made by room()
};
// clang-format on

/// Names and paths that own their text, and views of them.
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
template <class Rules>
struct std::hash<ctbus::basic_name_view<Rules>> {
    std::size_t operator()(const ctbus::basic_name_view<Rules>& name) const noexcept {
        return std::hash<std::string_view>{}(name);
    }
};
