// A vtable: the rows that sd-bus dispatches by, made at compile time from handlers and accessors.
#pragma once

#include <ctbus/interface.hpp>

#include <cstddef>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>

namespace ctbus {

namespace detail {

struct vtable_base {}; // of every ctbus::vtable and ctbus::implements

template <class T, class Tag>
concept tagged = requires {
    requires std::is_same_v<typename T::tag, Tag>;
};

// Of a function's first parameter, which is the instance if nothing else can be.
template <class First>
constexpr auto instance_class() {
    using C = std::remove_cvref_t<First>;
    if constexpr (std::is_lvalue_reference_v<First> && std::is_class_v<C> &&
                  !std::is_same_v<C, message>) {
        if constexpr (type_mistake<C, direction::write>() != mistake::none) return type_list<C>{};
        else return type_list<>{};
    } else return type_list<>{};
}

// The classes that `F` belongs to, or (`Free`) may be meant for.
template <auto F, bool Free>
constexpr auto classes_of() {
    using T = std::remove_const_t<decltype(F)>;
    if constexpr (data_member<T>) return type_list<typename member_object<T>::of>{};
    else if constexpr (!function_like<T>) return type_list<>{};
    else if constexpr (std::is_member_function_pointer_v<T>)
        return type_list<typename function_traits<T>::member_of>{};
    else if constexpr (Free)
        return []<class... Ps>(type_list<Ps...> all) {
            if constexpr (sizeof...(Ps) == 0) return all;
            else return instance_class<type_at<0, type_list<Ps...>>>();
        }(typename function_traits<T>::parameters{});
    else return type_list<>{};
}

template <class T, bool Free>
struct item_classes {
    using type = type_list<>;
};
template <fixed_string Name, auto F, auto... Options, bool Free>
struct item_classes<handler_declaration<Name, F, Options...>, Free> {
    using type = decltype(classes_of<F, Free>());
};
template <fixed_string Name, auto Get, auto Set, auto... Options, bool Free>
struct item_classes<accessor_declaration<Name, Get, Set, Options...>, Free> {
    using type = decltype(classes_of<Get, Free>() + classes_of<Set, Free>());
};

struct unrelated {};
template <class C, class... Others>
inline constexpr bool most_derived = first_true({!is_base<Others, C>...}) < 0;

template <class... Cs>
constexpr auto served_by(type_list<Cs...>) {
    if constexpr (sizeof...(Cs) == 0) return type_list<void>{};
    else {
        constexpr int at = first_true({most_derived<Cs, Cs...>...});
        if constexpr (at < 0) return type_list<unrelated>{};
        else return type_list<type_at<at, type_list<Cs...>>>{};
    }
}

template <class S>
    requires std::is_class_v<typename option::serves<S>::served>
auto serves_in(option::serves<S>) -> type_list<typename option::serves<S>::served>;
auto serves_in(...) -> type_list<>;

template <bool Free, auto... Items>
using all_classes =
    join<typename item_classes<std::remove_const_t<decltype(Items)>, Free>::type...>;

template <auto... Items>
constexpr auto find_served() {
    using chosen = decltype(serves_in(options_of<Items...>{}));
    using all = decltype(served_by(all_classes<true, Items...>{}));
    using members = all_classes<false, Items...>;
    if constexpr (chosen::size != 0) return chosen{};
    else if constexpr (std::is_same_v<all, type_list<unrelated>> && members::size != 0)
        return served_by(members{}); // the others' first parameters are arguments then
    else return all{};
}

template <class S, class... Cs>
consteval bool serves_all(type_list<Cs...>) {
    return first_true({!std::is_convertible_v<const S*, const Cs*>...}) < 0;
}

template <auto... Items>
using served_class = decltype(only(find_served<Items...>()));

template <class Declared, class Served, class Wide>
consteval std::uint64_t access_flags() {
    const bool open = Wide::template has<option::unprivileged> &&
                      capability_bits(Declared::flags | Served::flags) == 0 &&
                      !Declared::template has<option::privileged> &&
                      !Served::template has<option::privileged>;
    return open ? std::uint64_t{SD_BUS_VTABLE_UNPRIVILEGED} : 0;
}

template <class Wide>
consteval sd_bus_vtable start_row() {
    return {.type = _SD_BUS_VTABLE_START,
            .flags = Wide::flags & (SD_BUS_VTABLE_DEPRECATED | SD_BUS_VTABLE_HIDDEN),
            .x = {.start = {.element_size = sizeof(sd_bus_vtable),
                            .features = _SD_BUS_VTABLE_PARAM_NAMES,
                            .vtable_format_reference = &sd_bus_object_vtable_format}}};
}
consteval sd_bus_vtable end_row() {
    return {.type = _SD_BUS_VTABLE_END, .flags = 0, .x = {.start = {}}};
}

// The type of an item's handler, or something of its own.
template <class Item>
struct handler_type : std::type_identity<Item> {};
template <class Item>
    requires requires {
        typename Item::function;
    }
struct handler_type<Item> : std::type_identity<typename Item::function> {};

/// The row of a member as `Spec` declares it, served by `Item`, with the options of both. `Shared`:
/// other items have handlers of the same type.
template <class Spec, class Item, class S, class Wide, class Style, bool Shared>
consteval sd_bus_vtable make_row() {
    using declared = typename Spec::options; // the item's own where there is no contract
    using served = typename Item::options;
    constexpr std::uint64_t flags = declared::flags | served::flags;
    if constexpr (tagged<Spec, method_tag>) {
        return {.type = _SD_BUS_VTABLE_METHOD,
                .flags = flags | access_flags<declared, served, Wide>(),
                .x = {.method = {.member = Spec::c_name,
                                 .signature = Spec::signature.data(),
                                 .result = Spec::result.data(),
                                 .handler = &Item::template thunk<S, Style, Shared>::entry,
                                 .offset = 0,
                                 .names = Spec::names}}};
    } else if constexpr (tagged<Spec, property_tag>) {
        sd_bus_property_set_t set = nullptr;
        if constexpr (Spec::writable) set = &Item::template thunk<S, Style>::set_entry;
        // sd-bus knows `unprivileged` for writable properties only.
        return {.type = Spec::writable ? _SD_BUS_VTABLE_WRITABLE_PROPERTY : _SD_BUS_VTABLE_PROPERTY,
                .flags =
                    Spec::writable ? flags : flags & ~std::uint64_t{SD_BUS_VTABLE_UNPRIVILEGED},
                .x = {.property = {.member = Spec::c_name,
                                   .signature = Spec::signature.data(),
                                   .get = &Item::template thunk<S, Style>::get_entry,
                                   .set = set,
                                   .offset = 0}}};
    } else {
        return {.type = _SD_BUS_VTABLE_SIGNAL,
                .flags = Spec::options::flags,
                .x = {.signal = {.member = Spec::c_name,
                                 .signature = Spec::signature.data(),
                                 .names = Spec::names}}};
    }
}

struct no_item {
    using options = detail::options<>;
};
/// A spec and the handler or accessor that serves it.
template <class Spec, class Item>
struct row_source {
    using spec = Spec;
    using item = Item;
};

template <class Sources, class S, class Wide, class Style>
struct row_table;
template <class... Sources, class S, class Wide, class Style>
struct row_table<type_list<Sources...>, S, Wide, Style> {
    /// Whether several handlers have that type; taken for granted where comparing all takes long.
    template <class Type>
    static consteval bool has_several() {
        if constexpr (sizeof...(Sources) > 64) return true;
        else
            return (0 + ... +
                    int{std::is_same_v<Type,
                                       typename handler_type<typename Sources::item>::type>}) > 1;
    }
    static constexpr sd_bus_vtable rows[] = {
        start_row<Wide>(),
        make_row<typename Sources::spec, typename Sources::item, S, Wide, Style,
                 has_several<typename handler_type<typename Sources::item>::type>()>()...,
        end_row()};
    /// Whether a caller on the system bus may be refused somewhere.
    static constexpr bool has_closed_method = [] {
        constexpr auto opening = SD_BUS_VTABLE_UNPRIVILEGED | _SD_BUS_VTABLE_CAPABILITY_MASK;
        bool closed = false;
        for (const sd_bus_vtable& row : rows)
            closed |= row.type == _SD_BUS_VTABLE_METHOD && (row.flags & opening) == 0;
        return closed;
    }();
};

template <class T>
concept table_item = is_option<T> || tagged<T, handler_tag> || tagged<T, accessor_tag>;
template <class T>
concept vtable_item = table_item<T> || tagged<T, signal_tag>;

template <class T>
consteval bool is_misplaced(const T& item) {
    return is_option<T> && !may_stand<on_vtable>(item);
}

template <class Item, class S>
constexpr auto sources_if_member() {
    if constexpr (is_option<Item>) return type_list<>{};
    else if constexpr (vtable_item<Item>)
        return type_list<row_source<typename Item::template spec<S>, Item>>{};
    else return type_list<>{};
}
template <class... Sources>
auto specs_of(type_list<Sources...>) -> type_list<typename Sources::spec...>;

// Whether the functions need an instance that is not const.
template <auto F, class S>
consteval bool changes_instance() {
    using T = std::remove_const_t<decltype(F)>;
    if constexpr (std::is_member_function_pointer_v<T>) return !function_traits<T>::is_const;
    else if constexpr (!function_like<T>) return false;
    else if constexpr (!shape_of<T, S>::takes_instance) return false;
    else
        return !std::is_const_v<
            std::remove_reference_t<type_at<0, typename function_traits<T>::parameters>>>;
}
template <class Source, class S>
inline constexpr bool source_changes_instance = false;
template <class Spec, fixed_string Name, auto F, auto... Options, class S>
inline constexpr bool
    source_changes_instance<row_source<Spec, handler_declaration<Name, F, Options...>>, S> =
        changes_instance<F, S>();
template <class Spec, fixed_string Name, auto Get, auto Set, auto... Options, class S>
inline constexpr bool
    source_changes_instance<row_source<Spec, accessor_declaration<Name, Get, Set, Options...>>, S> =
        changes_instance<Get, S>() || changes_instance<Set, S>() ||
        (Spec::writable && data_member<std::remove_const_t<decltype(Get)>>);

template <class S, class... Sources>
consteval bool any_changes_instance(type_list<Sources...>) {
    return first_true({source_changes_instance<Sources, S>...}) >= 0;
}

} // namespace detail

/// vtable<"org.example.Name", handler<...>, accessor<...>, signal<...>, options...>: an interface
/// and its implementation in one; the interface is deduced from the functions. Derive a struct.
template <fixed_string Name, auto... Items>
struct vtable : detail::vtable_base {
    static constexpr std::string_view interface_name = Name.view();
    static constexpr const char* c_interface_name = Name.c_str();
    using served = detail::served_class<Items...>;
    using wide_options = detail::options_of<Items...>;
    using sources = join<
        decltype(detail::sources_if_member<std::remove_const_t<decltype(Items)>, served>())...>;
    using specs = decltype(detail::specs_of(sources{}));
    template <class Style>
    using sd_bus_table = detail::row_table<sources, served, wide_options, Style>;

    static consteval mistake find() {
        if (auto m = detail::interface_name_mistake(interface_name); m != mistake::none) return m;
        if (detail::is_reserved(interface_name)) return mistake::reserved_interface;
        if (first_true({detail::serves_no_class(Items)...}) >= 0) return mistake::serves_no_class;
        if (first_true({!detail::vtable_item<std::remove_const_t<decltype(Items)>>...}) >= 0)
            return mistake::not_an_item;
        if (first_true({detail::is_misplaced(Items)...}) >= 0) return mistake::misplaced_option;
        if (detail::repeats_option<Items...>()) return mistake::repeated_option;
        if (std::is_same_v<served, detail::unrelated>) return mistake::unrelated_classes;
        if (!detail::serves_all<served>(detail::all_classes<false, Items...>{}))
            return mistake::of_another_class;
        return detail::duplicate_mistake<specs>();
    }
    static constexpr mistake wrong = find();
    static constexpr bool is_right = wrong == mistake::none && detail::all_right(specs{});
    static constexpr bool changes_instance = detail::any_changes_instance<served>(sources{});

private:
    static consteval bool judge() {
        if constexpr (wrong != mistake::none)
            return require::sentence<wrong, detail::shown<Name, interface_name_rules>>();
        else return detail::judge_first<specs>();
    }
    static_assert(judge());
};

} // namespace ctbus
