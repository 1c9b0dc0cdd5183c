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
/// properties, and lets those that come and go be announced. What is below another manager in
/// between belongs to that one; clients are told when a manager comes or goes between. Objects of
/// other kinds are not listed, nor are raw sd-bus's. `sd_bus_add_object_manager`.
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
    /// Show that the connection has to live as long.
    template <class Path>
    object_manager(connection&&, const Path&) {
        detail::on_a_temporary_connection<object_manager, Path>();
    }
    template <class Path>
    static auto try_make(connection&&, const Path&) {
        return detail::on_a_temporary_connection<object_manager, Path>();
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
        detail::managed_tree::of(*node_->bus).remove(*node_);
        node_->uninstall();
        detail::note_tree_change();
        node_->gone = true;
        hand_over(false);
        if (node_->running == 0) delete node_;
    }

    /// Where it is; `/` where it was moved from.
    object_path_view path() const {
        return node_ ? object_path_view{node_->path} : object_path_view{};
    }

private:
    object_manager() = default;

    error begin(const connection& bus, object_path_view path) {
        constexpr char what[] = "an object manager";
        bus_state& state = *bus.state();
        state.check_thread();
        detail::managed_tree& tree = detail::managed_tree::of(state);
        const bool there = state.open && (sd_bus_is_open(state.bus) > 0 || state.comes_back);
        if (detail::is_too_deep(path)) return detail::export_error(-EINVAL, detail::too_deep, what);
        int r = there ? 0 : -ENOTCONN;
        for (const detail::manager_node* m = tree.managers; m; m = m->next)
            if (m->path == path) r = -EEXIST;
        if (r >= 0) {
            tree.restore = [](bus_part& part) {
                int done = 0;
                auto& all = static_cast<detail::managed_tree&>(part);
                for (detail::manager_node* m = all.managers; m && done >= 0; m = m->next)
                    done = m->install(&detail::manager_called);
                return done;
            };
            node_ = new detail::manager_node;
            node_->bus = bus.state();
            node_->path = object_path{path};
            tree.add(*node_);
            detail::note_tree_change();
            r = node_->install(&detail::manager_called);
            if (r >= 0) hand_over(true);
            else abandon();
        }
        return r < 0 ? detail::export_error(r, path.c_str(), what) : error{};
    }
    void abandon() {
        detail::managed_tree::of(*node_->bus).remove(*node_);
        node_->uninstall();
        delete std::exchange(node_, nullptr);
    }
    // What is below it has gone from the manager above to this one, or back: so its clients learn it.
    // Who asks a new manager is given a list.
    void hand_over(bool begins) {
        bus_state& state = *node_->bus;
        if (begins) {
            if (const auto* by = above())
                for_each_handed(node_, [&](const detail::managed_node& n) {
                    detail::announce_removed_by(state, n, *by);
                });
            return;
        }
        for_each_handed(above(), [&](const detail::managed_node& n) {
            detail::announce_removed_by(state, n, *node_);
        });
        for_each_handed(above(), [&](const detail::managed_node& n) {
            detail::announce_managed(state, n, true);
        });
    }
    const detail::manager_node* above() const {
        return detail::managed_tree::of(*node_->bus).manager_of(node_->path.c_str());
    }
    // Of what the manager `has` now. Getters may make and destroy any of it meanwhile: so each that
    // was told of counts as come anew, and what came anew is not told of.
    void for_each_handed(const detail::manager_node* has, const auto& tell) {
        detail::managed_tree& tree = detail::managed_tree::of(*node_->bus);
        const unsigned before = tree.changes;
        for (detail::managed_node* n = tree.objects; n;) {
            if (n->entered > before || !tree.is_below(n->path(), node_->path) ||
                tree.manager_of(n->path()) != has) {
                n = n->next;
                continue;
            }
            const unsigned now = n->entered = ++tree.changes;
            tell(*n);
            n = tree.changes == now ? n->next : tree.objects;
        }
    }

    detail::manager_node* node_ = nullptr;
};

/// An object that is listed by the object manager above it, and announced: by InterfacesAdded when
/// it is made, which reads its properties, and by InterfacesRemoved when it goes. So it is made
/// last, when its instance can give them. One that is made before its manager is not announced, but
/// listed. Several on one path, with different interfaces, are one object to clients. What cannot
/// be sent is reported. Otherwise it is an `object`.
template <class... Vtables>
class managed_object : public object<Vtables...> {
    using base = object<Vtables...>;

public:
    managed_object(const managed_object&) = delete; // one error, where it is copied or moved
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
    template <class... Instance>
    static auto try_make(connection&&, object_path_view, Instance&&...) {
        return detail::on_a_temporary_connection<managed_object, Instance...>();
    }

private:
    using interfaces = typename base::interfaces;

    explicit managed_object(interfaces&& begun) : base{std::move(begun)} {
        place_.enter(all(this->me_));
    }
    // As in `object`.
    struct maker {
        interfaces& begun;
        operator managed_object() const { return managed_object{std::move(begun)}; }
    };
    // The getters run before sd-bus knows the object: nothing may call it where it cannot stay.
    template <class Style, class Instance, class I>
    static result<managed_object> make(const connection& bus, object_path_view path, I* instance) {
        interfaces begun{bus.state(), path};
        detail::announcement added{true};
        error e;
        if constexpr (base::template is_right<Instance>()) {
            base::template fill<Style>(begun, instance);
            if (const char* const at = begun.path(); at && *at == '/') { // it could be kept
                for (exported& one : all(begun)) one.bus = bus.state().get();
                e = added.fill(*bus.state(), all(begun));
                for (exported& one : all(begun)) one.bus = nullptr;
            }
        }
        if (!e) e = base::template register_all<Style, Instance>(begun);
        if (e) return result<managed_object>{std::unexpect, std::move(e)};
        added.send();
        return result<managed_object>{std::in_place, maker{begun}};
    }

    error enter() {
        detail::announcement added{true};
        error e = added.fill(*this->me_.bus, all(this->me_));
        if (e) return e;
        place_.enter(all(this->me_));
        added.send();
        return e;
    }
    static detail::managed_interfaces all(interfaces& of) {
        return {of.entries, sizeof...(Vtables)};
    }

    detail::managed_place place_; // goes first, while the object is there
};
// clang-format on

} // namespace ctbus
