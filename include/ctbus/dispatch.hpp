// The life of a call on the service's side: from sd-bus to the handler and back, in one place.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/codec.hpp>
#include <ctbus/message.hpp>
#include <ctbus/report.hpp>
#include <ctbus/slow_handlers.hpp>
#include <ctbus/trace.hpp>

#include <system_error>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

/// One incoming call, as a method's typed part sees it.
struct incoming : running_call {
    codec::message_reader reader;
    void* instance;
    sd_bus_message* reply = nullptr;
    int argument = 0; // which input is being read, from 1; 0 once all are read
    int output = 0;   // which output is being written, from 1
    error why;        // set where the returned code is codec::explained

    incoming(sd_bus_message* m, exported& object)
        : running_call{m, &object}, reader{m}, instance{object.instance} {
        if (tracing) [[unlikely]]
            sensitive = object.bus->is_sensitive(m);
    }
    ~incoming() {
        if (reply) sd_bus_message_unref(reply);
    }

    /// Whether the automatic reply is still due; then `reply` is ready to be filled, unless the
    /// result is negative.
    int begin_reply() {
        if (replied || sd_bus_message_get_expect_reply(message) <= 0) return 0;
        const int r = sd_bus_message_new_method_return(message, &reply);
        return r < 0 ? r : 1;
    }

    /// The handler answers with an error.
    [[gnu::cold, gnu::noinline]] int fail(error e) {
        why = std::move(e);
        return codec::explained;
    }

    /// Sends what is due. The result is for sd-bus: always 1, "handled".
    int finish(int r) {
        if (r >= 0) [[likely]] {
            if (replied || (!reply && reply_failure.name().empty())) return 1;
            if (reply_failure.name().empty()) [[likely]] {
                r = sd_bus_send(nullptr, reply, nullptr);
                if (tracing && r >= 0) [[unlikely]]
                    trace("sends", reply, sensitive);
                if (r >= 0) [[likely]]
                    return 1;
            } else {
                r = fail(reply_failure);
            }
        }
        return finish_with_error(r);
    }

private:
    [[gnu::cold, gnu::noinline]] int finish_with_error(int r) {
        const error e = explain(r);
        if (replied) {
            report(e.during("after the reply to %s", member()));
            return 1;
        }
        if (sd_bus_message_get_expect_reply(message) <= 0) {
            // What the caller did wrong is its own affair; what the handler threw is not.
            if (argument == 0) report(e.during("in %s, whose caller wants no reply", member()));
            return 1;
        }
        sd_bus_message* sent = nullptr;
        const sd_bus_error raw = e.raw();
        if ((r = sd_bus_message_new_method_error(message, &sent, &raw)) >= 0)
            r = traced_send(nullptr, sent, sensitive);
        sd_bus_message_unref(sent);
        if (r < 0) report(error::from_errno(r).during("sending an error reply to %s", member()));
        return 1;
    }

    error explain(int r) {
        const bool thrown = r == codec::explained && !why.name().empty();
        if (argument != 0 && (!thrown || why.name() == SD_BUS_ERROR_FAILED)) {
            const sd_bus_vtable* row = this->row();
            const auto subject =
                codec::argument_text(argument, row ? row->x.method.names : nullptr, member());
            if (!thrown) return codec::explain(r, reader.why(), subject);
            return error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, "%s: %s", subject.text,
                                 why.message().data());
        }
        if (thrown) return why;
        if (output == 0) return error::from_errno(r).during("answering %s", member());
        if (r == -ENOMEM) return error::from_errno(r);
        return error::format(SD_BUS_ERROR_FAILED, codec::is_fault(r) ? EINVAL : -r,
                             "output %d of %s %s", output, member(), codec::describe(r));
    }

    const char* member() const { return sd_bus_message_get_member(message); }
    const sd_bus_vtable* row() const { return on ? on->method(member()) : nullptr; }
};

/// The typed part of a method: reads the inputs, calls the handler, fills the reply.
using method_body = int (*)(incoming&);

#ifdef __cpp_exceptions
/// The exception being handled, as the error that is answered.
[[gnu::cold, gnu::noinline]] inline error current_error() noexcept {
    try {
        throw;
    } catch (const error& e) {
        return e;
    } catch (const std::system_error& e) {
        const auto& category = e.code().category();
        if (category == std::generic_category() || category == std::system_category())
            return error::from_errno(e.code().value(), e.what());
        return {SD_BUS_ERROR_FAILED, e.what()};
    } catch (const std::bad_alloc&) {
        return error::from_errno(ENOMEM);
    } catch (const std::exception& e) {
        return {SD_BUS_ERROR_FAILED, e.what()};
    } catch (...) {
        return {SD_BUS_ERROR_FAILED, "unknown exception"};
    }
}
#endif

namespace detail {
/// What the handler of message `m` is called in reports.
[[gnu::cold, gnu::noinline]] inline handler_names names_of(const char* kind, sd_bus_message* m) {
    return {kind, sd_bus_message_get_interface(m), sd_bus_message_get_member(m),
            sd_bus_message_get_path(m)};
}
} // namespace detail

/// What sd-bus calls for every method, around its typed part: all that does not depend on types.
template <class Style>
[[gnu::noinline]] int dispatch_call(sd_bus_message* m, void* userdata, method_body body) {
    incoming call{m, *static_cast<exported*>(userdata)};
    const auto run = [&] {
        return detail::watched<Style>([m] { return detail::names_of("", m); },
                                      [&] { return body(call); });
    };
    int r;
#ifdef __cpp_exceptions
    try {
        r = run();
    } catch (...) {
        r = call.fail(current_error());
    }
#else
    r = run();
#endif
    return call.finish(r);
}

} // namespace ctbus
