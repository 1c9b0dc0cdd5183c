// Hearing that a property of a remote object has changed: proxy.on_changed<"P">(callback).
#pragma once

#include <ctbus/proxy.hpp>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <type_traits>
#include <utility>

namespace ctbus::detail {

/// Hears PropertiesChanged for one property. What depends on the callback's type is in a derived
/// class.
struct change_listener : listener {
    const char* changed_interface;
    const char* property;
    object_path object;
    bool wants_value;
    bool sensitive;
    sd_bus_slot* asking = nullptr; // for the value, where an announcement lacks it
    std::string asked;             // whom; empty on a direct connection
    bool stale = false;            // it changed once more meanwhile
    // Reads the value that comes next, as a variant, if it is wanted, and calls back.
    void (*tell)(change_listener&, sd_bus_message*) = nullptr;

    ~change_listener() { sd_bus_slot_unref(asking); }

    static int hear(sd_bus_message* m, void* userdata, sd_bus_error*) {
        auto& l = static_cast<change_listener&>(*static_cast<listener*>(userdata));
        if (!l.bus->open) return 0; // an earlier callback has closed it
        if (!codec::is_signature(sd_bus_message_get_signature(m, 1), l.signature))
            return report_unfit(l, m);
        if (watcher && !l.watched) return hear_watched(l, m);
        ++l.users;
        if (const int r = l.look_for(m); r < 0) report_malformed(r, m);
        l.release();
        return 0;
    }

private:
    int look_for(sd_bus_message* m) {
        const char* name = nullptr;
        int r = sd_bus_message_read_basic(m, 's', &name);
        // A direct connection's matches are sd-bus's alone.
        if (r <= 0 || std::strcmp(name, changed_interface) != 0) return r;
        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r > 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
            if ((r = sd_bus_message_read_basic(m, 's', &name)) <= 0) break;
            if (std::strcmp(name, property) == 0) {
                sd_bus_slot_unref(take(asking)); // what is on its way may be older
                return tell(*this, m), 0;
            }
            if ((r = sd_bus_message_skip(m, "v")) >= 0) r = sd_bus_message_exit_container(m);
        }
        if (r < 0 || (r = sd_bus_message_exit_container(m)) < 0) return r;
        r = sd_bus_message_enter_container(m, 'a', "s");
        while (r > 0 && (r = sd_bus_message_read_basic(m, 's', &name)) > 0) {
            if (std::strcmp(name, property) != 0) continue;
            if (wants_value) ask(sd_bus_message_get_sender(m), sd_bus_message_get_path(m));
            else tell(*this, nullptr);
            return 0;
        }
        return r;
    }

    /// Asks who announced it for the value; once for all that it announces until it answers, and
    /// then once more.
    void ask(const char* whom, const char* path) {
        const std::string_view owner = whom ? whom : "";
        if (asking && asked == owner) {
            stale = true;
            return;
        }
        sd_bus_slot_unref(take(asking)); // of another owner of the name
        stale = false;
        asked = owner;
        sd_bus_message* get = nullptr;
        int r = sd_bus_message_new_method_call(bus->bus, &get, whom, path,
                                               "org.freedesktop.DBus.Properties", "Get");
        if (r >= 0) r = sd_bus_message_append(get, "ss", changed_interface, property);
        if (r >= 0) r = sd_bus_call_async(bus->bus, &asking, get, &answered, this, 0);
        if (r >= 0 && tracing) trace("sends", get, false);
        foreign_loop::interest_changed(bus->bus);
        sd_bus_message_unref(get);
        if (r < 0 && sd_bus_is_open(bus->bus) > 0) report_unknown(error::from_errno(r));
    }
    static int answered(sd_bus_message* m, void* userdata, sd_bus_error*) {
        auto& l = *static_cast<change_listener*>(userdata);
        sd_bus_slot_unref(take(l.asking));
        if (tracing) trace("receives", m, l.sensitive);
        const sd_bus_error* e = sd_bus_message_get_error(m);
        if (e && sd_bus_is_open(l.bus->bus) <= 0) return 1; // who is lost is heard of elsewhere
        // A name that has another owner now says what is new by itself.
        if (l.sender && l.asked != l.sender->owner) return 1;
        ++l.users;
        const char* const got = sd_bus_message_get_signature(m, 1);
        if (e) l.report_unknown(error{e->name, e->message ? e->message : ""});
        else if (codec::is_signature(got, "v")) l.tell(l, m);
        else
            l.report_unknown(error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                                           "the answer has the signature \"%s\" where \"v\" is "
                                           "declared",
                                           got));
        // The callback may have dropped this, or its connection.
        if (l.slot && l.bus->open && std::exchange(l.stale, false))
            l.ask(l.asked.empty() ? nullptr : l.asked.c_str(), l.object.c_str());
        l.release();
        return 1;
    }
    [[gnu::cold]] void report_unknown(const error& why) const {
        report(why.during("asking for %s.%s, which has changed", changed_interface, property));
    }
};

template <class F, class Style>
struct typed_change_listener : change_listener {
    F callback;
    using parameters = typename function_traits<F>::parameters;

    template <class G>
    explicit typed_change_listener(G&& f) : callback(std::forward<G>(f)) {
        end = [](listener* l) { delete static_cast<typed_change_listener*>(l); };
        call = &change_listener::hear;
        wants_value = parameters::size != 0;
        tell = [](change_listener& l, sd_bus_message* m) {
            auto& me = static_cast<typed_change_listener&>(l);
            bool was_read = !m;
            const auto run = [&] { me.read_and_call(m, was_read, parameters{}); };
#ifdef __cpp_exceptions
            try {
                run();
            } catch (...) {
                report(current_error().during(was_read ? "in the callback for changes of %s.%s"
                                                       : "the new value of %s.%s",
                                              l.changed_interface, l.property));
            }
#else
            run();
#endif
        };
    }

private:
    void read_and_call(sd_bus_message*, bool& was_read, type_list<>) {
        was_read = true;
        callback();
    }
    template <class Value>
    void read_and_call(sd_bus_message* m, bool& was_read, type_list<Value>) {
        using type = std::remove_cvref_t<Value>;
        codec::reader_of<type> reader{m};
        codec::slot<type> value{};
        int r = reader.enter('v', codec::signature_of<type>.data());
        if (r > 0) r = codec::of<type>::read(reader, value);
        if (r <= 0)
            return report(codec::explain(r == 0 ? -ENXIO : r, reader.why(),
                                         codec::short_text{"the new value of %s", property}));
        was_read = true;
        if constexpr (std::is_reference_v<Value>)
            callback(static_cast<Value>(codec::value_in(value)));
        else callback(std::move(codec::value_in(value)));
    }
};

/// Whether changes of property `Name` can be heard of by an `F`.
template <class I, fixed_string Name, class F>
struct change_check {
    using found = lookup<I, property_tag, Name>;
    using property = typename found::type;

    static consteval mistake find() {
        if constexpr (!I::is_right) return mistake::none; // said already
        else if constexpr (!found::found) return mistake::unknown_property;
        else if constexpr (property::wrong != mistake::none) return mistake::none; // said already
        else if constexpr ((property::options::flags &
                            (SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE |
                             SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION)) == 0)
            return mistake::not_announced;
        else return find_in_callback();
    }
    static consteval mistake find_in_callback() {
        constexpr mistake bare = callback_mistake<type_list<>, F>();
        constexpr mistake m = bare == mistake::callback_parameters
                                  ? callback_mistake<type_list<typename property::value_type>, F>()
                                  : bare;
        if constexpr (m == mistake::not_a_callback || m == mistake::callback_parameters)
            return mistake::not_a_change_callback;
        else if constexpr (m == mistake::none &&
                           has_message(typename function_traits<F>::parameters{}))
            return mistake::not_a_change_callback;
        else return m;
    }
    template <class... Ps>
    static consteval bool has_message(type_list<Ps...>) {
        return ((part_of<Ps>() == part::message) || ...);
    }
    static constexpr mistake wrong = find();
};

// What proxy::on_changed() is made of; proxy.hpp only knows that it exists.
template <class I>
struct property_changes_need_property_changes_hpp {
    template <fixed_string Name, class Style, class T, class F>
    static result<T> on(const bus_ref& bus, object_path_view at, F&& callback,
                        signal_filter filter) {
        T made;
        using callable = std::decay_t<F>;
        using check = change_check<I, Name, callable>;
        static_assert(require::sentence<check::wrong, member<Name>, callable, I>());
        if constexpr (check::wrong == mistake::none && I::is_right) {
            if (has_sensitive_property(typename I::specs{})) hide_property_signals();
            filter.arg0 = I::interface_name;
            auto* fresh = new typed_change_listener<callable, Style>{std::forward<F>(callback)};
            fresh->changed_interface = I::c_interface_name;
            fresh->property = check::property::c_name;
            fresh->object = object_path{at};
            fresh->sensitive = check::property::options::template has<option::sensitive>;
            made = subscription::prepare(fresh, bus, "org.freedesktop.DBus.Properties",
                                         "PropertiesChanged", "sa{sv}as", filter);
            if (const int r = made.install(); r < 0)
                return failure{error::from_errno(r, fresh->unfit)
                                   .during("subscribing to changes of %s.%s", I::c_interface_name,
                                           Name.c_str())};
        }
        return made;
    }
};

} // namespace ctbus::detail
