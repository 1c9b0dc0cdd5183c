// What is wrong with an object, told by its types.
#pragma once

#include <ctbus/implements.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/require.hpp>
#include <ctbus/vtable.hpp>

#include <cstdint>
#include <systemd/sd-bus.h>
#include <type_traits>

namespace ctbus {

template <class... Vtables>
class object; // object.hpp

namespace detail {

template <class V>
concept a_vtable = interface_like<V> && std::is_base_of_v<vtable_base, V>;

// What is wrong with serving `V` by an `Instance` (a reference type, or void for none). `Wanted`:
// another vtable of the object serves a class.
template <class V, class Instance, bool Wanted>
consteval mistake instance_mistake() {
    using I = std::remove_reference_t<Instance>;
    using S = typename V::served;
    if constexpr (std::is_void_v<Instance>)
        return std::is_void_v<S> ? mistake::none : mistake::needs_instance;
    else if constexpr (std::is_void_v<S>) return Wanted ? mistake::none : mistake::surplus_instance;
    else if constexpr (!std::is_convertible_v<const I*, const S*>) {
        if constexpr (requires(I & i) {
                          requires std::is_base_of_v<S, std::remove_cvref_t<decltype(*i)>>;
                      })
            return mistake::pointer_instance;
        else return mistake::wrong_instance;
    } else if constexpr (!std::is_lvalue_reference_v<Instance>) return mistake::temporary_instance;
    else if constexpr (std::is_const_v<I> && V::changes_instance) return mistake::const_instance;
    else return mistake::none;
}

/// The questions that an object of these vtables asks; the answers are for compile time.
template <class... Vtables>
struct object_check {
    template <class V, class Instance>
    static consteval mistake wrong() {
        if constexpr (!a_vtable<V>) return mistake::not_a_vtable;
        else if constexpr (!V::is_right) return mistake::none; // said already
        else if constexpr ((0 + ... + int{same_interface<V, Vtables>()}) > 1)
            return mistake::duplicate_interface;
        else return instance_mistake<V, Instance, (serves_class<Vtables>() || ...)>();
    }
    template <class V, class Other>
    static consteval bool same_interface() {
        if constexpr (a_vtable<Other>) return V::interface_name == Other::interface_name;
        else return false;
    }
    template <class V>
    static consteval bool serves_class() {
        if constexpr (a_vtable<V>) return !std::is_void_v<typename V::served>;
        else return false;
    }
    template <class V>
    static consteval bool vtable_is_right() {
        if constexpr (a_vtable<V>) return V::is_right;
        else return false;
    }
    static consteval bool all_right() {
        return sizeof...(Vtables) != 0 && (vtable_is_right<Vtables>() && ...);
    }
    template <class Instance>
    static consteval bool judge() {
        if constexpr (sizeof...(Vtables) == 0)
            return require::sentence<mistake::not_a_vtable, object<Vtables...>>();
        else return judge_first<Instance, Vtables...>();
    }
    template <class Instance, class V, class... More>
    static consteval bool judge_first() {
        if constexpr (wrong<V, Instance>() != mistake::none || sizeof...(More) == 0)
            return require::sentence<wrong<V, Instance>(), V, Instance>();
        else return judge_first<Instance, More...>();
    }

    static constexpr int ambiguous = -2;
    static constexpr int said_already = -3; // where the object is made

    // Which vtable has that member: its position, -1 for none, or one of the above.
    template <class Tag, fixed_string Name>
    static consteval int find() {
        if constexpr (!all_right()) return said_already;
        else {
            int at = 0, found = -1;
            ((index_of<Tag>(typename Vtables::specs{}, Name.view()) >= 0
                  ? void(found = found == -1 ? at : ambiguous)
                  : void(),
              ++at),
             ...);
            return found;
        }
    }
    template <class I>
    static consteval int find_interface() {
        constexpr mistake unfit = interface_like<I> ? mistake::none : mistake::not_an_interface;
        static_assert(require::sentence<unfit, I>());
        if constexpr (!all_right() || unfit != mistake::none) return said_already;
        else {
            int at = 0, found = -1;
            ((Vtables::interface_name == I::interface_name ? void(found = at) : void(), ++at), ...);
            return found;
        }
    }

    template <class V, fixed_string Name>
    static consteval mistake announcement_mistake() {
        using found = lookup<V, property_tag, Name>;
        if constexpr (!found::found) return mistake::unknown_property;
        else {
            constexpr std::uint64_t announced =
                SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE | SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION;
            return (found::type::options::flags & announced) != 0 ? mistake::none
                                                                  : mistake::not_announced;
        }
    }
};

} // namespace detail

} // namespace ctbus
