// The D-Bus specification's rules for names and paths, usable at compile time and at run time.
#pragma once

#include <cstddef>
#include <string_view>

namespace ctbus {

/// Which rule of the D-Bus specification a name breaks.
enum class name_fault : unsigned char {
    none,
    empty,
    too_long,
    no_dot,
    empty_element,
    leading_digit,
    bad_character,
    bad_bus_character, // where a hyphen is allowed too
    hyphen,
    dot,
    no_leading_slash,
    trailing_slash,
    path_too_long,
};

namespace detail {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

struct element_rules {
    bool hyphen;        // '-' is allowed
    bool leading_digit; // an element may begin with a digit
};

constexpr name_fault check_dotted(std::string_view name, element_rules rules) {
    bool at_start = true;
    bool dotted = false;
    for (char c : name) {
        if (c == '.') {
            if (at_start) return name_fault::empty_element;
            at_start = dotted = true;
            continue;
        }
        if (at_start && is_digit(c) && !rules.leading_digit) return name_fault::leading_digit;
        if (c == '-' && !rules.hyphen) return name_fault::hyphen;
        if (!is_word(c) && c != '-')
            return rules.hyphen ? name_fault::bad_bus_character : name_fault::bad_character;
        at_start = false;
    }
    if (at_start) return name_fault::empty_element;
    return dotted ? name_fault::none : name_fault::no_dot;
}

constexpr name_fault check_length(std::string_view name) {
    if (name.empty()) return name_fault::empty;
    return name.size() > 255 ? name_fault::too_long : name_fault::none;
}

} // namespace detail

/// The rules of one kind of name: what it is called, and what a text breaks of them.
struct bus_name_rules {
    static constexpr const char* noun = "bus name";
    static constexpr name_fault check(std::string_view name) {
        if (auto fault = detail::check_length(name); fault != name_fault::none) return fault;
        if (name[0] == ':') return detail::check_dotted(name.substr(1), {true, true});
        return detail::check_dotted(name, {true, false});
    }
};

struct interface_name_rules {
    static constexpr const char* noun = "interface name";
    static constexpr name_fault check(std::string_view name) {
        if (auto fault = detail::check_length(name); fault != name_fault::none) return fault;
        return detail::check_dotted(name, {false, false});
    }
};

struct error_name_rules {
    static constexpr const char* noun = "error name";
    static constexpr name_fault check(std::string_view name) {
        return interface_name_rules::check(name);
    }
};

struct member_name_rules {
    static constexpr const char* noun = "member name";
    static constexpr name_fault check(std::string_view name) {
        if (auto fault = detail::check_length(name); fault != name_fault::none) return fault;
        if (detail::is_digit(name[0])) return name_fault::leading_digit;
        for (char c : name) {
            if (c == '.') return name_fault::dot;
            if (c == '-') return name_fault::hyphen;
            if (!detail::is_word(c)) return name_fault::bad_character;
        }
        return name_fault::none;
    }
};

struct object_path_rules {
    static constexpr const char* noun = "object path";
    static constexpr name_fault check(std::string_view path) {
        if (path.empty()) return name_fault::empty;
        if (path[0] != '/') return name_fault::no_leading_slash;
        if (path.size() == 1) return name_fault::none;
        if (path.back() == '/') return name_fault::trailing_slash;
        if (path.size() > 65536) return name_fault::path_too_long; // sd-bus's limit
        char previous = 0;
        for (char c : path) {
            if (c == '/' && previous == '/') return name_fault::empty_element;
            if (c != '/' && !detail::is_word(c)) return name_fault::bad_character;
            previous = c;
        }
        return name_fault::none;
    }
};

/// The broken rule as half a sentence: `"<noun> <text>"`.
constexpr const char* describe(name_fault fault) {
    switch (fault) {
    case name_fault::none: return "is well formed";
    case name_fault::empty: return "must not be empty";
    case name_fault::too_long: return "must not be longer than 255 characters";
    case name_fault::no_dot: return "needs at least two elements separated by a dot";
    case name_fault::empty_element: return "must not have an empty element";
    case name_fault::leading_digit: return "must not have an element that begins with a digit";
    case name_fault::bad_character: return "allows only letters, digits and underscore";
    case name_fault::bad_bus_character: return "allows only letters, digits, underscore and hyphen";
    case name_fault::hyphen: return "must not contain a hyphen";
    case name_fault::dot: return "must not contain a dot";
    case name_fault::no_leading_slash: return "must begin with a slash";
    case name_fault::trailing_slash: return "must not end with a slash";
    case name_fault::path_too_long: return "must not be longer than 65536 characters";
    }
    return "is malformed";
}

namespace detail {

// Never constexpr: reaching one of these while a literal is checked is the compile error, and the
// function's name is what the user reads. Nothing else calls them, so they need no body.
template <class Rules>
struct bad_literal {
    static void name_must_not_be_empty();
    static void name_must_not_be_longer_than_255_characters();
    static void name_needs_at_least_two_elements_separated_by_a_dot();
    static void name_must_not_have_an_empty_element();
    static void name_must_not_have_an_element_that_begins_with_a_digit();
    static void name_allows_only_letters_digits_and_underscore();
    static void bus_name_allows_only_letters_digits_underscore_and_hyphen();
    static void name_must_not_contain_a_hyphen();
    static void name_must_not_contain_a_dot();
    static void object_path_must_begin_with_a_slash();
    static void object_path_must_not_end_with_a_slash();
    static void object_path_must_not_be_longer_than_65536_characters();

    static consteval void reject(name_fault fault) {
        switch (fault) {
        case name_fault::none: return;
        case name_fault::empty: return name_must_not_be_empty();
        case name_fault::too_long: return name_must_not_be_longer_than_255_characters();
        case name_fault::no_dot: return name_needs_at_least_two_elements_separated_by_a_dot();
        case name_fault::empty_element: return name_must_not_have_an_empty_element();
        case name_fault::leading_digit:
            return name_must_not_have_an_element_that_begins_with_a_digit();
        case name_fault::bad_character: return name_allows_only_letters_digits_and_underscore();
        case name_fault::bad_bus_character:
            return bus_name_allows_only_letters_digits_underscore_and_hyphen();
        case name_fault::hyphen: return name_must_not_contain_a_hyphen();
        case name_fault::dot: return name_must_not_contain_a_dot();
        case name_fault::no_leading_slash: return object_path_must_begin_with_a_slash();
        case name_fault::trailing_slash: return object_path_must_not_end_with_a_slash();
        case name_fault::path_too_long:
            return object_path_must_not_be_longer_than_65536_characters();
        }
    }
};

} // namespace detail

} // namespace ctbus
