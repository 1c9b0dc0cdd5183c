// What the parts of one connection share: the bus, what is exported on it, the names it asked for.
#pragma once

#include <ctbus/error.hpp>
#include <ctbus/exported.hpp>
#include <ctbus/list_node.hpp>
#include <ctbus/running_call.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <systemd/sd-bus.h>

namespace ctbus {

/// A name that this connection asked for, or whose owner it follows.
struct followed_name {
    followed_name* next;
    bus_state* bus;
    sd_bus_slot* slot;   // of the owner's signal
    sd_bus_slot* asking; // who the owner is
    int users;
    std::uint64_t flags; // it was asked for with
    char owner[256];
    char name[256];
};

struct spare_blocks; // spare_blocks.hpp

/// What a later part keeps with a connection, and what has to be made again when its bus is
/// replaced.
struct bus_part : list_node<bus_part> {
    enum kind : unsigned char { any, loss, loss_callback, reconnector, managed, greeting };

    kind is = any;
    int (*restore)(bus_part&) = nullptr;  // on the new bus; negative: an errno
    void (*destroy)(bus_part*) = nullptr; // with the connection; null: its owner does
};

/// What a connection's loop does besides messages, once a later part wants it: timers, and what
/// other threads post (loop_work.hpp).
struct loop_extension {
    using waiter = int (*)(bus_state&, int other, std::uint64_t limit);

    int wake_fd = -1;                    // readable: another thread has posted something
    int joined_fd = -1;                  // for foreign loops: readable where it or the bus is
    bool away = false;                   // the bus is lost, and will be opened again
    bool busy = false;                   // there is something to run, or will be at a known time
    const bool* woken = &never;          // another thread sets it when it has posted something
    std::uint64_t deadline = UINT64_MAX; // when run() is due, as detail::now()
    bool (*run)(bus_state&) = nullptr;   // does what is due; whether there was something
    waiter wait = nullptr;               // for messages and for wake_fd
    int (*join)(loop_extension&, int fd, short events) = nullptr; // joined_fd waits for that too
    int (*attach)(bus_state&, sd_event*, std::int64_t priority) = nullptr;
    void (*wake)(loop_extension&) = nullptr;  // for any thread: makes wake_fd readable
    void (*close)(loop_extension&) = nullptr; // nothing can be posted any more
    void (*destroy)(loop_extension*) = nullptr;

    /// Whether messages are all there is.
    bool is_idle() const { return !busy && !__atomic_load_n(woken, __ATOMIC_RELAXED); }

private:
    static constexpr bool never = false;
};

/// Shared by a connection and all that was made from it; counted, so that they may be destroyed in
/// any order. Belongs to one thread, as the bus does.
struct bus_state {
    // Its address tells threads apart.
    inline static thread_local const char this_thread = 0;

    sd_bus* bus = nullptr;
    int users = 1;
    const void* used_by = nullptr; // the thread that runs it right now
    bool is_system = false;
    bool borrowed = false; // somebody else closes the bus
    bool stopped = false;  // any thread may set it
    bool open = true;
    // The signature that the message being handled is known to have, of which the address counts;
    // null where it is not this library's loop that handles it, or that does other work.
    const char* heard = nullptr;
    static constexpr char nothing_known = 0;
    int unreadable = 0;           // messages in a row that could not be read
    int waiting = 0;              // bytes to be read when the last of them was dropped
    bool reported_closed = false; // methods closed to unprivileged callers
    exported* objects = nullptr;
    sd_bus_slot* trace_slot = nullptr;
    followed_name* requested = nullptr; // names asked for by request_name()
    followed_name* followed = nullptr;  // names whose owner is followed
    bus_part* parts = nullptr;
    bool comes_back = false; // a lost bus is opened again
    detached_work* detached = nullptr;
    loop_extension* extension = nullptr;
    spare_blocks* spares = nullptr; // one of the parts

    bus_state() = default;
    bus_state(const bus_state&) = delete;
    bus_state& operator=(const bus_state&) = delete;
    [[gnu::cold]] ~bus_state() {
        while (bus_part* part = parts) {
            part->leave();
            if (part->destroy) part->destroy(part);
        }
        if (extension) extension->destroy(extension);
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

    void stop() {
        __atomic_store_n(&stopped, true, __ATOMIC_RELAXED);
        if (extension) extension->wake(*extension);
    }
    bool is_stopped() const { return __atomic_load_n(&stopped, __ATOMIC_RELAXED); }

    /// Whether the bus is lost, and will be opened again.
    bool is_away() const { return open && extension && extension->away; }

    /// The one part of that kind, or null.
    bus_part* find(bus_part::kind wanted) const {
        bus_part* part = parts;
        while (part && part->is != wanted) part = part->next;
        return part;
    }

    /// In debug builds: ends the program if another thread is running this connection.
    void check_thread() const {
#ifndef NDEBUG
        require_thread();
#endif
    }
    [[gnu::noinline]] void require_thread() const noexcept {
        const void* running = __atomic_load_n(&used_by, __ATOMIC_RELAXED);
        if (!running || running == &this_thread) [[likely]]
            return;
        std::fprintf(stderr, "ctbus: %s\n",
                     "a connection is used in one thread while it runs in another: "
                     "bus.post(function) runs a function where the connection runs");
        std::abort();
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
    /// Whether a name is ours, as the bus says: another may have replaced us.
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

    static followed_name* find(followed_name* list, const char* name) {
        while (list && std::strcmp(list->name, name) != 0) list = list->next;
        return list;
    }
    /// Null when memory is gone. A valid name has room: D-Bus allows 255 bytes.
    [[gnu::cold]] followed_name* add_name(followed_name*& list, const char* name) {
        auto* made = static_cast<followed_name*>(std::malloc(sizeof(followed_name)));
        if (!made) return nullptr;
        made->next = list;
        made->bus = this;
        made->slot = made->asking = nullptr;
        made->users = 1;
        made->flags = 0;
        made->owner[0] = 0;
        std::memcpy(made->name, name, std::strlen(name) + 1);
        return list = made;
    }
    static void remove_name(followed_name*& list, followed_name* gone) {
        followed_name** at = &list;
        while (*at && *at != gone) at = &(*at)->next;
        if (!*at) return;
        *at = gone->next;
        sd_bus_slot_unref(gone->slot);
        sd_bus_slot_unref(gone->asking);
        std::free(gone);
    }

private:
    [[gnu::cold, gnu::noinline]] static void free_names(followed_name*& list) {
        while (list) remove_name(list, list);
    }
};

/// Marks a connection as run by this thread, for as long as it lives.
class running_here {
public:
    explicit running_here(bus_state& state)
        : state_{state}, before_{state.used_by}, heard_before_{state.heard} {
        state.check_thread();
        set(&bus_state::this_thread);
    }
    running_here(const running_here&) = delete;
    running_here& operator=(const running_here&) = delete;
    ~running_here() {
        state_.heard = heard_before_; // what was handled here is gone
        set(before_);
    }

private:
    void set(const void* thread) { __atomic_store_n(&state_.used_by, thread, __ATOMIC_RELAXED); }

    bus_state& state_;
    const void* before_;
    const char* heard_before_;
};

/// A share of a bus_state.
class bus_ref {
public:
    bus_ref() = default;
    explicit bus_ref(bus_state* state) : state_{state} {
        if (state_) ++state_->users;
    }
    bus_ref(const bus_ref& other) : state_{other.state_} {
        if (state_) ++state_->users;
    }
    bus_ref(bus_ref&& other) noexcept : state_{other.state_} { other.state_ = nullptr; }
    bus_ref& operator=(bus_ref other) noexcept {
        detail::swap_values(state_, other.state_);
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
    [[gnu::cold, gnu::noinline]] static void destroy(bus_state* state) { delete state; }

    bus_state* state_ = nullptr;
};

} // namespace ctbus
