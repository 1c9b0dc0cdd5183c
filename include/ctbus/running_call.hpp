// The calls that are being handled right now, innermost first. They alone may be answered.
#pragma once

#include <ctbus/codec/message_io.hpp>
#include <ctbus/error.hpp>

#include <cstdint>
#include <cstring>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus {

struct exported;

/// The decoded arguments of a call whose reply comes later; counted.
struct kept_arguments {
    int users = 0;
    void (*destroy)(kept_arguments*) = nullptr;

    /// Holds them; null: there are none.
    class share {
    public:
        share() = default;
        explicit share(kept_arguments* of) : of_{of} {
            if (of_) ++of_->users;
        }
        share(share&& other) noexcept : of_{detail::take(other.of_)} {}
        share& operator=(share other) noexcept {
            detail::swap_values(of_, other.of_);
            return *this;
        }
        ~share() {
            if (of_ && --of_->users == 0) of_->destroy(of_);
        }

    private:
        kept_arguments* of_ = nullptr;
    };
};

/// One call, signal or property access that is being handled; lives on the stack of the thunk that
/// sd-bus called. It tells a message whether it may still be answered, and the thunk what happened
/// to the object while the user's code ran.
struct running_call {
    inline static constinit thread_local running_call* innermost = nullptr;

    sd_bus_message* message;
    exported* on; // null once the object is destroyed
    running_call* outer = innermost;
    bool replied = false;       // a reply or an error went out, or a later one was promised
    bool deferred = false;      // a later one was promised
    bool tree_changed = false;  // objects were created or destroyed meanwhile
    bool announced = false;     // the property being set was announced, or its setter sent an error
    bool answering_all = false; // a getter's call is answered here, not by sd-bus
    bool sensitive = false;     // its reply is left out of traces; known only where there are any
    bool failed = false;        // its handler threw, or returned an error
    bool has_decoded = false;   // the setter itself runs, or has run
    const char* setting = nullptr;    // the property being set
    sd_bus_slot* orphan = nullptr;    // the slot sd-bus still holds for an object that is gone
    const sd_bus_vtable* orphan_rows; // of that object, if there is one
    const char* orphan_interface;
    sd_bus_slot* lent = nullptr;    // the orphan, once another object took it
    kept_arguments* kept = nullptr; // for a deferred reply to hold, and the memory too
    const codec::kept_memory* memory = nullptr;
    error reply_failure; // what the handler failed with, or why its own reply could not be sent

    running_call(sd_bus_message* m, exported* object) : message{m}, on{object} { innermost = this; }
    running_call(const running_call&) = delete;
    running_call& operator=(const running_call&) = delete;
    ~running_call() {
        innermost = outer;
        if (orphan) sd_bus_slot_unref(orphan);
    }

    /// The handler answers with this error.
    [[gnu::cold, gnu::noinline]] int fail(error&& e) noexcept {
        reply_failure = std::move(e);
        failed = true;
        return codec::explained;
    }

    /// Why `call` (null: none that runs) may not be answered now.
    [[gnu::cold]] static error refused(const running_call* call) {
        if (call && call->deferred)
            return error::failed("this call has been deferred: only its deferred<> answers it");
        if (call) return answered();
        return error::failed(
            "this call is not being handled any more: only its running handler may answer it");
    }
    [[gnu::cold]] static error answered() {
        return error::failed("this call has been answered already");
    }
    /// Why sd-bus refuses that reply with -ENOMSG.
    [[gnu::cold]] static error wrong_types(sd_bus_message* reply) {
        return error::format(
            SD_BUS_ERROR_FAILED, EINVAL,
            "the reply has the signature \"%s\", which is not what the method declares",
            sd_bus_message_get_signature(reply, 1));
    }

    [[gnu::cold]] static error set_has_no_outputs() {
        return error::format(SD_BUS_ERROR_FAILED, EINVAL, "Set is answered without any output");
    }

    /// The running call of message `m`, or null.
    static running_call* of(const sd_bus_message* m) {
        for (running_call* call = innermost; call; call = call->outer)
            if (call->message == m) return call;
        return nullptr;
    }

    /// The running call that message `reply` answers, or null.
    static running_call* answered_by(sd_bus_message* reply) {
        std::uint64_t answered = 0, cookie = 0;
        if (sd_bus_message_get_reply_cookie(reply, &answered) < 0) return nullptr;
        const char* to = sd_bus_message_get_destination(reply);
        for (running_call* call = innermost; call; call = call->outer) {
            sd_bus_message* m = call->message;
            if (!m || sd_bus_message_get_bus(m) != sd_bus_message_get_bus(reply) ||
                sd_bus_message_get_cookie(m, &cookie) < 0 || cookie != answered)
                continue;
            const char* from = sd_bus_message_get_sender(m);
            if (!from || !to || std::strcmp(from, to) == 0) return call;
        }
        return nullptr;
    }
};

} // namespace ctbus
