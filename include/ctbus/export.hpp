// Registering an object's interfaces with sd-bus, and withdrawing them, at any moment.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/kept_name.hpp>
#include <ctbus/report.hpp>
#include <ctbus/running_call.hpp>

#include <cstddef>
#include <cstring>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

namespace detail {

/// Tells running property accesses that sd-bus's tree of objects changes under them.
inline void note_tree_change() {
    for (running_call* call = running_call::innermost; call; call = call->outer)
        call->tree_changed = true;
}

[[gnu::cold, gnu::noinline]] inline error export_error(int r, const char* path,
                                                       const char* interface) {
    const char* why = r == -EEXIST       ? "it is exported already on this connection"
                      : r == -EPROTOTYPE ? "a fallback is exported there already"
                      : r == -EINVAL     ? "sd-bus serves that interface itself"
                      : r == -ENOTCONN   ? "the connection is closed"
                                         : std::strerror(-r);
    return error::format(nullptr, r, "cannot export %s at %s: %s", interface, path, why);
}

// sd-bus keeps the slot of an object that was destroyed in its own handler until that handler
// returns, and refuses another one in its place. So the new object takes that very slot.
[[gnu::cold]] inline sd_bus_slot* take_orphan(const bus_state& state, const char* path,
                                              exported& e) {
    for (running_call* call = running_call::innermost; call; call = call->outer) {
        if (call->orphan && call->orphan_rows == e.rows &&
            std::strcmp(call->orphan_interface, e.interface) == 0 &&
            sd_bus_slot_get_bus(call->orphan) == state.bus &&
            std::strcmp(sd_bus_message_get_path(call->message), path) == 0) {
            sd_bus_slot_set_userdata(call->orphan, &e);
            return call->lent = std::exchange(call->orphan, nullptr);
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

/// Registers one interface, which settle() makes known. `path` null: memory is gone.
[[gnu::noinline]] inline error export_interface(exported& e, bus_state& state, const char* path,
                                                bool has_closed_method) {
    if (!path) return error::from_errno(ENOMEM);
    state.check_thread();
    e.path = path;
    if (running_call::innermost) [[unlikely]]
        e.slot = take_orphan(state, path, e);
    if (!e.slot) {
        int r = -ENOTCONN; // sd-bus would take it on a closed connection too
        if (state.open) [[likely]]
            r = sd_bus_add_object_vtable(state.bus, &e.slot, path, e.interface, e.rows, &e);
        if (r < 0) return export_error(r, path, e.interface);
        note_tree_change();
    }
    if (state.is_system && has_closed_method && !state.reported_closed) [[unlikely]] {
        state.reported_closed = true;
        report_closed_methods(e);
    }
    return {};
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
        call->orphan = std::exchange(e.slot, nullptr); // sd-bus is using it
        call->orphan_rows = e.rows;
        call->orphan_interface = e.interface;
        call->lent = nullptr;
        sd_bus_slot_set_userdata(call->orphan, nullptr);
    }
}

[[gnu::noinline]] inline void withdraw(exported& e) {
    if (!e.slot && !e.bus) return;
    if (e.bus) {
        e.bus->check_thread();
        std::exchange(e.bus, nullptr)->remove(e);
    }
    if (running_call::innermost) [[unlikely]]
        leave_running_calls(e);
    if (e.slot) sd_bus_slot_unref(e.slot);
    e.slot = nullptr;
    detached_work::lose_all(e.tasks);
}

/// The interfaces of an object that sd-bus knows; settle() where they will stay.
template <std::size_t N>
struct exported_interfaces {
    bus_ref bus;
    kept_name path;
    exported entries[N];

    exported_interfaces() = default;
    exported_interfaces(exported_interfaces&& other) noexcept
        : bus{std::move(other.bus)}, path{std::move(other.path)} {
        for (std::size_t i = 0; i < N; ++i) {
            entries[i] = std::exchange(other.entries[i], {});
            if (entries[i].slot) sd_bus_slot_set_userdata(entries[i].slot, &entries[i]);
        }
    }
    [[gnu::noinline]] ~exported_interfaces() {
        for (exported& e : entries) withdraw(e);
    }
    void settle() {
        for (exported& e : entries) detail::settle(e, *bus);
    }
};

} // namespace detail

} // namespace ctbus
