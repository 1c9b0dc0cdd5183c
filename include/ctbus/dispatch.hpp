// The life of a call on the service's side: from sd-bus to the handler and back, in one place.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/catching.hpp>
#include <ctbus/codec.hpp>
#include <ctbus/message.hpp>
#include <ctbus/report.hpp>
#include <ctbus/trace.hpp>
#include <ctbus/watching.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

/// A pointer to a function or to a member function, as data: what tells methods apart that share
/// their typed part.
struct function_words {
    void (*code)() = nullptr;
    std::ptrdiff_t adjustment = 0;

    template <class Function>
    static function_words of(Function f) {
        static_assert(sizeof f <= sizeof(function_words));
        function_words words;
        std::memcpy(static_cast<void*>(&words), &f, sizeof f);
        return words;
    }
    template <class Function>
    Function as() const {
        Function f;
        std::memcpy(&f, this, sizeof f);
        return f;
    }
};

/// One incoming call, as a method's typed part sees it.
struct incoming : running_call {
    codec::message_reader reader;
    void* instance;
    function_words function; // the handler, where it shares its typed part
    sd_bus_message* reply = nullptr;
    int argument = 0;      // which input is being read, from 1; 0 once all are read
    int output = 0;        // which output is being written, from 1
    void* watch = nullptr; // what a watcher began

    incoming(sd_bus_message* m, exported& object, function_words shared = {}) noexcept
        : running_call{m, &object}, reader{m}, instance{object.instance}, function{shared} {
        memory = &reader.memory();
        if (tracing) [[unlikely]]
            sensitive = is_sensitive(*object.bus, m);
    }
    incoming(const incoming&) = delete;
    incoming& operator=(const incoming&) = delete;
    [[gnu::cold, gnu::noinline]] ~incoming() {
        detail::end_watch(watch);
        if (reply) sd_bus_message_unref(reply);
    }

    /// Whether the automatic reply is still due; then `reply` is ready to be filled, unless the
    /// result is negative. (sd-bus does not send a reply that nobody wants.)
    [[gnu::noinline]] int begin_reply() {
        if (replied) return 0;
        const int r = sd_bus_message_new_method_return(message, &reply);
        return r < 0 ? r : 1;
    }

    /// What a typed part returns for a reply without outputs. That is made by finish(), and not at
    /// all where nobody wants it.
    static constexpr int has_no_outputs = 2;

    /// Sends what is due, after the typed part returned `r`.
    void finish(int r) noexcept {
        if (!send_due(r)) finish_with_error(r);
    }
    /// The same, and ends its life as the destructor does: most calls leave nothing behind.
    [[gnu::always_inline]] void end(int r) noexcept {
        if (!send_due(r)) [[unlikely]]
            finish_with_error(r);
        else if (!orphan && !watch && reader.is_empty()) [[likely]] {
            innermost = outer;
            return;
        }
        this->~incoming();
    }

private:
    // Where nothing failed; then `reply` is gone. `r` becomes what did.
    [[gnu::always_inline]] bool send_due(int& r) noexcept {
        if (r < 0 || reply_failure) [[unlikely]]
            return false;
        if (replied) return !reply;
        if (r == has_no_outputs) {
            if (sd_bus_message_get_expect_reply(message) <= 0) return true;
            r = sd_bus_message_new_method_return(message, &reply);
        }
        if (r < 0 || (r = send()) < 0) [[unlikely]]
            return false;
        sd_bus_message_unref(detail::take(reply));
        return true;
    }
    // sd-bus looks at its queue itself after a handler, so that no loop has to be told.
    int send() noexcept {
        const int r = sd_bus_send(nullptr, reply, nullptr);
        if (tracing && r >= 0) [[unlikely]]
            trace_reply();
        return r;
    }
    [[gnu::cold, gnu::noinline]] void trace_reply() const noexcept {
        if (sd_bus_message_get_expect_reply(message) > 0) trace("sends", reply, sensitive);
    }
    [[gnu::cold, gnu::noinline]] void finish_with_error(int r) noexcept {
        if (r >= 0 && replied) return;
        const char* const member = sd_bus_message_get_member(message);
        error e = explain(r, member);
        const char* when = "after the reply to %s";
        if (replied) {
            if (deferred) when = "after deferring %s";
        } else if (sd_bus_message_get_expect_reply(message) > 0) {
            const sd_bus_error raw = e.raw();
            sd_bus_message_unref(reply);
            reply = nullptr;
            if ((r = sd_bus_message_new_method_error(message, &reply, &raw)) >= 0) r = send();
            if (r >= 0) return;
            e = error::from_errno(r);
            when = failed ? "sending an error reply to %s" : "sending the reply to %s";
        } else {
            // What the caller did wrong is its own affair; what the handler threw is not.
            if (argument != 0) return;
            when = "in %s, whose caller wants no reply";
        }
        char context[320]; // a member's name is shorter
        std::snprintf(context, sizeof context, when, member);
        report(e.in_context(context));
    }

    [[gnu::cold]] error explain(int r, const char* member) noexcept {
        if (r >= 0 || (failed && (argument == 0 || std::strcmp(reply_failure.name().data(),
                                                               SD_BUS_ERROR_FAILED) != 0)))
            return std::move(reply_failure);
        if ((argument == 0 && output == 0) || r == -ENOTCONN)
            return error::from_errno(r, nullptr, "answering");
        const sd_bus_vtable* row = on ? on->method(member) : nullptr;
        const auto subject =
            codec::argument_text(argument, row ? row->x.method.names : nullptr, member, output);
        if (failed)
            return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, "%s: %s", subject.text,
                                 reply_failure.message().data());
        return codec::explain(r, reader.why(), subject,
                              argument != 0 ? SD_BUS_ERROR_INVALID_ARGS : SD_BUS_ERROR_FAILED);
    }
};

/// The typed part of a method: reads the inputs, calls the handler, fills the reply.
using method_body = int (*)(incoming&);

#ifdef __cpp_exceptions
/// A handler is answered with what it threw.
[[gnu::cold, gnu::noinline]] inline int answer_exception(running_call& call) noexcept {
    return call.fail(current_error());
}
#endif

/// What sd-bus calls for every method, around its typed part: all that does not depend on types.
template <class Style>
[[gnu::noinline]] int dispatch_call(sd_bus_message* m, void* userdata, method_body body,
                                    function_words function = {}) noexcept {
    union frame {
        incoming call;
        ~frame() {} // end() does it
    } of{{m, *static_cast<exported*>(userdata), function}};
    incoming& call = of.call;
    call.watch = detail::begin_watch("", m);
    int r = 0;
#ifdef __cpp_exceptions
    catching([&] { r = body(call); }, [&](error&& thrown) { r = call.fail(std::move(thrown)); });
#else
    r = body(call);
#endif
    call.end(r);
    return 1; // handled
}

} // namespace ctbus
