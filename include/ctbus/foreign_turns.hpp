// What loops of other libraries have in common: their turns, and who is told of their end.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/error.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/report.hpp>

#include <cerrno>
#include <functional>
#include <utility>

namespace ctbus {

namespace detail {

/// The callback of a loop that runs a connection, or the report handler where there is none.
class loop_end {
public:
    loop_end() = default;
    template <class Style>
    static loop_end make(std::function<void(const error&)>&& callback) {
        loop_end made;
        made.callback_ = std::move(callback);
        made.call_ = &call<Style>;
        return made;
    }

    /// Once; it may destroy the loop that this is of.
    void tell(const error& why) {
        const std::function<void(const error&)> callback = std::exchange(callback_, nullptr);
        if (callback) call_(callback, why);
        else report(why);
    }

private:
    using caller = void (*)(const std::function<void(const error&)>& callback, const error& why);

    template <class Style>
    static void call(const std::function<void(const error&)>& callback, const error& why) {
#ifdef __cpp_exceptions
        try {
            callback(why);
        } catch (...) {
            report(current_error().during("in the callback for a lost connection"));
        }
#else
        callback(why);
#endif
    }

    std::function<void(const error&)> callback_;
    caller call_ = nullptr;
};

/// Messages that a foreign loop handles in one go, before its other work gets a turn.
inline constexpr int messages_in_one_go = 64;

/// Handles what is there, up to that many messages. 1: there is more; 0: there is not; negative:
/// the connection is lost, or (-ENOTCONN and not open) was closed here. `goes_on` says, after each
/// message, whether the loop is still there.
template <class GoesOn>
int process_some(bus_state& state, GoesOn goes_on) {
    for (int handled = 0; handled < messages_in_one_go; ++handled) {
        const int r = process_one(state);
        if (r == -EBUSY) return 0; // inside a handler: who runs that goes on later
        if (r <= 0 || !goes_on()) return r < 0 ? r : 0;
    }
    return 1;
}

} // namespace detail

} // namespace ctbus
