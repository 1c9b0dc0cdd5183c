// One D-Bus message: read it, fill it, answer it.
#pragma once

#include <ctbus/codec.hpp>
#include <ctbus/handle.hpp>
#include <ctbus/message_work.hpp>
#include <ctbus/names.hpp>
#include <ctbus/outcome.hpp>
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
    template <class... Ts, class Style = error_style, class Void = void>
    [[nodiscard]] result<Void> try_append(const Ts&... values) {
        return to_result<Void>(detail::caught<Style>([&] { return append_all(values...); }));
    }
    template <class Style = error_style, class... Ts>
    message& append(const Ts&... values) {
        throw_if<Style>(append_all(values...));
        return *this;
    }

    /// Reads values from where the last read ended (`sd_bus_message_read`; rewind() goes back to
    /// the start); one comes as itself, several as a tuple. Borrowed types point into the message.
    template <class... Ts, class Style = error_style>
    [[nodiscard]] result<one_or_tuple<std::remove_cvref_t<Ts>...>> try_read() const {
        static_assert(require::readable_all<Ts...>());
        if constexpr (!(readable<Ts> && ...))
            return result<one_or_tuple<std::remove_cvref_t<Ts>...>>{std::unexpect};
        else return detail::try_read_values<Style, Ts...>(get());
    }
    template <class... Ts, class Style = error_style>
    one_or_tuple<std::remove_cvref_t<Ts>...> read() const {
        if constexpr (!(readable<Ts> && ...)) return or_throw<Style>(try_read<Ts...>()); // says why
        else if constexpr (sizeof...(Ts) != 0) return detail::read_values<Style, Ts...>(get());
    }

    /// Whether the bus may start the service that a call goes to; it may at first
    /// (`sd_bus_message_set_auto_start`). Not of a sealed message.
    template <class Void = void>
    [[nodiscard]] result<Void> try_auto_start(bool allowed) {
        return to_result<Void>(did(sd_bus_message_set_auto_start(get(), allowed), "auto_start"));
    }
    template <class Style = error_style>
    void auto_start(bool allowed) {
        throw_if<Style>(did(sd_bus_message_set_auto_start(get(), allowed), "auto_start"));
    }
    /// Makes it ready to be read here, as receiving would (`sd_bus_message_seal`).
    template <class Void = void>
    [[nodiscard]] result<Void> try_seal() {
        return to_result<Void>(did(sd_bus_message_seal(get(), 1, 0), "seal"));
    }
    template <class Style = error_style>
    void seal() {
        throw_if<Style>(did(sd_bus_message_seal(get(), 1, 0), "seal"));
    }
    /// Goes back to the first value (`sd_bus_message_rewind`).
    template <class Void = void>
    [[nodiscard]] result<Void> try_rewind() const {
        return to_result<Void>(did(sd_bus_message_rewind(get(), 1), "rewind"));
    }
    template <class Style = error_style>
    void rewind() const {
        throw_if<Style>(did(sd_bus_message_rewind(get(), 1), "rewind"));
    }

    /// An empty reply to this call (`sd_bus_message_new_method_return`); send() it in the handler.
    template <class T = message>
    [[nodiscard]] result<T> try_new_reply() const {
        T made;
        return to_result(make_reply(made), std::move(made));
    }
    template <class Style = error_style>
    [[nodiscard]] message new_reply() const {
        message made;
        throw_if<Style>(make_reply(made));
        return made;
    }
    /// An error reply to this call (`sd_bus_message_new_method_error`); send() it in the handler.
    template <class T = message>
    [[nodiscard]] result<T> try_new_error(const ctbus::error& e) const {
        T made;
        return to_result(make_error_reply(e, made), std::move(made));
    }
    template <class Style = error_style>
    [[nodiscard]] message new_error(const ctbus::error& e) const {
        message made;
        throw_if<Style>(make_error_reply(e, made));
        return made;
    }

    /// Sends it (`sd_bus_send`). A reply is refused unless its call is being handled right now and
    /// has not been answered yet.
    template <class Void = void>
    [[nodiscard]] result<Void> try_send() const {
        return to_result<Void>(send_now());
    }
    template <class Style = error_style>
    void send() const {
        throw_if<Style>(send_now());
    }

    /// Answers this call, inside its handler, in place of the automatic reply.
    template <class... Ts, class Style = error_style, class Void = void>
    [[nodiscard]] result<Void> try_reply(const Ts&... values) const {
        return to_result<Void>(detail::caught<Style>([&] { return reply_with(values...); }));
    }
    template <class Style = error_style, class... Ts>
    void reply(const Ts&... values) const {
        throw_if<Style>(reply_with(values...));
    }

    /// Answers this call with an error, inside its handler.
    template <class Void = void>
    [[nodiscard]] result<Void> try_reply_error(const ctbus::error& e) const {
        return to_result<Void>(reply_with_error(e));
    }
    template <class Style = error_style>
    void reply_error(const ctbus::error& e) const {
        throw_if<Style>(reply_with_error(e));
    }

    /// The handler returns without answering: the reply, with outputs `Outs...`, is sent later.
    /// What the handler returns is ignored, though it still gives the method's signature.
    template <class... Outs>
    [[nodiscard]] result<deferred<Outs...>> try_defer() const;
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

    ctbus::error did(int r, const char* what) const {
        return detail::message_error(get(), r, what);
    }

    // Negative: an errno or a fault, of the value at `position`, from 1.
    template <class... Ts>
    int append_values(int& position, const Ts&... values) {
        static_assert(require::writable_all<codec::given_t<Ts>...>());
        int r = 0;
        if constexpr ((writable_type<codec::given_t<Ts>> && ...)) {
            detail::spoiled_unless_done guard{get()};
            codec::message_writer writer{get(), 0, false};
            static_cast<void>(((++position, r = codec::append(writer, values), r >= 0) && ...));
            guard.m = nullptr;
        }
        return r;
    }
    template <class... Ts>
    ctbus::error append_all(const Ts&... values) {
        int position = 0;
        if (const int r = append_values(position, values...); r < 0) [[unlikely]]
            return detail::append_error(get(), r, position);
        return {};
    }

    ctbus::error make_reply(message& made) const {
        sd_bus_message* reply = nullptr;
        const int r = sd_bus_message_new_method_return(get(), &reply);
        made = adopt(reply);
        return r < 0 ? detail::unmade_reply(get(), r, "making a reply") : ctbus::error{};
    }
    ctbus::error make_error_reply(const ctbus::error& e, message& made) const {
        sd_bus_message* reply = nullptr;
        const int r = make_error(get(), e, &reply);
        made = adopt(reply);
        return r < 0 ? detail::unmade_reply(get(), r, "making an error reply") : ctbus::error{};
    }

    ctbus::error send_now() const {
        if (detail::is_reply(get()))
            return detail::send_reply(running_call::answered_by(get()), get(), is_error());
        const int r = traced_send(nullptr, get());
        return r < 0 ? detail::sending_error(get(), r, "send") : ctbus::error{};
    }

    template <class... Ts>
    ctbus::error reply_with(const Ts&... values) const {
        running_call* const call = running_call::of(get());
        if (!call || call->replied) [[unlikely]]
            return detail::refused(get(), call);
        sd_bus_message* reply = nullptr;
        int position = 0, r = sd_bus_message_new_method_return(get(), &reply);
        message made = adopt(reply);
        if (r >= 0) r = made.append_values(position, values...);
        if (r < 0) [[unlikely]]
            return detail::failed_reply(*call, r, position);
        return detail::send_reply(call, reply, false);
    }
    ctbus::error reply_with_error(const ctbus::error& e) const {
        running_call* const call = running_call::of(get());
        if (!call || call->replied) return detail::refused(get(), call);
        sd_bus_message* reply = nullptr;
        const int r = make_error(get(), e, &reply);
        const message made = adopt(reply);
        if (r < 0) return detail::failed_work(get(), r, "error reply");
        return detail::send_reply(call, reply, true);
    }

    raw_handle raw_;
};

namespace detail {

/// A message, as a function is given it that runs while somebody else holds it: no reference of its
/// own.
union lent_message {
    message lent;

    explicit lent_message(sd_bus_message* m) : lent{message::adopt(m)} {}
    ~lent_message() {}
    operator const message&() const { return lent; }
};

} // namespace detail

} // namespace ctbus
