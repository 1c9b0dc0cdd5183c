// An exported object: one instance, on one path, with one or more interfaces.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/export.hpp>
#include <ctbus/nameless.hpp>
#include <ctbus/object_check.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/property_change.hpp>
#include <ctbus/signals.hpp>

#include <cstddef>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

/// Exports an instance at a path for as long as it lives (`sd_bus_add_object_vtable`). The instance
/// has to outlive it. Neither copied nor moved; may be destroyed inside its own handlers.
template <class... Vtables>
class object : detail::nameless_announcements {
    using check = detail::object_check<Vtables...>;

protected:
    using interfaces = detail::exported_interfaces<sizeof...(Vtables)>;

public:
    // clang-format 14 does not know attributes with a reason.
    // clang-format off
    /// A literal path is borrowed, any other copied. Throws if the path has such an interface
    /// already (EEXIST).
    template <class Instance, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    object(const connection& bus, object_path_view path, Instance&& instance)
        : me_{bus.state(), path} {
        throw_if<Style>(begin<Style, Instance&&>(me_, &instance));
        me_.settle();
    }
    /// For vtables that serve no class.
    template <class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    object(const connection& bus, object_path_view path) : me_{bus.state(), path} {
        throw_if<Style>(begin<Style, void>(me_, no_instance));
        me_.settle();
    }

    /// Show that the connection has to live as long.
    template <class... Instance>
    object(connection&& bus, object_path_view path, Instance&&...) : me_{bus.state(), path} {
        detail::on_a_temporary_connection<object, Instance...>();
    }
    template <class... Instance>
    static auto try_make(connection&&, object_path_view, Instance&&...) {
        return detail::on_a_temporary_connection<object, Instance...>();
    }

    template <class Instance, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    static result<object> try_make(const connection& bus, object_path_view path,
                                   Instance&& instance) {
        return make<Style, Instance&&>(bus, path, &instance);
    }
    template <class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    static result<object> try_make(const connection& bus, object_path_view path) {
        return make<Style, void>(bus, path, no_instance);
    }
    // clang-format on

    object(const object&) = delete;
    object& operator=(const object&) = delete;

    /// Where it is exported.
    object_path_view path() const { return object_path_view::trusted(me_.path()); }
    /// The slot of the first interface.
    sd_bus_slot* get() const { return me_.entries[0].slot; }

    /// Emits a signal that exactly one of the interfaces declares.
    template <fixed_string Name, class Style = error_style, class Void = void, class... Args>
    [[nodiscard]] result<Void> try_emit(const Args&... args) const {
        return to_result<Void>(detail::caught<Style>([&] {
            return emit_at<check::template find<detail::signal_tag, Name>(), Name>(args...);
        }));
    }
    template <fixed_string Name, class Style = error_style, class... Args>
    void emit(const Args&... args) const {
        throw_if<Style>(emit_at<check::template find<detail::signal_tag, Name>(), Name>(args...));
    }
    /// Emits a signal of interface `I`: one of the vtables, or its contract.
    template <class I, fixed_string Name, class Style = error_style, class Void = void,
              class... Args>
    [[nodiscard]] result<Void> try_emit(const Args&... args) const {
        return to_result<Void>(detail::caught<Style>(
            [&] { return emit_at<check::template find_interface<I>(), Name>(args...); }));
    }
    template <class I, fixed_string Name, class Style = error_style, class... Args>
    void emit(const Args&... args) const {
        throw_if<Style>(emit_at<check::template find_interface<I>(), Name>(args...));
    }

    /// Announces, in one PropertiesChanged, that properties have changed; reads their values now.
    template <fixed_string First, fixed_string... More, class Void = void>
    [[nodiscard]] result<Void> try_changed() const {
        return to_result<Void>(
            changed_at<check::template find<detail::property_tag, First>(), First, More...>());
    }
    template <fixed_string First, fixed_string... More, class Style = error_style>
    void changed() const {
        throw_if<Style>(
            changed_at<check::template find<detail::property_tag, First>(), First, More...>());
    }
    template <class I, fixed_string First, fixed_string... More, class Void = void>
    [[nodiscard]] result<Void> try_changed() const {
        return to_result<Void>(changed_at<check::template find_interface<I>(), First, More...>());
    }
    template <class I, fixed_string First, fixed_string... More, class Style = error_style>
    void changed() const {
        throw_if<Style>(changed_at<check::template find_interface<I>(), First, More...>());
    }

    // For who gives the name as an argument.
    using detail::nameless_announcements::emit, detail::nameless_announcements::try_emit,
        detail::nameless_announcements::changed, detail::nameless_announcements::try_changed;

protected: // for managed_object
    static constexpr const void* no_instance = nullptr;

    explicit object(interfaces&& begun) : me_{std::move(begun)} { me_.settle(); }

    template <class Style, class Instance, class I>
    static error begin(interfaces& to, I* instance) {
        if constexpr (is_right<Instance>()) fill<Style>(to, instance);
        return register_all<Style, Instance>(to);
    }
    /// What sd-bus's callbacks have to know, before it knows of the object.
    template <class Style, class I>
    static void fill(interfaces& to, I* instance) {
        exported* e = to.entries;
        (fill_one<Vtables, Style>(*e++, instance), ...);
    }
    template <class Style, class Instance>
    static error register_all(interfaces& to) {
        error failed;
        if constexpr (is_right<Instance>()) {
            exported* e = to.entries;
            static_cast<void>(((failed = register_one<Vtables, Style>(to, *e++), !failed) && ...));
        }
        return failed;
    }
    template <class Instance>
    static consteval bool is_right() {
        static_assert(check::template judge<Instance>());
        return check::all_right() &&
               ((check::template wrong<Vtables, Instance>() == mistake::none) && ...);
    }

    mutable interfaces me_; // what is announced changes no object

private:
    // Makes the object where it is wanted: it cannot be moved there.
    struct maker {
        interfaces& begun;
        operator object() const { return object{std::move(begun)}; }
    };
    template <class Style, class Instance, class I>
    static result<object> make(const connection& bus, object_path_view path, I* instance) {
        interfaces begun{bus.state(), path};
        if (error e = begin<Style, Instance>(begun, instance))
            return result<object>{std::unexpect, std::move(e)};
        return result<object>{std::in_place, maker{begun}};
    }

    template <class V, class Style, class I>
    static void fill_one(exported& e, [[maybe_unused]] I* instance) {
        using S = typename V::served;
        if constexpr (!std::is_void_v<S>)
            e.instance = const_cast<std::remove_const_t<S>*>(static_cast<const S*>(instance));
        e.rows = V::template sd_bus_table<Style>::rows;
        e.interface = V::c_interface_name;
    }
    template <class V, class Style>
    static error register_one(interfaces& to, exported& e) {
        constexpr bool closed = V::template sd_bus_table<Style>::has_closed_method;
        const int r = detail::export_interface(e, *to.bus, closed);
        if (r < 0) [[unlikely]]
            return detail::export_error(r, e.path, e.interface);
        return {};
    }

    template <int At, fixed_string Name, class... Args>
    error emit_at(const Args&... args) const {
        if constexpr (At == check::said_already) return {};
        else if constexpr (At < 0) {
            constexpr auto m =
                At == check::ambiguous ? mistake::ambiguous_member : mistake::unknown_signal;
            static_assert(require::sentence<m, detail::member<Name>, object>());
            return {};
        } else {
            using V = type_at<At, type_list<Vtables...>>;
            return detail::checked_emit<V, Name>(*me_.bus, me_.path(), args...);
        }
    }

    template <int At, fixed_string... Names>
    error changed_at() const {
        if constexpr (At == check::said_already) return {};
        else if constexpr (At < 0) {
            constexpr auto m =
                At == check::ambiguous ? mistake::ambiguous_member : mistake::unknown_property;
            static_assert(require::sentence<m, detail::member<Names>..., object>());
            return {};
        } else {
            using V = type_at<At, type_list<Vtables...>>;
            static_assert((require::sentence<check::template announcement_mistake<V, Names>(),
                                             detail::member<Names>, V>() &&
                           ...));
            constexpr bool right =
                ((check::template announcement_mistake<V, Names>() == mistake::none) && ...);
            constexpr mistake twice = right && detail::has_twice({Names.view()...})
                                          ? mistake::announced_twice
                                          : mistake::none;
            static_assert(require::sentence<twice, detail::member<Names>..., V>());
            if constexpr (right && twice == mistake::none) {
                static constexpr unsigned short rows[] = {static_cast<unsigned short>(
                    1 +
                    detail::index_of<detail::property_tag>(typename V::specs{}, Names.view()))...};
                return detail::announce_change(me_.entries[At], rows, sizeof...(Names));
            } else {
                return {};
            }
        }
    }
};

} // namespace ctbus
