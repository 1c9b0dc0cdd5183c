// Registering an object's interfaces with sd-bus, and withdrawing them, at any moment.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/names.hpp>
#include <ctbus/report.hpp>
#include <ctbus/running_call.hpp>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

namespace detail {

/// Tells running property accesses that sd-bus's tree of objects changes under them.
inline void note_tree_change() {
    for (running_call* call = running_call::innermost; call; call = call->outer)
        call->tree_changed = true;
}

/// `path` null: memory is gone.
[[gnu::cold, gnu::noinline]] inline error export_error(int r, const char* path,
                                                       const char* interface) {
    if (!path) return error::from_errno(ENOMEM);
    const char* why = r == -EEXIST       ? "it is exported already on this connection"
                      : r == -EPROTOTYPE ? "a fallback is exported there already"
                                         : words_of(r);
    return error::format(nullptr, r, "cannot export %s at %s: %s", interface, path, why);
}

// sd-bus keeps the slot of an object that was destroyed in its own handler until that handler
// returns, and refuses another one in its place. So the new object takes that very slot.
[[gnu::cold]] inline sd_bus_slot* take_orphan(const bus_state& state, exported& e) {
    for (running_call* call = running_call::innermost; call; call = call->outer) {
        if (call->orphan && call->orphan_rows == e.rows &&
            std::strcmp(call->orphan_interface, e.interface) == 0 &&
            sd_bus_slot_get_bus(call->orphan) == state.bus &&
            std::strcmp(sd_bus_message_get_path(call->message), e.path) == 0) {
            sd_bus_slot_set_userdata(call->orphan, &e);
            return call->lent = detail::take(call->orphan);
        }
    }
    return nullptr;
}

[[gnu::cold, gnu::noinline]] inline void report_closed_methods(const exported& e) {
    report(error::format(SD_BUS_ERROR_ACCESS_DENIED, 0,
                         "%s at %s has methods that are not `unprivileged`: on the system bus "
                         "only a privileged caller may use them",
                         e.interface, e.path));
}

inline int add_to_bus(exported& e, const bus_state& state) {
    if (!state.open || !e.path) [[unlikely]]
        return -ENOTCONN; // sd-bus would take it on a closed connection too
    return sd_bus_add_object_vtable(state.bus, &e.slot, e.path, e.interface, e.rows, &e);
}
[[gnu::cold, gnu::noinline]] inline int add_while_handling(exported& e, const bus_state& state) {
    if (state.open && e.path && (e.slot = take_orphan(state, e))) return 0;
    const int r = add_to_bus(e, state);
    if (r >= 0) note_tree_change();
    return r;
}

/// Registers one interface, which settle() makes known; negative: see export_error().
[[gnu::noinline]] inline int export_interface(exported& e, bus_state& state,
                                              bool has_closed_method) {
    state.check_thread();
    const int r = running_call::innermost ? add_while_handling(e, state) : add_to_bus(e, state);
    if (r >= 0 && state.is_system && has_closed_method && !state.reported_closed) [[unlikely]] {
        state.reported_closed = true;
        report_closed_methods(e);
    }
    return r;
}

/// What was registered stays where it is now.
inline void settle(exported& e, bus_state& state) {
    if (e.slot) state.add(e);
}

/// Tells the handlers that run of an object that goes. Its slot stays with the call that uses it.
[[gnu::cold, gnu::noinline]] inline void leave_running_calls(exported& e) {
    for (running_call* call = running_call::innermost; call; call = call->outer) {
        call->tree_changed = true;
        const bool in_use = call->on == &e || (e.slot && call->lent == e.slot);
        if (call->on == &e) call->on = nullptr;
        if (!in_use || !e.slot || !call->message) continue;
        call->orphan = detail::take(e.slot); // sd-bus is using it
        call->orphan_rows = e.rows;
        call->orphan_interface = e.interface;
        call->lent = nullptr;
        sd_bus_slot_set_userdata(call->orphan, nullptr);
    }
}

/// Takes interfaces of one object away from sd-bus.
[[gnu::noinline]] inline void withdraw(exported* first, std::size_t count) {
    for (exported* e = first; e != first + count; ++e) {
        if (bus_state* const bus = e->bus) { // it was settled
            bus->check_thread();
            e->bus = nullptr;
            bus->remove(*e);
        }
        if (running_call::innermost) [[unlikely]]
            leave_running_calls(*e);
        sd_bus_slot_unref(detail::take(e->slot)); // takes null
        if (e->tasks) [[unlikely]]
            detached_work::lose_all(e->tasks);
    }
}

// sd-bus makes a node for each element of a path, one within the other, and copies what is before
// it onto the stack. Peers may have a say in paths: few elements are allowed what many would take.
inline bool is_too_deep(std::string_view path) {
    constexpr std::size_t most_stack = 256 * 1024, frame = 128;
    std::size_t stack = 0;
    for (std::size_t i = 0; i < path.size() && stack <= most_stack; ++i)
        if (path[i] == '/') stack += i + frame;
    return stack > most_stack;
}
/// Stands in errors for such a path, and is none that sd-bus takes.
inline constexpr char too_deep[] = "a path of more elements than sd-bus has room for";

/// Where the path of an object is copied to, if it is no literal. A short one costs no memory of
/// its own, since an object stays where it is.
class path_room {
public:
    path_room() { bytes_[last] = 0; }
    path_room(const path_room&) = delete;
    path_room& operator=(const path_room&) = delete;
    ~path_room() {
        if (bytes_[last] == 0) [[likely]]
            return;
        void* room = nullptr;
        std::memcpy(&room, bytes_, sizeof room);
        std::free(room);
    }

    /// The path for as long as this lives, or null where memory is gone. Only once.
    const char* keep(object_path_view path) {
        if (path.is_literal()) return path.c_str();
        if (path.size() > 512 && is_too_deep(path.view())) return too_deep;
        char* room = bytes_;
        if (path.size() >= last) [[unlikely]] {
            room = static_cast<char*>(std::malloc(path.size() + 1));
            if (!room) return nullptr;
            std::memcpy(bytes_, &room, sizeof room);
            bytes_[last] = 1;
        }
        std::memcpy(room, path.c_str(), path.size() + 1);
        return room;
    }
    /// What `other` keeps as `path`.
    const char* take(path_room& other, const char* path) {
        std::memcpy(bytes_, other.bytes_, sizeof bytes_);
        other.bytes_[last] = 0;
        return path == other.bytes_ ? bytes_ : path;
    }

private:
    // The path, as most fit in, or where it was allocated: then the last byte is not 0.
    static constexpr std::size_t last = 39;
    char bytes_[last + 1];
};

/// The interfaces of an object that sd-bus knows; settle() where they will stay.
template <std::size_t N>
struct exported_interfaces {
    bus_ref bus;
    exported entries[N];
    path_room room;

    exported_interfaces(const bus_ref& on, object_path_view path) : bus{on} {
        const char* const kept = room.keep(path);
        for (exported& e : entries) e.path = kept;
    }
    exported_interfaces(exported_interfaces&& other) noexcept : bus{std::move(other.bus)} {
        const char* const kept = room.take(other.room, other.path());
        for (std::size_t i = 0; i < N; ++i) {
            entries[i] = std::exchange(other.entries[i], {});
            entries[i].path = kept;
            if (entries[i].slot) sd_bus_slot_set_userdata(entries[i].slot, &entries[i]);
        }
    }
    ~exported_interfaces() { withdraw(entries, N); }

    const char* path() const { return entries[0].path; }
    void settle() {
        for (exported& e : entries) detail::settle(e, *bus);
    }
};

} // namespace detail

} // namespace ctbus
