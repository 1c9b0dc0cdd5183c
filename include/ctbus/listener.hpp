// What a subscription is inside: the match, the typed callback, and the owner of a well-known
// sender.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/callback_mistakes.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/name_owner.hpp>
#include <ctbus/shape.hpp>

#include <cerrno>
#include <cstring>
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
    const char* unfit = nullptr;                  // why there is no rule
    std::string sender_name;                      // where it is well-known, and to be followed
    sd_bus_message* missed = nullptr;             // came before this was installed
    sd_bus_message_handler_t call = nullptr;      // what sd-bus calls for a signal
    sd_bus_message_handler_t installed = nullptr; // and for the bus's answer to the match
    void* installing = nullptr;                   // who waits for that
    void (*end)(listener*) = nullptr;
    int users = 1;        // who holds it, and its callback while it runs
    bool watched = false; // the watcher knows that the callback runs

    ~listener() { sd_bus_message_unref(missed); }
    void release() {
        if (--users == 0) end(this);
    }
};

/// Whether a listener that is more choosy than sd-bus is to hear a signal that it has let pass.
[[gnu::noinline]] inline bool admits(listener& l, sd_bus_message* m) {
    if (l.missed) {
        if (l.missed == m) return false;
        sd_bus_message_unref(detail::take(l.missed));
    }
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

/// What sd-bus calls for a listener: its own function, where that is to hear all that it passes.
inline sd_bus_message_handler_t handler_of(const listener& of) {
    if (!of.sender && !of.from_bus && !of.missed && of.first_argument.empty()) return of.call;
    return [](sd_bus_message* m, void* userdata, sd_bus_error* e) {
        auto& l = *static_cast<listener*>(userdata);
        return admits(l, m) ? l.call(m, userdata, e) : 0;
    };
}

/// Runs a listener between what the watcher is told.
[[gnu::cold, gnu::noinline]] inline int hear_watched(listener& l, sd_bus_message* m) {
    ++l.users;
    l.watched = true;
    void* const watch = begin_watch("the callback of signal ", m);
    l.call(m, &l, nullptr);
    end_watch(watch);
    l.watched = false;
    l.release();
    return 0;
}

[[gnu::cold, gnu::noinline]] inline int report_unfit(const listener& l, sd_bus_message* m) {
    const char* const from = sd_bus_message_get_sender(m);
    report(error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                         "signal %s.%s of %s%s%s has the signature \"%s\" where \"%s\" is "
                         "declared; it is not delivered",
                         sd_bus_message_get_interface(m), sd_bus_message_get_member(m),
                         sd_bus_message_get_path(m), from ? " from " : "", from ? from : "",
                         sd_bus_message_get_signature(m, 1), l.signature));
    return 0;
}

/// Of a signal that is read by hand.
[[gnu::cold]] inline void report_malformed(int r, sd_bus_message* m) {
    report(error::format(SD_BUS_ERROR_INVALID_ARGS, EBADMSG, "signal %s.%s of %s %s",
                         sd_bus_message_get_interface(m), sd_bus_message_get_member(m),
                         sd_bus_message_get_path(m), codec::describe(r)));
}
[[gnu::cold, gnu::noinline]] inline void report_unreadable(int r, int position, sd_bus_message* m,
                                                           const error* why = nullptr) {
    report(codec::explain(r == 0 ? -ENXIO : r, why ? *why : error{},
                          codec::argument_text(position, nullptr, sd_bus_message_get_member(m))));
}

#ifdef __cpp_exceptions
/// For where an exception is caught. `position`: which argument was being read, from 1; 0: none.
[[gnu::cold, gnu::noinline]] inline void report_thrown(sd_bus_message* m, int position) {
    const char* const member = sd_bus_message_get_member(m);
    const error e = current_error();
    const auto subject = codec::argument_text(position, nullptr, member);
    if (position == 0) report(e.during("in the callback of signal %s", member));
    else if (std::strcmp(e.name().data(), SD_BUS_ERROR_FAILED) != 0) report(e.in_context(subject));
    else
        report(error::format(SD_BUS_ERROR_INVALID_ARGS, EINVAL, "%s: %s", subject.text,
                             e.message().data()));
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
    foreign_loop::interest_changed(bus);
    // On a direct connection sd-bus would let a match hear the very signal in whose callback it is
    // made: without end, if that callback makes it anew each time.
    if (sd_bus_is_bus_client(bus) <= 0)
        l.missed = sd_bus_message_ref(sd_bus_get_current_message(bus));
    if (!l.held_by) {
        l.restore = [](bus_part& part) {
            auto& again = static_cast<listener&>(part);
            sd_bus_slot_unref(detail::take(again.slot));
            return sd_bus_add_match_async(again.bus->bus, &again.slot, again.rule.c_str(),
                                          handler_of(again), &report_refused_match, &again);
        };
        l.enter(l.bus->parts);
    }
    if (!l.installed) return sd_bus_add_match(bus, &l.slot, l.rule.c_str(), handler_of(l), &l);
    return sd_bus_add_match_async(bus, &l.slot, l.rule.c_str(), handler_of(l), l.installed, &l);
}

inline void stop_listening(listener* l) {
    l->bus->check_thread();
    sd_bus_slot_unref(detail::take(l->slot));
    l->leave();
    if (l->sender) unfollow(*l->bus, detail::take(l->sender));
    l->release();
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
        else return unseen_mistake<typename function_traits<std::decay_t<F>>::result>();
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
    // The callback's types have the declared signature.
    static constexpr const std::string_view& wanted = signature_of_list<typename shape::inputs>;
    struct nothing {};
    template <class P>
    using stored = std::conditional_t<part_of<P>() == part::message, nothing,
                                      codec::slot<std::remove_cvref_t<P>>>;

    /// What sd-bus calls for every signal that matches: all of it in one function, as a signal may
    /// have many subscribers.
    static int hear(sd_bus_message* m, void* userdata, sd_bus_error*) {
        auto& l = static_cast<typed_listener&>(*static_cast<listener*>(userdata));
        // The signature is looked at once for all that hear the message, where they can know that.
        if (l.bus->heard != wanted.data()) {
            if (!l.bus->open) [[unlikely]] // an earlier callback has closed it
                return 0;
            if (!has_signature<wanted>(sd_bus_message_get_signature(m, 1))) [[unlikely]]
                return report_unfit(l, m);
            if (l.bus->heard) l.bus->heard = wanted.data();
        }
        if (watcher && !l.watched) [[unlikely]]
            return hear_watched(l, m);
        ++l.users;
        int position = 0; // which argument is being read
        const auto run = [&] {
            read_and_call(l.callback, m, position, typename shape::parameters{},
                          std::make_index_sequence<shape::parameters::size>{});
        };
#ifdef __cpp_exceptions
        try {
            run();
        } catch (...) {
            report_thrown(m, position);
        }
#else
        run();
#endif
        l.release();
        return 0; // anything else would stop the handlers after this one
    }

    template <class... Ps, std::size_t... I>
    [[gnu::always_inline]] static void read_and_call(F& callback, sd_bus_message* m, int& position,
                                                     type_list<Ps...>, std::index_sequence<I...>) {
        codec::reader_for<typename shape::inputs> reader{m};
        std::tuple<stored<Ps>...> values{};
        int r = 1;
        [[maybe_unused]] const auto read = [&]<class P, class T>(type_list<P>, T& value) {
            if constexpr (std::is_same_v<T, nothing>) return true;
            else return ++position, (r = codec::of<P>::read(reader, value)) > 0;
        };
        static_cast<void>((read(type_list<std::remove_cvref_t<Ps>>{}, std::get<I>(values)) && ...));
        if (r <= 0) [[unlikely]] {
            if constexpr (std::is_base_of_v<codec::reader_base, decltype(reader)>)
                return report_unreadable(r, position, m, &reader.why());
            else return report_unreadable(r, position, m);
        }
        position = 0;
        [[maybe_unused]] const auto pass = [&]<class P, class T>(type_list<P>,
                                                                 T& value) -> decltype(auto) {
            if constexpr (std::is_same_v<T, nothing> && std::is_reference_v<P>)
                return lent_message{m};
            else if constexpr (std::is_same_v<T, nothing>) return message{m};
            else if constexpr (std::is_reference_v<P>)
                return static_cast<P>(codec::value_in(value));
            else return std::move(codec::value_in(value));
        };
        if constexpr (shape::inputs::size != 0 && (std::is_same_v<stored<Ps>, nothing> || ...))
            if (sd_bus_message_rewind(m, 1) < 0) return;
        callback(pass(type_list<Ps>{}, std::get<I>(values))...);
    }
};

} // namespace detail

} // namespace ctbus
