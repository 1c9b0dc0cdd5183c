"""S39, S42: objects that come and go while busctl and gdbus call them."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
from support.clients import Gio, GLib, gvariant_text, introspect, session  # noqa: E402
from support.service import Service, run  # noqa: E402

NAME = "org.ctbus.Changing"
PATH = "/org/ctbus/changing"
KEEPER = ("/org/ctbus/keeper", "org.ctbus.Keeper")
PROPERTIES = "org.freedesktop.DBus.Properties"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"


class Tool:
    """How a program is told to call, to read and to write. Each gives the value it was answered as
    GVariant's text, None for an answer without one, or the error's name."""

    def __init__(self, test):
        self.test = test

    def outcome(self, command, value):
        status, output, errors = run(command, environment={"SYSTEMD_LOG_LEVEL": "debug"})
        if status == 0:
            return value(output.strip())
        found = [word for word in errors.replace("=", " ").split() if ".Error." in word]
        self.test.assertTrue(found, errors)
        return found[-1].rstrip(":").rpartition(":")[2]


class Busctl(Tool):
    def value(self, output):
        return {"b true": "true", "b false": "false", "": None}.get(
            output, output.replace("u ", "uint32 ")
        )

    def call(self, method, path=PATH, interface=NAME):
        command = ["busctl", "--user", "call", NAME, path, interface, method]
        return self.outcome(command, self.value)

    def get(self, name):
        command = ["busctl", "--user", "get-property", NAME, PATH, NAME, name]
        return self.outcome(command, self.value)

    def set(self, name, signature, value):
        value = str(value).lower()
        command = ["busctl", "--user", "set-property", NAME, PATH, NAME, name, signature, value]
        return self.outcome(command, self.value)


class Gdbus(Tool):
    def value(self, output):
        return output[1:-1].rstrip(",").strip("<>") or None

    def call(self, method, path=PATH, interface=NAME, *arguments):
        command = ["gdbus", "call", "--session", "--dest", NAME, "--object-path", path]
        command += ["--method", interface + "." + method, *arguments]
        return self.outcome(command, self.value)

    def get(self, name):
        return self.call("Get", PATH, PROPERTIES, NAME, name)

    def set(self, name, signature, value):
        text = "<" + gvariant_text(signature, value) + ">"
        return self.call("Set", PATH, PROPERTIES, NAME, name, text)


class Changing(unittest.TestCase):
    def setUp(self):
        # It connects to the bus that started it.
        self.service = Service(
            "changing_service",
            environment={
                "DBUS_STARTER_ADDRESS": os.environ["DBUS_SESSION_BUS_ADDRESS"],
                "DBUS_STARTER_BUS_TYPE": "session",
            },
        )
        self.tools = [Busctl(self), Gdbus(self)]

    def tearDown(self):
        self.assertEqual(self.service.stop(), 0)

    def each(self):
        for tool in self.tools:
            with self.subTest(tool=type(tool).__name__):
                yield tool

    def listed(self):
        """The paths below the object, as busctl lists them."""
        status, output, errors = run(["busctl", "--user", "tree", "--list", NAME])
        self.assertEqual((status, errors), (0, ""))
        return sorted(p[len(PATH) + 1 :] for p in output.split() if p.startswith(PATH + "/"))

    def test_S39_a_getter_that_creates_or_drops_objects(self):
        for tool in self.each():
            for _ in range(2):
                self.assertEqual(tool.get("Grown"), "uint32 1")
                self.assertEqual(tool.get("Grown"), "uint32 2")
                self.assertEqual(self.listed(), ["c0", "c1"])
                self.assertEqual(tool.call("Ping", PATH + "/c1", "org.ctbus.Child"), None)
                self.assertEqual(tool.get("Pruned"), "uint32 0")
                self.assertEqual(self.listed(), [])
                self.assertEqual(tool.get("Pruned"), "uint32 0")  # nothing left to drop
                self.assertEqual(tool.call("Ping", PATH + "/c1", "org.ctbus.Child"), UNKNOWN_OBJECT)

    def test_S39_a_setter_that_creates_or_drops_objects(self):
        bus, heard = session(), []
        bus.signal_subscribe(
            NAME,
            PROPERTIES,
            "PropertiesChanged",
            PATH,
            None,
            Gio.DBusSignalFlags.NONE,
            lambda bus, sender, path, interface, member, body: heard.append(body.unpack()),
        )
        for tool in self.each():
            for wanted in [1, 30, 3, 3, 0]:
                self.assertEqual(tool.set("Children", "u", wanted), None)
                self.assertEqual(tool.get("Children"), f"uint32 {wanted}")
                self.assertEqual(self.listed(), sorted(f"c{i}" for i in range(wanted)))
                introspect(bus, PATH, NAME)  # the signals that went before have come then
                while GLib.MainContext.default().iteration(False):
                    pass
                self.assertEqual(heard, [(NAME, {"Children": wanted}, [])])
                heard.clear()

    def test_S39_a_handler_that_creates_or_drops_objects(self):
        for tool in self.each():
            self.assertEqual(tool.call("Grow"), "uint32 1")
            self.assertEqual(tool.call("Grow"), "uint32 2")
            self.assertEqual(self.listed(), ["c0", "c1"])
            self.assertEqual(tool.call("Prune"), "uint32 0")
            self.assertEqual(self.listed(), [])

    def test_S39_all_properties_at_once(self):
        status, output, errors = run(["busctl", "--user", "introspect", NAME, PATH, NAME])
        self.assertEqual((status, errors), (0, ""))
        values = {
            words[0]: words[3]
            for words in map(str.split, output.splitlines())
            if "property" in words
        }
        self.assertIn(values.pop(".Grown"), ["1", "2"])  # the answer may be begun again
        self.assertEqual(
            values, {".Pruned": "0", ".Children": "0", ".Renewed": "0", ".Stays": "true"}
        )
        answer = Gdbus(self).call("GetAll", PATH, PROPERTIES, NAME)
        values = GLib.Variant.parse(None, answer, None, None).unpack()
        self.assertIn(values.pop("Grown"), [1, 2])
        self.assertEqual(values, {"Pruned": 0, "Children": 0, "Renewed": 0, "Stays": True})

    def test_S42_an_object_that_exports_its_path_again_in_its_handler(self):
        times = 0
        for tool in self.each():
            for method, more in [("Renew", 1), ("RenewTwice", 2), ("Renew", 1)]:
                times += more
                self.assertEqual(tool.call(method), f"uint32 {times}")
                self.assertEqual(tool.get("Renewed"), f"uint32 {times}")
            times = 50
            self.assertEqual(tool.set("Renewed", "u", times), None)
            self.assertEqual(tool.get("Renewed"), f"uint32 {times}")
            self.assertIn(NAME, introspect(session(), PATH, NAME))

    def test_S42_with_children_that_stay(self):
        for tool in self.each():
            tool.set("Children", "u", 2)
            tool.call("Renew")
            self.assertEqual(self.listed(), ["c0", "c1"])
            self.assertEqual(tool.call("Ping", PATH + "/c1", "org.ctbus.Child"), None)
            self.assertEqual(tool.get("Children"), "uint32 2")

    def test_S42_an_object_that_becomes_another_interface_and_back(self):
        other = "org.ctbus.Other"
        times = 0
        for tool in self.each():
            for _ in range(2):
                times += 1
                self.assertEqual(tool.call("BecomeOther"), f"uint32 {times}")
                self.assertEqual(tool.call("Renew"), UNKNOWN_METHOD)
                xml = introspect(session(), PATH, NAME)
                self.assertIn(other, xml)
                self.assertNotIn(f'"{NAME}"', xml)
                times += 1
                self.assertEqual(tool.call("BecomeItself", PATH, other), f"uint32 {times}")
                self.assertEqual(tool.call("BecomeItself", PATH, other), UNKNOWN_METHOD)
                self.assertEqual(tool.get("Renewed"), f"uint32 {times}")

    def test_an_object_that_drops_itself_answers_and_is_gone(self):
        times = 0
        for tool in self.each():
            for leave in [lambda: tool.call("Leave"), lambda: tool.set("Stays", "b", False)]:
                self.assertIn(leave(), [f"uint32 {times}", None])
                self.assertEqual(tool.call("Leave"), UNKNOWN_OBJECT)
                self.assertEqual(tool.get("Stays"), UNKNOWN_OBJECT)
                self.assertEqual(tool.call("Return", *KEEPER), f"uint32 {times + 1}")
                self.assertEqual(tool.get("Stays"), "true")
                times += 1


if __name__ == "__main__":
    unittest.main(verbosity=2)
