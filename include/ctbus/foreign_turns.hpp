// What loops of other libraries have in common: their turns, and who is told of their end.
#pragma once

#include <ctbus/bus_state.hpp>
#include <ctbus/callback_mistakes.hpp>
#include <ctbus/callback_room.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/error.hpp>
#include <ctbus/loop.hpp>
#include <ctbus/report.hpp>
#include <ctbus/shape.hpp>

#include <cerrno>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// The callback of a loop that runs a connection, or the report handler where there is none.
class loop_end {
public:
    loop_end() = default;
    template <class Style, class F>
    explicit loop_end(Style, F&& callback) : call_{&call<Style, std::decay_t<F>>} {
        callback_.keep(std::forward<F>(callback));
    }

    /// Once; it may destroy the loop that this is of.
    void tell(const error& why) {
        callback_room callback{std::move(callback_)};
        if (callback) call_(callback, why);
        else report(why);
    }

private:
    template <class Style, class F>
    static void call(callback_room& callback, const error& why) {
#ifdef __cpp_exceptions
        try {
            callback.get<F>()(why);
        } catch (...) {
            report(current_error().during("in the callback for a lost connection"));
        }
#else
        callback.get<F>()(why);
#endif
    }

    callback_room callback_;
    void (*call_)(callback_room& callback, const error& why) = nullptr;
};

/// A loop_end with the callback that the user gave; none, where that is no_callback.
struct no_callback {};
template <class Style, class F>
loop_end make_loop_end(F&& callback) {
    using callable = std::decay_t<F>;
    if constexpr (std::is_same_v<callable, no_callback>) return {};
    else {
        constexpr mistake unfit =
            call_mistake<mistake::not_a_loss_callback, callable, const error&>();
        static_assert(require::sentence<unfit, callable>());
        if constexpr (unfit != mistake::none) return {};
        else return loop_end{Style{}, std::forward<F>(callback)};
    }
}

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
