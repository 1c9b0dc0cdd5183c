// One D-Bus message: read it, fill it, answer it.
#pragma once

#include <ctbus/codec.hpp>
#include <ctbus/handle.hpp>
#include <ctbus/names.hpp>
#include <ctbus/require.hpp>
#include <ctbus/running_call.hpp>
#include <ctbus/trace.hpp>

#include <cstdint>
#include <string_view>
#include <systemd/sd-bus.h>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

template <class... Outs>
class deferred; // deferred.hpp

/// Shares one `sd_bus_message`. Texts that it returns point into the message.
class message {
public:
    message() = default;
    /// Takes a reference of its own.
    explicit message(sd_bus_message* raw) : raw_{raw} {}
    /// Takes over a reference that the caller holds.
    static message adopt(sd_bus_message* raw) {
        message made;
        made.raw_ = raw_handle::adopt(raw);
        return made;
    }

    /// The raw message, or null.
    sd_bus_message* get() const { return raw_.get(); }
    /// Whether there is one.
    explicit operator bool() const { return static_cast<bool>(raw_); }

    /// The unique name of who sent it; empty on a direct connection.
    bus_name_view sender() const {
        return bus_name_view::trusted(sd_bus_message_get_sender(get()));
    }
    /// Whom it is for; empty on a direct connection.
    bus_name_view destination() const {
        return bus_name_view::trusted(sd_bus_message_get_destination(get()));
    }
    /// Of a call or a signal; empty for replies, as the two that follow.
    object_path_view path() const {
        return object_path_view::trusted(sd_bus_message_get_path(get()));
    }
    interface_name_view interface() const {
        return interface_name_view::trusted(sd_bus_message_get_interface(get()));
    }
    member_name_view member() const {
        return member_name_view::trusted(sd_bus_message_get_member(get()));
    }
    /// The signature of the whole body.
    std::string_view signature() const {
        const char* text = sd_bus_message_get_signature(get(), 1);
        return text ? text : "";
    }
    /// The serial number; 0 before it is sealed.
    std::uint64_t cookie() const {
        std::uint64_t number = 0;
        return sd_bus_message_get_cookie(get(), &number) < 0 ? 0 : number;
    }
    /// Whether it is an error reply.
    bool is_error() const { return sd_bus_message_is_method_error(get(), nullptr) > 0; }
    /// What an error message says; an empty error for any other message.
    ctbus::error error() const {
        const sd_bus_error* e = sd_bus_message_get_error(get());
        if (!e || !e->name) return {};
        return {e->name, e->message ? e->message : ""};
    }
    /// Whether the caller waits for an answer.
    bool expects_reply() const { return sd_bus_message_get_expect_reply(get()) > 0; }

    /// Appends values (`sd_bus_message_append`). The first failure spoils the message: it cannot be
    /// sent any more.
    template <class... Ts>
    result<void> try_append(const Ts&... values) {
        static_assert(require::writable_all<codec::given_t<Ts>...>());
        int r = 0;
        if constexpr ((writable_type<codec::given_t<Ts>> && ...)) {
            codec::message_writer writer{get()};
            int position = 0;
            static_cast<void>(((++position, r = codec::append(writer, values), r >= 0) && ...));
            if (r < 0) return failure{spoil(r, position)};
        }
        return {};
    }
    template <class Style = error_style, class... Ts>
    message& append(const Ts&... values) {
        or_throw<Style>(try_append(values...));
        return *this;
    }

    /// Reads values from where the last read ended (`sd_bus_message_read`; rewind() goes back to
    /// the start); one comes as itself, several as a tuple. Borrowed types point into the message.
    template <class... Ts>
    result<one_or_tuple<std::remove_cvref_t<Ts>...>> try_read() {
        static_assert(require::readable_all<Ts...>());
        if constexpr ((readable<Ts> && ...)) return read_all<Ts...>();
        else return failure{ctbus::error{}};
    }
    template <class... Ts, class Style = error_style>
    auto read() {
        return or_throw<Style>(try_read<Ts...>());
    }

    /// Whether the bus may start the service that a call goes to; it may at first
    /// (`sd_bus_message_set_auto_start`). Not of a sealed message.
    result<void> try_auto_start(bool allowed) {
        return done(sd_bus_message_set_auto_start(get(), allowed), "auto_start");
    }
    template <class Style = error_style>
    void auto_start(bool allowed) {
        or_throw<Style>(try_auto_start(allowed));
    }

    /// Makes it ready to be read here, as receiving would (`sd_bus_message_seal`).
    result<void> try_seal() { return done(sd_bus_message_seal(get(), 1, 0), "seal"); }
    template <class Style = error_style>
    void seal() {
        or_throw<Style>(try_seal());
    }
    /// Goes back to the first value (`sd_bus_message_rewind`).
    result<void> try_rewind() { return done(sd_bus_message_rewind(get(), 1), "rewind"); }
    template <class Style = error_style>
    void rewind() {
        or_throw<Style>(try_rewind());
    }

    /// An empty reply to this call (`sd_bus_message_new_method_return`); send() it in the handler.
    result<message> try_new_reply() const {
        sd_bus_message* reply = nullptr;
        const int r = sd_bus_message_new_method_return(get(), &reply);
        if (r < 0) return failure{ctbus::error::from_errno(r, {}, "making a reply")};
        return adopt(reply);
    }
    template <class Style = error_style>
    message new_reply() const {
        return or_throw<Style>(try_new_reply());
    }
    /// An error reply to this call (`sd_bus_message_new_method_error`); send() it in the handler.
    result<message> try_new_error(const ctbus::error& e) const {
        sd_bus_message* reply = nullptr;
        const int r = make_error(get(), e, &reply);
        if (r < 0) return failure{ctbus::error::from_errno(r, {}, "making an error reply")};
        return adopt(reply);
    }
    template <class Style = error_style>
    message new_error(const ctbus::error& e) const {
        return or_throw<Style>(try_new_error(e));
    }

    /// Sends it (`sd_bus_send`). A reply is refused unless its call is being handled right now and
    /// has not been answered yet.
    result<void> try_send() const {
        if (is_reply()) return send_reply(running_call::answered_by(get()), get());
        return done(traced_send(nullptr, get()), "send");
    }
    template <class Style = error_style>
    void send() const {
        or_throw<Style>(try_send());
    }

    /// Answers this call, inside its handler, in place of the automatic reply.
    template <class... Ts>
    result<void> try_reply(const Ts&... values) const {
        auto made = begin_reply();
        if (!made) return failure{std::move(made).error()};
        if (auto appended = made->try_append(values...); !appended) {
            running_call::of(get())->reply_failure = appended.error();
            return appended;
        }
        return send_reply(running_call::of(get()), made->get());
    }
    template <class Style = error_style, class... Ts>
    void reply(const Ts&... values) const {
        or_throw<Style>(try_reply(values...));
    }

    /// Answers this call with an error, inside its handler.
    result<void> try_reply_error(const ctbus::error& e) const {
        auto made = begin_reply();
        if (!made) return failure{std::move(made).error()};
        sd_bus_message* reply = nullptr;
        if (const int r = make_error(get(), e, &reply); r < 0) return done(r, "error reply");
        return send_reply(running_call::of(get()), adopt(reply).get());
    }
    template <class Style = error_style>
    void reply_error(const ctbus::error& e) const {
        or_throw<Style>(try_reply_error(e));
    }

    /// The handler returns without answering: the reply, with outputs `Outs...`, is sent later.
    /// What the handler returns is ignored, though it still gives the method's signature.
    template <class... Outs>
    result<deferred<Outs...>> try_defer() const;
    template <class... Outs, class Style = error_style>
    deferred<Outs...> defer() const {
        return or_throw<Style>(try_defer<Outs...>());
    }

    /// An error reply to `call` that sd-bus accepts, whatever the texts of `e` hold.
    [[gnu::cold]] static int make_error(sd_bus_message* call, const ctbus::error& e,
                                        sd_bus_message** reply) {
        const sd_bus_error raw = e.raw();
        return sd_bus_message_new_method_error(call, reply, &raw);
    }

private:
    using raw_handle = handle<sd_bus_message, sd_bus_message_ref, sd_bus_message_unref>;

    template <class... Ts>
    result<one_or_tuple<Ts...>> read_all() {
        codec::message_reader reader{get()};
        reader.keep_nothing();
        codec::slots<Ts...> values;
        int position = 0;
        if (const int r = values.read(reader, position); r <= 0)
            return failure{explain_read(r == 0 ? -ENXIO : r, reader.why(), position)};
        if constexpr (sizeof...(Ts) != 0) return values.take();
        else return {};
    }

    static result<void> done(int r, std::string_view what) {
        if (r < 0) [[unlikely]]
            return failure{explain_errno(r, what)};
        return {};
    }

    bool is_reply() const {
        std::uint8_t type = 0;
        return sd_bus_message_get_type(get(), &type) >= 0 &&
               (type == SD_BUS_MESSAGE_METHOD_RETURN || type == SD_BUS_MESSAGE_METHOD_ERROR);
    }

    [[gnu::cold]] static ctbus::error explain_errno(int r, std::string_view what) {
        if (r == -EPERM)
            return ctbus::error::from_errno(
                r, "a sealed message cannot be changed, and one that is not cannot be read", what);
        return ctbus::error::from_errno(r, {}, what);
    }
    [[gnu::cold]] ctbus::error spoil(int r, int position) {
        if (r == -EPERM) return explain_errno(r, "append");
        // What has a container open cannot be sealed; where this fails, it could not be anyway.
        sd_bus_message_open_container(get(), 'a', "y");
        return codec::explain(r, {}, codec::short_text{"argument %d", position});
    }
    [[gnu::cold]] ctbus::error explain_read(int r, const ctbus::error& why, int position) const {
        if (r == -EPERM) return explain_errno(r, "read");
        if (r == -ENXIO && sd_bus_message_at_end(get(), 1) > 0)
            return ctbus::error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                                        "value %d: there is nothing left to read; rewind() goes "
                                        "back to the start",
                                        position);
        char type = 0;
        const char* contents = nullptr;
        if (r == -ENXIO && sd_bus_message_peek_type(get(), &type, &contents) > 0)
            return ctbus::error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL,
                                        "value %d has another type: '%c' comes next", position,
                                        type);
        return codec::explain(r, why, codec::short_text{"value %d", position});
    }

    result<message> begin_reply() const {
        running_call* call = running_call::of(get());
        if (!call || call->replied) return failure{running_call::refused(call)};
        return try_new_reply();
    }

    static result<void> send_reply(running_call* call, sd_bus_message* reply) {
        if (!call || call->replied) return failure{running_call::refused(call)};
        int r = 1;
        if (sd_bus_message_get_expect_reply(call->message) > 0)
            r = traced_send(nullptr, reply, call->sensitive);
        if (r < 0) {
            call->reply_failure = explain_reply(r, reply);
            return failure{call->reply_failure};
        }
        call->replied = true;
        return {};
    }

    [[gnu::cold]] static ctbus::error explain_reply(int r, sd_bus_message* reply) {
        if (r == -ENOMSG) return running_call::wrong_types(reply);
        return ctbus::error::from_errno(r, {}, "sending a reply");
    }

    raw_handle raw_;
};

} // namespace ctbus
