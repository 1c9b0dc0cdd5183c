// Which objects a connection's object managers have.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/names.hpp>

#include <cstddef>
#include <cstring>
#include <string_view>
#include <systemd/sd-bus.h>

namespace ctbus::detail {

/// The interfaces of one object.
struct managed_interfaces {
    exported* first = nullptr;
    std::size_t count = 0;

    const char* path() const { return first->path; }
    exported* begin() const { return first; }
    exported* end() const { return first + count; }
};
/// One that is listed.
struct managed_node : list_node<managed_node>, managed_interfaces {
    unsigned entered = 0; // the tree's changes then
};

/// One object manager, as sd-bus's userdata.
struct manager_node : list_node<manager_node> {
    bus_ref bus;
    sd_bus_slot* introspected = nullptr; // sd-bus's own manager
    sd_bus_slot* answering = nullptr;    // is asked before that, and answers in its place
    object_path path;
    int running = 0; // calls that it is answering
    bool gone = false;

    /// Makes it known to the bus that the connection has now; negative: an errno.
    int install(sd_bus_message_handler_t called) {
        uninstall();
        const int r = sd_bus_add_object_manager(bus->bus, &introspected, path.c_str());
        if (r < 0) return r;
        return sd_bus_add_object(bus->bus, &answering, path.c_str(), called, this);
    }
    void uninstall() {
        sd_bus_slot_unref(take(introspected));
        sd_bus_slot_unref(take(answering));
    }
};

/// The object managers of a connection and what is managed there: one of its parts.
struct managed_tree : bus_part {
    manager_node* managers = nullptr;
    managed_node* objects = nullptr;
    unsigned changes = 0; // how often one of these came or went

    /// That of `state`, or null where nothing was managed yet.
    static managed_tree* find(const bus_state& state) {
        return static_cast<managed_tree*>(state.find(bus_part::managed));
    }
    /// That of `state`, made if there is none. `called` is what sd-bus calls for a manager.
    static managed_tree& of(bus_state& state) {
        if (managed_tree* known = find(state)) return *known;
        auto* made = new managed_tree;
        made->is = bus_part::managed;
        made->destroy = [](bus_part* part) { delete static_cast<managed_tree*>(part); };
        made->enter(state.parts);
        return *made;
    }

    void add(manager_node& m) { ++changes, m.enter(managers); }
    void add(managed_node& n) { n.entered = ++changes, n.enter(objects); }
    void remove(auto& node) { ++changes, node.leave(); }

    /// The manager of an object at `path`: the nearest one above it, or null.
    manager_node* manager_of(const char* path) const {
        manager_node* nearest = nullptr;
        for (manager_node* m = managers; m; m = m->next)
            if (is_below(path, m->path) &&
                (!nearest || m->path.view().size() > nearest->path.view().size()))
                nearest = m;
        return nearest;
    }

    static bool is_below(const char* path, std::string_view root) {
        if (root.size() == 1) return path[1] != 0; // `/` itself
        return std::strncmp(path, root.data(), root.size()) == 0 && path[root.size()] == '/';
    }
};

} // namespace ctbus::detail
