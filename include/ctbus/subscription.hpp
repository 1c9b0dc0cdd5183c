// Hearing signals: the match, the typed callback, and the owner of a well-known sender.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dispatch.hpp>
#include <ctbus/foreign_loop.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/name_owner.hpp>

#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// One match and what it calls. The callback itself is in a derived class.
struct listener {
    bus_ref bus;
    sd_bus_slot* slot = nullptr;
    followed_name* sender = nullptr; // the sender's owner is followed, for a well-known name
    bool from_bus = false;           // the sender is the bus itself
    const char* signature = "";
    std::string first_argument; // where the match rule cannot say it
    void (*deliver)(listener&, sd_bus_message*) = nullptr;
    void (*destroy)(listener*) = nullptr;
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
    if (--l.running == 0 && l.gone) l.destroy(&l);
    return 0; // anything else would stop the handlers after this one
}

inline void stop_listening(listener* l) {
    l->bus->check_thread();
    sd_bus_slot_unref(std::exchange(l->slot, nullptr));
    if (l->sender) unfollow(*l->bus, std::exchange(l->sender, nullptr));
    l->gone = true;
    if (l->running == 0) l->destroy(l);
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
        destroy = [](listener* l) { delete static_cast<typed_listener*>(l); };
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

/// A value in a match rule. It holds no quote and no backslash: sd-bus and dbus-daemon read those
/// differently.
inline void add_to_rule(std::string& rule, const char* key, std::string_view value) {
    if (value.empty()) return;
    rule.append(",").append(key).append("='").append(value).append("'");
}

} // namespace detail

/// Which signals match_signal() hears; what is left empty does not matter.
struct signal_filter {
    /// A name that may be left out.
    template <class Rules>
    class maybe {
    public:
        maybe() = default;
        template <std::size_t N>
        consteval maybe(const char (&literal)[N]) : text_{basic_name_view<Rules>{literal}.view()} {}
        maybe(basic_name_view<Rules> name) : text_{name.view()} {}
        maybe(const basic_name<Rules>& name) : text_{name.view()} {}
        template <detail::run_time_text Text>
        maybe(const Text& text) : text_{basic_name_view<Rules>{text}.view()} {}
        std::string_view view() const { return text_; }

    private:
        std::string_view text_;
    };

    /// Who sends it; a well-known name is followed to its present owner.
    maybe<bus_name_rules> sender = {};
    maybe<object_path_rules> path = {};
    /// A path, and all below it.
    maybe<object_path_rules> path_namespace = {};
    /// The first argument, if it is text.
    std::string_view arg0 = {};
    /// A name, and all below it, as the first argument.
    std::string_view arg0_namespace = {};
};

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// Hears one signal until it is destroyed; may be destroyed inside its own callback.
class [[nodiscard("the signal is heard only as long as the subscription lives")]] subscription {
public:
    subscription() = default;
    subscription(subscription&& other) noexcept
        : listener_{std::exchange(other.listener_, nullptr)} {}
    subscription& operator=(subscription&& other) noexcept {
        if (this != &other) {
            reset();
            listener_ = std::exchange(other.listener_, nullptr);
        }
        return *this;
    }
    ~subscription() { reset(); }

    explicit operator bool() const { return listener_ != nullptr; }
    /// The slot of the match.
    sd_bus_slot* get() const { return listener_ ? listener_->slot : nullptr; }
    /// Stops hearing.
    void reset() {
        if (listener_) detail::stop_listening(std::exchange(listener_, nullptr));
    }

    /// For match_signal() and proxy::on(): takes `fresh` over and installs its match.
    template <class Style>
    static result<subscription> install(detail::listener* fresh, const bus_ref& bus,
                                        std::string_view interface, std::string_view member,
                                        const char* signature, const signal_filter& filter) {
        subscription made;
        made.listener_ = fresh;
        fresh->bus = bus;
        fresh->signature = signature;
        const int r = start(*fresh, interface, member, filter, &detail::dispatch_signal<Style>);
        if (r < 0)
            return failure{error::from_errno(r).during("subscribing to %s.%s", interface.data(),
                                                       member.data())};
        return made;
    }

private:
    [[gnu::noinline]] static int start(detail::listener& l, std::string_view interface,
                                       std::string_view member, const signal_filter& filter,
                                       sd_bus_message_handler_t call) {
        int r = 0;
        l.bus->check_thread();
        if (sd_bus_is_open(l.bus->bus) <= 0) return -ENOTCONN;
        std::string rule = "type='signal'";
        // On a direct connection messages have no sender.
        if (sd_bus_is_bus_client(l.bus->bus) > 0 && !filter.sender.view().empty()) {
            const std::string sender{filter.sender.view()};
            detail::add_to_rule(rule, "sender", sender);
            l.from_bus = sender == "org.freedesktop.DBus";
            if (sender[0] != ':' && !l.from_bus) {
                l.sender = detail::follow(*l.bus, sender.c_str(), &r);
                if (!l.sender) return r;
            }
        }
        if (filter.arg0_namespace.find_first_of("'\\") != filter.arg0.npos) return -EINVAL;
        detail::add_to_rule(rule, "path", filter.path.view());
        detail::add_to_rule(rule, "path_namespace", filter.path_namespace.view());
        detail::add_to_rule(rule, "interface", interface);
        detail::add_to_rule(rule, "member", member);
        if (filter.arg0.find_first_of("'\\") != filter.arg0.npos) l.first_argument = filter.arg0;
        else detail::add_to_rule(rule, "arg0", filter.arg0);
        detail::add_to_rule(rule, "arg0namespace", filter.arg0_namespace);
        r = sd_bus_add_match(l.bus->bus, &l.slot, rule.c_str(), call, &l);
        detail::foreign_loop::interest_changed(l.bus->bus); // what came meanwhile is queued
        return r;
    }

    detail::listener* listener_ = nullptr;
};
// clang-format on

namespace detail {

/// Subscribes to signal `Name` of `I`, or shows what is wrong with it.
template <class I, fixed_string Name, class Style, class F>
result<subscription> subscribe(const bus_ref& bus, F&& callback, const signal_filter& filter) {
    using found = lookup<I, signal_tag, Name>;
    using signal = typename found::type;
    if constexpr (!I::is_right) return subscription{}; // said already
    else if constexpr (!found::found) {
        static_assert(require::sentence<mistake::unknown_signal, member<Name>, I>());
        return subscription{};
    } else {
        using callable = std::decay_t<F>;
        constexpr mistake wrong = callback_mistake<typename signal::arguments, callable>();
        static_assert(require::sentence<wrong, member<Name>, callable>());
        if constexpr (wrong != mistake::none) return subscription{};
        else
            return subscription::install<Style>(
                new typed_listener<callable>{std::forward<F>(callback)}, bus, I::interface_name,
                signal::name, signal::signature.data(), filter);
    }
}

} // namespace detail

} // namespace ctbus
