// Hearing that a connection was lost: by on_disconnect(), and by later parts.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/callback_room.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/error.hpp>
#include <ctbus/report.hpp>

#include <cerrno>
#include <cstring>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// Whether sd-bus itself says so: nobody else can have this name.
inline bool is_from_sd_bus(sd_bus_message* m) {
    const char* sender = sd_bus_message_get_sender(m);
    return sender && std::strcmp(sender, "org.freedesktop.DBus.Local") == 0;
}

/// Somebody who wants to know.
struct loss_watch : list_node<loss_watch> {
    void (*lost)(loss_watch&, const error&) = nullptr;
    bool goes_on = false; // is not told where the bus will come back
};

/// One for a connection: hears sd-bus's own signal, which comes last, when all calls in flight have
/// failed.
struct loss_part : bus_part {
    bus_state& state;
    sd_bus_slot* slot = nullptr;
    loss_watch* watches = nullptr;

    /// That of `state`, made if there is none; null: `*r` says why.
    static loss_part* of(bus_state& state, int* r) {
        if (bus_part* known = state.find(bus_part::loss)) return static_cast<loss_part*>(known);
        auto* made = new loss_part{state};
        if ((*r = listen(*made)) >= 0) return made;
        delete made;
        return nullptr;
    }

private:
    explicit loss_part(bus_state& s) : state{s} {
        is = bus_part::loss;
        restore = &listen;
        destroy = [](bus_part* part) { delete static_cast<loss_part*>(part); };
        enter(state.parts);
    }
    ~loss_part() {
        leave();
        while (watches) watches->leave();
        sd_bus_slot_unref(slot);
    }
    static int listen(bus_part& part) {
        auto& me = static_cast<loss_part&>(part);
        sd_bus_slot_unref(std::exchange(me.slot, nullptr));
        return sd_bus_add_match(me.state.bus, &me.slot,
                                "type='signal',sender='org.freedesktop.DBus.Local',"
                                "interface='org.freedesktop.DBus.Local',member='Disconnected'",
                                &disconnected, &me);
    }
    static int disconnected(sd_bus_message* m, void* userdata, sd_bus_error*) {
        if (!is_from_sd_bus(m)) return 0;
        auto& me = *static_cast<loss_part*>(userdata);
        const bus_ref keep{&me.state};
        const error why = error::from_errno(ECONNRESET, "the connection is lost");
        // Who is told may come and go meanwhile.
        loss_watch* told = nullptr;
        while (loss_watch* watch = me.watches) {
            watch->leave();
            watch->enter(told);
        }
        while (loss_watch* watch = told) {
            watch->leave();
            watch->enter(me.watches);
            if (!watch->goes_on || !me.state.comes_back) watch->lost(*watch, why);
        }
        return 0;
    }
};

/// `watch` hears when the connection is lost, until it leaves; negative: an errno.
inline int watch_loss(bus_state& state, loss_watch& watch) {
    state.check_thread();
    if (!state.open) return -ENOTCONN;
    int r = 0;
    loss_part* part = loss_part::of(state, &r);
    if (!part) return r;
    watch.enter(part->watches);
    return 0;
}

/// The user's function for a lost connection; one for a connection.
struct loss_callback : bus_part, loss_watch {
    callback_room callback;

    static loss_callback* of(bus_state& state, int* r) {
        if (bus_part* known = state.find(bus_part::loss_callback))
            return static_cast<loss_callback*>(known);
        auto* made = new loss_callback;
        made->is = bus_part::loss_callback;
        made->bus_part::destroy = [](bus_part* part) { delete static_cast<loss_callback*>(part); };
        if ((*r = watch_loss(state, *made)) < 0) return delete made, nullptr;
        made->bus_part::enter(state.parts);
        return made;
    }
    ~loss_callback() {
        bus_part::leave();
        loss_watch::leave();
    }
    template <class Style, class F>
    void set(F&& f) {
        callback.keep(std::forward<F>(f));
        lost = [](loss_watch& watch, const error& why) {
            auto& me = static_cast<loss_callback&>(watch);
            callback_room now{std::move(me.callback)}; // another may replace it meanwhile
            auto& function = now.get<std::decay_t<F>>();
#ifdef __cpp_exceptions
            try {
                function(why);
            } catch (...) {
                report(current_error().during("in the function for a lost connection"));
            }
#else
            function(why);
#endif
            if (!me.callback) me.callback = std::move(now);
        };
    }
};

} // namespace detail

} // namespace ctbus
