// What the parts of one connection share: the bus, what is exported on it, the names it asked for.
#pragma once

#include <ctbus/error.hpp>
#include <ctbus/running_call.hpp>

#include <cstdlib>
#include <cstring>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

struct bus_state;

/// One interface of one object, as sd-bus's userdata. It does not move while it is exported.
struct exported {
    sd_bus_slot* slot = nullptr;
    void* instance = nullptr;
    const sd_bus_vtable* rows = nullptr; // null in a raw_object, as the interface and the path
    const char* interface = nullptr;
    const char* path = nullptr;
    bus_state* bus = nullptr;
    exported* next = nullptr;
    exported* previous = nullptr;

    /// The row of that method or property, or null. Both may have the same name.
    const sd_bus_vtable* method(std::string_view name) const {
        return row(name, _SD_BUS_VTABLE_METHOD, _SD_BUS_VTABLE_METHOD);
    }
    const sd_bus_vtable* property(std::string_view name) const {
        return row(name, _SD_BUS_VTABLE_PROPERTY, _SD_BUS_VTABLE_WRITABLE_PROPERTY);
    }

private:
    const sd_bus_vtable* row(std::string_view name, char type, char or_type) const {
        if (!rows) return nullptr; // a raw_object's
        for (const sd_bus_vtable* r = rows + 1; r->type != _SD_BUS_VTABLE_END; ++r)
            if ((r->type == type || r->type == or_type) &&
                name == r->x.method.member) // first in every kind of row
                return r;
        return nullptr;
    }
};

/// A name that this connection asked for, or whose owner it follows.
struct followed_name {
    followed_name* next;
    bus_state* bus;
    sd_bus_slot* slot = nullptr; // of the owner's signal
    int users = 1;
    char owner[256] = "";
    char name[256] = "";
};

/// Something on its way that nobody but the connection holds.
struct detached_work {
    detached_work* next = nullptr;
    detached_work* previous = nullptr;
    void (*lost)(detached_work*) = nullptr; // the connection has closed: ends and destroys it
    void (*destroy)(detached_work*) = nullptr;
};

/// Shared by a connection and all that was made from it; counted, so that they may be destroyed in
/// any order. Belongs to one thread, as the bus does.
struct bus_state {
    sd_bus* bus = nullptr;
    int users = 1;
    bool is_system = false;
    bool stopped = false;
    bool open = true;
    int unreadable = 0;           // messages in a row that could not be read
    bool reported_closed = false; // methods closed to unprivileged callers
    exported* objects = nullptr;
    sd_bus_slot* trace_slot = nullptr;
    followed_name* requested = nullptr; // names asked for by request_name()
    followed_name* followed = nullptr;  // names whose owner is followed
    detached_work* detached = nullptr;

    bus_state() = default;
    bus_state(const bus_state&) = delete;
    bus_state& operator=(const bus_state&) = delete;
    ~bus_state() {
        free_names(requested);
        free_names(followed);
        sd_bus_slot_unref(trace_slot);
        sd_bus_unref(bus);
    }

    void add(exported& object) {
        object.bus = this;
        object.previous = nullptr;
        object.next = objects;
        if (objects) objects->previous = &object;
        objects = &object;
    }
    void remove(exported& object) {
        (object.previous ? object.previous->next : objects) = object.next;
        if (object.next) object.next->previous = object.previous;
    }

    void add(detached_work& work) {
        work.next = detached;
        if (detached) detached->previous = &work;
        detached = &work;
    }
    void remove(detached_work& work) {
        (work.previous ? work.previous->next : detached) = work.next;
        if (work.next) work.next->previous = work.previous;
    }
    void lose_detached() {
        while (detached_work* first = detached) {
            remove(*first);
            first->lost(first);
        }
    }

    /// Whether `m` is a call of a member that is marked sensitive, or a Set that does not say of
    /// what.
    [[gnu::cold]] bool is_sensitive(sd_bus_message* m) const {
        const char* path = sd_bus_message_get_path(m);
        const char* interface = sd_bus_message_get_interface(m);
        const char* member = sd_bus_message_get_member(m);
        if (!path || !interface || !member) return false;
        const bool sets =
            sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", "Set") > 0;
        if (sets) {
            const bool named = sd_bus_message_read_basic(m, 's', &interface) > 0 &&
                               sd_bus_message_read_basic(m, 's', &member) > 0;
            if (sd_bus_message_rewind(m, 1) < 0 || !named) return true;
        }
        for (const exported* e = objects; e; e = e->next) {
            if (std::strcmp(e->path, path) != 0 || std::strcmp(e->interface, interface) != 0)
                continue;
            const sd_bus_vtable* row = sets ? e->property(member) : e->method(member);
            return row && (row->flags & SD_BUS_VTABLE_SENSITIVE) != 0;
        }
        return false;
    }

    /// Whether a blocking call to `destination` would wait for this very connection.
    bool is_self(const char* destination) const {
        if (!destination) return false;
        if (destination[0] == ':') return is_unique_name(destination);
        return requested && find(requested, destination) && owns(destination);
    }

    bool is_unique_name(const char* name) const {
        const char* unique = nullptr;
        return sd_bus_get_unique_name(bus, &unique) >= 0 && std::strcmp(unique, name) == 0;
    }
    /// Whether a name that was asked for is still ours: another may have replaced us.
    [[gnu::cold, gnu::noinline]] bool owns(const char* name) const {
        sd_bus_message* reply = nullptr;
        const char* owner = "";
        const bool ours = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                             "org.freedesktop.DBus", "GetNameOwner", nullptr,
                                             &reply, "s", name) >= 0 &&
                          sd_bus_message_read_basic(reply, 's', &owner) > 0 &&
                          is_unique_name(owner);
        sd_bus_message_unref(reply);
        return ours;
    }

    static followed_name* find(followed_name* list, std::string_view name) {
        while (list && name != list->name) list = list->next;
        return list;
    }
    /// Null when memory is gone.
    followed_name* add_name(followed_name*& list, std::string_view name) {
        auto* made = static_cast<followed_name*>(std::malloc(sizeof(followed_name)));
        if (!made) return nullptr;
        *made = {list, this};
        made->name[name.copy(made->name, sizeof made->name - 1)] = 0;
        return list = made;
    }
    static void remove_name(followed_name*& list, followed_name* gone) {
        followed_name** at = &list;
        while (*at && *at != gone) at = &(*at)->next;
        if (!*at) return;
        *at = gone->next;
        sd_bus_slot_unref(gone->slot);
        std::free(gone);
    }

private:
    static void free_names(followed_name*& list) {
        while (list) remove_name(list, list);
    }
};

/// A share of a bus_state.
class bus_ref {
public:
    bus_ref() = default;
    explicit bus_ref(bus_state* state) : state_{state} {
        if (state_) ++state_->users;
    }
    bus_ref(const bus_ref& other) : bus_ref{other.state_} {}
    bus_ref(bus_ref&& other) noexcept : state_{std::exchange(other.state_, nullptr)} {}
    bus_ref& operator=(bus_ref other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~bus_ref() {
        if (state_ && --state_->users == 0) destroy(state_);
    }

    static bus_ref adopt(bus_state* state) {
        bus_ref made;
        made.state_ = state;
        return made;
    }

    bus_state* get() const { return state_; }
    bus_state* operator->() const { return state_; }
    bus_state& operator*() const { return *state_; }
    explicit operator bool() const { return state_ != nullptr; }

private:
    [[gnu::noinline]] static void destroy(bus_state* state) { delete state; }

    bus_state* state_ = nullptr;
};

} // namespace ctbus
