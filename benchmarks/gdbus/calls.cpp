// GDBus: a client and a service, and signals.
#include "connected.hpp"

#include <cstring>
#include <string>

namespace {

using bench::interface;
using bench::path;
using bench::properties_interface;
using bench::transport;

// ---- the service ----

constexpr char members[] = R"(
<method name='Twice'><arg type='i' direction='in'/><arg type='i' direction='out'/></method>
<method name='Note'><arg type='i' direction='in'/>
 <annotation name='org.freedesktop.DBus.Method.NoReply' value='true'/></method>
<method name='Stop'/>
<property name='Level' type='i' access='readwrite'/>
<property name='P1' type='i' access='read'/><property name='P2' type='i' access='read'/>
<property name='P3' type='i' access='read'/><property name='P4' type='i' access='read'/>
<property name='P5' type='i' access='read'/><property name='P6' type='i' access='read'/>
<property name='P7' type='i' access='read'/><property name='P8' type='i' access='read'/>
<property name='P9' type='i' access='read'/>
<signal name='Changed'><arg type='i'/><arg type='s'/></signal>)";

struct served {
    GMainLoop* loop = nullptr;
    std::int32_t level = 7, noted = 0;
    std::int32_t others[bench::further_properties] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
};

void on_call(GDBusConnection*, const char*, const char*, const char*, const char* method,
             GVariant* arguments, GDBusMethodInvocation* call, gpointer userdata) {
    served& s = *static_cast<served*>(userdata);
    std::int32_t n = 0;
    if (std::strcmp(method, "Twice") == 0) {
        g_variant_get(arguments, "(i)", &n);
        g_dbus_method_invocation_return_value(call, g_variant_new("(i)", 2 * n));
    } else if (std::strcmp(method, "Note") == 0) {
        g_variant_get(arguments, "(i)", &s.noted);
        g_dbus_method_invocation_return_value(call, nullptr); // sends nothing if nobody waits
    } else {
        g_dbus_method_invocation_return_value(call, nullptr);
        g_main_loop_quit(s.loop);
    }
}
GVariant* on_get(GDBusConnection*, const char*, const char*, const char*, const char* name,
                 GError**, gpointer userdata) {
    const served& s = *static_cast<served*>(userdata);
    return g_variant_new_int32(std::strcmp(name, "Level") == 0 ? s.level : s.others[name[1] - '1']);
}
gboolean on_set(GDBusConnection*, const char*, const char*, const char*, const char*,
                GVariant* value, GError**, gpointer userdata) {
    static_cast<served*>(userdata)->level = g_variant_get_int32(value);
    return TRUE;
}
const GDBusInterfaceVTable vtable{on_call, on_get, on_set, {}};

// ---- the client ----

class peers {
public:
    explicit peers(transport t)
        : transport_{t}, ends_{t}, service_{[this](const auto& ready) { serve(ready); }} {}
    ~peers() { g_variant_unref(call(interface, "Stop", nullptr, "()")); }

    void round_trip() { take_twice(call(interface, "Twice", g_variant_new("(i)", 21), "(i)")); }

    void in_flight(int calls) {
        left_ = calls;
        for (int i = 0; i < calls; ++i)
            g_dbus_connection_call(
                ends_.client, destination(), path, interface, "Twice", g_variant_new("(i)", 21),
                G_VARIANT_TYPE("(i)"), G_DBUS_CALL_FLAGS_NONE, -1, nullptr,
                [](GObject* bus, GAsyncResult* result, gpointer self) {
                    take_twice(g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
                                                             bench::glib_error{}));
                    --static_cast<peers*>(self)->left_;
                },
                this);
        while (left_ != 0) g_main_context_iteration(nullptr, TRUE);
    }

    void one_way(int calls) {
        for (int i = 0; i < calls; ++i) // without a callback, no reply is expected
            g_dbus_connection_call(ends_.client, destination(), path, interface, "Note",
                                   g_variant_new("(i)", i), nullptr, G_DBUS_CALL_FLAGS_NONE, -1,
                                   nullptr, nullptr, nullptr);
        round_trip();
    }

    void get() {
        GVariant* reply =
            call(properties_interface, "Get", g_variant_new("(ss)", interface, "Level"), "(v)");
        GVariant* value = nullptr;
        g_variant_get(reply, "(v)", &value);
        const std::int32_t level = g_variant_get_int32(value);
        g_variant_unref(value);
        g_variant_unref(reply);
        bench::keep(level);
    }
    void get_all() {
        GVariant* reply =
            call(properties_interface, "GetAll", g_variant_new("(s)", interface), "(a{sv})");
        bench::dictionary all;
        GVariantIter* iter = nullptr;
        const char* key = nullptr;
        GVariant* value = nullptr;
        g_variant_get(reply, "(a{sv})", &iter);
        while (g_variant_iter_next(iter, "{&sv}", &key, &value)) {
            all.insert_or_assign(key, g_variant_get_int32(value));
            g_variant_unref(value);
        }
        g_variant_iter_free(iter);
        g_variant_unref(reply);
        bench::must(all.size() == 10, "GetAll");
    }
    void set() {
        g_variant_unref(call(properties_interface, "Set",
                             g_variant_new("(ssv)", interface, "Level", g_variant_new_int32(9)),
                             "()"));
    }
    void introspect() {
        GVariant* reply = call(bench::introspectable_interface, "Introspect", nullptr, "(s)");
        const char* xml = nullptr;
        g_variant_get(reply, "(&s)", &xml);
        const std::string copy = xml;
        g_variant_unref(reply);
        bench::must(copy.size() > 500, "Introspect");
    }

private:
    void serve(const std::function<void()>& ready) {
        served s;
        const bench::gdbus_interface described{members};
        bench::serve_gdbus(
            ends_.service, transport_,
            [&](GMainLoop* loop) {
                s.loop = loop;
                return g_dbus_connection_register_object(ends_.service, path, described.get(),
                                                         &vtable, &s, nullptr, bench::glib_error{});
            },
            ready);
    }
    const char* destination() const {
        return transport_ == transport::direct ? nullptr : bench::service_name;
    }
    GVariant* call(const char* of, const char* member, GVariant* arguments, const char* reply) {
        return bench::call_gdbus(ends_.client, transport_, of, member, arguments, reply);
    }
    static void take_twice(GVariant* reply) {
        std::int32_t twice = 0;
        g_variant_get(reply, "(i)", &twice);
        g_variant_unref(reply);
        bench::must(twice == 42, "Twice");
    }

    transport transport_;
    bench::gdbus_ends ends_;
    bench::service_thread service_;
    int left_ = 0;
};

// ---- signals ----

class signals {
public:
    signals(transport t, int subscribers) : ends_{t}, subscribers_{subscribers} {
        const char* sender =
            t == transport::direct ? nullptr : g_dbus_connection_get_unique_name(ends_.service);
        for (int i = 0; i < subscribers; ++i)
            g_dbus_connection_signal_subscribe(ends_.client, sender, interface, "Changed", path,
                                               nullptr, G_DBUS_SIGNAL_FLAGS_NONE, take_signal, this,
                                               nullptr);
        if (t == transport::direct) return;
        GVariant* reply = g_dbus_connection_call_sync( // once it answers, it knows of the matches
            ends_.client, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "GetId", nullptr, nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, bench::glib_error{});
        g_variant_unref(reply);
    }

    void emit_and_receive() {
        taken_ = 0;
        g_dbus_connection_emit_signal(ends_.service, nullptr, path, interface, "Changed",
                                      g_variant_new("(is)", 5, "some text"), bench::glib_error{});
        while (taken_ != subscribers_) g_main_context_iteration(nullptr, TRUE);
    }

private:
    static void take_signal(GDBusConnection*, const char*, const char*, const char*, const char*,
                            GVariant* arguments, gpointer self) {
        std::int32_t number = 0;
        const char* word = nullptr;
        g_variant_get(arguments, "(i&s)", &number, &word);
        bench::keep(word);
        ++static_cast<signals*>(self)->taken_;
    }

    bench::gdbus_ends ends_;
    int subscribers_;
    int taken_ = 0;
};

constexpr auto all = {transport::direct, transport::daemon, transport::broker};
[[maybe_unused]] const bool added[] = {
    bench::add_calls<peers>("gdbus", all),
    bench::add_signals<signals>("gdbus", {transport::direct, transport::daemon}),
};

} // namespace
