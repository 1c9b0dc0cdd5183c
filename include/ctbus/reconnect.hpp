// A bus that goes away and comes back: hearing of it, and opening the connection again.
#pragma once

#include <ctbus/callback_mistakes.hpp>
#include <ctbus/callback_room.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/duration.hpp>
#include <ctbus/event_loop.hpp>
#include <ctbus/loop_work.hpp>
#include <ctbus/loss.hpp>
#include <ctbus/name_owner.hpp>
#include <ctbus/report.hpp>
#include <ctbus/shape.hpp>
#include <ctbus/trace.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// What opens the bus of a connection again; one for a connection that wants it.
class reconnector : bus_part, loss_watch, timer_node {
public:
    /// That of `state`, made if there is none; null: `*r` says why.
    static reconnector* of(bus_state& state, int* r) {
        if (bus_part* known = state.find(bus_part::reconnector))
            return static_cast<reconnector*>(known);
        const char* address = nullptr;
        if (state.borrowed || sd_bus_is_bus_client(state.bus) <= 0)
            return *r = -EOPNOTSUPP, nullptr;
        if ((*r = sd_bus_get_address(state.bus, &address)) < 0) return nullptr;
        auto& work = loop_work::of(state);
        if ((*r = work.join_up()) < 0) return nullptr; // its descriptor will change
        auto* made = new reconnector{state, work, address};
        if ((*r = watch_loss(state, *made)) >= 0) return made;
        made->bus_part::destroy(made);
        return nullptr;
    }

    /// Waits `first` microseconds before it tries again, then twice as long, at most `most`.
    void set_backoff(std::uint64_t first, std::uint64_t most) {
        if (first < 1000) first = 1000;
        first_ = first;
        most_ = most < first ? first : most;
        wait_ = first;
        state_.comes_back = true;
    }
    /// Called when the connection is there again.
    template <class Style, class F>
    void on_return(F&& callback) {
        callback_.keep(std::forward<F>(callback));
        call_ = [](callback_room& room) {
#ifdef __cpp_exceptions
            try {
                room.get<std::decay_t<F>>()();
            } catch (...) {
                report(current_error().during("in the function for reconnecting"));
            }
#else
            room.get<std::decay_t<F>>()();
#endif
        };
    }

private:
    reconnector(bus_state& state, loop_work& work, const char* address)
        : state_{state}, work_{work}, address_{without_guid(address)}, trusted_{sd_bus_is_trusted(
                                                                           state.bus)} {
        is = bus_part::reconnector;
        bus_part::destroy = [](bus_part* part) { delete static_cast<reconnector*>(part); };
        lost = [](loss_watch& watch, const error&) { static_cast<reconnector&>(watch).wait(); };
        due = [](timer_node& timer) { static_cast<reconnector&>(timer).try_again(); };
        bus_part::enter(state.parts);
    }
    ~reconnector() {
        bus_part::leave();
        loss_watch::leave();
        work_.disarm(*this);
        sd_bus_slot_unref(connected_);
    }

    // A bus that was started anew has another one.
    static std::string without_guid(std::string address) {
        for (std::size_t at = 0; (at = address.find("guid=", at)) != address.npos;) {
            const char before = at == 0 ? ':' : address[at - 1];
            if (before != ':' && before != ',') { // the end of another key
                ++at;
                continue;
            }
            std::size_t end = address.find_first_of(",;", at);
            if (end == address.npos) end = address.size();
            if (before == ',') --at;
            else if (end < address.size() && address[end] == ',') ++end;
            address.erase(at, end - at);
        }
        return address;
    }

    void wait() {
        if (!state_.comes_back || !state_.open) return;
        work_.away = true;
        work_.arm(*this, now() + wait_);
        wait_ = wait_ < most_ / 2 ? 2 * wait_ : most_;
    }

    void try_again() {
        sd_bus* fresh = nullptr;
        int r = open(&fresh);
        if (r >= 0) r = move_to(fresh);
        if (r < 0 && work_.away) wait();
    }

    // A bus of the same kind, which has yet to greet.
    int open(sd_bus** fresh) {
        std::uint64_t timeout = 0;
        int r = sd_bus_new(fresh);
        if (r >= 0 && (r = sd_bus_set_address(*fresh, address_.c_str())) >= 0 &&
            (r = sd_bus_set_bus_client(*fresh, 1)) >= 0 &&
            (r = sd_bus_set_trusted(*fresh, trusted_ > 0)) >= 0 &&
            (r = sd_bus_set_connected_signal(*fresh, 1)) >= 0 &&
            (r = sd_bus_get_method_call_timeout(state_.bus, &timeout)) >= 0 &&
            (r = sd_bus_set_method_call_timeout(*fresh, timeout)) >= 0)
            r = sd_bus_start(*fresh);
        if (r < 0) *fresh = sd_bus_close_unref(*fresh);
        return r;
    }

    // Makes all on the new bus that was on the old one: objects first, names last, so that no call
    // to a name finds nothing.
    int move_to(sd_bus* fresh) {
        sd_bus* old = std::exchange(state_.bus, fresh);
        work_.away = false;
        work_.bus_replaced();
        state_.unreadable = 0;
        state_.reported_closed = true;
        int r = 0;
        if (tracing) [[unlikely]] {
            sd_bus_slot_unref(std::exchange(state_.trace_slot, nullptr));
            trace_incoming(state_);
        }
        sd_bus_slot_unref(std::exchange(connected_, nullptr));
        r = sd_bus_add_match(fresh, &connected_,
                             "type='signal',sender='org.freedesktop.DBus.Local',"
                             "interface='org.freedesktop.DBus.Local',member='Connected'",
                             &greeted, this);
        for (exported* e = state_.objects; e && r >= 0; e = e->next) {
            sd_bus_slot* slot = nullptr;
            r = sd_bus_add_object_vtable(fresh, &slot, e->path, e->interface, e->rows, e);
            sd_bus_slot_unref(std::exchange(e->slot, slot));
        }
        for (followed_name* f = state_.followed; f && r >= 0; f = f->next) {
            sd_bus_slot_unref(std::exchange(f->slot, nullptr));
            sd_bus_slot_unref(std::exchange(f->asking, nullptr));
            r = install_following(*f, true);
        }
        for (bus_part* part = state_.parts; part && r >= 0; part = part->bus_part::next)
            if (part->restore) r = part->restore(*part);
        for (followed_name* f = state_.requested; f && r >= 0; f = f->next) r = request_again(*f);
        if (r >= 0 && work_.event())
            r = attach_event(state_, work_.event(), static_cast<int>(work_.priority()));
        sd_bus_unref(old);
        foreign_loop::interest_changed(nullptr);
        if (r < 0) { // the next attempt starts anew
            report(r, "the connection could not be restored");
            sd_bus_close(fresh);
            work_.away = true;
        }
        return r;
    }

    int request_again(followed_name& f) {
        const auto answered = [](sd_bus_message* m, void* userdata, sd_bus_error*) {
            const auto& asked = *static_cast<followed_name*>(userdata);
            std::uint32_t answer = 0;
            const sd_bus_error* e = sd_bus_message_get_error(m);
            if (sd_bus_is_open(sd_bus_message_get_bus(m)) <= 0) return 1; // lost again
            if (e)
                report(error{e->name, e->message ? e->message : ""}.during(
                    "asking for the name %s again", asked.name));
            else if (sd_bus_message_read_basic(m, 'u', &answer) > 0 && answer == 3)
                report(name_error(-EEXIST, asked.name));
            return 1;
        };
        sd_bus_slot_unref(std::exchange(f.asking, nullptr));
        return sd_bus_request_name_async(state_.bus, &f.asking, f.name, f.flags, answered, &f);
    }

    static int greeted(sd_bus_message* m, void* userdata, sd_bus_error*) {
        if (!is_from_sd_bus(m)) return 0;
        auto& me = *static_cast<reconnector*>(userdata);
        me.wait_ = me.first_;
        if (!me.callback_) return 0;
        const bus_ref keep{&me.state_};
        callback_room now{std::move(me.callback_)}; // another may replace it meanwhile
        me.call_(now);
        if (!me.callback_) me.callback_ = std::move(now);
        return 0;
    }

    bus_state& state_;
    loop_work& work_;
    std::string address_;
    int trusted_;
    std::uint64_t first_ = 0, most_ = 0, wait_ = 0; // microseconds
    sd_bus_slot* connected_ = nullptr;
    callback_room callback_;
    void (*call_)(callback_room&) = nullptr;
};

// What the connection's functions of these names are made of; bus_loop.hpp only knows that it
// exists.
template <class>
struct reconnecting_needs_reconnect_hpp {
    template <class Style, class F>
    static result<void> on_disconnect(bus_state& state, F&& callback) {
        using callable = std::decay_t<F>;
        constexpr mistake unfit =
            call_mistake<mistake::not_a_loss_callback, callable, const error&>();
        static_assert(require::sentence<unfit, callable>());
        if constexpr (unfit == mistake::none) {
            int r = 0;
            loss_callback* part = loss_callback::of(state, &r);
            if (!part) return failure{error::from_errno(r, nullptr, "on_disconnect")};
            part->template set<Style>(std::forward<F>(callback));
        }
        return {};
    }
    template <class Style, class F>
    static result<void> on_reconnect(bus_state& state, F&& callback) {
        using callable = std::decay_t<F>;
        constexpr mistake unfit = call_mistake<mistake::not_a_plain_callback, callable>();
        static_assert(require::sentence<unfit, callable>());
        if constexpr (unfit == mistake::none) {
            int r = 0;
            reconnector* part = reconnector::of(state, &r);
            if (!part) return failure{cannot(state, r)};
            part->template on_return<Style>(std::forward<F>(callback));
        }
        return {};
    }
    static result<void> reconnecting(bus_state& state, std::uint64_t first, std::uint64_t most) {
        int r = 0;
        reconnector* part = reconnector::of(state, &r);
        if (!part) return failure{cannot(state, r)};
        part->set_backoff(first, most);
        return {};
    }

private:
    [[gnu::cold]] static error cannot(const bus_state& state, int r) {
        if (r == -EOPNOTSUPP)
            return error::from_errno(r, state.borrowed
                                            ? "the bus of somebody else cannot be opened again"
                                            : "a direct connection cannot be opened again");
        return error::from_errno(r, nullptr, "reconnecting");
    }
};

} // namespace detail

} // namespace ctbus
