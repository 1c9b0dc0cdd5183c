// What object managers do underneath: listing what they have, and announcing it.
#pragma once

#include <ctbus/export.hpp>
#include <ctbus/managed_tree.hpp>
#include <ctbus/property_dispatch.hpp>
#include <ctbus/report.hpp>
#include <ctbus/trace.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus::detail {

inline constexpr char object_manager_name[] = "org.freedesktop.DBus.ObjectManager";

/// Says at which object a getter failed, or the list became too large.
[[gnu::cold, gnu::noinline]] inline int locate_failure(int r, const exported& at,
                                                       sd_bus_error* out) {
    error why = error::from_errno(r, r == -EMSGSIZE ? "what is listed up to here is too large: an "
                                                      "array may have 64 MiB"
                                                    : nullptr);
    if (sd_bus_error_is_set(out)) why = error{out->name, out->message ? out->message : ""};
    sd_bus_error_free(out);
    return answer_with(out, error::format(why.name().data(), 0, "%s at %s: %s", at.interface,
                                          at.path, why.message().data()));
}

/// The interfaces of an object with their properties: a{sa{sv}}. -ESTALE: a getter has destroyed
/// it.
inline int append_interfaces(sd_bus_message* m, const managed_interfaces& object, sd_bus_error* out,
                             bool& sensitive) {
    for (exported& e : object) {
        const running_call watch{nullptr, &e};
        counted_values::add(m, 64 + std::strlen(e.interface));
        int r = sd_bus_message_open_container(m, 'e', "sa{sv}");
        if (r < 0 || (r = sd_bus_message_append_basic(m, 's', e.interface)) < 0 ||
            (r = sd_bus_message_open_container(m, 'a', "{sv}")) < 0)
            return r;
        r = append_all(e, m, out, sensitive);
        if (!watch.on) return -ESTALE;
        if (r >= 0) r = counted_values::check();
        if (r < 0) return locate_failure(r, e, out);
        if ((r = sd_bus_message_close_container(m)) < 0 ||
            (r = sd_bus_message_close_container(m)) < 0)
            return r;
    }
    return 0;
}

/// All that one manager has, in the order of their paths: the interfaces of one path follow each
/// other. False: memory is gone.
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

/// a{oa{sa{sv}}}. -ESTALE: something that is managed came or went meanwhile.
inline int append_objects(sd_bus_message* m, const managed_list& list, const managed_tree& tree,
                          sd_bus_error* out, bool& sensitive) {
    constexpr int depth = 7; // around a value: three dictionaries and their entries, the variant
    const counted_values counting{m, depth};
    const unsigned before = tree.changes;
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
            counted_values::add(m, 32 + std::strlen(n->path()));
            if (end_object() < 0 || (r = sd_bus_message_open_container(m, 'e', "oa{sa{sv}}")) < 0 ||
                (r = sd_bus_message_append_basic(m, 'o', n->path())) < 0 ||
                (r = sd_bus_message_open_container(m, 'a', "{sa{sv}}")) < 0)
                return r;
            path = n->path();
        }
        r = append_interfaces(m, *n, out, sensitive);
        if (tree.changes != before) return -ESTALE;
    }
    return r < 0 || end_object() < 0 ? r : sd_bus_message_close_container(m);
}

/// Answers GetManagedObjects in sd-bus's place, which would begin anew for as long as getters
/// create and destroy objects, and which does not say which property failed.
inline int answer_managed_objects(manager_node& manager, sd_bus_message* call, sd_bus_error* out) {
    const managed_tree& tree = managed_tree::of(*manager.bus);
    for (int attempts = 3; attempts != 0; --attempts) {
        const managed_list list{tree, manager};
        if (!list) return -ENOMEM;
        sd_bus_message* reply = nullptr;
        bool sensitive = false;
        int r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0) r = append_objects(reply, list, tree, out, sensitive);
        if (r >= 0) r = traced_send(nullptr, reply, sensitive);
        sd_bus_message_unref(reply);
        if (r >= 0) return 1;
        if (r != -ESTALE) return r;
        sd_bus_error_free(out);
        if (manager.gone) return answer_gone(out);
    }
    return answer_with(
        out, error::failed("getters create or destroy managed objects whenever they are listed"));
}

/// What sd-bus calls for every call to the path of a manager.
inline int manager_called(sd_bus_message* call, void* userdata, sd_bus_error* out) {
    auto& manager = *static_cast<manager_node*>(userdata);
    if (manager.gone ||
        sd_bus_message_is_method_call(call, object_manager_name, "GetManagedObjects") <= 0 ||
        sd_bus_message_is_empty(call) <= 0)
        return 0; // for the objects there, or for sd-bus
    if (sd_bus_message_get_expect_reply(call) <= 0) return 1;
    ++manager.running;
    int r = answer_managed_objects(manager, call, out);
    if (r < 0 && !sd_bus_error_is_set(out)) r = answer_with(out, error::from_errno(r));
    if (--manager.running == 0 && manager.gone) delete &manager;
    return r;
}

/// InterfacesAdded or InterfacesRemoved of one object, filled first and sent later; nothing, where
/// nobody can hear it.
class announcement {
public:
    explicit announcement(bool added) : added_{added} {}
    announcement(const announcement&) = delete;
    announcement& operator=(const announcement&) = delete;
    ~announcement() { sd_bus_message_unref(m_); }

    /// By the manager above the object; its getters run now. They may replace that manager.
    error fill(bus_state& state, const managed_interfaces& object) {
        state.check_thread();
        const managed_tree* const tree = managed_tree::find(state);
        for (int attempts = 3; tree && attempts != 0; --attempts) {
            const manager_node* const by = tree->manager_of(object.path());
            if (error e = by ? fill_by(state, object, *by) : error{}) return e;
            if (!m_ || tree->manager_of(object.path()) == by) return {};
            m_ = sd_bus_message_unref(m_);
        }
        return tree
                   ? error::failed("getters make or destroy object managers whenever they are read")
                   : error{};
    }
    /// By `by`.
    error fill_by(bus_state& state, const managed_interfaces& object, const manager_node& by) {
        if (!state.open || sd_bus_is_open(state.bus) <= 0) return {};
        sd_bus_error failed{};
        int r =
            sd_bus_message_new_signal(state.bus, &m_, by.path.c_str(), object_manager_name, name());
        if (r >= 0) r = sd_bus_message_append_basic(m_, 'o', object.path());
        if (r >= 0) r = append(object, &failed);
        if (r >= 0) return {};
        error why = sd_bus_error_is_set(&failed)
                        ? error{failed.name, failed.message ? failed.message : ""}
                        : error::from_errno(r);
        sd_bus_error_free(&failed);
        m_ = sd_bus_message_unref(m_);
        return r == -ESTALE ? error{} : why.in_context(name()); // or it is gone
    }
    /// What cannot be sent is reported: that a peer does not read, or has gone, is no fault of the
    /// object.
    void send() {
        if (!m_) return;
        sd_bus* const bus = sd_bus_message_get_bus(m_);
        const int r = traced_send(nullptr, m_, sensitive_);
        if (r < 0 && sd_bus_is_open(bus) > 0) report(error::from_errno(r, nullptr, name()));
    }

private:
    const char* name() const { return added_ ? "InterfacesAdded" : "InterfacesRemoved"; }
    int append(const managed_interfaces& object, sd_bus_error* out) {
        int r = sd_bus_message_open_container(m_, 'a', added_ ? "{sa{sv}}" : "s");
        if (r >= 0) r = added_ ? append_added(object, out) : append_removed(object);
        return r < 0 ? r : sd_bus_message_close_container(m_);
    }
    int append_added(const managed_interfaces& object, sd_bus_error* out) {
        constexpr int depth = 5;
        const counted_values counting{m_, depth};
        return append_interfaces(m_, object, out, sensitive_);
    }
    int append_removed(const managed_interfaces& object) {
        int r = 0;
        for (const exported& e : object)
            if (r >= 0) r = sd_bus_message_append_basic(m_, 's', e.interface);
        return r;
    }

    sd_bus_message* m_ = nullptr;
    bool sensitive_ = false;
    bool added_;
};

/// Announces at once; a failure is reported.
inline void announce_managed(bus_state& state, const managed_interfaces& object, bool added) {
    announcement a{added};
    if (const error e = a.fill(state, object)) report(e);
    a.send();
}
/// The same by a manager that is going, or that is no more the object's.
inline void announce_removed_by(bus_state& state, const managed_interfaces& object,
                                const manager_node& by) {
    announcement a{false};
    if (const error e = a.fill_by(state, object, by)) report(e);
    a.send();
}

/// The place of an object in the tree of its connection.
class managed_place {
public:
    managed_place() = default;
    managed_place(const managed_place&) = delete;
    managed_place& operator=(const managed_place&) = delete;
    void enter(const managed_interfaces& object) {
        static_cast<managed_interfaces&>(node_) = object;
        managed_tree::of(*object.first->bus).add(node_);
    }
    ~managed_place() {
        if (!node_.held_by) return;
        bus_state& state = *node_.first->bus;
        managed_tree::of(state).remove(node_);
        announce_managed(state, node_, false);
    }

private:
    managed_node node_;
};

} // namespace ctbus::detail
