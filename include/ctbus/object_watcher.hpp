// What watch_objects() is inside: the list that a manager gives, and what it announces later.
#pragma once

#include <ctbus/connection.hpp>
#include <ctbus/loss.hpp>
#include <ctbus/signals.hpp>

#include <cstddef>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <systemd/sd-bus.h>
#include <utility>

namespace ctbus::detail {

/// What the bus itself announces.
struct bus_interface
    : interface<"org.freedesktop.DBus",
                signal<"NameOwnerChanged", void(std::string, std::string, std::string)>> {};

/// Follows the objects of one manager that have one interface. Counted, as its callbacks may drop
/// it. What depends on their types is in a derived class.
struct object_watcher : bus_part, loss_watch {
    static constexpr char list_signature[] = "a{oa{sa{sv}}}";
    static constexpr char manager[] = "org.freedesktop.DBus.ObjectManager";

    bus_ref bus;
    const char* interface = nullptr;
    std::string service; // empty on a direct connection
    object_path root;
    std::set<std::string, std::less<>> known; // the objects that were told of, by their paths
    sd_bus_slot* asking = nullptr;
    subscription added, removed, owner;
    // Reads the properties that come next and tells of the object; false: they are of other types.
    bool (*tell_added)(object_watcher&, object_path_view, sd_bus_message*) = nullptr;
    void (*tell_removed)(object_watcher&, object_path_view) = nullptr;
    void (*end)(object_watcher*) = nullptr;
    int users = 1;
    bool gone = false;      // nobody wants to hear more
    bool sensitive = false; // properties are left out of traces
    bool copying = false;   // properties are read from copies
    static constexpr unsigned most_told = 16;
    unsigned unreadable = 0; // objects of one message

    bool is_over() const { return gone || !bus->open; }
    /// Reports an object that could not be read; of many in one message the first.
    void unread(const error& why) {
        if (++unreadable <= most_told) report(why);
    }

    /// Keeps it while callbacks run.
    class hold {
    public:
        explicit hold(object_watcher& w) : w_{w} { ++w_.users; }
        hold(const hold&) = delete;
        hold& operator=(const hold&) = delete;
        ~hold() { w_.release(); }

    private:
        object_watcher& w_;
    };
    void release() {
        if (--users == 0) end(this);
    }
    /// Hears no more.
    void stop() {
        gone = true;
        added.reset();
        removed.reset();
        owner.reset();
        loss_watch::leave();
        bus_part::leave();
        sd_bus_slot_unref(take(asking));
        release();
    }

    /// Begins; negative: an errno. The matches come first, and are restored first on a new bus, so
    /// that nothing is missed between the list and what is announced.
    int begin() {
        lost = [](loss_watch& watch, const error&) {
            auto& w = static_cast<object_watcher&>(watch);
            sd_bus_slot_unref(take(w.asking));
            w.forget_all();
        };
        restore = [](bus_part& part) { return static_cast<object_watcher&>(part).ask(); };
        bus_part::enter(bus->parts); // before the matches: the newest is restored first
        if (sensitive) hide_property_signals();
        int r = watch_loss(*bus, *this);
        if (r >= 0) r = added.install();
        if (r >= 0) r = removed.install();
        if (r >= 0 && owner) r = owner.install();
        return r < 0 ? r : ask();
    }

    /// Asks the manager for its list; does not start its service.
    int ask() {
        sd_bus_slot_unref(take(asking));
        sd_bus_message* m = nullptr;
        int r = sd_bus_message_new_method_call(bus->bus, &m,
                                               service.empty() ? nullptr : service.c_str(),
                                               root.c_str(), manager, "GetManagedObjects");
        if (r >= 0) r = sd_bus_message_set_auto_start(m, 0);
        if (r >= 0) r = sd_bus_call_async(bus->bus, &asking, m, &answered, this, 0);
        if (r >= 0 && tracing) trace("sends", m, false);
        foreign_loop::interest_changed(bus->bus);
        sd_bus_message_unref(m);
        return r;
    }

    void owner_changed(std::string_view before, std::string_view now) {
        const hold here{*this};
        if (!before.empty()) forget_all();
        if (now.empty() || is_over()) return;
        if (const int r = ask(); r < 0) report(call_error(names(), r, nullptr));
    }

    /// InterfacesAdded.
    void hear_added(sd_bus_message* m) {
        unreadable = 0;
        copying = false;
        const char* path = nullptr;
        int r = sd_bus_message_read_basic(m, 'o', &path);
        if (r > 0) r = hear_interfaces(m, path, true);
        if (r < 0) report_malformed(r, m);
    }
    /// InterfacesRemoved.
    void hear_removed(sd_bus_message* m) {
        const char *path = nullptr, *name = nullptr;
        int r = sd_bus_message_read_basic(m, 'o', &path);
        if (r > 0) r = sd_bus_message_enter_container(m, 'a', "s");
        while (r > 0 && !is_over() && (r = sd_bus_message_read_basic(m, 's', &name)) > 0)
            if (std::strcmp(name, interface) == 0) forget(path);
        if (r < 0) report_malformed(r, m);
    }

private:
    call_names names() const {
        return {manager, "GetManagedObjects", service.empty() ? nullptr : service.c_str(),
                root.c_str()};
    }

    static int answered(sd_bus_message* m, void* userdata, sd_bus_error*) {
        auto& w = *static_cast<object_watcher*>(userdata);
        const hold here{w};
        sd_bus_slot_unref(take(w.asking));
        if (tracing) trace("receives", m, w.sensitive);
        if (const sd_bus_error* e = sd_bus_message_get_error(m)) w.refused(*e);
        else if (const char* got = sd_bus_message_get_signature(m, 1);
                 !codec::is_signature(got, list_signature))
            report(error::format(SD_BUS_ERROR_INVALID_SIGNATURE, EBADMSG,
                                 "the objects below %s are listed with the signature \"%s\" where "
                                 "\"%s\" is declared",
                                 w.root.c_str(), got, list_signature));
        else if (const int r = w.hear_list(m); r < 0) report(call_error(w.names(), r, nullptr));
        return 1;
    }
    void refused(const sd_bus_error& e) const {
        // A service that is not there will be heard of; so will a bus that is lost.
        const error why{e.name, e.message ? e.message : ""};
        if (why.is<SD_BUS_ERROR_SERVICE_UNKNOWN>() || why.is<SD_BUS_ERROR_NAME_HAS_NO_OWNER>() ||
            sd_bus_is_open(bus->bus) <= 0)
            return;
        report(call_error(names(), 0, &e));
    }

    /// a{oa{sa{sv}}}. Behind properties of other types than the callback's the place in the list is
    /// lost: it is begun anew, and what comes from there on is read from copies.
    int hear_list(sd_bus_message* m) {
        unreadable = 0;
        copying = false;
        int r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        for (std::size_t at = 1; r > 0 && !is_over(); ++at) {
            const char* path = nullptr;
            if ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) <= 0 ||
                (r = sd_bus_message_read_basic(m, 'o', &path)) <= 0)
                break;
            r = hear_interfaces(m, path, false);
            if (r > 0) r = sd_bus_message_exit_container(m);
            if (r != 0 || is_over()) continue;
            if (std::exchange(copying, true)) { // what cannot even be copied
                report(error::failed("objects are left out from here on")
                           .during("listing those of %s", root.c_str()));
                break;
            }
            if ((r = sd_bus_message_rewind(m, 1)) >= 0)
                r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
            for (std::size_t skipped = 0; r > 0 && skipped < at; ++skipped)
                r = sd_bus_message_skip(m, "{oa{sa{sv}}}");
            if (r >= 0) r = 1;
        }
        if (unreadable > most_told && !is_over())
            report(error::format(SD_BUS_ERROR_FAILED, 0, "%u more objects have other properties",
                                 unreadable - most_told)
                       .during("listing those of %s", root.c_str()));
        return r;
    }

    /// a{sa{sv}}. 0: the properties could not be read, or nobody wants to hear more.
    int hear_interfaces(sd_bus_message* m, const char* path, bool announced) {
        bool found = false;
        int r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        while (r > 0 && (r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
            const char* name = nullptr;
            if ((r = sd_bus_message_read_basic(m, 's', &name)) <= 0) break;
            const bool wanted = !found && std::strcmp(name, interface) == 0;
            // What is announced once more has other properties now.
            if (wanted && announced) forget(path);
            if (is_over()) return 0;
            if (wanted && !known.contains(std::string_view{path})) {
                found = true;
                if (!tell(path, m) || is_over()) return 0;
            } else if ((r = sd_bus_message_skip(m, "a{sv}")) < 0) {
                break;
            }
            r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
    }

    // False: the place in the message is lost, or nobody wants to hear more.
    bool tell(const char* path, sd_bus_message* m) {
        if (!copying) return tell_from(path, m);
        sd_bus_message* copy = nullptr; // of any kind: it is only read
        int r = sd_bus_message_new_signal(bus->bus, &copy, "/", manager, "Copy");
        if (r >= 0) r = sd_bus_message_copy(copy, m, 0);
        if (r >= 0) r = sd_bus_message_seal(copy, 1, 0);
        if (r >= 0) tell_from(path, copy);
        else unread(error::from_errno(r).during("the properties of %s", path));
        sd_bus_message_unref(copy);
        return r >= 0;
    }
    bool tell_from(const char* path, sd_bus_message* m) {
        const auto place = known.emplace(path).first;
        if (tell_added(*this, object_path_view::trusted(path), m)) return true;
        known.erase(place);
        return false;
    }
    void forget(std::string_view path) {
        const auto found = known.find(path);
        if (found == known.end()) return;
        const auto gone_one = known.extract(found);
        tell_removed(*this, object_path_view::trusted(gone_one.value().c_str()));
    }
    void forget_all() {
        const hold here{*this};
        while (!known.empty() && !is_over()) {
            const auto first = known.extract(known.begin());
            tell_removed(*this, object_path_view::trusted(first.value().c_str()));
        }
    }
};

/// Hears InterfacesAdded or InterfacesRemoved for it.
struct object_listener : listener {
    object_watcher& of;
    void (object_watcher::*hears)(sd_bus_message*);

    object_listener(object_watcher& w, void (object_watcher::*f)(sd_bus_message*))
        : of{w}, hears{f} {
        end = [](listener* l) { delete static_cast<object_listener*>(l); };
        call = [](sd_bus_message* m, void* userdata, sd_bus_error*) {
            auto& l = *static_cast<object_listener*>(static_cast<listener*>(userdata));
            if (!l.bus->open) return 0; // an earlier callback has closed it
            if (!codec::is_signature(sd_bus_message_get_signature(m, 1), l.signature))
                return report_unfit(l, m);
            if (watcher && !l.watched) return hear_watched(l, m);
            ++l.users;
            {
                const object_watcher::hold here{l.of};
                (l.of.*l.hears)(m);
            }
            l.release();
            return 0;
        };
    }
};

} // namespace ctbus::detail
