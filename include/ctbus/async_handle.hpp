// A call on its way: who holds it may cancel it, or leave it to its connection.
#pragma once

#include <ctbus/callback_room.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/proxy_call.hpp>
#include <ctbus/spare_blocks.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// What an asynchronous call is about, apart from types.
struct call_about {
    const call_info& info;
    const char* property = nullptr;    // as in outgoing_call
    const char* property_of = nullptr; // its interface
};

/// The signature of the reply to that call.
template <const call_about& About>
struct reply_signature {
    static constexpr std::string_view wanted = About.info.reply;
    static bool is(const char* signature) { return has_signature<wanted>(signature); }
};

[[gnu::cold, gnu::noinline]] inline void* tell_watcher(const call_about& about, const char* path) {
    if (!about.property)
        return watcher->begin(
            {"the callback of a call of ", about.info.interface, about.info.member, path});
    return watcher->begin({"the callback of a call about ", about.property_of,
                           *about.property ? about.property : "all properties", path});
}

/// A call whose answer is sd-bus's, which keeps it while its handler runs. Nothing has to be
/// destroyed: who asks for its error takes that.
union answered_call {
    outgoing_call call;

    answered_call(const call_about& about, const call_request& of, sd_bus_message* answer)
        : call{about.info} {
        call.reply = answer;
        call.request = &of;
        call.property = about.property;
        call.property_of = about.property_of;
    }
    answered_call(const answered_call&) = delete;
    answered_call& operator=(const answered_call&) = delete;
    ~answered_call() {}
};

#ifdef __cpp_exceptions
/// For where an exception is caught.
[[gnu::cold, gnu::noinline]] inline void report_thrown(const call_about& about) {
    report(current_error().during("in the callback of a call of %s", about.info.member));
}
#endif

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
    async_handle(async_handle&& other) noexcept {
        if (other.does_) take(other);
    }
    async_handle& operator=(async_handle&& other) noexcept {
        if (this == &other) return *this;
        if (does_) [[unlikely]] return replace(other);
        if (other.does_) take(other);
        return *this;
    }
    ~async_handle() {
        if (does_) [[unlikely]] drop();
    }

    /// Whether the answer has yet to come. Once the connection was closed here, none will.
    explicit operator bool() const { return does_ && is_.request.bus->open; }
    /// The slot of the call, or null.
    sd_bus_slot* get() const { return does_ ? is_.slot : nullptr; }

    /// Forgets the call: its callback is destroyed, and not called.
    void cancel() {
        // The callback may own this: it goes last.
        const async_handle gone{std::move(*this)};
    }

    /// Gives the call to its connection: the callback is called though nobody holds the handle; if
    /// the connection closes before the answer came, with that error. Allocates.
    void detach();

private:
    template <class Value, result<Value> (*)(detail::outgoing_call&), const detail::call_about&>
    friend class pending_call;

    struct detached_call;

    // What is done with a callback of one type.
    struct operations {
        detail::callback_bytes::operations room;
        void (*end)(async_handle& handle, error&& why); // no answer comes; no error: none is due
        const detail::call_about& about;
    };

    // What the callback of a call is run with. The callback may destroy the handle, or use it for
    // another call: the handle is empty from now on.
    struct ending {
        detail::call_request request;

        explicit ending(async_handle& handle) : request{handle.is_.request} {
            handle.does_ = nullptr;
        }
        ending(const ending&) = delete;
        ending& operator=(const ending&) = delete;
        [[gnu::always_inline]] ~ending() { request.release(); }
    };

    template <const detail::call_about& About, class Call>
    [[gnu::always_inline]] static void run(const Call& call) {
#ifdef __cpp_exceptions
        try {
            call();
        } catch (...) {
            detail::report_thrown(About);
        }
#else
        call();
#endif
    }

    // What sd-bus calls with the answer; without a place for an error: answered_rarely() does,
    // where somebody wants to know.
    template <class Style, class F, class Value, result<Value> (*Read)(detail::outgoing_call&),
              const detail::call_about& About>
    static int answered(sd_bus_message* answer, void* userdata, sd_bus_error* e) {
        auto& handle = *static_cast<async_handle*>(userdata);
        if (detail::watcher || tracing || !handle.is_.request.bus->open)
            [[unlikely]] if (e)
                return answered_rarely(answer, handle, &answered<Style, F, Value, Read, About>);
        const detached_work::end_of home{handle.is_.home};
        sd_bus_slot_unref(handle.is_.slot); // sd-bus holds it until we return
        const ending now{handle};
        detail::callback_bytes::taken<F> callback{handle.is_.room};
        run<About>([&] {
            detail::answered_call of{About, now.request, answer};
            if (of.call.judge_reply(detail::reply_signature<About>{}) >= 0) [[likely]]
                callback.get()(Read(of.call));
            else callback.get()(detail::failed<Value>(std::move(of.call.why)));
        });
        return 1;
    }
    [[gnu::cold, gnu::noinline]] static int answered_rarely(sd_bus_message* answer,
                                                            async_handle& handle,
                                                            sd_bus_message_handler_t answered) {
        if (!handle.is_.request.bus->open) return 1; // it is being closed: nobody is called
        if (tracing) trace("receives", answer, handle.does_->about.info.sensitive);
        void* const watch = handle.begin_watch();
        answered(answer, &handle, nullptr);
        detail::end_watch(watch);
        return 1;
    }
    void* begin_watch() const {
        return detail::watcher ? detail::tell_watcher(does_->about, is_.request.path.c_str())
                               : nullptr;
    }
    template <class Style, class F, class Value, const detail::call_about& About>
    static void end_with(async_handle& handle, error&& why) {
        void* const watch = handle.begin_watch();
        const ending now{handle};
        detail::callback_bytes::taken<F> callback{handle.is_.room};
        run<About>([&] {
            if constexpr (std::is_void_v<Value>)
                if (!why) return static_cast<void>(callback.get()(result<Value>{}));
            callback.get()(detail::failed<Value>(std::move(why)));
        });
        detail::end_watch(watch);
    }
    template <class Style, class F, class Value, const detail::call_about& About>
    static constexpr operations operations_of = {detail::callback_bytes::operations_of<F>,
                                                 &end_with<Style, F, Value, About>, About};

    // The connection has closed.
    [[gnu::cold, gnu::noinline]] void lose() {
        sd_bus_slot_unref(is_.slot);
        const detail::call_info& info = does_->about.info;
        const detail::call_names names{info.interface, info.member, is_.request.destination.c_str(),
                                       is_.request.path.c_str()};
        does_->end(*this, detail::call_error(names, -ENOTCONN, nullptr));
    }

    // Sends the message; negative: an errno. What it is sent for is here already.
    template <class Handler>
    int send(sd_bus_message* m, std::uint64_t limit, Handler handler) noexcept {
        is_.request.bus->check_thread();
        sd_bus* const bus = is_.request.bus->bus;
        const int r = sd_bus_call_async(bus, &is_.slot, m, handler, this, limit);
        if (tracing || detail::foreign_loop::any()) [[unlikely]]
            after_send(m, r);
        return r;
    }
    [[gnu::cold, gnu::noinline]] void after_send(sd_bus_message* m, int r) {
        if (tracing && r >= 0) trace("sends", m, does_->about.info.sensitive);
        detail::foreign_loop::interest_changed(is_.request.bus->bus);
    }
    // The same where no reply is wanted.
    int send_only(sd_bus_message* m) noexcept {
        const int r = sd_bus_message_set_expect_reply(m, 0);
        is_.request.bus->check_thread();
        return r < 0 ? r : traced_send(is_.request.bus->bus, m, does_->about.info.sensitive);
    }

    // After the message was sent, or not: no answer will come.
    [[gnu::cold, gnu::noinline]] void end_at_once(sd_bus_message* m, int r) {
        does_->end(*this, r < 0 ? detail::call_error(m, r, nullptr) : error{});
    }

    // There was no message to be sent.
    [[gnu::cold, gnu::noinline]] void end_unsent(error&& why) {
        if (!is_.request.bus) {
            is_.request = {new bus_state, {}, {}}; // for this moment only
            const detail::call_info& info = does_->about.info;
            why = error::failed("this call has been sent already")
                      .during("calling %s.%s", info.interface, info.member);
        }
        does_->end(*this, std::move(why));
    }

    void take(async_handle& other) noexcept {
        does_ = other.does_;
        is_ = other.is_;
        if (does_->room.move) does_->room.move(other.is_.room, is_.room);
        sd_bus_slot_set_userdata(is_.slot, this);
        other.does_ = nullptr; // last, so that the compiler knows it where `other` is destroyed
    }
    [[gnu::noinline]] async_handle& replace(async_handle& other) noexcept {
        const async_handle gone{std::move(*this)}; // whose callback may own this: it goes last
        if (other.does_) take(other);
        return *this;
    }
    [[gnu::noinline]] void drop() {
        is_.request.bus->check_thread();
        sd_bus_slot_unref(is_.slot);
        const auto destroy = does_->room.destroy;
        const ending now{*this};
        if (destroy) destroy(is_.room);
    }

    const operations* does_ = nullptr; // null: of no call, and nothing below counts
    struct parts {
        sd_bus_slot* slot;
        detached_work* home; // what it is a part of, if it was detached
        detail::call_request request;
        alignas(void*) unsigned char room[detail::callback_bytes::size]; // the callback
    } is_;
};
// clang-format on

struct async_handle::detached_call : detached_work {
    bus_ref bus;
    async_handle handle;

    explicit detached_call(async_handle&& taken)
        : bus{taken.is_.request.bus}, handle{std::move(taken)} {
        lost = [](detached_work* work) {
            static_cast<detached_call*>(work)->handle.lose();
            work->destroy(work);
        };
        destroy = [](detached_work* work) {
            auto* const gone = static_cast<detached_call*>(work);
            detail::drop_spared(gone->bus, gone);
        };
        handle.is_.home = this;
        enter(bus->detached);
    }
};

inline void async_handle::detach() {
    if (!does_) return;
    bus_state& bus = *is_.request.bus;
    if (sd_bus_is_open(bus.bus) > 0)
        detail::make_spared<detached_call>(bus, std::move(*this)); // the connection's, from now on
    else lose();
}

} // namespace ctbus
