// What a proxy does for a call: the message, the wait, the outputs.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/kept_name.hpp>
#include <ctbus/outgoing.hpp>

#include <cstdint>
#include <cstring>
#include <systemd/sd-bus.h>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

struct call_target {
    bus_ref bus;
    kept_name destination; // null on a direct connection
    kept_name path;
    std::uint64_t timeout;  // microseconds; 0: the method's own or the connection's
    bool auto_start = true; // the bus may start the service
};

/// What a call needs to know of its method, apart from types.
struct call_info {
    const char* interface;
    const char* member;
    const char* names; // of the arguments, as in a vtable's row
    const char* reply; // the reply's signature
    std::uint64_t timeout;
    bool no_reply;
    bool sensitive;
};

/// A call being made; owns its messages.
struct outgoing_call : call_messages {
    const call_info& info;
    int argument = 0;                  // which one is being appended, from 1
    const char* property = nullptr;    // the one that is read or written (empty: all), or null
    const char* property_of = nullptr; // its interface
    const char* destination = nullptr; // where it went, once its message is gone
    const char* path = nullptr;

    explicit outgoing_call(const call_info& i) : info{i} {}
    outgoing_call(const outgoing_call&) = delete;
    outgoing_call& operator=(const outgoing_call&) = delete;
    ~outgoing_call() {
        if (message) sd_bus_message_unref(message);
        if (reply) sd_bus_message_unref(reply);
    }

    [[gnu::noinline]] int begin(const call_target& target) {
        target.bus->check_thread();
        const auto make = [&] {
            return sd_bus_message_new_method_call(target.bus->bus, &message,
                                                  target.destination.c_str(), target.path.c_str(),
                                                  info.interface, info.member);
        };
        if (target.auto_start) [[likely]]
            return make();
        const int r = make();
        return r < 0 ? r : sd_bus_message_set_auto_start(message, 0);
    }

    /// Sends it, if `r` says that it could be filled, and waits; negative: `why` is set.
    [[gnu::noinline]] int finish(const call_target& target, int r) {
        if (r < 0) return failed(fail_to_fill(r));
        if (info.no_reply) [[unlikely]]
            return send(target);
        r = call_and_wait(*target.bus, *this, target.destination.c_str(), limit(target),
                          info.sensitive);
        return r < 0 || (r = check_signature()) < 0 ? failed(r) : r;
    }

    /// Whether it could be filled, with the result `r`; negative: `why` is set.
    [[gnu::noinline]] int filled(int r) { return r < 0 ? failed(fail_to_fill(r)) : r; }

    /// Judges the answer to a call that was sent without waiting; negative: `why` is set.
    [[gnu::noinline]] int judge_reply() {
        if (const sd_bus_error* e = sd_bus_message_get_error(reply)) {
            const int r = -sd_bus_error_get_errno(e);
            why = call_error(names(), r, e);
            return failed(r < 0 ? r : -EIO);
        }
        const int r = check_signature();
        return r < 0 ? failed(r) : r;
    }

    /// What its errors call it.
    [[gnu::cold, gnu::noinline]] call_names names() const {
        if (message) return {message};
        return {info.interface, info.member, destination, path};
    }

    /// How long to wait for the answer, in microseconds; 0: as long as the connection says.
    std::uint64_t limit(const call_target& target) const {
        return target.timeout != 0 ? target.timeout : info.timeout;
    }

    /// The error for an output that could not be read.
    [[gnu::cold, gnu::noinline]] error unreadable(int r, const error& reason, int position) {
        return during(codec::explain(r == 0 ? -ENXIO : r, reason,
                                     codec::short_text{"output %d of %s", position, info.member}));
    }

    /// The same error, saying which call it is about, and of which property.
    [[gnu::cold, gnu::noinline]] error during(const error& e) {
        return of_property(during_call(e, names()));
    }

private:
    // Without waiting.
    [[gnu::noinline]] int send(const call_target& target) {
        int r = sd_bus_message_set_expect_reply(message, 0);
        if (r >= 0) r = traced_send(target.bus->bus, message, info.sensitive);
        if (r >= 0) return r;
        why = call_error(message, r, nullptr);
        return failed(r);
    }

    int check_signature() {
        const char* signature = sd_bus_message_get_signature(reply, 1);
        if (!signature || !codec::is_signature(signature, info.reply)) [[unlikely]]
            return wrong_signature(signature);
        return 1;
    }

    [[gnu::cold, gnu::noinline]] int failed(int r) {
        why = of_property(std::move(why));
        return r;
    }

    error of_property(error e) const {
        if (!property) return e;
        return *property ? e.during("property %s of %s", property, property_of)
                         : e.during("properties of %s", property_of);
    }

    [[gnu::cold, gnu::noinline]] int wrong_signature(const char* got) {
        why =
            during_call(error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                                      "the reply has the signature \"%s\" where \"%s\" is declared",
                                      got ? got : "", info.reply),
                        names());
        return -EBADMSG;
    }

    [[gnu::cold, gnu::noinline]] int fail_to_fill(int r) {
        if (argument > 0)
            why = during_call(argument_error(r, argument, info.names, info.member), message);
        else if (message) why = call_error(message, r, nullptr);
        else why = error::from_errno(r).during("calling %s", info.member);
        return r;
    }
};

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

/// What a call gives after its mistake was explained: no second error where the value is used.
struct anything {
    template <class T>
    operator T() const;
};

/// Whether method `Name` of `I` may be called with these arguments; else its sentence.
template <class I, fixed_string Name, class... Args>
struct call_check {
    using found = lookup<I, method_tag, Name>;
    using method = typename found::type;

    static consteval argument_finding find() {
        if constexpr (!I::is_right) return {};
        else if constexpr (!found::found) return {mistake::unknown_method, 0};
        else if constexpr (!all_owned(typename method::outputs{}))
            return {mistake::does_not_own, 0};
        else return arguments_wrong<typename method::inputs, Args...>;
    }
    static constexpr argument_finding wrong = find();
    static constexpr bool is_right = I::is_right && wrong.what == mistake::none;
    static consteval bool judge() {
        return require::sentence<wrong.what, member<Name>, parameter<wrong.where>,
                                 type_list<Args...>, I>();
    }

    static consteval auto value() {
        if constexpr (found::found && method::wrong == mistake::none)
            return decltype(value_of(typename method::outputs{})){};
        else return type_list<anything>{};
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
auto slots_for(type_list<Ts...>) -> codec::slots<owned_t<Ts>...>;
template <class Method>
using output_slots = decltype(slots_for(typename Method::outputs{}));

/// The outputs of a call that was answered.
template <class... Ts>
error read_slots(outgoing_call& call, codec::slots<Ts...>& values) {
    codec::reader_of<Ts...> reader{call.reply};
    int position = 0;
    if (const int got = values.read(reader, position); got <= 0)
        return call.unreadable(got, reader.why(), position);
    return {};
}
template <class Method, class Outcome>
Outcome read_outputs(outgoing_call& call) {
    if constexpr (Method::outputs::size == 0) return {};
    else {
        output_slots<Method> values;
        if (error e = read_slots(call, values)) return failure{std::move(e)};
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

/// Calls a method, and reads its outputs.
template <class I, class Method, class... Args>
error call_method(const call_target& target, output_slots<Method>& values, const Args&... args) {
    outgoing_call call{info_of<I, Method>};
    if (call.finish(target, fill_call<Method>(call, target, args...)) < 0)
        return std::move(call.why);
    if constexpr (Method::outputs::size == 0) return {};
    else return read_slots(call, values);
}

/// The same for the whole reply.
template <class I, class Method, class... Args>
error call_for_reply(const call_target& target, message& reply, const Args&... args) {
    outgoing_call call{info_of<I, Method>};
    if (call.finish(target, fill_call<Method>(call, target, args...)) < 0)
        return std::move(call.why);
    reply = message::adopt(std::exchange(call.reply, nullptr));
    return {};
}

} // namespace detail

} // namespace ctbus
