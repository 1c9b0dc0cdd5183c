// Hearing messages of any kind by a match rule, without a declaration.
#pragma once

#include <ctbus/callback_mistakes.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/subscription.hpp>

#include <cerrno>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

template <class F, class Style>
struct message_listener : listener {
    F callback;

    template <class G>
    explicit message_listener(G&& f) : callback(std::forward<G>(f)) {
        end = [](listener* l) { delete static_cast<message_listener*>(l); };
        call = [](sd_bus_message* m, void* userdata, sd_bus_error*) {
            auto& l = static_cast<message_listener&>(*static_cast<listener*>(userdata));
            if (!l.bus->open) return 0; // an earlier callback has closed it
            if (watcher && !l.watched) return hear_watched(l, m);
            ++l.users;
#ifdef __cpp_exceptions
            try {
                l.callback(message{m});
            } catch (...) {
                report(current_error().during("in the callback of a match"));
            }
#else
            l.callback(message{m});
#endif
            l.release();
            return 0; // anything else would stop the handlers after this one
        };
    }
};

} // namespace detail

/// Calls `callback(message)` for each message that a match rule lets pass, as sd-bus reads it
/// ("type='signal',path_namespace='/org/x'"); which arguments it has is for the callback to see.
/// Returns when the match is installed (`sd_bus_add_match`). A well-known name as the rule's sender
/// is judged by the bus alone: what comes from others for another subscription passes too.
template <class F, class Style = error_style, class T = subscription>
[[nodiscard]] result<T> try_match_messages(const connection& bus, std::string_view rule,
                                           F&& callback) {
    using callable = std::decay_t<F>;
    constexpr mistake unfit = detail::message_callback_mistake<callable>();
    static_assert(require::sentence<unfit, callable, subscription>());
    T made;
    if constexpr (unfit == mistake::none) {
        made = T::prepare(new detail::message_listener<callable, Style>{std::forward<F>(callback)},
                          bus.state(), {}, {}, "", {});
        made.listener()->rule = rule;
        const bool is_text = rule.find('\0') == rule.npos;
        if (const int r = is_text ? made.install() : -EINVAL; r < 0)
            return failure{error::from_errno(r, r == -EINVAL
                                                    ? "this is no match rule that sd-bus takes"
                                                    : nullptr)
                               .during("subscribing to %s", made.listener()->rule.c_str())};
    }
    return made;
}
template <class F, class Style = error_style>
subscription match_messages(const connection& bus, std::string_view rule, F&& callback) {
    return or_throw<Style>(try_match_messages<F, Style>(bus, rule, std::forward<F>(callback)));
}
/// Show that the connection has to live as long.
template <class F>
auto match_messages(connection&&, std::string_view, F&&) {
    return detail::on_a_temporary_connection<subscription, F>();
}
template <class F>
auto try_match_messages(connection&&, std::string_view, F&&) {
    return detail::on_a_temporary_connection<subscription, F>();
}

} // namespace ctbus
