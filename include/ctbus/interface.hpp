// An interface: a name and its methods, properties and signals, found by name at compile time.
#pragma once

#include <ctbus/method.hpp>
#include <ctbus/property.hpp>
#include <ctbus/signal.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>

namespace ctbus {

namespace detail {

struct contract_base {}; // of every ctbus::interface

/// Position of the first spec of that kind and name, or -1.
template <class Tag, class... Specs>
consteval int index_of(type_list<Specs...>, std::string_view name) {
    int at = 0, found = -1;
    static_cast<void>(
        ((std::is_same_v<typename Specs::tag, Tag> && Specs::name == name ? (found = at, true)
                                                                          : (++at, false)) ||
         ...));
    return found;
}

consteval std::uint32_t hash_of(std::string_view name) {
    std::uint32_t hash = 2166136261; // FNV-1a
    for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
    return hash;
}

template <class Tag, class... Specs>
consteval bool has_duplicate(type_list<Specs...>) {
    constexpr std::size_t n = sizeof...(Specs);
    const std::string_view names[n + 1] = {
        (std::is_same_v<typename Specs::tag, Tag> ? Specs::name : std::string_view{})..., {}};
    // Compared by number first: the compiler counts its steps, and gives up at some.
    std::uint32_t hashes[n + 1]{};
    for (std::size_t i = 0; i < n; ++i) hashes[i] = hash_of(names[i]);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (hashes[i] == hashes[j] && !names[i].empty() && names[i] == names[j]) return true;
    return false;
}

consteval bool has_twice(std::initializer_list<std::string_view> names) {
    for (auto one = names.begin(); one != names.end(); ++one)
        for (auto other = names.begin(); other != one; ++other)
            if (*one == *other) return true;
    return false;
}

template <class List>
consteval mistake duplicate_mistake() {
    if (has_duplicate<method_tag>(List{})) return mistake::duplicate_method;
    if (has_duplicate<property_tag>(List{})) return mistake::duplicate_property;
    if (has_duplicate<signal_tag>(List{})) return mistake::duplicate_signal;
    return mistake::none;
}

consteval mistake interface_name_mistake(std::string_view name) {
    if (interface_name_rules::check(name) != name_fault::none) return mistake::bad_interface_name;
    return mistake::none;
}

/// Interfaces that sd-bus serves on every object.
consteval bool is_reserved(std::string_view interface) {
    const std::string_view prefix = "org.freedesktop.DBus.";
    if (!interface.starts_with(prefix)) return false;
    interface.remove_prefix(prefix.size());
    return interface == "Peer" || interface == "Introspectable" || interface == "Properties" ||
           interface == "ObjectManager";
}

/// The position of the first spec that is wrong, or -1.
template <class... Specs>
consteval int first_wrong_spec(type_list<Specs...>) {
    return first_true({Specs::wrong != mistake::none...});
}
template <class List>
consteval bool all_right(List specs) {
    return first_wrong_spec(specs) < 0;
}

/// Shows the sentence of the first spec that is wrong, and no other.
template <class List>
consteval bool judge_first() {
    constexpr int at = first_wrong_spec(List{});
    if constexpr (at < 0) return true;
    else return type_at<at, List>::judge();
}

template <class T>
concept member_declaration = std::is_same_v<typename T::tag, method_tag> ||
    std::is_same_v<typename T::tag, property_tag> || std::is_same_v<typename T::tag, signal_tag>;

template <class Declaration>
constexpr auto specs_if_member() {
    if constexpr (member_declaration<Declaration>)
        return type_list<typename Declaration::template spec<void>>{};
    else return type_list<>{};
}

} // namespace detail

/// interface<"org.example.Name", method<...>, property<...>, signal<...>, ...>: the contract that a
/// service implements and a proxy calls. Derive a struct from it.
template <fixed_string Name, auto... Members>
struct interface : detail::contract_base {
    static constexpr std::string_view interface_name = Name.view();
    static constexpr const char* c_interface_name = Name.c_str();
    using specs =
        join<decltype(detail::specs_if_member<std::remove_const_t<decltype(Members)>>())...>;

    static consteval mistake find() {
        if (auto m = detail::interface_name_mistake(interface_name); m != mistake::none) return m;
        if (first_true({!detail::member_declaration<std::remove_const_t<decltype(Members)>>...}) >=
            0)
            return mistake::not_a_member;
        return detail::duplicate_mistake<specs>();
    }
    static constexpr mistake wrong = find();
    /// Whether all of it is well formed; if not, nothing made from it is instantiated.
    static constexpr bool is_right = wrong == mistake::none && detail::all_right(specs{});

private:
    static consteval bool judge() {
        if constexpr (wrong != mistake::none)
            return require::sentence<wrong, detail::shown<Name, interface_name_rules>>();
        else return detail::judge_first<specs>();
    }
    static_assert(judge());
};

/// Something with named members: an interface, or a vtable, which is one as well.
template <class T>
concept interface_like = requires {
    typename T::specs;
    T::interface_name;
    T::is_right;
};

namespace detail {

/// Stands for what should have been an interface; is_right keeps all that uses it silent.
struct no_interface {
    using specs = type_list<>;
    static constexpr std::string_view interface_name = "no.interface";
    static constexpr const char* c_interface_name = "no.interface";
    static constexpr bool is_right = false;
};

template <class I>
struct known_interface {
    using type = no_interface;
};
template <interface_like I>
struct known_interface<I> {
    using type = I;
};

// `I`, or, after the sentence about it, what stands for an interface.
template <class I>
consteval auto judge_interface() {
    constexpr mistake wrong = interface_like<I> ? mistake::none : mistake::not_an_interface;
    static_assert(require::sentence<wrong, I>());
    return type_list<typename known_interface<I>::type>{};
}
template <class I>
using judged_interface = type_at<0, decltype(judge_interface<I>())>;

template <class Spec>
consteval bool is_sensitive_property() {
    if constexpr (std::is_same_v<typename Spec::tag, property_tag>)
        return Spec::options::template has<option::sensitive>;
    else return false;
}
template <class... Specs>
consteval bool has_sensitive_property(type_list<Specs...>) {
    return (is_sensitive_property<Specs>() || ...);
}

struct no_member {
    static constexpr mistake wrong = mistake::none;
};

/// How many letters have to be changed, added or left out to make one name of the other.
constexpr std::size_t distance(std::string_view a, std::string_view b) {
    if (a.size() > 255 || b.size() > 255) return 255;
    std::size_t row[256]{};
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t least = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < least) least = row[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = least;
        }
    }
    return row[b.size()];
}

/// The member that is meant where none has that name: the one whose name is most like it, or
/// no_member.
template <class I, class Tag, fixed_string Name>
struct meant {
    template <class... Specs>
    static consteval int find(type_list<Specs...>) {
        std::size_t least = Name.size() / 2 + 1;
        int at = 0, found = -1;
        const auto look = [&](bool fits, std::string_view name) {
            const std::size_t far = fits ? distance(name, Name.view()) : least;
            if (far < least) {
                least = far;
                found = at;
            }
            ++at;
        };
        (look(std::is_same_v<typename Specs::tag, Tag> && Specs::wrong == mistake::none,
              Specs::name),
         ...);
        return found;
    }
    static consteval auto find() {
        constexpr int at = find(typename I::specs{});
        if constexpr (at >= 0) return type_list<type_at<at, typename I::specs>>{};
        else return type_list<no_member>{};
    }
    using type = decltype(only(find()));
};

template <class I, class Tag, fixed_string Name>
struct lookup {
    static constexpr int index = index_of<Tag>(typename I::specs{}, Name.view());
    static constexpr bool found = index >= 0;
    static consteval auto find() {
        if constexpr (found) return type_list<type_at<index, typename I::specs>>{};
        else return type_list<no_member>{};
    }
    using type = decltype(only(find()));
};

} // namespace detail

} // namespace ctbus
