// A reply that is sent later, when the handler has returned.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/message.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/report.hpp>
#include <ctbus/running_call.hpp>
#include <ctbus/trace.hpp>

#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

namespace detail {

/// A call that has to be answered, exactly once: what of a deferred<> does not depend on types.
class pending_reply {
public:
    pending_reply() {}
    explicit pending_reply(running_call& call) : call_{call.message}, holds_{true}, is_{call} {
        call.replied = true; // not by the handler's return
        call.deferred = true;
    }
    pending_reply(pending_reply&& other) noexcept { take(other); }
    pending_reply& operator=(pending_reply&& other) noexcept {
        if (this != &other) {
            if (holds_) let_go();
            take(other);
        }
        return *this;
    }
    ~pending_reply() {
        if (holds_) let_go();
    }

    const message& call() const { return call_; }
    /// Somebody else answers.
    void forget() { call_ = {}; }

    /// A reply to be filled; negative: an errno. (sd-bus does not send one that nobody wants.)
    int begin(sd_bus_message** reply) const {
        if (is_.bus) is_.bus->check_thread();
        return sd_bus_message_new_method_return(call_.get(), reply);
    }

    /// Sends what was begun and filled, with the result `r`, up to output `where`.
    [[gnu::noinline]] error finish(sd_bus_message* reply, int r, int where) {
        if (r >= 0) {
            where = 0;
            r = sd_bus_send(nullptr, reply, nullptr);
        }
        const message owned = message::adopt(reply);
        if (r < 0 || tracing || foreign_loop::any()) [[unlikely]]
            return finish_rarely(reply, r, where);
        call_ = {};
        return {};
    }

    [[gnu::cold, gnu::noinline]] error fail(const error& e) {
        sd_bus_message* reply = nullptr;
        const int r = message::make_error(call_.get(), e, &reply);
        return finish(reply, r, 0);
    }

    [[gnu::cold]] static error dropped() {
        return error::failed("the service gave this call up without an answer");
    }

private:
    // What it keeps for the call.
    struct parts {
        kept_arguments::share arguments;
        codec::kept_memory memory; // what these, or copies of them, may point into
        bus_ref bus;
        bool sensitive;

        explicit parts(running_call& call)
            : arguments{call.kept}, memory{call.memory ? *call.memory : codec::kept_memory{}},
              bus{call.on ? call.on->bus : nullptr}, sensitive{call.sensitive} {}
        parts(parts&&) noexcept = default;
    };

    void take(pending_reply& other) {
        holds_ = other.holds_;
        other.holds_ = false;
        if (!holds_) return;
        call_ = std::move(other.call_);
        ::new (&is_) parts{std::move(other.is_)}; // and nothing is left that had to be destroyed
    }
    [[gnu::noinline]] void let_go() {
        if (call_) drop();
        holds_ = false;
        is_.~parts();
    }

    [[gnu::cold, gnu::noinline]] error finish_rarely(sd_bus_message* reply, int r, int where) {
        foreign_loop::interest_changed(nullptr);
        if (call_.expects_reply()) {
            if (r < 0) return explain(r, where, reply);
            if (tracing) trace("sends", reply, is_.sensitive);
        }
        call_ = {};
        return {};
    }
    [[gnu::cold, gnu::noinline]] error explain(int r, int where, sd_bus_message* reply) {
        const char* member = sd_bus_message_get_member(call_.get());
        if (where > 0) return output_error(call_.get(), r, where);
        if (r == -ENOMSG) {
            // The call was deferred with other types than its method declares.
            const error wrong = running_call::wrong_types(reply);
            if (error e = fail(wrong)) return e;
            return wrong;
        }
        const error why = error::from_errno(r).during("answering %s", member);
        if (r == -ENOTCONN || r == -ECONNRESET || r == -EPIPE) call_ = {}; // nobody is there
        return why;
    }

    [[gnu::cold, gnu::noinline]] void drop() {
        if (is_.bus) is_.bus->check_thread();
        if (running_call* running = running_call::of(call_.get())) {
            // Still in its handler, which may be throwing: what that throws says more.
            running->replied = false;
            if (call_.expects_reply()) running->reply_failure = dropped();
        } else if (sd_bus_is_open(sd_bus_message_get_bus(call_.get())) > 0) {
            if (const error e = fail(dropped())) report(e);
        }
        call_ = {};
    }

    message call_; // empty once it was answered
    bool holds_ = false;
    union {
        parts is_;
    };
};

} // namespace detail

/// Answers one call, later, with outputs `Outs...`. As a handler's last parameter, by value, it
/// defers every call; message::defer() makes one where the handler chooses to. It may be kept
/// anywhere, and outlive the object and the connection. Dropped without an answer it sends an
/// error at once, so that no caller waits for nothing.
template <class... Outs>
class [[nodiscard("dropping it answers the call with an error")]] deferred {
public:
    /// By this a handler's parameter is known to be a later reply.
    using deferred_outputs = type_list<std::remove_const_t<Outs>...>;

    /// Of no call.
    deferred() = default;
    deferred(deferred &&) noexcept = default;
    deferred(const deferred&) = delete; // else GCC has a second error about what is in it
    deferred& operator=(deferred&&) noexcept = default;
    /// Of a call that is being handled; for handlers and message::defer().
    static deferred of(running_call & call) {
        return deferred{call};
    }

    /// Whether the call still waits for its answer.
    explicit operator bool() const {
        return static_cast<bool>(pending_.call());
    }
    /// The call; empty once it was answered.
    const message& call() const {
        return pending_.call();
    }

    /// Answers, by the rules of a call's arguments. Where a value cannot be sent (it is no valid
    /// UTF-8, say) nothing is sent, and the call may still be answered.
    template <class Style = error_style, class Void = void, class... Ts>
    [[nodiscard]] result<Void> try_reply(const Ts&... outs) {
        return to_result<Void>(detail::caught<Style>([&] { return reply_with(outs...); }));
    }
    template <class Style = error_style, class... Ts>
    void reply(const Ts&... outs) {
        throw_if<Style>(reply_with(outs...));
    }

    /// Answers with an error.
    template <class Void = void>
    [[nodiscard]] result<Void> try_fail(const error& e) {
        return to_result<Void>(fail_with(e));
    }
    template <class Style = error_style>
    void fail(const error& e) {
        throw_if<Style>(fail_with(e));
    }

private:
    explicit deferred(running_call & call) : pending_{call} {}

    template <class... Ts>
    error reply_with(const Ts&... outs) {
        constexpr auto wrong = detail::arguments_wrong<deferred_outputs, Ts...>;
        static_assert(require::sentence<wrong.what, detail::parameter<wrong.where>,
                                        type_list<Ts...>, deferred>());
        if constexpr (wrong.what != mistake::none) return {};
        else {
            if (!*this) return running_call::answered();
            detail::held_message reply;
            int where = 0, r = pending_.begin(&reply.m);
            if (r >= 0) r = detail::append_arguments(reply.m, &where, deferred_outputs{}, outs...);
            return pending_.finish(reply.release(), r, where);
        }
    }
    error fail_with(const error& e) {
        return *this ? pending_.fail(e) : running_call::answered();
    }

    detail::pending_reply pending_;
};

template <class... Outs>
result<deferred<Outs...>> message::try_defer() const {
    static_assert(require::writable_all<std::remove_const_t<Outs>...>());
    running_call* call = running_call::of(get());
    using outcome = result<deferred<Outs...>>;
    if (!call || call->replied || !get())
        return outcome{std::unexpect, detail::refused(get(), call)};
    if (sizeof...(Outs) != 0 && call->setting)
        return outcome{std::unexpect, running_call::set_has_no_outputs()};
    return deferred<Outs...>::of(*call);
}

} // namespace ctbus
