"""Properties of every kind, as busctl, gdbus, dbus-send and GLib read, write and hear them; signals of
every kind as GLib hears them."""
import sys
import unittest

sys.dont_write_bytecode = True
from support.busctl import printed, read, words  # noqa: E402
from support.calls import V  # noqa: E402
from support.clients import Gio, GLib, gvariant, gvariant_text, session  # noqa: E402
from support.dbus_send import Output, printed as sent, word_for  # noqa: E402
from support.service import NAME, Service, run  # noqa: E402

PATH = "/org/ctbus/properties"
OWN = "org.ctbus.Properties"
PROPERTIES = "org.freedesktop.DBus.Properties"

FIRST = {
    "Version": V("s", "1.0"),
    "Changing": V("u", 1),
    "Invalidated": V("s", "a"),
    "Silent": V("x", 0),
    "ReadOnly": V("x", 0),
    "Hidden": V("b", True),
    "Explicit": V("s", "only when asked for"),
    "Old": V("x", 0),
    "Sensitive": V("s", "swordfish"),
    "Favourite": V("s", "green"),
    "Table": V("a{sv}", [("answer", V("i", 42))]),
    "Where": V("(dd)", (1.0, 2.0)),
    "Even": V("i", 0),
    "Percent": V("y", 50),
    "Setter": V("s", ""),
    "Computed": V("ai", [1, 2, 3]),
}
NOT_IN_GET_ALL = {"Hidden", "Explicit"}
# What is set, and what is announced then: the value, no value, or nothing.
CHANGES = {
    "Changing": (V("u", 2**32 - 1), "value"),
    "Invalidated": (V("s", "na\u00efve"), "no value"),
    "Silent": (V("x", -(2**63)), None),
    "Hidden": (V("b", False), None),
    "Explicit": (V("s", ""), None),
    "Sensitive": (V("s", "other"), "value"),
    "Favourite": (V("s", "dark-blue"), "value"),
    "Table": (V("a{sv}", []), None),
    "Where": (V("(dd)", (-0.0, 0.1)), None),
    "Even": (V("i", -(2**31)), "value"),
    "Percent": (V("y", 100), None),
}


class Properties(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.service = Service("types_service")
        self.bus = session()
        self.heard = []
        for path in [PATH, "/org/ctbus/signals"]:
            self.bus.signal_subscribe(
                NAME,
                None,
                None,
                path,
                None,
                Gio.DBusSignalFlags.NONE,
                lambda bus, sender, path, interface, member, body: self.heard.append(
                    (interface, member, body)
                ),
            )

    def tearDown(self):
        self.assertEqual(self.service.stop(), 0)

    def call(self, method, text, path=PATH, interface=PROPERTIES):
        return self.bus.call_sync(
            NAME,
            path,
            interface,
            method,
            GLib.Variant.parse(None, text, None, None),
            None,
            Gio.DBusCallFlags.NONE,
            10_000,
            None,
        )

    def get(self, name):
        return self.call("Get", f"('{OWN}', '{name}')").get_child_value(0).get_variant()

    def signals(self):
        """What was heard so far: all that was sent before the last answer."""
        self.call("Ping", "()", interface="org.freedesktop.DBus.Peer")
        while GLib.MainContext.default().iteration(False):
            pass
        found, self.heard[:] = list(self.heard), []
        return found

    def test_get(self):
        for name, value in FIRST.items():
            with self.subTest(property=name):
                self.assertTrue(self.get(name).equal(gvariant(*value)))
                status, output, errors = run(
                    ["busctl", "--user", "get-property", NAME, PATH, OWN, name]
                )
                self.assertEqual(
                    (status, errors, read(output)), (0, "", [value.signature, *printed(*value)])
                )
                status, output, errors = run(
                    [
                        "gdbus",
                        "call",
                        "--session",
                        "--dest",
                        NAME,
                        "--object-path",
                        PATH,
                        "--method",
                        PROPERTIES + ".Get",
                        OWN,
                        name,
                    ]
                )
                self.assertEqual((status, errors), (0, ""))
                answer = GLib.Variant.parse(GLib.VariantType("(v)"), output, None, None)
                self.assertTrue(answer.get_child_value(0).get_variant().equal(gvariant(*value)))
                status, output, errors = run(
                    [
                        "dbus-send",
                        "--session",
                        "--print-reply",
                        "--dest=" + NAME,
                        PATH,
                        PROPERTIES + ".Get",
                        "string:" + OWN,
                        "string:" + name,
                    ]
                )
                self.assertEqual((status, errors), (0, ""))
                self.assertEqual(Output(output.partition("\n")[2]).values(), [sent("v", value)])

    def test_get_all_leaves_out_what_is_hidden_or_explicit(self):
        answer = self.call("GetAll", f"('{OWN}',)").get_child_value(0)
        expected = gvariant("a{sv}", [(k, v) for k, v in FIRST.items() if k not in NOT_IN_GET_ALL])
        self.assertEqual(answer.unpack(), expected.unpack())
        # No interface named: those of all.
        self.assertEqual(
            self.call("GetAll", "('',)").get_child_value(0).unpack(), expected.unpack()
        )

    def set_with_busctl(self, name, value):
        return run(
            [
                "busctl",
                "--user",
                "set-property",
                "--",
                NAME,
                PATH,
                OWN,
                name,
                value.signature,
                *words(*value),
            ]
        )

    def set_with_gdbus(self, name, value):
        return run(
            [
                "gdbus",
                "call",
                "--session",
                "--dest",
                NAME,
                "--object-path",
                PATH,
                "--method",
                PROPERTIES + ".Set",
                OWN,
                name,
                "<" + gvariant_text(*value) + ">",
            ]
        )

    def set_with_dbus_send(self, name, value):
        return run(
            [
                "dbus-send",
                "--session",
                "--print-reply",
                "--dest=" + NAME,
                PATH,
                PROPERTIES + ".Set",
                "string:" + OWN,
                "string:" + name,
                word_for("v", value),
            ]
        )

    def test_set_stores_and_announces_once(self):
        for tool in [self.set_with_busctl, self.set_with_gdbus, self.set_with_dbus_send]:
            for name, (value, announced) in CHANGES.items():
                if tool == self.set_with_dbus_send and word_for("v", value) is None:
                    continue
                with self.subTest(tool=tool.__name__, property=name):
                    status, output, errors = tool(name, value)
                    self.assertEqual((status, errors), (0, ""))
                    self.assertTrue(self.get(name).equal(gvariant(*value)))
                    changed = [(name, value)] if announced == "value" else []
                    invalidated = [name] if announced == "no value" else []
                    signals = self.signals()
                    self.assertEqual(len(signals), 1 if announced else 0)
                    for interface, member, body in signals:
                        self.assertEqual((interface, member), (PROPERTIES, "PropertiesChanged"))
                        self.assertTrue(
                            body.equal(gvariant("(sa{sv}as)", (OWN, changed, invalidated)))
                        )

    def test_a_setter_may_take_the_message(self):
        self.call("Set", f"('{OWN}', 'Setter', <'me'>)")
        self.assertEqual(self.get("Setter").unpack(), "me by " + self.bus.get_unique_name())

    def test_signals_arrive_as_declared_and_in_order(self):
        self.call("Emit", "()", "/org/ctbus/signals", "org.ctbus.Emits")
        expected = [
            ("Happened", "('na\u00efve', 1.5)"),
            ("Empty", "()"),
            ("Old", "(-1,)"),
            (
                "Everything",
                "((byte 0xff, true, int16 -32768, uint16 65535, -2147483648, uint32 4294967295,"
                " int64 -9223372036854775808, uint64 18446744073709551615, -0.5, '', objectpath '/',"
                " signature ''),)",
            ),
        ]
        signals = self.signals()
        self.assertEqual([member for _, member, _ in signals], [member for member, _ in expected])
        for (interface, _, body), (_, text) in zip(signals, expected):
            self.assertEqual(interface, "org.ctbus.Signals")
            self.assertTrue(body.equal(GLib.Variant.parse(None, text, None, None)), str(body))


if __name__ == "__main__":
    unittest.main(verbosity=2)
