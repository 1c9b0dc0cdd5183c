// A service of one method, with GDBus.
#include <gio/gio.h>

static const char xml[] =
    "<node><interface name='org.example.Adder'><method name='Add'>"
    "<arg type='d' direction='in'/><arg type='d' direction='in'/><arg type='d' direction='out'/>"
    "</method></interface></node>";

static void on_call(GDBusConnection* bus, const char* sender, const char* path,
                    const char* interface, const char* method, GVariant* arguments,
                    GDBusMethodInvocation* call, gpointer userdata) {
    double a, b;
    g_variant_get(arguments, "(dd)", &a, &b);
    g_dbus_method_invocation_return_value(call, g_variant_new("(d)", a + b));
}
static const GDBusInterfaceVTable vtable = {on_call, NULL, NULL, {NULL}};

static void on_bus(GDBusConnection* bus, const char* name, gpointer node) {
    GError* error = NULL;
    if (g_dbus_connection_register_object(bus, "/org/example/adder",
                                          ((GDBusNodeInfo*)node)->interfaces[0], &vtable, NULL,
                                          NULL, &error) == 0)
        g_error("%s", error->message);
}
static void on_lost(GDBusConnection* bus, const char* name, gpointer node) {
    g_error("cannot get the name %s", name);
}

int main(void) {
    GDBusNodeInfo* node = g_dbus_node_info_new_for_xml(xml, NULL);
    g_bus_own_name(G_BUS_TYPE_SESSION, "org.example.Adder", G_BUS_NAME_OWNER_FLAGS_NONE, on_bus,
                   NULL, on_lost, node, NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
