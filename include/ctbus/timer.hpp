// Waiting for a time: after(bus, duration), with a callback or in a coroutine.
#pragma once

#include <ctbus/awaiting.hpp>
#include <ctbus/callback_mistakes.hpp>
#include <ctbus/callback_room.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/duration.hpp>
#include <ctbus/loop_work.hpp>
#include <ctbus/shape.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace ctbus {

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// A callback that waits for its time. Destroying it cancels; it may be moved at any time, and
/// destroyed inside its own callback.
class [[nodiscard("the callback is cancelled where its timer goes: keep it")]] timer
    : detail::timer_node {
public:
    timer() = default;
    timer(timer&& other) noexcept { take(other); }
    timer& operator=(timer&& other) noexcept {
        if (this == &other) return *this;
        const timer gone{std::move(*this)}; // whose callback may own this: it goes last
        take(other);
        return *this;
    }
    ~timer() { stop(); }

    /// Whether the callback has yet to be called.
    explicit operator bool() const { return place != 0; }
    /// Forgets the callback.
    void cancel() { const timer gone{std::move(*this)}; }

private:
    void stop() {
        if (place != 0) detail::loop_work::of(*bus_).disarm(*this);
    }

    friend class pending_timer;

    template <class Style, class F>
    void start(const bus_ref& bus, std::uint64_t time, F&& callback) {
        callback_.keep(std::forward<F>(callback));
        bus_ = bus;
        due = &call<Style, std::decay_t<F>>;
        detail::loop_work::of(*bus_).arm(*this, time);
    }
    template <class Style, class F>
    static void call(timer_node& node) {
        timer now{std::move(static_cast<timer&>(node))}; // it may be used again, or destroyed
        const auto run = [&] {
            detail::watched<Style>([] { return detail::handler_names{"the callback of a timer", {}, {}, {}}; },
                           [&] { now.callback_.get<F>()(); });
        };
#ifdef __cpp_exceptions
        try {
            run();
        } catch (...) {
            report(current_error().during("in the callback of a timer"));
        }
#else
        run();
#endif
    }
    void take(timer& other) noexcept {
        bus_ = std::move(other.bus_);
        callback_ = std::move(other.callback_);
        due = other.due;
        if (other.place != 0) detail::loop_work::of(*bus_).replace(other, *this);
    }

    bus_ref bus_;
    detail::callback_room callback_;
};

/// A time to come: wait for it by then(callback) or `co_await`.
class [[nodiscard("then() or co_await waits for the time")]] pending_timer : detail::named_operation {
public:
    using detail::named_operation::then;
    using value_type = void;
    using handle_type = timer;

    pending_timer(const bus_ref& bus, std::uint64_t time) : bus_{bus}, time_{time} {}

    /// Calls `callback()` from the loop when it is time. What it throws is reported.
    template <class F, class Style = error_style>
    timer then(F&& callback) && {
        using callable = std::decay_t<F>;
        constexpr mistake unfit = detail::call_mistake<mistake::not_a_plain_callback, callable>();
        static_assert(require::sentence<unfit, callable>());
        timer made;
        if constexpr (unfit == mistake::none)
            made.start<Style>(bus_, time_, std::forward<F>(callback));
        return made;
    }
    template <class Style = error_style>
    auto operator co_await() && {
        return detail::awaiting<pending_timer, Style>{std::move(*this)};
    }

private:
    bus_ref bus_;
    std::uint64_t time_;
};
// clang-format on

namespace detail {
/// The moment that long from now.
template <class D>
std::uint64_t time_in(const D& wait) {
    const std::uint64_t length = microseconds(wait), begin = now();
    return length < UINT64_MAX - begin ? begin + length : UINT64_MAX;
}
} // namespace detail

/// Waits, while the loop of `bus` runs, for a duration: `co_await after(bus, 5s)`, or
/// `auto timer = after(bus, 5s).then(callback)`. Infinite: until it is cancelled.
template <class D>
pending_timer after(const connection& bus, const D& wait) {
    return {bus.state(), detail::time_in(wait)};
}

} // namespace ctbus
