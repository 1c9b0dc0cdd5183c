// The calculator of ctbus's README, with GDBus.
#include <gio/gio.h>
#include <math.h>
#include <string.h>

#define PATH "/org/example/calculator"
#define INTERFACE "org.example.Calculator"

static const char xml[] =
    "<node><interface name='" INTERFACE "'><method name='Add'>"
    "<arg name='a' type='d' direction='in'/><arg name='b' type='d' direction='in'/>"
    "<arg name='sum' type='d' direction='out'/></method>"
    "<method name='DivMod'><arg type='i' direction='in'/><arg type='i' direction='in'/>"
    "<arg type='i' direction='out'/><arg type='i' direction='out'/></method>"
    "<method name='Reset'><annotation name='org.freedesktop.DBus.Method.NoReply' value='true'/>"
    "</method><property name='Precision' type='u' access='readwrite'/>"
    "<signal name='Overflowed'><arg name='operation' type='s'/><arg name='value' type='d'/>"
    "</signal></interface></node>";

static guint precision = 2;

static void on_call(GDBusConnection* bus, const char* sender, const char* path,
                    const char* interface, const char* method, GVariant* arguments,
                    GDBusMethodInvocation* call, gpointer userdata) {
    if (strcmp(method, "Add") == 0) {
        double a, b;
        g_variant_get(arguments, "(dd)", &a, &b);
        if (isinf(a + b))
            g_dbus_connection_emit_signal(bus, NULL, PATH, INTERFACE, "Overflowed",
                                          g_variant_new("(sd)", "Add", a + b), NULL);
        g_dbus_method_invocation_return_value(call, g_variant_new("(d)", a + b));
    } else if (strcmp(method, "DivMod") == 0) {
        gint32 n, d;
        g_variant_get(arguments, "(ii)", &n, &d);
        if (d == 0)
            g_dbus_method_invocation_return_dbus_error(call, INTERFACE ".DividedByZero",
                                                       "the divisor is 0");
        else g_dbus_method_invocation_return_value(call, g_variant_new("(ii)", n / d, n % d));
    } else {
        precision = 2;
        g_dbus_method_invocation_return_value(call, NULL);
    }
}
static GVariant* on_get(GDBusConnection* bus, const char* sender, const char* path,
                        const char* interface, const char* name, GError** error,
                        gpointer userdata) {
    return g_variant_new_uint32(precision);
}
static gboolean on_set(GDBusConnection* bus, const char* sender, const char* path,
                       const char* interface, const char* name, GVariant* value, GError** error,
                       gpointer userdata) {
    GVariantBuilder changed;
    precision = g_variant_get_uint32(value);
    g_variant_builder_init(&changed, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&changed, "{sv}", "Precision", value);
    return g_dbus_connection_emit_signal(
        bus, NULL, PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
        g_variant_new("(sa{sv}as)", INTERFACE, &changed, NULL), error);
}
static const GDBusInterfaceVTable vtable = {on_call, on_get, on_set, {NULL}};

static void on_bus(GDBusConnection* bus, const char* name, gpointer node) {
    GError* error = NULL;
    if (g_dbus_connection_register_object(bus, PATH, ((GDBusNodeInfo*)node)->interfaces[0], &vtable,
                                          NULL, NULL, &error) == 0)
        g_error("%s", error->message);
}
static void on_lost(GDBusConnection* bus, const char* name, gpointer node) {
    g_error("cannot get the name %s", name);
}

int main(void) {
    GDBusNodeInfo* node = g_dbus_node_info_new_for_xml(xml, NULL);
    g_bus_own_name(G_BUS_TYPE_SESSION, INTERFACE, G_BUS_NAME_OWNER_FLAGS_NONE, on_bus, NULL,
                   on_lost, node, NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
