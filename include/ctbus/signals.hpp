// Signals without an object or a proxy: emit one, hear one.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/nameless.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/subscription.hpp>

#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

struct signal_names {
    int argument; // the one at fault, from 1
    const char* arguments;
    const char* interface;
    const char* member;
    const char* path;
};

[[gnu::cold, gnu::noinline]] inline error emit_error(int r, const signal_names& of) {
    const error why = of.argument > 0 ? argument_error(r, of.argument, of.arguments, of.member)
                                      : error::from_errno(r);
    return why.during("emitting %s.%s from %s", of.interface, of.member, of.path);
}

/// Sends and releases `m`, if `r` says that it could be filled.
[[gnu::noinline]] inline error send_signal(sd_bus* bus, sd_bus_message* m, int r, signal_names of) {
    if (r >= 0) {
        of.argument = 0;
        r = traced_send(bus, m);
    }
    sd_bus_message_unref(m);
    return r < 0 ? emit_error(r, of) : error{};
}

/// Sends signal `S` (its declaration) of the interface from `path`.
template <class S, class... Args>
error emit_signal(const bus_state& state, const char* path, const char* interface,
                  const Args&... args) {
    state.check_thread();
    held_message held;
    int where = 0;
    int r = sd_bus_message_new_signal(state.bus, &held.m, path, interface, S::c_name);
    if (r >= 0) r = append_arguments(held.m, &where, typename S::arguments{}, args...);
    return send_signal(state.bus, held.release(), r, {where, S::names, interface, S::c_name, path});
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

template <class I, fixed_string Name, class... Args>
error checked_emit(const bus_state& state, const char* path, const Args&... args) {
    using check = emit_check<I, Name, Args...>;
    static_assert(check::judge());
    if constexpr (check::is_right)
        return emit_signal<typename check::signal>(state, path, I::c_interface_name, args...);
    else return {};
}

} // namespace detail

/// Emits signal `Name` of interface `I` from any path (`sd_bus_message_new_signal`).
template <class I, fixed_string Name, class Style = error_style, class Void = void, class... Args>
[[nodiscard]] result<Void> try_emit(const connection& bus, object_path_view path,
                                    const Args&... args) {
    using interface = detail::judged_interface<I>;
    return to_result<Void>(detail::caught<Style>([&] {
        return detail::checked_emit<interface, Name>(*bus.state(), path.c_str(), args...);
    }));
}
template <class I, fixed_string Name, class Style = error_style, class... Args>
void emit(const connection& bus, object_path_view path, const Args&... args) {
    throw_if<Style>(detail::checked_emit<detail::judged_interface<I>, Name>(*bus.state(),
                                                                            path.c_str(), args...));
}

/// Calls `callback` for each signal `Name` of interface `I` that passes the filter; it takes the
/// signal's arguments (any types of its signature), and perhaps the message last. Returns when the
/// match is installed (`sd_bus_add_match`).
template <class I, fixed_string Name, class F, class Style = error_style, class T = subscription>
[[nodiscard]] result<T> try_match_signal(const connection& bus, F callback,
                                         const signal_filter& filter = {}) {
    T made;
    return to_result(detail::subscribe<detail::judged_interface<I>, Name, Style>(
                         made, bus.state(), std::move(callback), filter),
                     std::move(made));
}
template <class I, fixed_string Name, class Style = error_style, class F>
subscription match_signal(const connection& bus, F callback, const signal_filter& filter = {}) {
    subscription made;
    throw_if<Style>(detail::subscribe<detail::judged_interface<I>, Name, Style>(
        made, bus.state(), std::move(callback), filter));
    return made;
}
/// Show that the connection has to live as long.
template <class I, fixed_string Name, class F>
auto match_signal(connection&&, const F&, const signal_filter& = {}) {
    return detail::on_a_temporary_connection<I>();
}
template <class I, fixed_string Name, class F>
auto try_match_signal(connection&&, const F&, const signal_filter& = {}) {
    return detail::on_a_temporary_connection<I>();
}

/// Show that the name is a template argument, as the interface is. (Not for calls without any: they
/// may be of a user's function, which has this one beside it by its connection's namespace.)
template <class I, class... Args>
auto emit(const connection&, const Args&...) {
    return detail::told_name_as_argument<I, Args...>();
}
template <class I, class... Args>
auto match_signal(const connection&, const Args&...) {
    return detail::told_name_as_argument<I, Args...>();
}

} // namespace ctbus
