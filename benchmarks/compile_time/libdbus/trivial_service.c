// A service of one method, with libdbus.
#include <dbus/dbus.h>
#include <stdio.h>

static DBusHandlerResult handle(DBusConnection* bus, DBusMessage* m, void* userdata) {
    double a, b;
    (void)userdata;
    if (!dbus_message_is_method_call(m, "org.example.Adder", "Add"))
        return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
    DBusError error = DBUS_ERROR_INIT;
    DBusMessage* reply;
    if (dbus_message_get_args(m, &error, DBUS_TYPE_DOUBLE, &a, DBUS_TYPE_DOUBLE, &b,
                              DBUS_TYPE_INVALID)) {
        const double sum = a + b;
        reply = dbus_message_new_method_return(m);
        if (reply) dbus_message_append_args(reply, DBUS_TYPE_DOUBLE, &sum, DBUS_TYPE_INVALID);
    } else {
        reply = dbus_message_new_error(m, error.name, error.message);
        dbus_error_free(&error);
    }
    if (!reply || !dbus_connection_send(bus, reply, NULL)) return DBUS_HANDLER_RESULT_NEED_MEMORY;
    dbus_message_unref(reply);
    return DBUS_HANDLER_RESULT_HANDLED;
}

static int failed(const char* what, const DBusError* error) {
    fprintf(stderr, "%s: %s\n", what, error->message);
    return 1;
}

int main(void) {
    const DBusObjectPathVTable vtable = {.message_function = handle};
    DBusError error = DBUS_ERROR_INIT;
    DBusConnection* bus = dbus_bus_get(DBUS_BUS_SESSION, &error);
    if (!bus) return failed("cannot open the session bus", &error);
    if (!dbus_connection_try_register_object_path(bus, "/org/example/adder", &vtable, NULL, &error))
        return failed("cannot export /org/example/adder", &error);
    if (dbus_bus_request_name(bus, "org.example.Adder", 0, &error) < 0)
        return failed("cannot get the name org.example.Adder", &error);
    while (dbus_connection_read_write_dispatch(bus, -1)) {
    }
}
