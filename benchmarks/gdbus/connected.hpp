// GDBus: a service in a thread of its own, and a client, connected to each other or to a bus.
#pragma once

#include "../data.hpp"
#include "../private_bus.hpp"
#include "../scenarios.hpp"

#include <gio/gio.h>
#include <gio/gunixconnection.h>

#include <cstdint>
#include <functional>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace bench {

/// Ends the program where a call of GLib has set an error.
class glib_error {
public:
    glib_error() = default;
    glib_error(const glib_error&) = delete;
    glib_error& operator=(const glib_error&) = delete;
    ~glib_error() {
        if (error_) give_up(error_->message, -EIO);
    }
    operator GError**() { return &error_; }

private:
    GError* error_ = nullptr;
};

inline GDBusConnection* connect_gdbus_peer(int fd) {
    constexpr auto flags = static_cast<GDBusConnectionFlags>(G_DBUS_CONNECTION_FLAGS_NONE);
    GSocket* socket = g_socket_new_from_fd(fd, glib_error{});
    GSocketConnection* stream = g_socket_connection_factory_create_connection(socket);
    GDBusConnection* made = g_dbus_connection_new_sync(G_IO_STREAM(stream), nullptr, flags, nullptr,
                                                       nullptr, glib_error{});
    g_object_unref(stream);
    g_object_unref(socket);
    return made;
}

inline GDBusConnection* connect_gdbus_bus(transport t) {
    return g_dbus_connection_new_for_address_sync(
        bus_address(t).c_str(),
        static_cast<GDBusConnectionFlags>(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
        nullptr, nullptr, glib_error{});
}

struct gdbus_ends {
    GDBusConnection* service = nullptr;
    GDBusConnection* client = nullptr;

    explicit gdbus_ends(transport t) {
        if (t == transport::direct) {
            int fds[2];
            if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                give_up("socketpair", -errno);
            // Without authentication: both ends may send at once.
            service = connect_gdbus_peer(fds[0]);
            client = connect_gdbus_peer(fds[1]);
        } else {
            service = connect_gdbus_bus(t);
            client = connect_gdbus_bus(t);
        }
        for (GDBusConnection* c : {service, client}) g_dbus_connection_set_exit_on_close(c, FALSE);
    }
    gdbus_ends(const gdbus_ends&) = delete;
    gdbus_ends& operator=(const gdbus_ends&) = delete;
    ~gdbus_ends() {
        for (GDBusConnection* c : {client, service}) {
            g_dbus_connection_close_sync(c, nullptr, nullptr);
            g_object_unref(c);
        }
    }
};

/// The description of an interface, as GDBus wants it.
class gdbus_interface {
public:
    explicit gdbus_interface(const std::string& members) {
        std::string xml = "<node><interface name='org.example.Interface'>";
        xml.append(members).append("</interface></node>");
        node_ = g_dbus_node_info_new_for_xml(xml.c_str(), glib_error{});
        g_dbus_interface_info_cache_build(get());
    }
    gdbus_interface(const gdbus_interface&) = delete;
    gdbus_interface& operator=(const gdbus_interface&) = delete;
    ~gdbus_interface() {
        g_dbus_interface_info_cache_release(get());
        g_dbus_node_info_unref(node_);
    }
    GDBusInterfaceInfo* get() const { return node_->interfaces[0]; }

private:
    GDBusNodeInfo* node_;
};

/// A loop in a thread of its own, whose context is that thread's default. `serve(loop)` exports
/// what is served, and returns a function that is called when the loop has ended.
inline void serve_gdbus(GDBusConnection* bus, transport t,
                        const std::function<guint(GMainLoop*)>& export_object,
                        const std::function<void()>& ready) {
    GMainContext* context = g_main_context_new();
    g_main_context_push_thread_default(context);
    GMainLoop* loop = g_main_loop_new(context, FALSE);
    const guint id = export_object(loop);
    if (t != transport::direct) {
        GVariant* reply = g_dbus_connection_call_sync(
            bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "RequestName", g_variant_new("(su)", service_name, 0u), nullptr, G_DBUS_CALL_FLAGS_NONE,
            -1, nullptr, glib_error{});
        g_variant_unref(reply);
    }
    ready();
    g_main_loop_run(loop);
    g_dbus_connection_flush_sync(bus, nullptr, nullptr);
    g_dbus_connection_unregister_object(bus, id);
    g_main_loop_unref(loop);
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);
}

/// Calls, waits, and gives the reply.
inline GVariant* call_gdbus(GDBusConnection* bus, transport t, const char* of, const char* member,
                            GVariant* arguments, const char* reply) {
    return g_dbus_connection_call_sync(bus, t == transport::direct ? nullptr : service_name, path,
                                       of, member, arguments, G_VARIANT_TYPE(reply),
                                       G_DBUS_CALL_FLAGS_NONE, -1, nullptr, glib_error{});
}

} // namespace bench
