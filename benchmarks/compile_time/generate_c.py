"""The services of N methods that generate.py writes, in C: plain sd-bus, GDBus and libdbus."""

NAME = "org.example.Many"
PATH = "/org/example/many"


def c(n):
    functions = [
        """    int32_t n;
    int r = sd_bus_message_read(m, "i", &n);
    if (r < 0) return r;
    return sd_bus_reply_method_return(m, "i", n + {i});""",
        """    double a, b;
    int r = sd_bus_message_read(m, "dd", &a, &b);
    if (r < 0) return r;
    return sd_bus_reply_method_return(m, "d", a + b * {i});""",
        """    const char* s;
    char* longer = NULL;
    int r = sd_bus_message_read(m, "s", &s);
    if (r < 0) return r;
    if (asprintf(&longer, "%s{i}", s) < 0) return -ENOMEM;
    r = sd_bus_reply_method_return(m, "s", longer);
    free(longer);
    return r;""",
        """    char** all = NULL;
    uint32_t n = {i};
    int r = sd_bus_message_read_strv(m, &all);
    if (r < 0) return r;
    for (char** s = all; s && *s; ++s) ++n, free(*s);
    free(all);
    return sd_bus_reply_method_return(m, "u", n);""",
        """    uint32_t n;
    const char* s;
    int r = sd_bus_message_read(m, "us", &n, &s);
    if (r < 0) return r;
    *(size_t*)userdata = n + strlen(s) + {i};
    return sd_bus_reply_method_return(m, NULL);"""]
    types = [("i", "i"), ("dd", "d"), ("s", "s"), ("as", "u"), ("us", "")]
    bodies = "\n\n".join(
        f"static int m{i}(sd_bus_message* m, void* userdata, sd_bus_error* error) {{\n"
        f"    (void)userdata, (void)error;\n{functions[i % 5].format(i=i)}\n}}" for i in range(n))
    rows = "\n".join('    SD_BUS_METHOD("Method{0}", "{1}", "{2}", m{0}, 0),'.format(
        i, *types[i % 5]) for i in range(n))
    return f"""#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

{bodies}

static const sd_bus_vtable rows[] = {{
    SD_BUS_VTABLE_START(0),
{rows}
    SD_BUS_VTABLE_END,
}};

static int failed(const char* what, int r) {{
    fprintf(stderr, "%s: %s\\n", what, strerror(-r));
    return 1;
}}

int main(void) {{
    sd_bus* bus = NULL;
    size_t last = 0;
    int r = sd_bus_open_user(&bus);
    if (r < 0) return failed("cannot open the session bus", r);
    r = sd_bus_add_object_vtable(bus, NULL, "{PATH}", "{NAME}", rows, &last);
    if (r < 0) return failed("cannot export {PATH}", r);
    r = sd_bus_request_name(bus, "{NAME}", 0);
    if (r < 0) return failed("cannot get the name {NAME}", r);
    for (;;) {{
        r = sd_bus_process(bus, NULL);
        if (r < 0) return failed("cannot process", r);
        if (r > 0) continue;
        r = sd_bus_wait(bus, UINT64_MAX);
        if (r < 0) return failed("cannot wait", r);
    }}
}}
"""


def gdbus(n):
    reads = ["""gint32 n;
        g_variant_get(arguments, "(i)", &n);
        reply = g_variant_new("(i)", n + {i});""",
             """double a, b;
        g_variant_get(arguments, "(dd)", &a, &b);
        reply = g_variant_new("(d)", a + b * {i});""",
             """const char* s;
        g_variant_get(arguments, "(&s)", &s);
        reply = g_variant_new("(@s)", g_variant_new_printf("%s{i}", s));""",
             """GVariant* all = g_variant_get_child_value(arguments, 0);
        reply = g_variant_new("(u)", (guint32)g_variant_n_children(all) + {i});
        g_variant_unref(all);""",
             """guint32 n;
        const char* s;
        g_variant_get(arguments, "(u&s)", &n, &s);
        last = n + strlen(s) + {i};"""]
    types = [("i", "i"), ("dd", "d"), ("s", "s"), (["as"], "u"), ("us", "")]

    def described(i):
        ins, outs = types[i % 5]
        arguments = "".join(f"<arg type='{t}' direction='in'/>" for t in ins)
        arguments += "".join(f"<arg type='{t}' direction='out'/>" for t in outs)
        return f"    \"<method name='Method{i}'>{arguments}</method>\""

    xml = "\n".join(described(i) for i in range(n))
    chain = " else ".join(f"if (strcmp(method, \"Method{i}\") == 0) {{\n"
                          f"        {reads[i % 5].format(i=i)}\n    }}" for i in range(n))
    return f"""#include <gio/gio.h>
#include <string.h>

static const char xml[] =
    "<node><interface name='{NAME}'>"
{xml}
    "</interface></node>";

static gsize last = 0;

static void on_call(GDBusConnection* bus, const char* sender, const char* path,
                    const char* interface, const char* method, GVariant* arguments,
                    GDBusMethodInvocation* call, gpointer userdata) {{
    GVariant* reply = NULL;
    {chain}
    g_dbus_method_invocation_return_value(call, reply);
}}
static const GDBusInterfaceVTable vtable = {{on_call, NULL, NULL, {{NULL}}}};

static void on_bus(GDBusConnection* bus, const char* name, gpointer node) {{
    GError* error = NULL;
    if (g_dbus_connection_register_object(bus, "{PATH}", ((GDBusNodeInfo*)node)->interfaces[0],
                                          &vtable, &last, NULL, &error) == 0)
        g_error("%s", error->message);
}}
static void on_lost(GDBusConnection* bus, const char* name, gpointer node) {{
    g_error("cannot get the name %s", name);
}}

int main(void) {{
    GDBusNodeInfo* node = g_dbus_node_info_new_for_xml(xml, NULL);
    g_bus_own_name(G_BUS_TYPE_SESSION, "{NAME}", G_BUS_NAME_OWNER_FLAGS_NONE, on_bus, NULL, on_lost,
                   node, NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
}}
"""


def libdbus(n):
    reads = [("dbus_int32_t n;", "DBUS_TYPE_INT32, &n",
              "n += {i};", "DBUS_TYPE_INT32, &n"),
             ("double a, b;", "DBUS_TYPE_DOUBLE, &a, DBUS_TYPE_DOUBLE, &b",
              "a += b * {i};", "DBUS_TYPE_DOUBLE, &a"),
             ("const char* s; char* longer;", "DBUS_TYPE_STRING, &s",
              "if (asprintf(&longer, \"%s{i}\", s) < 0) return -1;",
              "DBUS_TYPE_STRING, &longer"),
             ("char** all; int count; dbus_uint32_t n;",
              "DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &all, &count",
              "n = (dbus_uint32_t)count + {i}; dbus_free_string_array(all);",
              "DBUS_TYPE_UINT32, &n"),
             ("dbus_uint32_t n; const char* s;", "DBUS_TYPE_UINT32, &n, DBUS_TYPE_STRING, &s",
              "last = n + strlen(s) + {i};", "")]

    def branch(i):
        variables, ins, body, outs = reads[i % 5]
        outs = outs and f"dbus_message_append_args(reply, {outs}, DBUS_TYPE_INVALID);"
        after = "free(longer);" if i % 5 == 2 else ""
        return f"""if (strcmp(method, "Method{i}") == 0) {{
        {variables}
        if (!dbus_message_get_args(m, error, {ins}, DBUS_TYPE_INVALID)) return 0;
        {body.format(i=i)}
        {outs}
        {after}
    }}"""

    chain = " else ".join(branch(i) for i in range(n))
    return f"""#define _GNU_SOURCE
#include <dbus/dbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t last = 0;

static int answer(DBusMessage* m, DBusMessage* reply, DBusError* error) {{
    const char* method = dbus_message_get_member(m);
    {chain} else return -1;
    return 1;
}}

static DBusHandlerResult handle(DBusConnection* bus, DBusMessage* m, void* userdata) {{
    (void)userdata;
    if (dbus_message_get_type(m) != DBUS_MESSAGE_TYPE_METHOD_CALL ||
        !dbus_message_has_interface(m, "{NAME}"))
        return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
    DBusError error = DBUS_ERROR_INIT;
    DBusMessage* reply = dbus_message_new_method_return(m);
    if (!reply) return DBUS_HANDLER_RESULT_NEED_MEMORY;
    const int r = answer(m, reply, &error);
    if (r < 0) {{
        dbus_message_unref(reply);
        return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
    }}
    if (r == 0) {{
        dbus_message_unref(reply);
        reply = dbus_message_new_error(m, error.name, error.message);
        dbus_error_free(&error);
    }}
    dbus_connection_send(bus, reply, NULL);
    dbus_message_unref(reply);
    return DBUS_HANDLER_RESULT_HANDLED;
}}

static int failed(const char* what, const DBusError* error) {{
    fprintf(stderr, "%s: %s\\n", what, error->message);
    return 1;
}}

int main(void) {{
    const DBusObjectPathVTable vtable = {{.message_function = handle}};
    DBusError error = DBUS_ERROR_INIT;
    DBusConnection* bus = dbus_bus_get(DBUS_BUS_SESSION, &error);
    if (!bus) return failed("cannot open the session bus", &error);
    if (!dbus_connection_try_register_object_path(bus, "{PATH}", &vtable, NULL, &error))
        return failed("cannot export {PATH}", &error);
    if (dbus_bus_request_name(bus, "{NAME}", 0, &error) < 0)
        return failed("cannot get the name {NAME}", &error);
    while (dbus_connection_read_write_dispatch(bus, -1)) {{
    }}
}}
"""
