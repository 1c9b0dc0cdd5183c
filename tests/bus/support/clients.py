"""What GLib's own D-Bus client sees of types_service."""
from gi.repository import Gio, GLib

from support.calls import V, complete_types, type_length
from support.service import NAME

PATHS = [
    "/org/ctbus/types",
    "/org/ctbus/calls",
    "/org/ctbus/properties",
    "/org/ctbus/failing",
    "/org/ctbus/signals",
    "/org/ctbus/tree",
]
OWN = ("org.freedesktop.",)  # interfaces that sd-bus serves


def session():
    """A connection of its own."""
    return Gio.DBusConnection.new_for_address_sync(
        Gio.dbus_address_get_for_bus_sync(Gio.BusType.SESSION, None),
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
        None,
        None,
    )


def introspect(bus, path, name=NAME):
    """The XML that an object describes itself with."""
    return bus.call_sync(
        name,
        path,
        "org.freedesktop.DBus.Introspectable",
        "Introspect",
        None,
        GLib.VariantType("(s)"),
        Gio.DBusCallFlags.NONE,
        10_000,
        None,
    ).unpack()[0]


def all_methods():
    """interface.method of all that can be called, the hidden one too."""
    bus = session()
    found = {"org.ctbus.Calls.Hidden", "org.ctbus.Leaf.Ping"}
    for path in PATHS:
        for interface in Gio.DBusNodeInfo.new_for_xml(introspect(bus, path)).interfaces:
            if not interface.name.startswith(OWN):
                found |= {interface.name + "." + method.name for method in interface.methods}
    return found


def quoted(text):
    out = ""
    for c in text:
        if c in "\\'":
            out += "\\" + c
        elif c < " " or c == "\x7f":
            out += "\\u%04x" % ord(c)
        else:
            out += c
    return "'" + out + "'"


def body_text(signature, value):
    if signature == "v":
        return "<" + gvariant_text(*value) + ">"
    if signature[0] == "(":
        fields = [body_text(t, v) for t, v in zip(complete_types(signature[1:-1]), value)]
        return "(" + ", ".join(fields) + ("," if len(fields) == 1 else "") + ")"
    if signature[:2] == "a{":
        key = 2 + type_length(signature[2:])
        return (
            "{"
            + ", ".join(
                body_text(signature[2:key], k) + ": " + body_text(signature[key:-1], v)
                for k, v in value
            )
            + "}"
        )
    if signature[0] == "a":
        return "[" + ", ".join(body_text(signature[1:], v) for v in value) + "]"
    if signature in "sog":
        return quoted(value)
    if signature == "b":
        return "true" if value else "false"
    return repr(value)


def gvariant_text(signature, value):
    """A value in GVariant's text form, as gdbus reads and writes it."""
    return "@" + signature + " " + body_text(signature, value)


def gvariant(signature, value):
    return GLib.Variant.parse(
        GLib.VariantType(signature), gvariant_text(signature, value), None, None
    )


def gvariants(signature, values):
    """Several values, as a call or its reply carries them."""
    return gvariant("(" + signature + ")", tuple(values))
