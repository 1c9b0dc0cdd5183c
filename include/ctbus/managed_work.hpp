// What object managers do underneath: which objects each has, listing them, announcing them.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/export.hpp>
#include <ctbus/names.hpp>
#include <ctbus/property_dispatch.hpp>
#include <ctbus/trace.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus::detail {

inline constexpr char object_manager_name[] = "org.freedesktop.DBus.ObjectManager";

/// The interfaces of one object.
struct managed_interfaces {
    exported* first = nullptr;
    std::size_t count = 0;

    const char* path() const { return first->path; }
    exported* begin() const { return first; }
    exported* end() const { return first + count; }
};
/// One that is listed.
struct managed_node : list_node<managed_node>, managed_interfaces {};

/// One object manager, as sd-bus's userdata.
struct manager_node : list_node<manager_node> {
    bus_ref bus;
    sd_bus_slot* introspected = nullptr; // sd-bus's own manager
    sd_bus_slot* answering = nullptr;    // is asked before that, and answers in its place
    object_path path;
    int running = 0; // calls that it is answering
    bool gone = false;
};

/// The object managers of a connection and what is managed there: one of its parts.
struct managed_tree : bus_part {
    manager_node* managers = nullptr;
    managed_node* objects = nullptr;

    /// That of `state`, made if there is none.
    static managed_tree& of(bus_state& state) {
        if (bus_part* known = state.find(bus_part::managed))
            return *static_cast<managed_tree*>(known);
        auto* made = new managed_tree;
        made->is = bus_part::managed;
        made->restore = [](bus_part& part) {
            int r = 0;
            auto& tree = static_cast<managed_tree&>(part);
            for (manager_node* m = tree.managers; m && r >= 0; m = m->next) r = install(*m);
            return r;
        };
        made->destroy = [](bus_part* part) { delete static_cast<managed_tree*>(part); };
        made->enter(state.parts);
        return *made;
    }

    /// The manager of an object at `path`: the nearest one above it, or null.
    manager_node* manager_of(const char* path) const {
        manager_node* nearest = nullptr;
        for (manager_node* m = managers; m; m = m->next)
            if (is_below(path, m->path) &&
                (!nearest || m->path.view().size() > nearest->path.view().size()))
                nearest = m;
        return nearest;
    }

    static int install(manager_node& m);

private:
    static bool is_below(const char* path, std::string_view root) {
        if (root.size() == 1) return path[1] != 0; // `/` itself
        return std::strncmp(path, root.data(), root.size()) == 0 && path[root.size()] == '/';
    }
};

/// The interfaces of an object with their properties: a{sa{sv}}.
inline int append_interfaces(sd_bus_message* m, const managed_interfaces& object, sd_bus_error* out,
                             bool& sensitive) {
    for (exported& e : object) {
        int r;
        if ((r = sd_bus_message_open_container(m, 'e', "sa{sv}")) < 0 ||
            (r = sd_bus_message_append_basic(m, 's', e.interface)) < 0 ||
            (r = sd_bus_message_open_container(m, 'a', "{sv}")) < 0 ||
            (r = append_all(e, m, out, sensitive)) < 0 ||
            (r = sd_bus_message_close_container(m)) < 0 ||
            (r = sd_bus_message_close_container(m)) < 0)
            return r;
    }
    return 0;
}

/// All that one manager has, in the order of their paths: the interfaces of one path follow each
/// other. Null: memory is gone.
class managed_list {
public:
    managed_list(const managed_tree& tree, const manager_node& manager) {
        std::size_t count = 0;
        for (const managed_node* n = tree.objects; n; n = n->next) ++count;
        begin_ = end_ = static_cast<const managed_node**>(std::calloc(count + 1, sizeof *begin_));
        if (!begin_) return;
        for (const managed_node* n = tree.objects; n; n = n->next)
            if (tree.manager_of(n->path()) == &manager) *end_++ = n;
        std::qsort(begin_, static_cast<std::size_t>(end_ - begin_), sizeof *begin_,
                   [](const void* a, const void* b) {
                       const auto path = [](const void* at) {
                           return (*static_cast<const managed_node* const*>(at))->path();
                       };
                       return std::strcmp(path(a), path(b));
                   });
    }
    managed_list(const managed_list&) = delete;
    managed_list& operator=(const managed_list&) = delete;
    ~managed_list() { std::free(begin_); }

    explicit operator bool() const { return begin_ != nullptr; }
    const managed_node** begin() const { return begin_; }
    const managed_node** end() const { return end_; }

private:
    const managed_node** begin_;
    const managed_node** end_;
};

/// a{oa{sa{sv}}}. `watch` knows whether a getter created or destroyed objects: then the list is no
/// longer true, and this ends with -ESTALE.
inline int append_objects(sd_bus_message* m, const managed_list& list, const running_call& watch,
                          sd_bus_error* out, bool& sensitive) {
    const char* path = nullptr; // of the entry that is open
    int r = sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}");
    const auto end_object = [&] {
        if (path && (r = sd_bus_message_close_container(m)) >= 0)
            r = sd_bus_message_close_container(m);
        return r;
    };
    for (const managed_node* n : list) {
        if (r < 0) return r;
        if (!path || std::strcmp(path, n->path()) != 0) {
            if (end_object() < 0 || (r = sd_bus_message_open_container(m, 'e', "oa{sa{sv}}")) < 0 ||
                (r = sd_bus_message_append_basic(m, 'o', n->path())) < 0 ||
                (r = sd_bus_message_open_container(m, 'a', "{sa{sv}}")) < 0)
                return r;
            path = n->path();
        }
        r = append_interfaces(m, *n, out, sensitive);
        if (watch.tree_changed) return -ESTALE;
    }
    return r < 0 || end_object() < 0 ? r : sd_bus_message_close_container(m);
}

/// Answers GetManagedObjects in sd-bus's place, which would begin anew for as long as getters
/// create and destroy objects, and which does not say which property failed.
inline int answer_managed_objects(manager_node& manager, sd_bus_message* call, sd_bus_error* out) {
    const managed_tree& tree = managed_tree::of(*manager.bus);
    for (int attempts = 3;; --attempts) {
        running_call watch{nullptr, nullptr};
        const managed_list list{tree, manager};
        if (!list) return -ENOMEM;
        sd_bus_message* reply = nullptr;
        bool sensitive = false;
        int r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0) r = append_objects(reply, list, watch, out, sensitive);
        if (r >= 0) r = traced_send(nullptr, reply, sensitive);
        sd_bus_message_unref(reply);
        if (r >= 0) return 1;
        if (manager.gone) return sd_bus_error_free(out), answer_gone(out);
        if (!watch.tree_changed) return r;
        sd_bus_error_free(out);
        if (attempts == 1)
            return answer_with(out, error::failed("getters create or destroy objects each time"));
    }
}

/// What sd-bus calls for every call to the path of a manager.
inline int manager_called(sd_bus_message* call, void* userdata, sd_bus_error* out) {
    auto& manager = *static_cast<manager_node*>(userdata);
    if (manager.gone ||
        sd_bus_message_is_method_call(call, object_manager_name, "GetManagedObjects") <= 0 ||
        sd_bus_message_is_empty(call) <= 0)
        return 0; // for the objects there, or for sd-bus
    ++manager.running;
    int r = answer_managed_objects(manager, call, out);
    if (r < 0 && !sd_bus_error_is_set(out)) r = answer_with(out, error::from_errno(r));
    if (--manager.running == 0 && manager.gone) delete &manager;
    return r;
}

inline int managed_tree::install(manager_node& m) {
    sd_bus_slot_unref(std::exchange(m.introspected, nullptr));
    sd_bus_slot_unref(std::exchange(m.answering, nullptr));
    const int r = sd_bus_add_object_manager(m.bus->bus, &m.introspected, m.path.c_str());
    if (r < 0) return r;
    return sd_bus_add_object(m.bus->bus, &m.answering, m.path.c_str(), &manager_called, &m);
}

/// Sends InterfacesAdded or InterfacesRemoved for an object, if it has a manager that somebody can
/// hear.
inline error announce_managed(bus_state& state, const managed_interfaces& object, bool added) {
    state.check_thread();
    if (!state.open || state.is_away()) return {}; // who comes back asks again
    const manager_node* const manager = managed_tree::of(state).manager_of(object.path());
    if (!manager) return {};
    const char* const name = added ? "InterfacesAdded" : "InterfacesRemoved";
    sd_bus_message* m = nullptr;
    sd_bus_error failed{};
    bool sensitive = false;
    int r =
        sd_bus_message_new_signal(state.bus, &m, manager->path.c_str(), object_manager_name, name);
    if (r >= 0) r = sd_bus_message_append_basic(m, 'o', object.path());
    if (r >= 0) r = sd_bus_message_open_container(m, 'a', added ? "{sa{sv}}" : "s");
    if (r >= 0 && added) r = append_interfaces(m, object, &failed, sensitive);
    for (const exported& e : object)
        if (r >= 0 && !added) r = sd_bus_message_append_basic(m, 's', e.interface);
    if (r >= 0) r = sd_bus_message_close_container(m);
    if (r >= 0) r = traced_send(nullptr, m, sensitive);
    sd_bus_message_unref(m);
    const bool lost = r < 0 && sd_bus_is_open(state.bus) <= 0; // nobody is there to hear
    if (r >= 0 || lost) return sd_bus_error_free(&failed), error{};
    const error why = sd_bus_error_is_set(&failed)
                          ? error{failed.name, failed.message ? failed.message : ""}
                          : error::from_errno(r);
    sd_bus_error_free(&failed);
    return why.during("%s of %s", name, object.path());
}
/// Announces an object that has no place yet.
inline error announce_early(exported* interfaces, std::size_t count, bus_state& state) {
    const managed_interfaces object{interfaces, count};
    for (exported& e : object) e.bus = &state; // for the getters
    error failed = announce_managed(state, object, true);
    for (exported& e : object) e.bus = nullptr;
    return failed;
}

/// The place of an object in the tree of its connection.
class managed_place {
public:
    managed_place() = default;
    managed_place(const managed_place&) = delete;
    managed_place& operator=(const managed_place&) = delete;
    void enter(exported* interfaces, std::size_t count) {
        node_.first = interfaces;
        node_.count = count;
        node_.enter(managed_tree::of(*interfaces->bus).objects);
    }
    ~managed_place() {
        if (!node_.held_by) return;
        node_.leave();
        if (const error e = announce_managed(*node_.first->bus, node_, false)) report(e);
    }

private:
    managed_node node_;
};

} // namespace ctbus::detail
