// A call that a proxy makes, apart from its types: its message, the wait for its reply, its errors.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/kept_name.hpp>
#include <ctbus/outgoing.hpp>

#include <cerrno>
#include <cstdint>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

namespace detail {

struct call_target {
    bus_ref bus;
    kept_name destination; // null on a direct connection
    kept_name path;
    std::uint64_t timeout;  // microseconds; 0: the method's own or the connection's
    bool auto_start = true; // the bus may start the service
};

/// What a call needs to know of its method, apart from types.
struct call_info {
    const char* interface;
    const char* member;
    const char* names; // of the arguments, as in a vtable's row
    const char* reply; // the reply's signature
    std::uint64_t timeout;
    bool no_reply;
    bool sensitive;
};

/// Makes the message of a call.
inline int make_call(const call_target& target, const call_info& info, sd_bus_message** made) {
    return sd_bus_message_new_method_call(target.bus->bus, made, target.destination.c_str(),
                                          target.path.c_str(), info.interface, info.member);
}
[[gnu::cold, gnu::noinline]] inline int make_without_auto_start(const call_target& target,
                                                                const call_info& info,
                                                                sd_bus_message** made) {
    const int r = make_call(target, info, made);
    return r < 0 ? r : sd_bus_message_set_auto_start(*made, 0);
}
/// Who sends it checks the thread.
inline int begin_call(const call_target& target, const call_info& info, sd_bus_message** made) {
    if (!target.auto_start) [[unlikely]]
        return make_without_auto_start(target, info, made);
    return make_call(target, info, made);
}

/// What the answer of an asynchronous call has to be read with, apart from types. The call's
/// message is not kept: many of them at once would slow down every allocation, and sd-bus is done
/// with it. Plain data, as it is moved for each call: who has it releases it, once.
struct call_request {
    bus_state* bus;
    kept_name::shared destination; // for what errors say
    kept_name::shared path;

    static call_request of(const call_target& target) {
        const call_request made{target.bus.get(), target.destination.data(), target.path.data()};
        ++made.bus->users;
        if (!made.has_literals()) {
            made.destination.share();
            made.path.share();
        }
        return made;
    }
    void release() const {
        if (!has_literals()) {
            destination.drop();
            path.drop();
        }
        if (--bus->users == 0) [[unlikely]]
            delete bus;
    }
    bool has_literals() const { return destination.is_literal() && path.is_literal(); }
};

/// A call being made; owns its messages.
struct outgoing_call : call_messages {
    const call_info& info;
    int argument = 0;                      // which one is being appended, from 1
    const char* property = nullptr;        // the one that is read or written (empty: all), or null
    const char* property_of = nullptr;     // its interface
    const call_request* request = nullptr; // what it was, once its message is gone

    explicit outgoing_call(const call_info& i) : info{i} {}
    outgoing_call(const outgoing_call&) = delete;
    outgoing_call& operator=(const outgoing_call&) = delete;
    ~outgoing_call() {
        if (message) sd_bus_message_unref(message);
        if (reply) sd_bus_message_unref(reply);
    }

    [[gnu::noinline]] int begin(const call_target& target) {
        return begin_call(target, info, &message);
    }

    /// Sends it, if `r` says that it could be filled, and waits; negative: `why` is set.
    [[gnu::noinline]] int finish(const call_target& target, int r) {
        if (r < 0) return failed(fail_to_fill(r));
        target.bus->check_thread();
        r = call_and_wait(
            *target.bus, *this, target.destination.c_str(), [&] { return limit(target); },
            info.sensitive);
        return r < 0 || (r = check_signature()) < 0 ? failed(r) : r;
    }

    /// Whether it could be filled, with the result `r`; negative: `why` is set.
    [[gnu::noinline]] int filled(int r) { return r < 0 ? failed(fail_to_fill(r)) : r; }

    /// Judges the answer to a call that was sent without waiting, which is to have that signature;
    /// negative: `why` is set.
    template <class Signature>
    [[gnu::always_inline]] int judge_reply(Signature wanted) {
        if (const sd_bus_error* e = sd_bus_message_get_error(reply)) [[unlikely]]
            return answered_with(e);
        const char* signature = sd_bus_message_get_signature(reply, 1);
        if (!wanted.is(signature)) [[unlikely]]
            return failed(wrong_signature(signature));
        return 1;
    }

    /// What its errors call it.
    [[gnu::cold, gnu::noinline]] call_names names() const {
        if (message) return {message};
        return {info.interface, info.member, request->destination.c_str(), request->path.c_str()};
    }

    /// How long to wait for the answer, in microseconds; 0: as long as the connection says.
    std::uint64_t limit(const call_target& target) const {
        return target.timeout != 0 ? target.timeout : info.timeout;
    }

    /// The error for an output that could not be read.
    [[gnu::cold, gnu::noinline]] error unreadable(int r, const error& reason, int position) {
        return during(codec::explain(r == 0 ? -ENXIO : r, reason,
                                     codec::short_text{"output %d of %s", position, info.member}));
    }

    /// The same error, saying which call it is about, and of which property.
    [[gnu::cold, gnu::noinline]] error during(const error& e) {
        return of_property(during_call(e, names()));
    }

private:
    int check_signature() {
        const char* signature = sd_bus_message_get_signature(reply, 1);
        if (!codec::is_signature(signature, info.reply)) [[unlikely]]
            return wrong_signature(signature);
        return 1;
    }

    [[gnu::cold, gnu::noinline]] int answered_with(const sd_bus_error* e) {
        why = call_error(names(), 0, e);
        return failed(-EIO);
    }

    [[gnu::cold, gnu::noinline]] int failed(int r) {
        why = of_property(std::move(why));
        return r;
    }

    error of_property(error e) const {
        if (!property) return e;
        return *property ? e.during("property %s of %s", property, property_of)
                         : e.during("properties of %s", property_of);
    }

    [[gnu::cold, gnu::noinline]] int wrong_signature(const char* got) {
        why =
            during_call(error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                                      "the reply has the signature \"%s\" where \"%s\" is declared",
                                      got, info.reply),
                        names());
        return -EBADMSG;
    }

    [[gnu::cold, gnu::noinline]] int fail_to_fill(int r) {
        if (argument > 0)
            why = during_call(argument_error(r, argument, info.names, info.member), message);
        else if (message) why = call_error(message, r, nullptr);
        else why = error::from_errno(r).during("calling %s", info.member);
        return r;
    }
};

/// Why a message could not be filled, which is dropped.
[[gnu::cold, gnu::noinline]] inline error unfilled(const call_info& info, sd_bus_message* m, int r,
                                                   int argument) {
    outgoing_call call{info};
    call.message = m;
    call.argument = argument;
    call.filled(r);
    return std::move(call.why);
}

/// What is rare after a call that nobody answers, which is released: it failed, or somebody wants
/// to know of it.
[[gnu::cold, gnu::noinline]] inline error after_sending(const call_target& target,
                                                        const call_info& info, sd_bus_message* m,
                                                        int r, int argument) {
    if (r >= 0 && tracing) trace("sends", m, info.sensitive);
    foreign_loop::interest_changed(target.bus->bus);
    if (r < 0) return unfilled(info, m, r, argument);
    sd_bus_message_unref(m);
    return {};
}

} // namespace detail

} // namespace ctbus
