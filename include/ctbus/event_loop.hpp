// An sd-event loop that runs a connection.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/loop.hpp>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

namespace ctbus::detail {

/// Handles what came with the end of the greeting: sd-bus has read it already, and its own source
/// for sd-event, which looks at the socket, would leave it until more comes.
inline int look_when_greeted(sd_event_source* source, void* userdata) {
    const bus_ref bus = *static_cast<bus_ref*>(userdata);
    const bool waits = bus->open && sd_bus_is_open(bus->bus) > 0 && sd_bus_is_ready(bus->bus) == 0;
    if (waits) return 0;
    if (const int r = sd_event_source_set_floating(source, 0); r < 0) return r; // it goes
    // Once it is the socket's turn again nothing is left; others have theirs meanwhile.
    for (int most = 64; most != 0 && bus->open && process_one(*bus) > 0; --most) {}
    return 0;
}

/// `sd_bus_attach_event`; negative: an errno.
inline int attach_event(bus_state& state, sd_event* loop, int priority) {
    int r = sd_bus_attach_event(state.bus, loop, priority);
    if (r < 0 || sd_bus_is_ready(state.bus) > 0) return r;
    auto* const kept = new bus_ref{&state};
    sd_event_source* source = nullptr; // dispatched after any other, until the bus is ready
    if ((r = sd_event_add_post(loop, &source, &look_when_greeted, kept)) < 0) {
        delete kept;
        sd_bus_detach_event(state.bus);
        return r;
    }
    sd_event_source_set_destroy_callback(source,
                                         [](void* held) { delete static_cast<bus_ref*>(held); });
    r = sd_event_source_set_floating(source, 1); // the loop's, until it ends
    sd_event_source_unref(source);
    return r;
}

} // namespace ctbus::detail
