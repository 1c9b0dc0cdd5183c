// The life of a call on the caller's side: sending it, waiting, and what its errors say.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/hang_up.hpp>
#include <ctbus/message.hpp>
#include <ctbus/names.hpp>
#include <ctbus/trace.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

namespace detail {

/// Which call an error is about. The interface, and on a direct connection the destination, may be
/// null.
struct call_names {
    const char* interface;
    const char* member;
    const char* destination;
    const char* path;

    call_names(const char* of, const char* method, const char* to, const char* at) : interface {
        of
    }, member{method}, destination{to}, path{at} {
    }
    [[gnu::cold, gnu::noinline]] call_names(sd_bus_message* call) : interface {
        sd_bus_message_get_interface(call)
    }, member{sd_bus_message_get_member(call)}, destination{sd_bus_message_get_destination(call)},
        path{sd_bus_message_get_path(call)} {
    }
};

/// The error of that name and text, saying which call it is about, and perhaps what to do; `outer`:
/// its context so far.
[[gnu::cold, gnu::noinline]] inline error named_call_error(const char* name, const char* text,
                                                           int code, const call_names& call,
                                                           const char* hint = nullptr,
                                                           const char* outer = nullptr) {
    return error::in_parts(name, text, code,
                           {"calling ", call.interface, call.interface ? "." : nullptr,
                            call.member ? call.member : "nothing",
                            call.destination ? " on " : nullptr, call.destination, " at ",
                            call.path ? call.path : "no path", hint, outer ? ", " : nullptr,
                            outer});
}
[[gnu::cold, gnu::noinline]] inline error during_call(const error& e, const call_names& call) {
    const char* const outer = e.context();
    return named_call_error(e ? e.name().data() : SD_BUS_ERROR_FAILED, e.message().data(), e.code(),
                            call, nullptr, *outer ? outer : nullptr);
}

// Whether sd_bus_call() gave up by itself. A peer's error may have the same errno; of the same name
// it hardly has the system's words too.
inline bool is_own_timeout(const sd_bus_error& e) {
    const char* const words =
        std::strcmp(e.name, SD_BUS_ERROR_TIMEOUT) == 0    ? std::strerror(ETIMEDOUT)
        : std::strcmp(e.name, SD_BUS_ERROR_NO_REPLY) == 0 ? "Method call timed out" // asynchronous
                                                          : nullptr;
    return words && e.message && std::strcmp(e.message, words) == 0;
}

/// Whether sd-bus gave a call up because the other end has hung up: these are its words. (NoReply
/// is its name for that in libsystemd 252, Disconnected in 262.)
inline bool is_lost_connection(const sd_bus_error* e) {
    return e && e->name && e->message && std::strcmp(e->message, "Connection terminated") == 0 &&
           (std::strcmp(e->name, SD_BUS_ERROR_NO_REPLY) == 0 ||
            std::strcmp(e->name, SD_BUS_ERROR_DISCONNECTED) == 0);
}

/// The error of a call that failed with `r`, or with the error `e` from the peer; then `r` may be
/// 0.
[[gnu::cold, gnu::noinline]] inline error call_error(const call_names& call, int r,
                                                     const sd_bus_error* e) {
    if (!e || !e->name) e = nullptr;
    if (e ? is_own_timeout(*e) : r == -ETIMEDOUT)
        return named_call_error("org.freedesktop.DBus.Error.Timeout", "no reply came in time",
                                ETIMEDOUT, call);
    if (r == -EDEADLK && !e)
        return during_call(
            error::from_errno(r, "this would wait for itself: the destination is this connection"),
            call);
    if (is_lost_connection(e)) r = -ECONNRESET, e = nullptr;
    // What sd-bus found itself has the system's words.
    if ((r == -ENOTCONN || r == -ECONNRESET || r == -ECHILD) && e && e->message &&
        std::strcmp(e->message, std::strerror(-r)) == 0)
        e = nullptr;
    if (!e)
        return during_call(
            error::from_errno(r, r == -ECONNRESET ? "the connection is lost" : nullptr), call);
    const char* const text = e->message ? e->message : "";
    // The words of sd-bus, on the service's side, for a caller without privileges.
    const bool closed = std::strncmp(text, "Access to ", 10) == 0 &&
                        std::strcmp(e->name, SD_BUS_ERROR_ACCESS_DENIED) == 0;
    return named_call_error(e->name, text, 0, call,
                            closed ? ": its service has not marked it `unprivileged`" : nullptr);
}

/// A call's messages, and why it failed.
struct call_messages {
    sd_bus_message* message = nullptr;
    sd_bus_message* reply = nullptr;
    error why;
};

/// Whether a call to `destination` would wait for itself; if so, its error is set.
[[gnu::noinline]] inline bool waits_for_itself(bus_state& state, call_messages& call,
                                               const char* destination) {
    if (!state.is_self(destination)) return false;
    foreign_loop::interest_changed(state.bus); // the bus may have been asked who owns a name
    call.why = call_error(call.message, -EDEADLK, nullptr);
    return true;
}

/// Why sd-bus does not take a message for a call, with the result `r`; none: it is not that.
[[gnu::cold, gnu::noinline]] inline error not_callable(sd_bus_message* m, int r) {
    if (!m) return empty_message("call");
    if (r != -EINVAL && r != -EBADMSG) return {};
    std::uint8_t type = 0;
    std::uint64_t cookie = 0;
    sd_bus_message_get_type(m, &type);
    error why;
    if (type != SD_BUS_MESSAGE_METHOD_CALL)
        why = error::from_errno(EINVAL, "this message is not a method call: send() sends it");
    // A container is open that was begun, or that spoil() opened.
    else if (sd_bus_message_get_cookie(m, &cookie) < 0 &&
             sd_bus_message_get_signature(m, 0) != sd_bus_message_get_signature(m, 1))
        why = failed_work(m, -EBADMSG, nullptr);
    else if (r == -EINVAL && sd_bus_message_get_expect_reply(m) <= 0)
        why = error::from_errno(
            EINVAL, "no reply is wanted: it was sent before by send(), or is marked so");
    return why ? during_call(why, m) : why;
}

/// What is rare after a call, with the result `r`: it failed, or somebody wants to know of it.
[[gnu::cold, gnu::noinline]] inline int after_call(bus_state& state, call_messages& call, int r,
                                                   sd_bus_error* answered, bool sensitive) {
    foreign_loop::interest_changed(state.bus); // what came meanwhile is queued
    if (tracing) trace_call(call.message, r < 0 ? nullptr : call.reply, answered, sensitive);
    if (r >= 0) return r;
    if (r == -EXFULL) hang_up_if_full(state.bus);
    // A name of ours that was not asked for through ctbus: sd-bus saw that it came back. A service
    // may answer with the same error.
    const char* to = sd_bus_message_get_destination(call.message);
    if (error unfit = not_callable(call.message, r)) call.why = std::move(unfit);
    else if (r == -ELOOP && to && state.owns(to))
        call.why = call_error(call.message, -EDEADLK, nullptr);
    else call.why = call_error(call.message, r, answered);
    sd_bus_error_free(answered);
    return r;
}

/// Sends a call and waits for its reply. `limit()` in microseconds, 0: the connection's default.
/// Negative: its error is set.
template <class Limit>
[[gnu::always_inline]] inline int call_and_wait(bus_state& state, call_messages& call,
                                                const char* destination, const Limit& limit,
                                                const bool& sensitive) {
    if (destination && waits_for_itself(state, call, destination)) [[unlikely]]
        return -EDEADLK;
    sd_bus_error answered{};
    const int r = sd_bus_call(state.bus, call.message, limit(), &answered, &call.reply);
    if (r < 0 || tracing || foreign_loop::any()) [[unlikely]]
        return after_call(state, call, r, &answered, sensitive);
    return r;
}

inline error call(bus_state& state, sd_bus_message* m, std::uint64_t timeout, message& answer) {
    state.check_thread();
    call_messages made{m, nullptr, {}};
    call_and_wait(
        state, made, sd_bus_message_get_destination(m), [timeout] { return timeout; }, false);
    answer = message::adopt(made.reply);
    return std::move(made.why);
}

inline error new_call(bus_state& state, std::string_view destination, object_path_view path,
                      interface_name_view interface, member_name_view member, message& made) {
    char to[256]; // a bus name has 255 characters at most
    sd_bus_message* m = nullptr;
    int r = -EINVAL;
    if (destination.size() < sizeof to) {
        to[destination.copy(to, destination.size())] = 0;
        if (std::strlen(to) == destination.size())
            r = sd_bus_message_new_method_call(state.bus, &m, *to ? to : nullptr, path.c_str(),
                                               interface.c_str(), member.c_str());
    }
    made = message::adopt(m);
    if (r >= 0) return {};
    const name_fault fault = bus_name_rules::check(destination);
    const int size = static_cast<int>(destination.size());
    if (size != 0 && fault != name_fault::none)
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, "%s \"%.*s\" %s",
                             bus_name_rules::noun, size, destination.data(), describe(fault));
    return error::from_errno(r).during("making a call to %.*s", size, destination.data());
}

inline error new_signal(bus_state& state, object_path_view path, interface_name_view interface,
                        member_name_view member, sd_bus_message** made) {
    const int r =
        sd_bus_message_new_signal(state.bus, made, path.c_str(), interface.c_str(), member.c_str());
    return r < 0 ? error::from_errno(r, nullptr, "making a signal") : error{};
}

[[gnu::cold]] inline error no_names() {
    return error::from_errno(EOPNOTSUPP, "a direct connection has no names: there is no bus");
}

template <class Rules>
int append_to_bus_call(codec::message_writer& writer, basic_name_view<Rules> name) {
    return writer.basic('s', name.c_str());
}
inline int append_to_bus_call(codec::message_writer& writer, std::uint32_t number) {
    return writer.basic('u', &number);
}

/// Calls a method of the bus itself.
template <class... Args>
error call_bus(bus_state& state, member_name_view method, message& answer, const Args&... args) {
    if (sd_bus_is_bus_client(state.bus) <= 0) return no_names();
    message m;
    if (error e = new_call(state, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", method, m))
        return e;
    codec::message_writer writer{m.get()};
    int r = 0;
    static_cast<void>(((r = append_to_bus_call(writer, args), r >= 0) && ...));
    if (r < 0) return error::from_errno(r, nullptr, method.c_str());
    return call(state, m.get(), 0, answer);
}

[[gnu::cold, gnu::noinline]] inline error name_error(int r, const char* name) {
    const char* why = r == -EEXIST ? "it is taken: ask with name_flag::queue, or with "
                                     "name_flag::replace_existing where its owner allows that"
                      : r == -EACCES || r == -EPERM ? "the bus's policy denies it to this user"
                      : r == -EINVAL ? "it is the bus's own, or one that the bus gives itself"
                                     : words_of(r);
    return error::format(nullptr, r, "cannot have the name %s: %s", name, why);
}

/// Remembers a name that was asked for, and how.
inline bool note_requested(bus_state& state, const char* name, std::uint64_t flags) {
    followed_name* noted = bus_state::find(state.requested, name);
    if (!noted && !(noted = state.add_name(state.requested, name))) return false;
    noted->flags = flags;
    return true;
}

/// `*ours`: whether the name is ours now, or we are in the queue for it.
[[gnu::cold, gnu::noinline]] inline error request_name(bus_state& state, bus_name_view name,
                                                       std::uint64_t flags, bool* ours) {
    state.check_thread();
    if (sd_bus_is_bus_client(state.bus) == 0) return no_names();
    const int r = sd_bus_request_name(state.bus, name.c_str(), flags);
    foreign_loop::interest_changed(state.bus);
    *ours = r != 0;
    // What is ours already is asked for in another way now: the bus takes that over.
    if (r < 0 && r != -EALREADY) return name_error(r, name.c_str());
    return note_requested(state, name.c_str(), flags) ? error{} : error::from_errno(ENOMEM);
}

inline error release_name(bus_state& state, bus_name_view name) {
    state.check_thread();
    if (sd_bus_is_bus_client(state.bus) == 0) return no_names();
    const int r = sd_bus_release_name(state.bus, name.c_str());
    foreign_loop::interest_changed(state.bus);
    if (r == -ESRCH || r == -EADDRINUSE)
        return error::format(nullptr, -ENOENT, "cannot release the name %s: %s", name.c_str(),
                             r == -ESRCH ? "nobody owns it" : "another connection owns it");
    if (r == -EINVAL)
        return error::format(
            nullptr, r, "cannot release the name %s: request_name() never gives it", name.c_str());
    if (r < 0) return error::from_errno(r).during("releasing the name %s", name.c_str());
    bus_state::remove_name(state.requested, bus_state::find(state.requested, name.c_str()));
    return {};
}

inline error unique_name(bus_state& state, bus_name_view& name) {
    if (sd_bus_is_bus_client(state.bus) == 0) return no_names();
    const char* text = nullptr;
    const int r = sd_bus_get_unique_name(state.bus, &text);
    if (r < 0) return error::from_errno(r, nullptr, "unique_name");
    name = bus_name_view::trusted(text);
    return {};
}

} // namespace detail

} // namespace ctbus
