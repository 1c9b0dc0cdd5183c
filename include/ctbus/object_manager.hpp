// Objects that clients find by org.freedesktop.DBus.ObjectManager: listed, and announced.
#pragma once

#include <ctbus/connection.hpp>
#include <ctbus/managed_work.hpp>
#include <ctbus/object.hpp>
#include <ctbus/report.hpp>

#include <cerrno>
#include <utility>

namespace ctbus {

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// Manages what is below a path: answers GetManagedObjects with all managed_objects there and their
/// properties, and lets those that come and go be announced. What is below another manager in between
/// belongs to that one. Objects of other kinds are not listed. The methods and signals are those of
/// the D-Bus specification; `sd_bus_add_object_manager`.
class [[nodiscard("the manager is there only as long as this lives")]] object_manager {
public:
    /// Throws what try_make() returns.
    template <class Style = error_style>
    [[nodiscard("the manager is there only as long as this lives")]]
    object_manager(const connection& bus, object_path_view path)
        : object_manager{or_throw<Style>(try_make<Style>(bus, path))} {}
    /// EEXIST: that path has a manager already; or the error of `sd_bus_add_object_manager`.
    template <class Style = error_style>
    [[nodiscard("the manager is there only as long as this lives")]]
    static result<object_manager> try_make(const connection& bus, object_path_view path) {
        object_manager made;
        error e = made.begin(bus, path);
        return to_result(std::move(e), std::move(made));
    }
    /// Shows that the connection has to live as long.
    template <class Path>
    object_manager(connection&&, const Path&) {
        static_assert(require::sentence<mistake::temporary_connection, object_manager, Path>());
    }
    object_manager(object_manager&& other) noexcept : node_{std::exchange(other.node_, nullptr)} {}
    object_manager& operator=(object_manager&& other) noexcept {
        const object_manager gone{std::move(*this)};
        node_ = std::exchange(other.node_, nullptr);
        return *this;
    }
    ~object_manager() {
        if (!node_) return;
        node_->bus->check_thread();
        node_->leave();
        sd_bus_slot_unref(std::exchange(node_->answering, nullptr));
        sd_bus_slot_unref(std::exchange(node_->introspected, nullptr));
        detail::note_tree_change();
        node_->gone = true;
        if (node_->running == 0) delete node_;
    }

    /// Where it is; `/` where it was moved from.
    object_path_view path() const { return node_ ? object_path_view{node_->path} : object_path_view{}; }

private:
    object_manager() = default;

    error begin(const connection& bus, object_path_view path) {
        bus_state& state = *bus.state();
        state.check_thread();
        detail::managed_tree& tree = detail::managed_tree::of(state);
        int r = sd_bus_is_open(state.bus) > 0 || state.is_away() ? 0 : -ENOTCONN;
        for (const detail::manager_node* m = tree.managers; m; m = m->next)
            if (m->path == path) r = -EEXIST;
        if (r >= 0) {
            node_ = new detail::manager_node;
            node_->bus = bus.state();
            node_->path = object_path{path};
            node_->enter(tree.managers);
            detail::note_tree_change();
            r = detail::managed_tree::install(*node_);
        }
        return r < 0 ? detail::export_error(r, path.c_str(), "an object manager") : error{};
    }

    detail::manager_node* node_ = nullptr;
};

/// An object that is listed by the object manager above it, and announced: by InterfacesAdded when
/// it is made, which reads its properties, and by InterfacesRemoved when it goes. So it is made last,
/// when its instance can give them. One that is made before its manager is not announced, but listed.
/// Several on one path, with different interfaces, are one object to clients. Otherwise it is an
/// `object`.
template <class... Vtables>
class managed_object : public object<Vtables...> {
    using base = object<Vtables...>;

public:
    /// As for `object`; throws too what a getter fails with.
    template <class Instance, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    managed_object(const connection& bus, object_path_view path, Instance&& instance)
        : base{bus, path, std::forward<Instance>(instance)} {
        throw_if<Style>(enter());
    }
    template <class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    managed_object(const connection& bus, object_path_view path) : base{bus, path} {
        throw_if<Style>(enter());
    }
    /// Shows that the connection has to live as long.
    template <class... Instance>
    managed_object(connection&& bus, object_path_view path, Instance&&... instance)
        : base{std::move(bus), path, std::forward<Instance>(instance)...} {}

    template <class Instance, class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    static result<managed_object> try_make(const connection& bus, object_path_view path,
                                           Instance&& instance) {
        return make<Style, Instance&&>(bus, path, &instance);
    }
    template <class Style = error_style>
    [[nodiscard("the object is there only as long as this lives")]]
    static result<managed_object> try_make(const connection& bus, object_path_view path) {
        return make<Style, void>(bus, path, base::no_instance);
    }

private:
    using interfaces = typename base::interfaces;

    explicit managed_object(interfaces&& begun) : base{std::move(begun)} {
        place_.enter(this->me_.entries, sizeof...(Vtables));
    }
    // As in `object`.
    struct maker {
        interfaces& begun;
        operator managed_object() const { return managed_object{std::move(begun)}; }
    };
    template <class Style, class Instance, class I>
    static result<managed_object> make(const connection& bus, object_path_view path, I* instance) {
        interfaces begun{bus.state(), path};
        error e = base::template begin<Style, Instance>(begun, instance);
        if (!e) e = detail::announce_early(begun.entries, sizeof...(Vtables), *bus.state());
        if (e) return result<managed_object>{std::unexpect, std::move(e)};
        return result<managed_object>{std::in_place, maker{begun}};
    }

    error enter() {
        auto& entries = this->me_.entries;
        error e = detail::announce_managed(*entries->bus, {entries, sizeof...(Vtables)}, true);
        if (!e) place_.enter(entries, sizeof...(Vtables));
        return e;
    }

    detail::managed_place place_; // goes first, while the object is there
};
// clang-format on

} // namespace ctbus
