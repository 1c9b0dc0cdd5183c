// What a message's functions do underneath: sending, answering, and what their errors say.
#pragma once

#include <ctbus/catching.hpp>
#include <ctbus/codec.hpp>
#include <ctbus/error.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/running_call.hpp>
#include <ctbus/trace.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <systemd/sd-bus.h>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus::detail {

/// Whether a signature is `Wanted`. A short one is compared in place.
template <const std::string_view& Wanted>
[[gnu::always_inline]] inline bool has_signature(const char* got) {
    if constexpr (Wanted.size() > 4) return codec::is_signature(got, Wanted.data());
    else return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return ((got[I] == Wanted[I]) && ...) && got[Wanted.size()] == 0;
        }
    (std::make_index_sequence<Wanted.size()>{});
}

/// The error of anything that is done with no message.
[[gnu::cold, gnu::noinline]] inline error empty_message(const char* what) {
    return error::from_errno(EINVAL, "the message is empty: it was made by default, or moved from",
                             what);
}

/// Why `m` may not be answered now, where `running` is what runs of it, or null.
[[gnu::cold, gnu::noinline]] inline error refused(sd_bus_message* m, const running_call* running) {
    return m ? running_call::refused(running) : empty_message("answering");
}

inline constexpr char incomplete[] = "it is incomplete: something could not be appended to it";

/// The error of `what` that failed with `r` for message `m`.
[[gnu::cold, gnu::noinline]] inline error failed_work(sd_bus_message* m, int r, const char* what) {
    if (!m) return empty_message(what);
    if (r == -EBADMSG) return {SD_BUS_ERROR_FAILED, incomplete, what, EBADMSG};
    return error::from_errno(
        r,
        r == -EPERM ? "a sealed message cannot be changed, and one that is not cannot be read" : "",
        what);
}
/// The same; none where `r` is not negative.
inline error message_error(sd_bus_message* m, int r, const char* what) {
    if (r < 0) [[unlikely]]
        return failed_work(m, r, what);
    return {};
}

/// A message that lacks something must not be sent: what has a container open cannot be sealed.
/// Where this fails, it could not be anyway.
[[gnu::cold, gnu::noinline]] inline void spoil(sd_bus_message* m) {
    sd_bus_message_open_container(m, 'a', "y");
}
/// Does that where appending is left by an exception of a user's type.
struct spoiled_unless_done {
    sd_bus_message* m;
    ~spoiled_unless_done() {
        if (m) [[unlikely]]
            spoil(m);
    }
};

/// The error of an argument that could not be appended; the message cannot be sent any more.
[[gnu::cold, gnu::noinline]] inline error append_error(sd_bus_message* m, int r, int position) {
    if (r == -EPERM || !m) return failed_work(m, r, "append");
    spoil(m);
    return codec::explain(r, {}, codec::short_text{"argument %d", position});
}

/// The error of an output that could not be appended to a reply to `call`.
[[gnu::cold, gnu::noinline]] inline error output_error(sd_bus_message* call, int r, int position) {
    return codec::explain(
        r, {}, codec::argument_text(0, nullptr, sd_bus_message_get_member(call), position),
        SD_BUS_ERROR_FAILED);
}

/// The error of a value that could not be read; `why`: what the reader knows.
[[gnu::cold, gnu::noinline]] inline error read_error(sd_bus_message* m, int r, const error& why,
                                                     int position) {
    if (r == -EPERM || !m) return failed_work(m, r, "read");
    if (r == -ENXIO && sd_bus_message_at_end(m, 1) > 0)
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                             "value %d: there is nothing left to read; rewind() goes back to the "
                             "start",
                             position);
    char type = 0;
    const char* contents = nullptr;
    if (r == -ENXIO && sd_bus_message_peek_type(m, &type, &contents) > 0)
        return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                             "value %d has another type: '%c' comes next", position, type);
    return codec::explain(r, why, codec::short_text{"value %d", position});
}

/// The error of a message that could not be sent.
[[gnu::cold, gnu::noinline]] inline error sending_error(sd_bus_message* m, int r,
                                                        const char* what) {
    return !m || r == -EBADMSG ? failed_work(m, r, what) : error::from_errno(r, nullptr, what);
}

/// The error of a reply to `call` that could not be made.
[[gnu::cold, gnu::noinline]] inline error unmade_reply(sd_bus_message* call, int r,
                                                       const char* what) {
    if (!call) return empty_message(what);
    std::uint8_t type = 0;
    sd_bus_message_get_type(call, &type);
    return error::from_errno(
        r,
        type != SD_BUS_MESSAGE_METHOD_CALL ? "this message is not a method call: nothing answers it"
        : r == -EPERM ? "this call is not sealed: a reply is made to one that was received, or "
                        "after seal()"
                      : nullptr,
        what);
}

/// Reads values of types `Ts` from where the last read ended.
template <class... Ts>
[[gnu::always_inline]] inline error read_into(sd_bus_message* m, codec::draft<Ts>&... places) {
    codec::reader_of<Ts...> reader{m};
    reader.keep_nothing();
    int position = 0;
    if (const int r = codec::read_drafts<Ts...>(reader, position, places...); r <= 0) [[unlikely]]
        return read_error(m, r == 0 ? -ENXIO : r, reader.why(), position);
    return {};
}

template <class... Ts>
[[gnu::always_inline]] inline error read_into(sd_bus_message* m,
                                              std::tuple<codec::draft<Ts>...>& places) {
    return std::apply([m](auto&... all) { return read_into<Ts...>(m, all...); }, places);
}

/// Reads values: one is returned as itself, several as a tuple.
template <class Style, class... Ts>
[[nodiscard]] result<one_or_tuple<Ts...>> try_read_values(sd_bus_message* m) {
    using whole = result<one_or_tuple<Ts...>>;
    std::tuple<codec::draft<Ts>...> drafts{};
    if (error e = caught<Style>([&] { return read_into<Ts...>(m, drafts); }))
        return whole{std::unexpect, std::move(e)};
    return std::apply(
        [](auto&... all) {
            return whole{std::in_place, std::move(codec::value_in(all))...};
        },
        drafts);
}

// The same, but throwing. What needs no draft is read where it will stay: into the one variable
// that its function returns.
template <class... Ts>
inline constexpr bool needs_draft = !(std::is_same_v<codec::draft<Ts>, Ts> && ...);

template <class Style, class T>
    requires(!needs_draft<T>)
[[gnu::always_inline]] inline T read_values(sd_bus_message* m) {
    T value{};
    throw_if<Style>(read_into<T>(m, value));
    return value;
}
template <class Style, class T>
    requires needs_draft<T>
[[gnu::always_inline]] inline T read_values(sd_bus_message* m) {
    codec::draft<T> read{};
    throw_if<Style>(read_into<T>(m, read));
    return T(std::move(codec::value_in(read)));
}
template <class Style, class... Ts>
    requires(sizeof...(Ts) > 1 && !needs_draft<Ts...>)
[[gnu::always_inline]] inline std::tuple<Ts...> read_values(sd_bus_message* m) {
    std::tuple<Ts...> values{};
    throw_if<Style>(read_into<Ts...>(m, values));
    return values;
}
template <class Style, class... Ts>
    requires(sizeof...(Ts) > 1 && needs_draft<Ts...>)
[[gnu::always_inline]] inline std::tuple<Ts...> read_values(sd_bus_message* m) {
    std::tuple<codec::draft<Ts>...> drafts{};
    throw_if<Style>(read_into<Ts...>(m, drafts));
    return std::apply(
        [](auto&... all) { return std::tuple<Ts...>{std::move(codec::value_in(all))...}; }, drafts);
}

inline bool is_reply(sd_bus_message* m) {
    std::uint8_t type = 0;
    return sd_bus_message_get_type(m, &type) >= 0 &&
           (type == SD_BUS_MESSAGE_METHOD_RETURN || type == SD_BUS_MESSAGE_METHOD_ERROR);
}

/// The error of a reply that could not be made, or of its output at `position`.
[[gnu::cold, gnu::noinline]] inline error failed_reply(running_call& call, int r, int position) {
    if (position == 0) return unmade_reply(call.message, r, "making a reply");
    return call.reply_failure = output_error(call.message, r, position);
}

/// What is rare after a reply was sent: it failed, or somebody wants to know of it. Where no reply
/// is wanted, none was sent.
[[gnu::cold, gnu::noinline]] inline error after_reply(running_call& call, sd_bus_message* reply,
                                                      int r) {
    foreign_loop::interest_changed(nullptr);
    if (sd_bus_message_get_expect_reply(call.message) > 0) {
        if (r < 0)
            return call.reply_failure = r == -ENOMSG ? running_call::wrong_types(reply)
                                                     : sending_error(reply, r, "sending a reply");
        if (tracing) trace("sends", reply, call.sensitive);
    }
    call.replied = true;
    return {};
}

/// Sends the one reply to a call that is being handled; `call` null: to none that is. `refuses`: it
/// is an error.
[[gnu::noinline]] inline error send_reply(running_call* call, sd_bus_message* reply, bool refuses) {
    if (!call || call->replied) [[unlikely]]
        return running_call::refused(call);
    if (call->setting) [[unlikely]] {
        if (!refuses && sd_bus_message_is_empty(reply) <= 0)
            return call->reply_failure = running_call::set_has_no_outputs();
        call->announced |= refuses;
    }
    const int r = sd_bus_send(nullptr, reply, nullptr);
    if (r < 0 || tracing || foreign_loop::any()) [[unlikely]]
        return after_reply(*call, reply, r);
    call->replied = true;
    return {};
}

} // namespace ctbus::detail
