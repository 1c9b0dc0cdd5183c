// What a subscription is inside: the match, the typed callback, and the owner of a well-known
// sender.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/name_owner.hpp>
#include <ctbus/shape.hpp>

#include <string>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// One match and what it calls. The callback itself is in a derived class.
struct listener : bus_part {
    bus_ref bus;
    sd_bus_slot* slot = nullptr;
    followed_name* sender = nullptr; // the sender's owner is followed, for a well-known name
    bool from_bus = false;           // the sender is the bus itself
    const char* signature = "";
    std::string first_argument; // where the match rule cannot say it
    std::string rule;
    std::string sender_name;                      // where it is well-known, and to be followed
    sd_bus_message_handler_t call = nullptr;      // what sd-bus calls for a signal
    sd_bus_message_handler_t installed = nullptr; // and for the bus's answer to the match
    void* installing = nullptr;                   // who waits for that
    void (*deliver)(listener&, sd_bus_message*) = nullptr;
    void (*end)(listener*) = nullptr;
    int running = 0;
    bool gone = false;
};

/// What sd-bus calls for every signal that matches: all that does not depend on types.
template <class Style>
[[gnu::noinline]] int dispatch_signal(sd_bus_message* m, void* userdata, sd_bus_error*) {
    listener& l = *static_cast<listener*>(userdata);
    if (l.gone) return 0;
    if (l.sender || l.from_bus) {
        // sd-bus lets every unique sender pass for a well-known one.
        const char* sender = sd_bus_message_get_sender(m);
        const char* wanted = l.from_bus ? "org.freedesktop.DBus" : l.sender->owner;
        if (!sender || std::strcmp(sender, wanted) != 0) return 0;
    }
    if (!l.first_argument.empty()) {
        const char* first = "";
        if (sd_bus_message_read_basic(m, 's', &first) <= 0 || l.first_argument != first ||
            sd_bus_message_rewind(m, 1) < 0)
            return 0;
    }
    const char* signature = sd_bus_message_get_signature(m, 1);
    if (!signature || std::strcmp(signature, l.signature) != 0) {
        report(error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                             "signal %s has the signature \"%s\" where \"%s\" is declared; it is "
                             "not delivered",
                             sd_bus_message_get_member(m), signature ? signature : "",
                             l.signature));
        return 0;
    }
    ++l.running;
    void* const watch = begin_watch("the callback of signal ", m);
#ifdef __cpp_exceptions
    try {
        l.deliver(l, m);
    } catch (...) {
        report(
            current_error().during("in the callback of signal %s", sd_bus_message_get_member(m)));
    }
#else
    l.deliver(l, m);
#endif
    end_watch(watch);
    if (--l.running == 0 && l.gone) l.end(&l);
    return 0; // anything else would stop the handlers after this one
}

/// Installs the match of a listener; where `installed` is set, without waiting.
inline int install_match(listener& l) {
    sd_bus* bus = l.bus->bus;
    l.bus->check_thread();
    if (sd_bus_is_open(bus) <= 0) return -ENOTCONN;
    int r = 0;
    if (!l.sender_name.empty() && !l.sender &&
        !(l.sender = follow(*l.bus, l.sender_name.c_str(), &r, l.installed != nullptr)))
        return r;
    foreign_loop::interest_changed(bus);
    if (!l.held_by) {
        l.restore = [](bus_part& part) {
            auto& again = static_cast<listener&>(part);
            sd_bus_slot_unref(std::exchange(again.slot, nullptr));
            return sd_bus_add_match_async(again.bus->bus, &again.slot, again.rule.c_str(),
                                          again.call, &report_refused_match, &again);
        };
        l.enter(l.bus->parts);
    }
    if (!l.installed) return sd_bus_add_match(bus, &l.slot, l.rule.c_str(), l.call, &l);
    return sd_bus_add_match_async(bus, &l.slot, l.rule.c_str(), l.call, l.installed, &l);
}

inline void stop_listening(listener* l) {
    l->bus->check_thread();
    sd_bus_slot_unref(std::exchange(l->slot, nullptr));
    l->leave();
    if (l->sender) unfollow(*l->bus, std::exchange(l->sender, nullptr));
    l->gone = true;
    if (l->running == 0) l->end(l);
}

// The parameters of a callback: the signal's arguments, and perhaps the message last.
template <class F>
using callback_shape = decltype(make_shape<void>(typename function_traits<F>::parameters{}));

template <class F>
concept callback_function =
    function_like<std::decay_t<F>> && !std::is_member_function_pointer_v<std::decay_t<F>>;

template <class Arguments, class F>
consteval mistake callback_mistake() {
    if constexpr (!callback_function<F>) return mistake::not_a_callback;
    else {
        using shape = callback_shape<std::decay_t<F>>;
        if constexpr (shape::outputs::size != 0 || shape::defers)
            return mistake::callback_parameters;
        else if constexpr (shape::wrong.what != mistake::none) return shape::wrong.what;
        else if constexpr (signature_of_list<typename shape::inputs> !=
                           signature_of_list<Arguments>)
            return mistake::callback_parameters;
        else if constexpr (later_result<typename function_traits<std::decay_t<F>>::result>)
            return mistake::callback_is_coroutine;
        else return mistake::none;
    }
}

template <class F>
struct typed_listener : listener {
    F callback;

    template <class G>
    explicit typed_listener(G&& f) : callback(std::forward<G>(f)) {
        deliver = [](listener& l, sd_bus_message* m) {
            using shape = callback_shape<F>;
            read_and_call(static_cast<typed_listener&>(l).callback, m, typename shape::parameters{},
                          std::make_index_sequence<shape::parameters::size>{});
        };
        end = [](listener* l) { delete static_cast<typed_listener*>(l); };
    }

private:
    struct nothing {};
    template <class P>
    using stored = std::conditional_t<part_of<P>() == part::message, nothing,
                                      codec::slot<std::remove_cvref_t<P>>>;

    template <class... Ps, std::size_t... I>
    static void read_and_call(F& callback, sd_bus_message* m, type_list<Ps...>,
                              std::index_sequence<I...>) {
        codec::message_reader reader{m};
        std::tuple<stored<Ps>...> values{};
        int r = 1, position = 0;
        [[maybe_unused]] const auto read = [&]<class P, class T>(type_list<P>, T& value) {
            if constexpr (std::is_same_v<T, nothing>) return true;
            else return ++position, (r = codec::of<P>::read(reader, value)) > 0;
        };
        static_cast<void>((read(type_list<std::remove_cvref_t<Ps>>{}, std::get<I>(values)) && ...));
        if (r <= 0) {
            report(codec::explain(
                r == 0 ? -ENXIO : r, reader.why(),
                codec::argument_text(position, nullptr, sd_bus_message_get_member(m))));
            return;
        }
        [[maybe_unused]] const auto pass = [&]<class P, class T>(type_list<P>,
                                                                 T& value) -> decltype(auto) {
            if constexpr (std::is_same_v<T, nothing>) return message{m};
            else if constexpr (std::is_reference_v<P>)
                return static_cast<P>(codec::value_in(value));
            else return std::move(codec::value_in(value));
        };
        if constexpr ((std::is_same_v<stored<Ps>, nothing> || ...))
            if (sd_bus_message_rewind(m, 1) < 0) return;
        callback(pass(type_list<Ps>{}, std::get<I>(values))...);
    }
};

} // namespace detail

} // namespace ctbus
