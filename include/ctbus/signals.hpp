// Signals without an object or a proxy: emit one, hear one.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/subscription.hpp>

#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

[[gnu::cold, gnu::noinline]] inline error emit_error(int r, int where, const char* names,
                                                     const char* interface, const char* member,
                                                     const char* path) {
    const error why = where > 0 ? argument_error(r, where, names, member) : error::from_errno(r);
    return why.during("emitting %s.%s from %s", interface, member, path);
}

/// Sends signal `S` (its declaration) of the interface from `path`.
template <class S, class... Args>
result<void> emit_signal(const bus_state& state, const char* path, const char* interface,
                         const Args&... args) {
    state.check_thread();
    sd_bus_message* m = nullptr;
    int where = 0;
    int r = sd_bus_message_new_signal(state.bus, &m, path, interface, S::c_name);
    if (r >= 0) r = append_arguments(m, &where, typename S::arguments{}, args...);
    if (r >= 0) {
        where = 0;
        r = traced_send(state.bus, m);
    }
    sd_bus_message_unref(m);
    if (r < 0) [[unlikely]]
        return failure{emit_error(r, where, S::names, interface, S::c_name, path)};
    return {};
}

/// Whether signal `Name` of `I` may be emitted with these arguments; else its sentence.
template <class I, fixed_string Name, class... Args>
struct emit_check {
    using signal = typename lookup<I, signal_tag, Name>::type;
    static consteval argument_finding find() {
        if constexpr (!lookup<I, signal_tag, Name>::found) return {mistake::unknown_signal, 0};
        else if constexpr (signal::wrong == mistake::none)
            return arguments_wrong<typename signal::arguments, Args...>;
        else return {};
    }
    static constexpr argument_finding wrong = find();
    static constexpr bool is_right =
        I::is_right && wrong.what == mistake::none && lookup<I, signal_tag, Name>::found;
    static consteval bool judge() {
        if constexpr (!I::is_right) return true; // said already
        else
            return require::sentence<wrong.what, member<Name>, parameter<wrong.where>,
                                     type_list<Args...>>();
    }
};

} // namespace detail

/// Emits signal `Name` of interface `I` from any path (`sd_bus_message_new_signal`).
template <interface_like I, fixed_string Name, class... Args>
result<void> try_emit(const connection& bus, object_path_view path, const Args&... args) {
    using check = detail::emit_check<I, Name, Args...>;
    static_assert(check::judge());
    if constexpr (check::is_right)
        return detail::emit_signal<typename check::signal>(*bus.state(), path.c_str(),
                                                           I::c_interface_name, args...);
    else return {};
}
template <interface_like I, fixed_string Name, class Style = error_style, class... Args>
void emit(const connection& bus, object_path_view path, const Args&... args) {
    or_throw<Style>(try_emit<I, Name>(bus, path, args...));
}

/// Calls `callback` for each signal `Name` of interface `I` that passes the filter; it takes the
/// signal's arguments (any types of its signature), and perhaps the message last. Returns when the
/// match is installed (`sd_bus_add_match`).
template <interface_like I, fixed_string Name, class F, class Style = error_style>
result<subscription> try_match_signal(const connection& bus, F callback,
                                      const signal_filter& filter = {}) {
    return detail::subscribe<I, Name, Style>(bus.state(), std::move(callback), filter);
}
template <interface_like I, fixed_string Name, class Style = error_style, class F>
subscription match_signal(const connection& bus, F callback, const signal_filter& filter = {}) {
    return or_throw<Style>(try_match_signal<I, Name>(bus, std::move(callback), filter));
}

} // namespace ctbus
