// The implementation of a contract: exactly its methods and properties, with its signatures.
#pragma once

#include <ctbus/vtable.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>

namespace ctbus {

namespace detail {

template <class Tag>
using item_tag = std::conditional_t<std::is_same_v<Tag, method_tag>, handler_tag, accessor_tag>;

// The handler or accessor among `Items` for one member of the contract.
template <class Spec, auto... Items>
constexpr auto item_for() {
    // Not used where there are no items, which GCC 12 warns of.
    [[maybe_unused]] constexpr auto matches = []<class Item>(const Item&) {
        if constexpr (tagged<Item, item_tag<typename Spec::tag>>) return Item::name == Spec::name;
        else return false;
    };
    constexpr int at = first_true({matches(Items)...});
    if constexpr (at < 0) return no_item{};
    else return type_at<at, type_list<std::remove_const_t<decltype(Items)>...>>{};
}

template <auto... Items, class... Specs>
auto contract_sources(type_list<Specs...>)
    -> type_list<row_source<Specs, decltype(item_for<Specs, Items...>())>...>;

// Whether the contract and the implementation say different things of who may call.
template <class... Declared, class... Own>
consteval bool contradict(options<Declared...>, options<Own...>) {
    return ([]<class One>(type_list<One>) {
        return ((exclude<Own, One> && !std::is_same_v<Own, One>) || ...);
    }(type_list<Declared>{}) ||
            ...);
}

// Options of a method that say something to callers, who know the contract only.
template <class Option>
inline constexpr bool is_for_callers = false;
template <std::uint64_t Milliseconds>
inline constexpr bool is_for_callers<option::timeout_hint<Milliseconds>> = true;
template <fixed_string... Names>
inline constexpr bool is_for_callers<option::errors<Names...>> = true;

template <class... Options>
consteval bool has_any_for_callers(options<Options...>) {
    return (is_for_callers<Options> || ...);
}

// An accessor alone does not know that.
template <class Spec>
consteval bool is_writable() {
    if constexpr (tagged<Spec, property_tag>) return Spec::writable;
    else return false;
}

// What is wrong with one member's implementation.
template <class Spec, class Item, class S>
consteval mistake implementation_mistake() {
    using enum mistake;
    if constexpr (tagged<Spec, signal_tag> || Spec::wrong != none) return none;
    else if constexpr (std::is_same_v<Item, no_item>)
        return tagged<Spec, method_tag> ? missing_method : missing_property;
    else {
        using own = typename Item::template spec<S>;
        if constexpr (own::wrong != none && (own::wrong != reading_is_open || !is_writable<Spec>()))
            return own::wrong;
        else if constexpr (tagged<Spec, method_tag>) {
            if (own::signature != Spec::signature) return different_inputs;
            if (own::result != Spec::result) return different_outputs;
            if (own::no_reply || !std::is_same_v<typename own::input_names, option::unnamed> ||
                !std::is_same_v<typename own::output_names, option::unnamed> ||
                has_any_for_callers(typename own::options{}))
                return contract_option_repeated;
            return contradict(typename Spec::options{}, typename own::options{}) ? repeated_option
                                                                                 : none;
        } else {
            if (own::signature != Spec::signature) return different_property_type;
            if (Item::has_setter && !Spec::writable) return setter_without_contract;
            if (Spec::writable && !Item::has_setter && !Item::is_assignable)
                return writable_needs_setter;
            if (Spec::writable && Item::is_member && !codec::owns<typename Item::value_type>())
                return writable_member_borrows;
            constexpr std::uint64_t declared = SD_BUS_VTABLE_PROPERTY_CONST |
                                               SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE |
                                               SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION;
            if (own::options::template has<option::writable> ||
                (own::options::flags & declared) != 0)
                return contract_option_repeated;
            if (own::options::template has<option::explicit_get> &&
                Spec::options::template has<option::emits_change>)
                return explicit_and_announced;
            return contradict(typename Spec::options{}, typename own::options{}) ? repeated_option
                                                                                 : none;
        }
    }
}

template <class Source, class S>
struct implementation {
    using spec = typename Source::spec;
    using item = typename Source::item;
    static constexpr mistake wrong = implementation_mistake<spec, item, S>();
    static consteval bool judge() {
        if constexpr (std::is_same_v<item, no_item>) return require::sentence<wrong, spec>();
        else if constexpr (wrong != mistake::none && item::template spec<S>::wrong == wrong)
            return item::template spec<S>::judge();
        else return require::sentence<wrong, spec, item>();
    }
};

template <class S, class... Sources>
auto implementations(type_list<Sources...>) -> type_list<implementation<Sources, S>...>;

// An item that no member of the contract asks for.
template <class Specs, class Item>
struct surplus {
    static consteval mistake find() {
        if constexpr (tagged<Item, handler_tag>)
            return index_of<method_tag>(Specs{}, Item::name) < 0 ? mistake::surplus_method
                                                                 : mistake::none;
        else if constexpr (tagged<Item, accessor_tag>)
            return index_of<property_tag>(Specs{}, Item::name) < 0 ? mistake::surplus_property
                                                                   : mistake::none;
        else return mistake::none;
    }
    static constexpr mistake wrong = find();
    static consteval bool judge() { return require::sentence<wrong, Item>(); }
};

// Two items for one member.
template <auto... Items>
consteval mistake item_duplicate() {
    constexpr std::size_t n = sizeof...(Items);
    // Not used where there are no items, which GCC 12 warns of.
    [[maybe_unused]] constexpr auto key = []<class Item>(const Item&) -> std::string_view {
        if constexpr (tagged<Item, handler_tag> || tagged<Item, accessor_tag>) return Item::name;
        else return {};
    };
    [[maybe_unused]] constexpr auto is_handler = []<class Item>(const Item&) {
        return tagged<Item, handler_tag>;
    };
    const std::string_view names[n + 1] = {key(Items)..., {}};
    const bool handlers[n + 1] = {is_handler(Items)..., false};
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (!names[i].empty() && names[i] == names[j] && handlers[i] == handlers[j])
                return handlers[i] ? mistake::duplicate_method : mistake::duplicate_property;
    return mistake::none;
}

template <class Contract, auto... Items>
struct contract_table {
    using specs = typename Contract::specs;
    using served = served_class<Items...>;
    using sources = decltype(contract_sources<Items...>(specs{}));
    using checks = decltype(implementations<served>(sources{}) +
                            type_list<surplus<specs, std::remove_const_t<decltype(Items)>>...>{});

    static consteval mistake find() {
        if (is_reserved(Contract::interface_name)) return mistake::reserved_interface;
        if (first_true({serves_no_class(Items)...}) >= 0) return mistake::serves_no_class;
        if (std::is_same_v<served, unrelated>) return mistake::unrelated_classes;
        if (first_true({!table_item<std::remove_const_t<decltype(Items)>>...}) >= 0)
            return mistake::not_an_item;
        if (first_true({is_misplaced(Items)...}) >= 0) return mistake::misplaced_option;
        if (repeats_option<Items...>()) return mistake::repeated_option;
        return item_duplicate<Items...>();
    }
    static constexpr mistake wrong = find();
    static constexpr bool is_right =
        Contract::is_right && wrong == mistake::none && all_right(checks{});
    static consteval bool judge() {
        if constexpr (wrong != mistake::none) return require::sentence<wrong, Contract>();
        else if constexpr (Contract::is_right) return judge_first<checks>();
        else return true; // said already
    }
};

template <class T>
concept contract = interface_like<T> && std::is_base_of_v<contract_base, T>;

} // namespace detail

/// implements<Contract, handler<...>, accessor<...>, options...>: serves a ctbus::interface.
/// Derive a struct from it. Argument names, flags and signals come from the contract.
template <class Contract, auto... Items>
struct implements : detail::vtable_base {
private:
    static constexpr bool has_contract = detail::contract<Contract>;
    using known = std::conditional_t<has_contract, Contract, detail::no_interface>;
    using checked = detail::contract_table<known, Items...>;

public:
    static constexpr std::string_view interface_name = known::interface_name;
    static constexpr const char* c_interface_name = known::c_interface_name;
    using specs = typename known::specs;
    using served = typename checked::served;
    using wide_options = detail::options_of<Items...>;
    template <class Style>
    using sd_bus_table = detail::row_table<typename checked::sources, served, wide_options, Style>;

    static constexpr bool is_right = checked::is_right;
    static constexpr bool changes_instance =
        detail::any_changes_instance<served>(typename checked::sources{});

private:
    static consteval bool judge() {
        if constexpr (!has_contract) return require::sentence<mistake::not_a_contract, Contract>();
        else return checked::judge();
    }
    static_assert(judge());
};

} // namespace ctbus
