// An sd-event loop that runs a connection.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/loop.hpp>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

namespace ctbus::detail {

/// Handles what came together with the end of the greeting: sd-bus has read it already, and its own
/// source for sd-event, which waits for the socket, would leave it until more comes. Looks when the
/// loop begins, and after each of its sources until the greeting is over.
class greeting_watch : public bus_part {
public:
    static int begin(bus_state& state, sd_event* loop) {
        auto* watch = static_cast<greeting_watch*>(state.find(bus_part::greeting));
        if (!watch) watch = new greeting_watch{state};
        return watch->wait(loop, &sd_event_add_defer);
    }
    greeting_watch(const greeting_watch&) = delete;
    greeting_watch& operator=(const greeting_watch&) = delete;

private:
    explicit greeting_watch(bus_state& state) : state_{state} {
        is = bus_part::greeting;
        destroy = [](bus_part* part) { delete static_cast<greeting_watch*>(part); };
        enter(state.parts);
    }
    ~greeting_watch() { sd_event_source_disable_unref(source_); }

    int wait(sd_event* loop, decltype(sd_event_add_defer)* add) {
        source_ = sd_event_source_disable_unref(source_);
        return add(loop, &source_, &look, this);
    }
    static int look(sd_event_source* source, void* userdata) {
        auto* watch = static_cast<greeting_watch*>(userdata);
        const bus_ref bus{&watch->state_};
        if (bus->open && sd_bus_is_open(bus->bus) > 0 && sd_bus_is_ready(bus->bus) == 0)
            return watch->wait(sd_event_source_get_event(source), &sd_event_add_post);
        watch->leave();
        delete watch;
        // The greeting's buffer holds a few. More come from the socket, and have its source.
        for (int most = 64; most != 0 && bus->open && process_one(*bus) > 0; --most) {
        }
        return 0;
    }

    bus_state& state_;
    sd_event_source* source_ = nullptr;
};

/// `sd_bus_attach_event`; negative: an errno.
inline int attach_event(bus_state& state, sd_event* loop, int priority) {
    const int r = sd_bus_attach_event(state.bus, loop, priority);
    return r < 0 ? r : greeting_watch::begin(state, loop);
}

} // namespace ctbus::detail
