// libdbus: a client and a service, and signals.
#include "connected.hpp"

#include <cstring>
#include <string>
#include <vector>

namespace {

using bench::interface;
using bench::path;
using bench::properties_interface;
using bench::transport;

// ---- the service ----

struct served {
    std::int32_t level = 7, noted = 0;
    std::int32_t others[bench::further_properties] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    bool stopped = false;
};

constexpr char introspection[] = R"(<!DOCTYPE node PUBLIC
 "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node>
 <interface name="org.freedesktop.DBus.Introspectable">
  <method name="Introspect"><arg name="data" type="s" direction="out"/></method>
 </interface>
 <interface name="org.freedesktop.DBus.Properties">
  <method name="Get"><arg type="s" direction="in"/><arg type="s" direction="in"/>
   <arg type="v" direction="out"/></method>
  <method name="GetAll"><arg type="s" direction="in"/><arg type="a{sv}" direction="out"/></method>
  <method name="Set"><arg type="s" direction="in"/><arg type="s" direction="in"/>
   <arg type="v" direction="in"/></method>
 </interface>
 <interface name="org.example.Interface">
  <method name="Twice"><arg type="i" direction="in"/><arg type="i" direction="out"/></method>
  <method name="Note"><arg type="i" direction="in"/>
   <annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/></method>
  <method name="Stop"/>
  <property name="Level" type="i" access="readwrite"/>
  <property name="P1" type="i" access="read"/><property name="P2" type="i" access="read"/>
  <property name="P3" type="i" access="read"/><property name="P4" type="i" access="read"/>
  <property name="P5" type="i" access="read"/><property name="P6" type="i" access="read"/>
  <property name="P7" type="i" access="read"/><property name="P8" type="i" access="read"/>
  <property name="P9" type="i" access="read"/>
  <signal name="Changed"><arg type="i"/><arg type="s"/></signal>
 </interface>
</node>)";

void append_variant(DBusMessageIter* at, std::int32_t value) {
    DBusMessageIter inner;
    dbus_message_iter_open_container(at, 'v', "i", &inner);
    dbus_message_iter_append_basic(&inner, 'i', &value);
    dbus_message_iter_close_container(at, &inner);
}
std::int32_t read_variant(DBusMessageIter* at) {
    std::int32_t value = 0;
    DBusMessageIter inner;
    dbus_message_iter_recurse(at, &inner);
    dbus_message_iter_get_basic(&inner, &value);
    return value;
}

std::int32_t* property(served& s, const char* name) {
    if (std::strcmp(name, "Level") == 0) return &s.level;
    return name[0] == 'P' && name[1] > '0' && name[1] <= '9' ? &s.others[name[1] - '1'] : nullptr;
}

DBusMessage* get_all(DBusMessage* call, served& s) {
    DBusMessage* reply = dbus_message_new_method_return(call);
    DBusMessageIter at, array, entry;
    dbus_message_iter_init_append(reply, &at);
    dbus_message_iter_open_container(&at, 'a', "{sv}", &array);
    for (const char* name : {"Level", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9"}) {
        dbus_message_iter_open_container(&array, 'e', nullptr, &entry);
        dbus_message_iter_append_basic(&entry, 's', &name);
        append_variant(&entry, *property(s, name));
        dbus_message_iter_close_container(&array, &entry);
    }
    dbus_message_iter_close_container(&at, &array);
    return reply;
}

DBusMessage* get_or_set(DBusMessage* call, served& s, bool set) {
    DBusMessageIter at;
    const char *of = nullptr, *name = nullptr;
    dbus_message_iter_init(call, &at);
    dbus_message_iter_get_basic(&at, &of);
    dbus_message_iter_next(&at);
    dbus_message_iter_get_basic(&at, &name);
    dbus_message_iter_next(&at);
    std::int32_t* value = property(s, name);
    bench::must(value && std::strcmp(of, interface) == 0, "a property");
    if (set) *value = read_variant(&at);
    DBusMessage* reply = dbus_message_new_method_return(call);
    dbus_message_iter_init_append(reply, &at);
    if (!set) append_variant(&at, *value);
    return reply;
}

DBusHandlerResult handle(DBusConnection* bus, DBusMessage* m, void* userdata) {
    served& s = *static_cast<served*>(userdata);
    DBusMessage* reply = nullptr;
    std::int32_t n = 0;
    if (dbus_message_is_method_call(m, interface, "Twice")) {
        dbus_message_get_args(m, bench::libdbus_error{}, DBUS_TYPE_INT32, &n, DBUS_TYPE_INVALID);
        n *= 2;
        reply = dbus_message_new_method_return(m);
        dbus_message_append_args(reply, DBUS_TYPE_INT32, &n, DBUS_TYPE_INVALID);
    } else if (dbus_message_is_method_call(m, interface, "Note")) {
        dbus_message_get_args(m, bench::libdbus_error{}, DBUS_TYPE_INT32, &s.noted,
                              DBUS_TYPE_INVALID);
        return DBUS_HANDLER_RESULT_HANDLED;
    } else if (dbus_message_is_method_call(m, properties_interface, "Get")) {
        reply = get_or_set(m, s, false);
    } else if (dbus_message_is_method_call(m, properties_interface, "Set")) {
        reply = get_or_set(m, s, true);
    } else if (dbus_message_is_method_call(m, properties_interface, "GetAll")) {
        reply = get_all(m, s);
    } else if (dbus_message_is_method_call(m, bench::introspectable_interface, "Introspect")) {
        const char* xml = introspection;
        reply = dbus_message_new_method_return(m);
        dbus_message_append_args(reply, DBUS_TYPE_STRING, &xml, DBUS_TYPE_INVALID);
    } else if (dbus_message_is_method_call(m, interface, "Stop")) {
        s.stopped = true;
        reply = dbus_message_new_method_return(m);
    } else return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
    dbus_connection_send(bus, reply, nullptr);
    dbus_message_unref(reply);
    return DBUS_HANDLER_RESULT_HANDLED;
}

// ---- the client ----

class peers {
public:
    explicit peers(transport t)
        : ends_{t}, destination_{t == transport::direct ? nullptr : bench::service_name},
          service_{[this, t](const auto& ready) {
              served s;
              bench::serve_libdbus(ends_.service, t != transport::direct, handle, &s, s.stopped,
                                   ready);
          }} {}
    ~peers() { dbus_message_unref(answer(new_call(interface, "Stop"))); }

    void round_trip() {
        DBusMessage* reply = answer(new_twice());
        take_twice(reply);
        dbus_message_unref(reply);
    }
    void in_flight(int calls) {
        left_ = calls;
        for (int i = 0; i < calls; ++i) {
            DBusMessage* call = new_twice();
            DBusPendingCall* pending = nullptr;
            dbus_connection_send_with_reply(ends_.client, call, &pending, -1);
            dbus_message_unref(call);
            dbus_pending_call_set_notify(
                pending,
                [](DBusPendingCall* answered, void* self) {
                    DBusMessage* reply = dbus_pending_call_steal_reply(answered);
                    take_twice(reply);
                    dbus_message_unref(reply);
                    --static_cast<peers*>(self)->left_;
                },
                this, nullptr);
            dbus_pending_call_unref(pending);
        }
        bench::process_until(ends_.client, [this] { return left_ == 0; });
    }
    void one_way(int calls) {
        for (std::int32_t i = 0; i < calls; ++i) {
            DBusMessage* call = new_call(interface, "Note");
            dbus_message_set_no_reply(call, TRUE);
            dbus_message_append_args(call, DBUS_TYPE_INT32, &i, DBUS_TYPE_INVALID);
            dbus_connection_send(ends_.client, call, nullptr);
            dbus_message_unref(call);
        }
        round_trip();
    }
    void get() {
        DBusMessage* reply = answer(new_property_call("Get", "Level"));
        DBusMessageIter at;
        dbus_message_iter_init(reply, &at);
        const std::int32_t level = read_variant(&at);
        dbus_message_unref(reply);
        bench::keep(level);
    }
    void get_all() {
        DBusMessage* reply = answer(new_property_call("GetAll", nullptr));
        bench::dictionary all;
        DBusMessageIter at, array;
        dbus_message_iter_init(reply, &at);
        dbus_message_iter_recurse(&at, &array);
        while (dbus_message_iter_get_arg_type(&array) == 'e') {
            DBusMessageIter entry;
            const char* key = nullptr;
            dbus_message_iter_recurse(&array, &entry);
            dbus_message_iter_get_basic(&entry, &key);
            dbus_message_iter_next(&entry);
            all.insert_or_assign(key, read_variant(&entry));
            dbus_message_iter_next(&array);
        }
        dbus_message_unref(reply);
        bench::must(all.size() == 10, "GetAll");
    }
    void set() {
        DBusMessage* call = new_property_call("Set", "Level");
        DBusMessageIter at;
        dbus_message_iter_init_append(call, &at);
        append_variant(&at, 9);
        dbus_message_unref(answer(call));
    }
    void introspect() {
        DBusMessage* reply = answer(new_call(bench::introspectable_interface, "Introspect"));
        const char* xml = nullptr;
        dbus_message_get_args(reply, bench::libdbus_error{}, DBUS_TYPE_STRING, &xml,
                              DBUS_TYPE_INVALID);
        const std::string copy = xml;
        dbus_message_unref(reply);
        bench::must(copy.size() > 500, "Introspect");
    }

private:
    DBusMessage* new_call(const char* of, const char* member) {
        return dbus_message_new_method_call(destination_, path, of, member);
    }
    DBusMessage* new_twice() {
        const std::int32_t n = 21;
        DBusMessage* call = new_call(interface, "Twice");
        dbus_message_append_args(call, DBUS_TYPE_INT32, &n, DBUS_TYPE_INVALID);
        return call;
    }
    DBusMessage* new_property_call(const char* member, const char* property) {
        DBusMessage* call = new_call(properties_interface, member);
        const char* of = interface;
        dbus_message_append_args(call, DBUS_TYPE_STRING, &of, DBUS_TYPE_INVALID);
        if (property)
            dbus_message_append_args(call, DBUS_TYPE_STRING, &property, DBUS_TYPE_INVALID);
        return call;
    }
    DBusMessage* answer(DBusMessage* call) { return bench::answer(ends_.client, call); }
    static void take_twice(DBusMessage* reply) {
        std::int32_t twice = 0;
        dbus_message_get_args(reply, bench::libdbus_error{}, DBUS_TYPE_INT32, &twice,
                              DBUS_TYPE_INVALID);
        bench::must(twice == 42, "Twice");
    }

    bench::libdbus_ends ends_;
    const char* destination_;
    bench::service_thread service_;
    int left_ = 0;
};

// A subscriber is a filter.
class signals {
public:
    signals(transport t, int subscribers) : ends_{t}, subscribers_{subscribers} {
        if (t != transport::direct)
            dbus_bus_add_match(ends_.client,
                               "type='signal',path='/org/example/Object',interface='org.example."
                               "Interface',member='Changed'",
                               bench::libdbus_error{});
        for (int i = 0; i < subscribers; ++i)
            dbus_connection_add_filter(ends_.client, take_signal, this, nullptr);
    }

    void emit_and_receive() {
        const std::int32_t number = 5;
        const char* word = "some text";
        DBusMessage* m = dbus_message_new_signal(path, interface, "Changed");
        dbus_message_append_args(m, DBUS_TYPE_INT32, &number, DBUS_TYPE_STRING, &word,
                                 DBUS_TYPE_INVALID);
        dbus_connection_send(ends_.service, m, nullptr);
        dbus_connection_flush(ends_.service);
        dbus_message_unref(m);
        taken_ = 0;
        bench::process_until(ends_.client, [this] { return taken_ == subscribers_; });
    }

private:
    static DBusHandlerResult take_signal(DBusConnection*, DBusMessage* m, void* self) {
        if (!dbus_message_is_signal(m, interface, "Changed") || !dbus_message_has_path(m, path))
            return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
        std::int32_t number = 0;
        const char* word = nullptr;
        dbus_message_get_args(m, bench::libdbus_error{}, DBUS_TYPE_INT32, &number, DBUS_TYPE_STRING,
                              &word, DBUS_TYPE_INVALID);
        bench::keep(word);
        ++static_cast<signals*>(self)->taken_;
        return DBUS_HANDLER_RESULT_NOT_YET_HANDLED; // others hear it too
    }

    bench::libdbus_ends ends_;
    int subscribers_;
    int taken_ = 0;
};

constexpr auto all = {transport::direct, transport::daemon, transport::broker};
[[maybe_unused]] const bool added[] = {
    bench::add_calls<peers>("libdbus", all),
    bench::add_signals<signals>("libdbus", {transport::direct, transport::daemon}),
};

} // namespace
