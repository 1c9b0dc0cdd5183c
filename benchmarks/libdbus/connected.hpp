// libdbus: a service's and a client's connection: to each other, or to a bus.
#pragma once

#include "../data.hpp"
#include "../private_bus.hpp"
#include "../scenarios.hpp"

#include <dbus/dbus.h>

#include <poll.h>
#include <string>
#include <unistd.h>

namespace bench {

/// Ends the program where a call of libdbus has set an error.
class libdbus_error {
public:
    libdbus_error() { dbus_error_init(&error_); }
    libdbus_error(const libdbus_error&) = delete;
    libdbus_error& operator=(const libdbus_error&) = delete;
    ~libdbus_error() {
        if (dbus_error_is_set(&error_)) give_up(error_.message, -EIO);
    }
    operator DBusError*() { return &error_; }

private:
    DBusError error_;
};

struct libdbus_ends {
    DBusConnection* service = nullptr;
    DBusConnection* client = nullptr;

    explicit libdbus_ends(transport t) {
        dbus_threads_init_default();
        if (t == transport::direct) pair_up();
        else {
            for (DBusConnection** c : {&service, &client}) {
                *c = dbus_connection_open_private(bus_address(t).c_str(), libdbus_error{});
                dbus_connection_set_exit_on_disconnect(*c, FALSE);
                dbus_bus_register(*c, libdbus_error{});
            }
        }
    }
    libdbus_ends(const libdbus_ends&) = delete;
    libdbus_ends& operator=(const libdbus_ends&) = delete;
    ~libdbus_ends() {
        for (DBusConnection* c : {client, service}) {
            dbus_connection_close(c);
            dbus_connection_unref(c);
        }
    }

private:
    // A server, until it has its one peer: libdbus has no socket pairs. Its watch is the listening
    // socket, and all that is to be done is to handle it once.
    void pair_up() {
        static int number = 0;
        const std::string address = "unix:abstract=ctbus-benchmarks-" + std::to_string(::getpid()) +
                                    "-libdbus-" + std::to_string(++number);
        DBusServer* server = dbus_server_listen(address.c_str(), libdbus_error{});
        dbus_server_set_new_connection_function(
            server,
            [](DBusServer*, DBusConnection* peer, void* self) {
                static_cast<libdbus_ends*>(self)->service = dbus_connection_ref(peer);
            },
            this, nullptr);
        DBusWatch* listening = nullptr;
        dbus_server_set_watch_functions(
            server,
            [](DBusWatch* watch, void* place) -> dbus_bool_t {
                *static_cast<DBusWatch**>(place) = watch;
                return TRUE;
            },
            [](DBusWatch*, void*) {}, nullptr, &listening, nullptr);
        client = dbus_connection_open_private(address.c_str(), libdbus_error{});
        dbus_watch_handle(listening, DBUS_WATCH_READABLE);
        // Who is who, which both sides ask at first.
        while (!dbus_connection_get_is_authenticated(service) ||
               !dbus_connection_get_is_authenticated(client))
            for (DBusConnection* c : {client, service}) dbus_connection_read_write(c, 1);
        dbus_server_disconnect(server);
        dbus_server_unref(server);
    }
};

/// Handles messages, and sleeps in between, until `done()`.
void process_until(DBusConnection* c, auto done) {
    while (!done()) dbus_connection_read_write_dispatch(c, -1);
}

/// Serves an object until `stopped`.
inline void serve_libdbus(DBusConnection* bus, bool has_names, DBusHandleMessageFunction handle,
                          void* userdata, const bool& stopped, const std::function<void()>& ready) {
    const DBusObjectPathVTable vtable{nullptr, handle, nullptr, nullptr, nullptr, nullptr};
    dbus_connection_register_object_path(bus, path, &vtable, userdata);
    if (has_names)
        dbus_bus_request_name(bus, service_name, DBUS_NAME_FLAG_DO_NOT_QUEUE, libdbus_error{});
    ready();
    process_until(bus, [&] { return stopped; });
    dbus_connection_flush(bus);
}

/// Sends a call, waits, and gives the reply; takes over the call.
inline DBusMessage* answer(DBusConnection* bus, DBusMessage* call) {
    DBusMessage* reply = dbus_connection_send_with_reply_and_block(bus, call, -1, libdbus_error{});
    dbus_message_unref(call);
    return reply;
}

} // namespace bench
