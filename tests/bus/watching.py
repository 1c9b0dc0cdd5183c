"""A client that follows objects and properties which dbus-python serves."""
import sys
import threading
import unittest

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop

sys.dont_write_bytecode = True
from support.clients import GLib  # noqa: E402
from support.service import Service  # noqa: E402

NAME = "org.ctbus.Library"
BOOK = "org.ctbus.Book"
MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"


class Book(dbus.service.Object):
    def __init__(self, bus, path, title):
        super().__init__(bus, path)
        self.path = path
        self.all = {"Title": title, "Pages": dbus.UInt32(7)}

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.all[name]

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, changed, invalidated):
        pass


class Library(dbus.service.Object):
    def __init__(self, bus):
        super().__init__(bus, "/library")
        self.books = {}

    def described(self, book):
        # With more interfaces than the client wants.
        nothing = dbus.Dictionary({}, "sv")
        return {"org.ctbus.A": nothing, BOOK: dbus.Dictionary(book.all, "sv"), "org.z": nothing}

    def add(self, bus, path, title):
        self.books[path] = Book(bus, path, title)
        self.InterfacesAdded(path, self.described(self.books[path]))

    def remove(self, path):
        self.books.pop(path).remove_from_connection()
        self.InterfacesRemoved(path, ["org.ctbus.A", BOOK, "org.z"])

    @dbus.service.method(MANAGER, out_signature="a{oa{sa{sv}}}")
    def GetManagedObjects(self):
        return dbus.Dictionary(
            {path: self.described(book) for path, book in self.books.items()}, "oa{sa{sv}}"
        )

    @dbus.service.signal(MANAGER, signature="oa{sa{sv}}")
    def InterfacesAdded(self, path, interfaces):
        pass

    @dbus.service.signal(MANAGER, signature="oas")
    def InterfacesRemoved(self, path, interfaces):
        pass


class Watching(unittest.TestCase):
    def setUp(self):
        DBusGMainLoop(set_as_default=True)
        self.bus = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SESSION)
        self.library = Library(self.bus)
        self.library.add(self.bus, "/library/first", "One")
        self.loop = GLib.MainLoop()
        self.thread = threading.Thread(target=self.loop.run)
        self.thread.start()
        self.client = Service("watching_client")

    def tearDown(self):
        self.assertEqual(self.client.stop(), 0)
        self.loop.quit()
        self.thread.join()
        self.bus.close()

    def serve(self, work):
        """Runs something in the service's loop."""
        done = threading.Event()
        GLib.idle_add(lambda: (work(), done.set()) and GLib.SOURCE_REMOVE)
        self.assertTrue(done.wait(20))

    def heard(self, count):
        return [self.client.process.stdout.readline().decode().strip() for _ in range(count)]

    def test_objects_and_properties_of_another_binding(self):
        self.serve(lambda: self.bus.request_name(NAME))
        self.assertEqual(self.heard(1), ["+/library/first One"])
        self.serve(lambda: self.library.add(self.bus, "/library/second", "Two"))
        self.assertEqual(self.heard(1), ["+/library/second Two"])
        first = self.library.books["/library/first"]
        first.all["Pages"] = dbus.UInt32(8)
        changes = dbus.Dictionary({"Other": 5, "Title": "Uno"}, "sv")
        self.serve(lambda: first.PropertiesChanged(BOOK, changes, []))
        self.serve(lambda: first.PropertiesChanged(BOOK, dbus.Dictionary({}, "sv"), ["Pages"]))
        self.serve(lambda: first.PropertiesChanged("org.z", changes, ["Pages"]))
        self.assertEqual(self.heard(2), ["title Uno", "pages 8"])
        self.serve(lambda: self.library.remove("/library/first"))
        self.assertEqual(self.heard(1), ["-/library/first"])
        self.serve(lambda: self.bus.release_name(NAME))
        self.assertEqual(self.heard(1), ["-/library/second"])
        self.serve(lambda: self.bus.request_name(NAME))
        self.assertEqual(self.heard(1), ["+/library/second Two"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
