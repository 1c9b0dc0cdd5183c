// The objects of a remote service that have an interface, as they come and go.
#pragma once

#include <ctbus/dict.hpp>
#include <ctbus/object_watcher.hpp>
#include <ctbus/variant.hpp>

#include <string>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctbus {

/// What an object manager offers, for a proxy or a subscription that does by itself what
/// watch_objects() does.
struct object_manager_interface
    : interface<"org.freedesktop.DBus.ObjectManager",
                method<"GetManagedObjects",
                       dict<object_path, dict<std::string, dict<std::string, variant>>>(),
                       returns<"objects">>,
                signal<"InterfacesAdded",
                       void(object_path, dict<std::string, dict<std::string, variant>>),
                       args<"object", "interfaces">>,
                signal<"InterfacesRemoved", void(object_path, std::vector<std::string>),
                       args<"object", "interfaces">>> {};

namespace detail {

/// What is wrong with a callback of watch_objects(), which is to take these and no message.
template <class F, class... Arguments>
consteval mistake object_callback_mistake() {
    constexpr mistake m = callback_mistake<type_list<Arguments...>, F>();
    if constexpr (m == mistake::not_a_callback || m == mistake::callback_parameters)
        return mistake::not_an_object_callback;
    else if constexpr (m == mistake::none)
        if (function_traits<F>::parameters::size != sizeof...(Arguments))
            return mistake::not_an_object_callback;
    return m;
}
template <class Added, class Removed>
consteval mistake object_callbacks_mistake() {
    constexpr mistake added = object_callback_mistake<Added, object_path>();
    if (constexpr mistake m = object_callback_mistake<Removed, object_path>(); m != mistake::none)
        return m;
    if constexpr (added != mistake::not_an_object_callback) return added;
    else return object_callback_mistake<Added, object_path, dict<std::string, variant>>();
}

template <class Style, class Added, class Removed>
struct typed_object_watcher : object_watcher {
    Added on_added;
    Removed on_removed;

    template <class A, class R>
    typed_object_watcher(A&& a, R&& r)
        : on_added(std::forward<A>(a)), on_removed(std::forward<R>(r)) {
        tell_added = [](object_watcher& w, object_path_view path, sd_bus_message* m) {
            auto& me = static_cast<typed_object_watcher&>(w);
            bool was_read = false;
            me.guarded(path, was_read, [&] {
                me.read_and_tell(path, m, was_read, typename function_traits<Added>::parameters{});
            });
            return was_read;
        };
        tell_removed = [](object_watcher& w, object_path_view path) {
            auto& me = static_cast<typed_object_watcher&>(w);
            me.guarded(path, true, [&] {
                me.tell(me.on_removed, path, typename function_traits<Removed>::parameters{});
            });
        };
        end = [](object_watcher* w) { delete static_cast<typed_object_watcher*>(w); };
    }

private:
    template <class F, class Path>
    static void tell(F& callback, object_path_view path, type_list<Path>) {
        callback(std::remove_cvref_t<Path>(path));
    }
    void read_and_tell(object_path_view path, sd_bus_message* m, bool& was_read, auto parameters) {
        if (const int r = sd_bus_message_skip(m, "a{sv}"); r < 0) return not_read(r, {}, path);
        was_read = true;
        tell(on_added, path, parameters);
    }
    template <class Path, class Properties>
    void read_and_tell(object_path_view path, sd_bus_message* m, bool& was_read,
                       type_list<Path, Properties>) {
        using type = std::remove_cvref_t<Properties>;
        codec::reader_of<type> reader{m};
        codec::slot<type> values{};
        const int r = codec::of<type>::read(reader, values);
        if (r <= 0) return not_read(r == 0 ? -ENXIO : r, reader.why(), path);
        was_read = true;
        if constexpr (std::is_reference_v<Properties>)
            on_added(std::remove_cvref_t<Path>(path),
                     static_cast<Properties>(codec::value_in(values)));
        else on_added(std::remove_cvref_t<Path>(path), std::move(codec::value_in(values)));
    }
    void not_read(int r, const error& why, object_path_view path) {
        unread(codec::explain(r, why, codec::short_text{"the properties of %s", path.c_str()}));
    }
    template <class F>
    void guarded([[maybe_unused]] object_path_view path, [[maybe_unused]] const bool& was_read,
                 const F& run) {
#ifdef __cpp_exceptions
        try {
            run();
        } catch (...) {
            if (was_read)
                report(current_error().during("in the callback for object %s", path.c_str()));
            else unread(current_error().during("reading the properties of %s", path.c_str()));
        }
#else
        run();
#endif
    }
};

} // namespace detail

// clang-format 14 does not know attributes with a reason.
// clang-format off
/// Keeps what watch_objects() began, until it is destroyed; may be destroyed inside its callbacks.
class [[nodiscard("the objects are followed only as long as the watch lives")]] object_watch {
public:
    object_watch() = default;
    object_watch(object_watch&& other) noexcept : watcher_{detail::take(other.watcher_)} {}
    object_watch& operator=(object_watch&& other) noexcept {
        if (this != &other) {
            reset();
            watcher_ = detail::take(other.watcher_);
        }
        return *this;
    }
    ~object_watch() { reset(); }

    /// Whether it follows anything.
    explicit operator bool() const { return watcher_ != nullptr; }
    /// Calls back no more.
    void reset() {
        if (watcher_) detail::take(watcher_)->stop();
    }

    /// For watch_objects().
    template <class Style, class I, class Added, class Removed>
    static error begin(object_watch& made, const bus_ref& bus, std::string_view service,
                       object_path_view path, Added&& added, Removed&& removed) {
        using added_type = std::decay_t<Added>;
        using removed_type = std::decay_t<Removed>;
        constexpr mistake unfit =
            detail::object_callbacks_mistake<added_type, removed_type>();
        static_assert(require::sentence<unfit, I, added_type, removed_type>());
        if constexpr (unfit == mistake::none) {
            auto* w = new detail::typed_object_watcher<Style, added_type, removed_type>{
                std::forward<Added>(added), std::forward<Removed>(removed)};
            made.watcher_ = w;
            w->bus = bus;
            w->interface = I::c_interface_name;
            w->sensitive = detail::has_sensitive_property(typename I::specs{});
            w->service = service;
            w->root = object_path{path};
            prepare<Style>(*w, service, path);
            if (const int r = w->begin(); r < 0)
                return error::from_errno(r).during("watching the objects below %s", path.c_str());
        }
        return {};
    }

private:
    template <class Style>
    static void prepare(detail::object_watcher& w, std::string_view service,
                        object_path_view path) {
        signal_filter from;
        if (!service.empty()) from.sender = bus_name_view::trusted(w.service.c_str());
        from.path = path;
        const auto hear = [&](auto hears, const char* member, const char* signature) {
            return subscription::prepare(new detail::object_listener{w, hears}, w.bus,
                                         w.manager, member, signature, from);
        };
        w.added = hear(&detail::object_watcher::hear_added, "InterfacesAdded", "oa{sa{sv}}");
        w.removed = hear(&detail::object_watcher::hear_removed, "InterfacesRemoved", "oas");
        if (service.empty()) return;
        w.owner = detail::prepare_subscription<detail::bus_interface, "NameOwnerChanged", Style>(
            w.bus,
            [&w](std::string_view, std::string_view before, std::string_view now) {
                w.owner_changed(before, now);
            },
            {.sender = "org.freedesktop.DBus", .arg0 = w.service});
    }

    detail::object_watcher* watcher_ = nullptr;
};
// clang-format on

namespace detail {
/// For who does not want to hear of objects that go.
struct not_told {
    void operator()(object_path_view) const {}
};
// Not the name of a service, which stands before a path.
template <class T>
concept no_text = !std::is_array_v<std::remove_reference_t<T>>;
} // namespace detail

/// Follows the objects with interface `I` that the object manager at `path` of a service has:
/// `added(path)` or `added(path, properties)` is called for each that is there and each that comes,
/// `removed(path)` when it goes, or its service does, or the bus is lost. All are called from the
/// loop. `properties` are those of `I`, as a dictionary or an `as_dict` struct; views of them live
/// as long as the callback. Where it cannot read them the object is reported, and left out. Returns
/// when the matches are installed (`sd_bus_add_match`); the list is asked for without waiting. If
/// it is refused that is reported, and it is asked for when the name has a new owner. The service
/// is not started for it; when another instance takes the name, its objects are told anew.
template <class I, class Added, class Removed = detail::not_told, class Style = error_style,
          class T = object_watch>
[[nodiscard]] result<T> try_watch_objects(const connection& bus, bus_name_view service,
                                          object_path_view path, Added&& added,
                                          Removed&& removed = {}) {
    T made;
    error e = T::template begin<Style, detail::judged_interface<I>>(
        made, bus.state(), service.view(), path, std::forward<Added>(added),
        std::forward<Removed>(removed));
    if (e) made.reset();
    return to_result(std::move(e), std::move(made));
}
template <class I, class Added, class Removed = detail::not_told, class Style = error_style>
object_watch watch_objects(const connection& bus, bus_name_view service, object_path_view path,
                           Added&& added, Removed&& removed = {}) {
    return or_throw<Style>(try_watch_objects<I, Added, Removed, Style>(
        bus, service, path, std::forward<Added>(added), std::forward<Removed>(removed)));
}
/// On a direct connection, where there are no names.
template <class I, detail::no_text Added, class Removed = detail::not_told,
          class Style = error_style, class T = object_watch>
[[nodiscard]] result<T> try_watch_objects(const connection& bus, object_path_view path,
                                          Added&& added, Removed&& removed = {}) {
    T made;
    error e = T::template begin<Style, detail::judged_interface<I>>(
        made, bus.state(), {}, path, std::forward<Added>(added), std::forward<Removed>(removed));
    if (e) made.reset();
    return to_result(std::move(e), std::move(made));
}
template <class I, detail::no_text Added, class Removed = detail::not_told,
          class Style = error_style>
object_watch watch_objects(const connection& bus, object_path_view path, Added&& added,
                           Removed&& removed = {}) {
    return or_throw<Style>(try_watch_objects<I, Added, Removed, Style>(
        bus, path, std::forward<Added>(added), std::forward<Removed>(removed)));
}
/// Show that the connection has to live as long.
template <class I, class... Args>
auto watch_objects(connection&&, Args&&...) {
    return detail::on_a_temporary_connection<I, object_watch>();
}
template <class I, class... Args>
auto try_watch_objects(connection&&, Args&&...) {
    return detail::on_a_temporary_connection<I, object_watch>();
}

} // namespace ctbus
