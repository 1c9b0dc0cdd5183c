// Hearing signals: which ones, and for how long.
#pragma once

#include <ctbus/connection.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/listener.hpp>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {

/// A value in a match rule. It holds no quote and no backslash: sd-bus and dbus-daemon read those
/// differently.
template <class Text>
void add_to_rule(Text& rule, const char* key, std::string_view value) {
    if (value.empty()) return;
    rule += ',';
    rule += key;
    rule += "='";
    rule += value;
    rule += '\'';
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
    /// The object that sends it.
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
        : listener_{detail::take(other.listener_)} {}
    subscription& operator=(subscription&& other) noexcept {
        if (this != &other) {
            reset();
            listener_ = detail::take(other.listener_);
        }
        return *this;
    }
    ~subscription() { reset(); }

    /// Whether it hears a signal.
    explicit operator bool() const { return listener_ != nullptr; }
    /// The slot of the match.
    sd_bus_slot* get() const { return listener_ ? listener_->slot : nullptr; }
    /// Stops hearing.
    void reset() {
        if (listener_) detail::stop_listening(detail::take(listener_));
    }

    /// For match_signal(), proxy::on() and their like: takes `fresh` over; install() installs it.
    template <class Listener>
    static subscription prepare(Listener* fresh, const bus_ref& bus, std::string_view interface,
                                std::string_view member, const char* signature,
                                const signal_filter& filter) {
        subscription made;
        made.listener_ = fresh;
        fresh->bus = bus;
        fresh->signature = signature;
        fresh->unfit = filter_fault<decltype(fresh->rule)>(filter, signature);
        if (!fresh->unfit) made.write_rule(interface, member, filter, made.listener_->rule);
        return made;
    }
    /// Negative: an errno.
    int install() { return listener_->unfit ? -EINVAL : detail::install_match(*listener_); }
    detail::listener* listener() const { return listener_; }

private:
    // What is wrong with a filter, or null. (Templates, `Text` being std::string: see outcome.hpp.)
    template <class Text>
    [[gnu::noinline]] static const char* filter_fault(const signal_filter& filter,
                                                      std::string_view signature) {
        const std::string_view first = filter.arg0, space = filter.arg0_namespace;
        if (!filter.path.view().empty() && !filter.path_namespace.view().empty())
            return "a filter has either a path or a path_namespace";
        if (first.empty() && space.empty()) return nullptr;
        if (!first.empty() && !space.empty())
            return "a filter has either an arg0 or an arg0_namespace";
        if (!signature.starts_with('s'))
            return "arg0 is compared with text, which the signal's first argument is not";
        if (check_text(first) != text_fault::none)
            return "the filter's arg0 is no text that D-Bus allows";
        Text below{space};
        below += ".x";
        if (!space.empty() && bus_name_rules::check(below) != name_fault::none)
            return "the filter's arg0_namespace is neither a bus name nor the beginning of one";
        return nullptr;
    }
    template <class Text>
    [[gnu::noinline]] void write_rule(std::string_view interface, std::string_view member,
                                      const signal_filter& filter, Text& rule) {
        detail::listener& l = *listener_;
        rule.reserve(sizeof "type='signal',sender='',path='',path_namespace='',interface='',"
                            "member='',arg0='',arg0namespace=''" +
                     filter.sender.view().size() + filter.path.view().size() +
                     filter.path_namespace.view().size() + interface.size() + member.size() +
                     filter.arg0.size() + filter.arg0_namespace.size());
        rule = "type='signal'";
        // On a direct connection messages have no sender.
        if (sd_bus_is_bus_client(l.bus->bus) > 0 && !filter.sender.view().empty()) {
            const std::string_view sender = filter.sender.view();
            detail::add_to_rule(rule, "sender", sender);
            l.from_bus = sender.compare("org.freedesktop.DBus") == 0;
            if (sender[0] != ':' && !l.from_bus) static_cast<Text&>(l.sender_name) = sender;
        }
        detail::add_to_rule(rule, "path", filter.path.view());
        detail::add_to_rule(rule, "path_namespace", filter.path_namespace.view());
        detail::add_to_rule(rule, "interface", interface);
        detail::add_to_rule(rule, "member", member);
        if (has_quotes(filter.arg0)) static_cast<Text&>(l.first_argument) = filter.arg0;
        else detail::add_to_rule(rule, "arg0", filter.arg0);
        detail::add_to_rule(rule, "arg0namespace", filter.arg0_namespace);
    }
    static bool has_quotes(std::string_view text) {
        for (char c : text)
            if (c == '\'' || c == '\\') return true;
        return false;
    }

    detail::listener* listener_ = nullptr;
};
// clang-format on

namespace detail {

/// A subscription to signal `Name` of `I`, not installed; or empty, where it shows what is wrong.
template <class I, fixed_string Name, class Style, class F>
subscription prepare_subscription(const bus_ref& bus, F&& callback, const signal_filter& filter) {
    using found = lookup<I, signal_tag, Name>;
    using signal = typename found::type;
    if constexpr (!I::is_right) return {}; // said already
    else if constexpr (!found::found) {
        static_assert(require::sentence<mistake::unknown_signal, member<Name>, I>());
        return {};
    } else {
        using callable = std::decay_t<F>;
        constexpr mistake wrong = callback_mistake<typename signal::arguments, callable>();
        static_assert(require::sentence<wrong, member<Name>, callable>());
        if constexpr (wrong != mistake::none) return {};
        else
            return subscription::prepare(
                new typed_listener<callable, Style>{std::forward<F>(callback)}, bus,
                I::interface_name, signal::name, signal::signature.data(), filter);
    }
}

[[gnu::cold, gnu::noinline]] inline error subscribe_error(const subscription& made, int r,
                                                          const char* interface,
                                                          const char* member) {
    return error::from_errno(r, made.listener()->unfit)
        .during("subscribing to %s.%s", interface, member);
}

template <class I, fixed_string Name, class Style, class F>
error subscribe(subscription& made, const bus_ref& bus, F&& callback, const signal_filter& filter) {
    made = prepare_subscription<I, Name, Style>(bus, std::forward<F>(callback), filter);
    const int r = made ? made.install() : 0;
    return r < 0 ? subscribe_error(made, r, I::interface_name.data(), Name.c_str()) : error{};
}

} // namespace detail

} // namespace ctbus
