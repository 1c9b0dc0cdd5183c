// A call on its way: who holds it may cancel it, or leave it to its connection.
#pragma once

#include <ctbus/callback_room.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/proxy_call.hpp>

#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {
inline constexpr call_info no_call = {"", "", "", "", 0, false, false};

/// A call whose answer is sd-bus's, which keeps it while its handler runs.
struct answered_call : outgoing_call {
    answered_call(const call_info& i, sd_bus_message* answer) : outgoing_call{i} { reply = answer; }
    ~answered_call() { reply = nullptr; }
};
} // namespace detail

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// A call on its way. Destroying it cancels: the callback is destroyed and never called. May be
/// moved at any time, and destroyed inside its own callback. (`sd_bus_call_async`)
class [[nodiscard("the call is cancelled where its handle goes: keep it, or detach() it")]]
async_handle {
public:
    /// Of no call.
    async_handle() = default;
    async_handle(async_handle&& other) noexcept : request_{std::move(other.request_)} {
        take(other);
    }
    async_handle& operator=(async_handle&& other) noexcept {
        if (this == &other) return *this;
        if (!does_) return replace(other);
        const async_handle gone{std::move(*this)}; // whose callback may own this: it goes last
        return replace(other);
    }
    ~async_handle() { stop(); }

    /// Whether the answer has yet to come. Once the connection was closed here, none will.
    explicit operator bool() const { return does_ && request_.bus->open; }
    /// The slot of the call, or null.
    sd_bus_slot* get() const { return slot_; }

    /// Forgets the call: its callback is destroyed, and not called.
    void cancel() {
        // The callback may own this: it goes last.
        const async_handle gone{std::move(*this)};
    }

    /// Gives the call to its connection: the callback is called though nobody holds the handle; if
    /// the connection closes before the answer came, with that error. Allocates.
    void detach() &&;

private:
    template <class Value, result<Value> (*)(detail::outgoing_call&)>
    friend class pending_call;

    struct detached_call;

    // What an answer has to be read with, apart from types. The call's message is not kept: many
    // of them at once would slow down every allocation, and sd-bus is done with it.
    struct request {
        bus_ref bus;
        kept_name destination; // for what errors say
        kept_name path;
        const detail::call_info* info = nullptr;
        const char* property = nullptr;
        const char* property_of = nullptr;
    };
    explicit async_handle(request&& of) : request_{std::move(of)} {}

    // What is done with a callback of one type.
    struct operations {
        void (*complete)(detail::callback_room& callback, detail::outgoing_call& call,
                         bool answered);
        void (*lose)(async_handle& handle); // the connection has closed under it
    };

    template <class Style>
    static void lose(async_handle& handle);

    template <class Style, class F, class Value, result<Value> (*Read)(detail::outgoing_call&)>
    static constexpr operations operations_of = {
        .complete =
            [](detail::callback_room& callback, detail::outgoing_call& call, bool answered) {
                if (answered) callback.get<F>()(Read(call));
                else callback.get<F>()(result<Value>{failure{std::move(call.why)}});
            },
        .lose = &lose<Style>,
    };

    async_handle& replace(async_handle& other) noexcept {
        request_ = std::move(other.request_);
        take(other);
        return *this;
    }
    // stop() and take() leave the request to who calls them.
    void stop() {
        if (slot_) {
            request_.bus->check_thread();
            sd_bus_slot_unref(std::exchange(slot_, nullptr));
        }
        does_ = nullptr;
        callback_.clear();
    }
    void take(async_handle& other) noexcept {
        slot_ = std::exchange(other.slot_, nullptr);
        does_ = std::exchange(other.does_, nullptr);
        callback_ = std::move(other.callback_);
        if (slot_) sd_bus_slot_set_userdata(slot_, this);
    }

    template <class Style>
    static int answered(sd_bus_message* answer, void* userdata, sd_bus_error*) {
        // The callback may destroy the handle, or use it for another call.
        auto* handle = static_cast<async_handle*>(userdata);
        detached_work* home = handle->home_;
        if (home) home->leave();
        sd_bus_slot_unref(std::exchange(handle->slot_, nullptr)); // sd-bus holds it until we return
        {
            async_handle now{std::move(*handle)};
            if (tracing) [[unlikely]]
                trace("receives", answer, now.request_.info->sensitive);
            detail::answered_call call{*now.request_.info, answer};
            now.lend(call);
            now.complete<Style>(call, call.judge_reply() >= 0);
        }
        if (home) home->destroy(home);
        return 1;
    }
    void lend(detail::outgoing_call& call) const {
        call.destination = request_.destination.c_str();
        call.path = request_.path.c_str();
        call.property = request_.property;
        call.property_of = request_.property_of;
    }
    [[gnu::cold, gnu::noinline]] detail::handler_names
    names_of(const detail::outgoing_call& call) const {
        const char* path = request_.path.c_str();
        if (request_.property)
            return {"the callback of a call about ", request_.property_of,
                    *request_.property ? request_.property : "all properties", path};
        return {"the callback of a call of ", call.info.interface, call.info.member, path};
    }
    template <class Style>
    void complete(detail::outgoing_call& call, bool answered) {
        const auto run = [&] {
            detail::watched<Style>([&] { return names_of(call); },
                                   [&] { does_->complete(callback_, call, answered); });
        };
#ifdef __cpp_exceptions
        try {
            run();
        } catch (...) {
            report(current_error().during("in the callback of a call of %s", call.info.member));
        }
#else
        run();
#endif
    }

    sd_bus_slot* slot_ = nullptr;
    request request_;
    const operations* does_ = nullptr;
    detached_work* home_ = nullptr; // what it is a part of, if it was detached
    detail::callback_room callback_;
};
// clang-format on

template <class Style>
void async_handle::lose(async_handle& handle) {
    async_handle now{std::move(handle)};
    detail::outgoing_call call{*now.request_.info};
    now.lend(call);
    call.why = detail::call_error(call.names(), -ENOTCONN, nullptr);
    now.complete<Style>(call, false);
}

struct async_handle::detached_call : detached_work {
    async_handle handle;

    explicit detached_call(async_handle&& taken) : handle{std::move(taken)} {
        lost = [](detached_work* work) {
            async_handle& gone = static_cast<detached_call*>(work)->handle;
            gone.does_->lose(gone);
            work->destroy(work);
        };
        destroy = [](detached_work* work) { delete static_cast<detached_call*>(work); };
        handle.home_ = this;
        enter(handle.request_.bus->detached);
    }
};

inline void async_handle::detach() && {
    if (!slot_) return;
    if (sd_bus_is_open(request_.bus->bus) > 0)
        new detached_call{std::move(*this)}; // the connection's, from now on
    else does_->lose(*this);
}

} // namespace ctbus
