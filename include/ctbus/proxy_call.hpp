// What a proxy does for a call, by its types: the check, the arguments, the outputs.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/outgoing_call.hpp>

#include <cstdint>
#include <systemd/sd-bus.h>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

template <std::uint64_t Milliseconds>
constexpr std::uint64_t timeout_in(const option::timeout_hint<Milliseconds>&) {
    return Milliseconds * 1000;
}
constexpr std::uint64_t timeout_in(...) {
    return 0;
}

template <class... Ts>
using owned_value = one_or_tuple<owned_t<Ts>...>;
template <class... Ts>
auto value_of(type_list<Ts...>) -> type_list<owned_value<Ts...>>;

template <class... Ts>
consteval bool all_owned(type_list<Ts...>) {
    return ((codec::owns<owned_t<Ts>>()) && ...);
}

/// Whether method `Name` of `I` may be called with these arguments; else its sentence. `Reads`:
/// the outputs are read at once, and outlive the reply.
template <class I, fixed_string Name, bool Reads, class... Args>
struct call_check {
    using found = lookup<I, method_tag, Name>;
    using method = typename found::type;

    static consteval argument_finding find() {
        if constexpr (!I::is_right) return {};
        else if constexpr (!found::found) return {mistake::unknown_method, 0};
        else if constexpr (Reads && !all_owned(typename method::outputs{}))
            return {mistake::does_not_own, 0};
        else if constexpr (sizeof...(Args) > method::inputs::size &&
                           sizeof...(Args) == method::shape::parameters::size)
            return {mistake::outputs_as_arguments, 0};
        else return arguments_wrong<typename method::inputs, Args...>;
    }
    static constexpr argument_finding wrong = find();
    static constexpr bool is_right = I::is_right && wrong.what == mistake::none;
    static consteval bool judge() {
        return require::sentence<wrong.what, member<Name>, parameter<wrong.where>,
                                 type_list<Args...>, I>();
    }

    // After a mistake, what was meant: a use of the result is not wrong, too.
    template <class Method>
    static consteval auto value() {
        if constexpr (std::is_same_v<Method, no_member>) return type_list<anything>{};
        else if constexpr (Method::wrong != mistake::none) return type_list<anything>{};
        else return decltype(value_of(typename Method::outputs{})){};
    }
    static consteval auto value() {
        if constexpr (found::found) return value<method>();
        else return value<typename meant<I, method_tag, Name>::type>();
    }
    using value_type = decltype(only(value()));
};

template <class I, class Method>
inline constexpr call_info info_of = {I::c_interface_name,
                                      Method::c_name,
                                      Method::names,
                                      Method::result.data(),
                                      timeout_in(typename Method::options{}),
                                      Method::no_reply,
                                      Method::options::template has<option::sensitive>};

/// What a method's outputs are read into.
template <class... Ts>
auto slots_for(type_list<Ts...>) -> codec::slots_of<owned_t<Ts>...>;
template <class Method>
using output_slots = decltype(slots_for(typename Method::outputs{}));

/// The outputs of a call that was answered.
template <class... Ts>
error read_slots(outgoing_call& call, codec::slots_of<Ts...>& values) {
    codec::reader_of<Ts...> reader{call.reply};
    int position = 0;
    if (const int got = values.read(reader, position); got <= 0)
        return call.unreadable(got, reader.why(), position);
    return {};
}
template <class Method, class Outcome>
[[gnu::always_inline]] inline Outcome read_outputs(outgoing_call& call) {
    if constexpr (Method::outputs::size == 0) return {};
    else {
        output_slots<Method> values;
        if (error e = read_slots(call, values)) return Outcome{std::unexpect, std::move(e)};
        return values.take();
    }
}

/// Fills the message; negative: an errno or a fault.
template <class Method, class... Args>
int fill_call(outgoing_call& call, const call_target& target, const Args&... args) {
    const int r = call.begin(target);
    return r < 0
               ? r
               : append_arguments(call.message, &call.argument, typename Method::inputs{}, args...);
}

/// Calls a method that answers nothing.
template <class I, class Method, class... Args>
error send_call(const call_target& target, const Args&... args) {
    target.bus->check_thread();
    held_message held;
    int argument = 0;
    int r = begin_call(target, info_of<I, Method>, &held.m);
    if (r >= 0) [[likely]]
        r = append_arguments(held.m, &argument, typename Method::inputs{}, args...);
    sd_bus_message* const m = held.release();
    if (r >= 0) [[likely]] {
        argument = 0; // it is not their fault what fails from here on
        if ((r = sd_bus_message_set_expect_reply(m, 0)) >= 0)
            r = sd_bus_send(target.bus->bus, m, nullptr);
    }
    if (r < 0 || tracing || foreign_loop::any()) [[unlikely]]
        return after_sending(target, info_of<I, Method>, m, r, argument);
    sd_bus_message_unref(m);
    return {};
}

/// Calls a method, and reads its outputs, or keeps the whole reply: `Into` is its output_slots, or
/// a message.
template <class I, class Method, class Into, class... Args>
error call_method(const call_target& target, [[maybe_unused]] Into& into, const Args&... args) {
    if constexpr (Method::no_reply) return send_call<I, Method>(target, args...);
    else {
        outgoing_call call{info_of<I, Method>};
        if (call.finish(target, fill_call<Method>(call, target, args...)) < 0)
            return std::move(call.why);
        if constexpr (std::is_same_v<Into, message>) {
            into = message::adopt(detail::take(call.reply));
            return {};
        } else if constexpr (Method::outputs::size == 0) {
            return {};
        } else {
            return read_slots(call, into);
        }
    }
}

} // namespace detail

} // namespace ctbus
