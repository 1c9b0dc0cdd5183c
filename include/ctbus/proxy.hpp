// A remote object, checked against its interface by the compiler.
#pragma once

#include <ctbus/arguments.hpp>
#include <ctbus/connection.hpp>
#include <ctbus/dict.hpp>
#include <ctbus/interface.hpp>
#include <ctbus/kept_name.hpp>
#include <ctbus/nameless.hpp>
#include <ctbus/outcome.hpp>
#include <ctbus/proxy_call.hpp>
#include <ctbus/proxy_property.hpp>
#include <ctbus/signals.hpp>
#include <ctbus/variant.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace ctbus {

namespace detail {
template <class I>
struct asynchronous_signals_need_async_hpp;
template <class I>
struct signal_streams_need_async_hpp;
template <class I>
struct property_changes_need_property_changes_hpp;
template <class I>
struct asynchronous_calls_need_async_hpp; // a name to be read in the compiler's error
} // namespace detail

/// Calls methods, reads and writes properties and hears signals of `Interface` on one remote
/// object. Making one sends nothing. Copies are cheap.
template <class Interface>
class proxy : detail::nameless {
    static constexpr mistake wrong =
        interface_like<Interface> ? mistake::none : mistake::not_an_interface;
    static_assert(require::sentence<wrong, Interface>());
    using I = typename detail::known_interface<Interface>::type;

public:
    /// `destination`: a well-known or unique name. Literals are borrowed, other names copied.
    proxy(const connection& bus, bus_name_view destination, object_path_view path)
        : target_{bus.state(), kept_name{destination}, kept_name{path}, 0} {}
    /// On a direct connection, where there are no names.
    proxy(const connection& bus, object_path_view path)
        : target_{bus.state(), kept_name{}, kept_name{path}, 0} {}

    /// The same remote object with another timeout: a duration, or `ctbus::infinite`.
    template <class D>
    [[nodiscard]] proxy with_timeout(const D& time) const {
        proxy other = *this;
        other.target_.timeout = detail::microseconds(time);
        return other;
    }

    /// The same remote object, whose service the bus does not start for a call: ServiceUnknown.
    [[nodiscard]] proxy without_auto_start() const {
        proxy other = *this;
        other.target_.auto_start = false;
        return other;
    }

    /// Whom it calls; empty on a direct connection.
    bus_name_view destination() const {
        return bus_name_view::trusted(target_.destination.c_str());
    }
    /// Which object it calls.
    object_path_view path() const { return object_path_view::trusted(target_.path.c_str()); }

    /// Calls a method and waits for its outputs: none, one as itself, several as a tuple. For a
    /// no_reply method: sends the call and returns at once.
    template <fixed_string Name, class Style = error_style, class... Args>
    [[nodiscard]] auto try_call(const Args&... args) const {
        using check = detail::call_check<I, Name, true, Args...>;
        static_assert(check::judge());
        using outcome = result<typename check::value_type>;
        if constexpr (!check::is_right) return outcome{std::unexpect};
        else {
            detail::output_slots<typename check::method> values;
            if (error e = detail::caught<Style>(
                    [&] {
                        return detail::call_method<I, typename check::method>(target_, values,
                                                                              args...);
                    },
                    "calling %s.%s", I::c_interface_name, Name.c_str()))
                return outcome{std::unexpect, std::move(e)};
            if constexpr (std::is_void_v<typename check::value_type>) return outcome{};
            else return outcome{values.take()};
        }
    }
    template <fixed_string Name, class Style = error_style, class... Args>
    auto call(const Args&... args) const {
        using check = detail::call_check<I, Name, true, Args...>;
        if constexpr (!check::is_right) return or_throw<Style>(try_call<Name>(args...)); // says why
        else {
            detail::output_slots<typename check::method> values;
            throw_if<Style>(
                detail::call_method<I, typename check::method>(target_, values, args...));
            if constexpr (!std::is_void_v<typename check::value_type>)
                return typename check::value_type(values.take());
        }
    }

    /// As call(), but gives the reply itself, to be read without copying: what is read from it as a
    /// view or span lives as long as that message. Of a no_reply method it is empty.
    template <fixed_string Name, class Style = error_style, class T = message, class... Args>
    [[nodiscard]] result<T> try_call_message(const Args&... args) const {
        T reply;
        error e = detail::caught<Style>([&] { return call_checked<Name>(reply, args...); },
                                        "calling %s.%s", I::c_interface_name, Name.c_str());
        return to_result(std::move(e), std::move(reply));
    }
    template <fixed_string Name, class Style = error_style, class... Args>
    message call_message(const Args&... args) const {
        message reply;
        throw_if<Style>(call_checked<Name>(reply, args...));
        return reply;
    }

    /// Reads a property (org.freedesktop.DBus.Properties.Get).
    template <fixed_string Name, class Style = error_style>
    [[nodiscard]] auto try_get() const {
        using check = detail::property_check<I, Name, false>;
        static_assert(check::judge());
        using outcome = result<typename check::value_type>;
        if constexpr (!check::is_right) return outcome{std::unexpect};
        else {
            codec::slot<typename check::value_type> value{};
            if (error e = detail::caught<Style>(
                    [&] {
                        return detail::get_property<I, typename check::property>(target_, value);
                    },
                    "reading property %s.%s", I::c_interface_name, Name.c_str()))
                return outcome{std::unexpect, std::move(e)};
            return outcome{std::move(codec::value_in(value))};
        }
    }
    template <fixed_string Name, class Style = error_style>
    auto get() const {
        using check = detail::property_check<I, Name, false>;
        if constexpr (!check::is_right) return or_throw<Style>(try_get<Name>()); // says why
        else {
            codec::slot<typename check::value_type> value{};
            throw_if<Style>(detail::get_property<I, typename check::property>(target_, value));
            return typename check::value_type(std::move(codec::value_in(value)));
        }
    }

    /// Writes a property (org.freedesktop.DBus.Properties.Set).
    template <fixed_string Name, class Style = error_style, class Value, class Void = void>
    [[nodiscard]] result<Void> try_set(const Value& value) const {
        return to_result<Void>(detail::caught<Style>([&] { return set_checked<Name>(value); },
                                                     "writing property %s.%s", I::c_interface_name,
                                                     Name.c_str()));
    }
    template <fixed_string Name, class Style = error_style, class Value>
    void set(const Value& value) const {
        throw_if<Style>(set_checked<Name>(value));
    }

    /// Shows that it is one value.
    template <fixed_string Name, class... Values>
        requires(sizeof...(Values) != 1)
    void set(const Values&...) const { detail::not_one_value<I, Name, sizeof...(Values)>(); }

    /// Reads all properties (GetAll), also undeclared ones, into any type of signature a{sv}.
    template <class All = dict<std::string, variant>, class Style = error_style>
    [[nodiscard]] result<All> try_get_all() const {
        constexpr mistake unfit = detail::all_properties_mistake<All>();
        static_assert(require::sentence<unfit, All, I>());
        if constexpr (unfit != mistake::none) return result<All>{std::unexpect};
        else {
            codec::slot<All> all{};
            if (error e = detail::caught<Style>(
                    [&] { return detail::get_all_properties<I, All>(target_, all); }))
                return result<All>{std::unexpect, std::move(e)};
            return std::move(codec::value_in(all));
        }
    }
    template <class All = dict<std::string, variant>, class Style = error_style>
    All get_all() const {
        if constexpr (detail::all_properties_mistake<All>() != mistake::none)
            return or_throw<Style>(try_get_all<All>()); // says why
        else {
            codec::slot<All> all{};
            throw_if<Style>(detail::get_all_properties<I, All>(target_, all));
            if constexpr (std::is_same_v<codec::slot<All>, All>) return all;
            else return std::move(codec::value_in(all));
        }
    }

    /// The same without waiting, with <ctbus/async.hpp>: `proxy.async_call<"Name">(arguments...)`
    /// and so on give a pending_call, whose then(callback) sends it.
    template <fixed_string Name, class Style = error_style, class... Args>
    auto async_call(const Args&... args) const {
        static_assert(detail::judge_style<Style>());
        return detail::asynchronous_calls_need_async_hpp<I>::template call<Name>(target_, args...);
    }
    template <fixed_string Name>
    auto async_get() const {
        return detail::asynchronous_calls_need_async_hpp<I>::template get<Name>(target_);
    }
    template <fixed_string Name, class Style = error_style, class Value>
    auto async_set(const Value& value) const {
        static_assert(detail::judge_style<Style>());
        return detail::asynchronous_calls_need_async_hpp<I>::template set<Name>(target_, value);
    }
    template <class All = dict<std::string, variant>>
    auto async_get_all() const {
        return detail::asynchronous_calls_need_async_hpp<I>::template get_all<All>(target_);
    }

    /// Hears a signal of this object, from this service only: `callback` takes its arguments (any
    /// types of its signature), and perhaps the message last. Returns when the match is installed.
    template <fixed_string Name, class F, class Style = error_style, class T = subscription>
    [[nodiscard]] result<T> try_on(F&& callback) const {
        T made;
        return to_result(detail::subscribe<I, Name, Style>(made, target_.bus,
                                                           std::forward<F>(callback), filter()),
                         std::move(made));
    }
    template <fixed_string Name, class Style = error_style, class F>
    subscription on(F&& callback) const {
        subscription made;
        throw_if<Style>(detail::subscribe<I, Name, Style>(made, target_.bus,
                                                          std::forward<F>(callback), filter()));
        return made;
    }

    /// Hears of changes of a property, with <ctbus/property_changes.hpp>: `callback(value)` gets
    /// the new value, asked for where only the change is announced; `callback()` gets none.
    template <fixed_string Name, class F, class Style = error_style, class T = subscription>
    [[nodiscard]] result<T> try_on_changed(F&& callback) const {
        return detail::property_changes_need_property_changes_hpp<I>::template on<Name, Style, T>(
            target_.bus, path(), std::forward<F>(callback), filter());
    }
    template <fixed_string Name, class Style = error_style, class F>
    subscription on_changed(F&& callback) const {
        return or_throw<Style>(try_on_changed<Name, F, Style>(std::forward<F>(callback)));
    }

    /// The same without waiting for the bus, with <ctbus/async.hpp>: `then(callback)` or `co_await`
    /// gives the result<subscription>.
    template <fixed_string Name, class F, class Style = error_style>
    auto async_on(F&& callback) const {
        return detail::asynchronous_signals_need_async_hpp<I>::template on<Name, Style>(
            target_.bus, std::forward<F>(callback), filter());
    }
    /// A stream of a signal's arguments for `co_await stream.next()`, with <ctbus/async.hpp>; of
    /// those not read yet it keeps the newest `capacity`.
    template <fixed_string Name, class Style = error_style>
    auto stream(unsigned capacity = 64) const {
        return detail::signal_streams_need_async_hpp<I>::template stream<Name, Style>(
            target_.bus, filter(), capacity);
    }
    /// The arguments of the next signal from now on: `co_await proxy.next<"Name">()`.
    template <fixed_string Name, class Style = error_style>
    auto next() const {
        return detail::signal_streams_need_async_hpp<I>::template next<Name, Style>(target_.bus,
                                                                                    filter());
    }

    // For who gives the name as an argument.
    using detail::nameless::call, detail::nameless::try_call, detail::nameless::call_message,
        detail::nameless::try_call_message, detail::nameless::async_call, detail::nameless::get,
        detail::nameless::try_get, detail::nameless::async_get, detail::nameless::set,
        detail::nameless::try_set, detail::nameless::async_set, detail::nameless::on,
        detail::nameless::try_on, detail::nameless::async_on, detail::nameless::on_changed,
        detail::nameless::try_on_changed, detail::nameless::stream, detail::nameless::next;

private:
    template <fixed_string Name, class... Args>
    error call_checked(message& reply, const Args&... args) const {
        using check = detail::call_check<I, Name, false, Args...>;
        static_assert(check::judge());
        if constexpr (!check::is_right) return {};
        else return detail::call_method<I, typename check::method>(target_, reply, args...);
    }
    template <fixed_string Name, class Value>
    error set_checked(const Value& value) const {
        using check = detail::property_check<I, Name, true, Value>;
        static_assert(check::judge());
        if constexpr (!check::is_right) return {};
        else return detail::set_property<I, typename check::property>(target_, value);
    }

    signal_filter filter() const {
        signal_filter wanted{.path = path()};
        if (target_.destination.c_str()) wanted.sender = destination();
        return wanted;
    }

    detail::call_target target_;
};

} // namespace ctbus
