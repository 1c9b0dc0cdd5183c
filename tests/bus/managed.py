"""The object manager, as GLib's client of it, dbus-python and busctl see it."""
import sys
import unittest

import dbus

sys.dont_write_bytecode = True
from support.clients import Gio, GLib, introspect, session  # noqa: E402
from support.service import Service, run  # noqa: E402

NAME = "org.ctbus.Managed"
ROOT = "/org/ctbus/managed"
MANAGER = "org.freedesktop.DBus.ObjectManager"
INTERFACES = ["org.ctbus.Disk", "org.ctbus.Removable"]


class Managed(unittest.TestCase):
    def setUp(self):
        self.service = Service("managed_service")
        self.bus = session()

    def tearDown(self):
        self.assertEqual(self.service.stop(), 0)

    def call(self, member, signature, *values):
        return self.bus.call_sync(
            NAME,
            "/org/ctbus/shelf",
            "org.ctbus.Shelf",
            member,
            GLib.Variant(signature, values),
            None,
            Gio.DBusCallFlags.NONE,
            10_000,
            None,
        ).unpack()

    def add(self, name, size):
        return self.call("Add", "(st)", name, size)[0]

    def until(self, done):
        """Lets GLib hear what came; the service answers in order."""
        late = []
        source = GLib.timeout_add_seconds(20, lambda: late.append(True) or GLib.SOURCE_CONTINUE)
        while not done() and not late:
            GLib.MainContext.default().iteration(True)
        GLib.source_remove(source)
        self.assertFalse(late)

    def test_GLib_sees_objects_that_are_there_come_and_go(self):
        client = Gio.DBusObjectManagerClient.new_sync(
            self.bus, Gio.DBusObjectManagerClientFlags.NONE, NAME, ROOT, None, None, None
        )
        seen = []
        client.connect("object-added", lambda _, o: seen.append(("+", o.get_object_path())))
        client.connect("object-removed", lambda _, o: seen.append(("-", o.get_object_path())))

        def there():
            return sorted(o.get_object_path() for o in client.get_objects())

        first = ROOT + "/first"
        self.assertEqual(there(), [first])
        second = self.add("second disk", 2**40)
        self.assertEqual(second, ROOT + "/second_20disk")
        self.until(lambda: len(seen) == 1)
        self.assertEqual(there(), [first, second])
        proxies = {p.get_interface_name(): p for p in client.get_object(second).get_interfaces()}
        self.assertEqual(sorted(proxies), INTERFACES)
        disk = proxies["org.ctbus.Disk"]
        self.assertEqual(disk.get_cached_property("Name").unpack(), "second disk")
        self.assertEqual(disk.get_cached_property("Size").unpack(), 2**40)
        disk.call_sync(
            "org.freedesktop.DBus.Properties.Set",
            GLib.Variant("(ssv)", ("org.ctbus.Disk", "Size", GLib.Variant("t", 7))),
            Gio.DBusCallFlags.NONE,
            10_000,
            None,
        )
        self.until(lambda: disk.get_cached_property("Size").unpack() == 7)
        self.call("Remove", "(o)", first)
        self.until(lambda: len(seen) == 2)
        self.assertEqual(there(), [second])
        self.call("Remove", "(o)", second)
        self.until(lambda: len(seen) == 3)
        self.assertEqual(seen, [("+", second), ("-", first), ("-", second)])

    def test_dbus_python_lists_them(self):
        self.add("second", 2)
        bus = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SESSION)
        manager = dbus.Interface(bus.get_object(NAME, ROOT), MANAGER)
        self.assertEqual(
            manager.GetManagedObjects(),
            {
                ROOT + "/first": {"org.ctbus.Disk": {"Name": "first", "Size": 1}, INTERFACES[1]: {}},
                ROOT + "/second": {"org.ctbus.Disk": {"Name": "second", "Size": 2}, INTERFACES[1]: {}},
            },
        )
        bus.close()

    def test_busctl_calls_it(self):
        status, output, errors = run(
            ["busctl", "--user", "call", NAME, ROOT, MANAGER, "GetManagedObjects"]
        )
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(
            output.strip(),
            f'a{{oa{{sa{{sv}}}}}} 1 "{ROOT}/first" 2 "org.ctbus.Disk" 2 "Name" s "first" '
            '"Size" t 1 "org.ctbus.Removable" 0',
        )

    def test_it_is_introspected(self):
        xml = introspect(self.bus, ROOT, NAME)
        for member in ["GetManagedObjects", "InterfacesAdded", "InterfacesRemoved"]:
            self.assertIn(f'name="{member}"', xml)
        self.assertNotIn(MANAGER, introspect(self.bus, ROOT + "/first", NAME))


if __name__ == "__main__":
    unittest.main(verbosity=2)
