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
    bool filters = false;            // not all that sd-bus lets pass is heard: see admits()
    const char* signature = "";
    std::string first_argument; // where the match rule cannot say it
    std::string rule;
    std::string sender_name;                      // where it is well-known, and to be followed
    sd_bus_message_handler_t call = nullptr;      // what sd-bus calls for a signal
    sd_bus_message_handler_t installed = nullptr; // and for the bus's answer to the match
    void* installing = nullptr;                   // who waits for that
    void (*end)(listener*) = nullptr;
    int running = 0;
    bool gone = false;
};

/// Whether a listener that `filters` is to hear a signal that sd-bus has let pass.
[[gnu::noinline]] inline bool admits(const listener& l, sd_bus_message* m) {
    if (l.gone) return false;
    if (l.sender || l.from_bus) {
        // sd-bus lets every unique sender pass for a well-known one.
        const char* sender = sd_bus_message_get_sender(m);
        const char* wanted = l.from_bus ? "org.freedesktop.DBus" : l.sender->owner;
        if (!sender || std::strcmp(sender, wanted) != 0) return false;
    }
    if (l.first_argument.empty()) return true;
    const char* first = "";
    return sd_bus_message_read_basic(m, 's', &first) > 0 &&
           std::strcmp(l.first_argument.c_str(), first) == 0 && sd_bus_message_rewind(m, 1) >= 0;
}

[[gnu::cold, gnu::noinline]] inline void report_unfit(const listener& l, sd_bus_message* m,
                                                      const char* signature) {
    report(error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                         "signal %s has the signature \"%s\" where \"%s\" is declared; it is "
                         "not delivered",
                         sd_bus_message_get_member(m), signature ? signature : "", l.signature));
}

[[gnu::cold, gnu::noinline]] inline void report_unreadable(int r, const error& why, int position,
                                                           sd_bus_message* m) {
    report(codec::explain(r == 0 ? -ENXIO : r, why,
                          codec::argument_text(position, nullptr, sd_bus_message_get_member(m))));
}

#ifdef __cpp_exceptions
/// For where an exception is caught.
[[gnu::cold, gnu::noinline]] inline void report_thrown(sd_bus_message* m) {
    report(current_error().during("in the callback of signal %s", sd_bus_message_get_member(m)));
}
#endif

/// Installs the match of a listener; where `installed` is set, without waiting.
inline int install_match(listener& l) {
    sd_bus* bus = l.bus->bus;
    l.bus->check_thread();
    if (sd_bus_is_open(bus) <= 0) return -ENOTCONN;
    int r = 0;
    if (!l.sender_name.empty() && !l.sender &&
        !(l.sender = follow(*l.bus, l.sender_name.c_str(), &r, l.installed != nullptr)))
        return r;
    l.filters = l.sender || l.from_bus || !l.first_argument.empty();
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
    l->gone = l->filters = true;
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

template <class F, class Style>
struct typed_listener : listener {
    F callback;

    template <class G>
    explicit typed_listener(G&& f) : callback(std::forward<G>(f)) {
        end = [](listener* l) { delete static_cast<typed_listener*>(l); };
        call = &hear;
    }

private:
    using shape = callback_shape<F>;
    struct nothing {};
    template <class P>
    using stored = std::conditional_t<part_of<P>() == part::message, nothing,
                                      codec::slot<std::remove_cvref_t<P>>>;

    /// What sd-bus calls for every signal that matches: all of it in one function, as a signal may
    /// have many subscribers.
    static int hear(sd_bus_message* m, void* userdata, sd_bus_error*) {
        auto& l = static_cast<typed_listener&>(*static_cast<listener*>(userdata));
        if (l.filters && !admits(l, m)) return 0;
        const char* signature = sd_bus_message_get_signature(m, 1);
        if (!fits(signature)) [[unlikely]] {
            report_unfit(l, m, signature);
            return 0;
        }
        ++l.running;
        void* const watch = begin_watch("the callback of signal ", m);
        const auto run = [&] {
            read_and_call(l.callback, m, typename shape::parameters{},
                          std::make_index_sequence<shape::parameters::size>{});
        };
#ifdef __cpp_exceptions
        try {
            run();
        } catch (...) {
            report_thrown(m);
        }
#else
        run();
#endif
        end_watch(watch);
        if (--l.running == 0 && l.gone) [[unlikely]]
            l.end(&l);
        return 0; // anything else would stop the handlers after this one
    }

    // The callback's types have the declared signature. Short ones are compared in place.
    static bool fits(const char* signature) {
        static constexpr std::string_view wanted = signature_of_list<typename shape::inputs>;
        if (!signature) return false;
        if constexpr (wanted.size() > 8) return std::strcmp(signature, wanted.data()) == 0;
        else return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return ((signature[I] == wanted[I]) && ...) && signature[wanted.size()] == 0;
            }
        (std::make_index_sequence<wanted.size()>{});
    }

    template <class... Ps, std::size_t... I>
    [[gnu::always_inline]] static void read_and_call(F& callback, sd_bus_message* m,
                                                     type_list<Ps...>, std::index_sequence<I...>) {
        codec::reader_for<typename shape::inputs> reader{m};
        std::tuple<stored<Ps>...> values{};
        int r = 1, position = 0;
        [[maybe_unused]] const auto read = [&]<class P, class T>(type_list<P>, T& value) {
            if constexpr (std::is_same_v<T, nothing>) return true;
            else return ++position, (r = codec::of<P>::read(reader, value)) > 0;
        };
        static_cast<void>((read(type_list<std::remove_cvref_t<Ps>>{}, std::get<I>(values)) && ...));
        if (r <= 0) [[unlikely]]
            return report_unreadable(r, reader.why(), position, m);
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
