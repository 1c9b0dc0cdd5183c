"""S32: arrays of every length, written at once, as GLib and dbus-python read them."""
import random
import sys
import unittest

sys.dont_write_bytecode = True
import dbus  # noqa: E402
from support.clients import Gio, GLib, session  # noqa: E402
from support.service import NAME, Service  # noqa: E402

OTHERS = ["\u00e9", "\u20ac", "\U0001f600", "x"]


def text(r):
    size = r.choice([0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 200])
    made = ""
    for _ in range(size):
        made += chr(r.randrange(1, 128)) if r.random() < 0.8 else r.choice(OTHERS)
    return made


def unsigned(r, bits):
    return r.choice([0, 1, 2**bits - 1, r.randrange(2**bits)])


def signed(r, bits):
    return unsigned(r, bits) - 2 ** (bits - 1)


def real(r):
    return r.choice([0.0, -1.5, 1e308, r.random()])


def flag(r):
    return r.random() < 0.5


def path(r):
    return "/" + "/".join("a" * r.randrange(1, 9) for _ in range(r.randrange(4)))


def point(r):
    return (real(r), real(r))


def some(r, element):
    return [element(r) for _ in range(r.choice([0, 1, 2, 3, 4, 9, 60]))]


def named(r, element, key=text):
    return {key(r): element(r) for _ in range(r.choice([0, 1, 2, 3, 4, 9, 60]))}


def everything(r):
    return (
        unsigned(r, 8),
        flag(r),
        signed(r, 16),
        unsigned(r, 16),
        signed(r, 32),
        unsigned(r, 32),
        signed(r, 64),
        unsigned(r, 64),
        real(r),
        text(r),
        path(r),
        r.choice(["", "a{sv}", "(ii)"]),
    )


def byte(r):
    return unsigned(r, 8)


def integer(r):
    return signed(r, 32)


# interface, method, signature, a random value
ROWS = [
    ("Arrays", "Strings", "as", lambda r: some(r, text)),
    ("Arrays", "StringViews", "as", lambda r: some(r, text)),
    ("Arrays", "Deque", "as", lambda r: some(r, text)),
    ("Arrays", "Set", "as", lambda r: sorted(set(some(r, text)), key=lambda t: t.encode())),
    ("Arrays", "Structs", "a(ybnqiuxtdsog)", lambda r: some(r, everything)),
    ("Arrays", "Rows", "aad", lambda r: some(r, lambda r: some(r, real))),
    ("Arrays", "Blobs", "aay", lambda r: some(r, lambda r: some(r, byte))),
    (
        "Arrays",
        "Addresses",
        "a(uay)",
        lambda r: some(r, lambda r: (unsigned(r, 32), some(r, byte))),
    ),
    ("Structs", "Tuples", "a(sdb)", lambda r: some(r, lambda r: (text(r), real(r), flag(r)))),
    ("Structs", "Pairs", "a(si)", lambda r: some(r, lambda r: (text(r), integer(r)))),
    ("Dicts", "Byte", "a{ys}", lambda r: named(r, text, byte)),
    ("Dicts", "Uint64", "a{ts}", lambda r: named(r, text, lambda r: unsigned(r, 64))),
    ("Dicts", "Double", "a{ds}", lambda r: named(r, text, real)),
    ("Dicts", "String", "a{ss}", lambda r: named(r, text)),
    ("Dicts", "Path", "a{os}", lambda r: named(r, text, path)),
    ("Dicts", "Flat", "a{si}", lambda r: named(r, integer)),
    ("Dicts", "Views", "a{ss}", lambda r: named(r, text)),
    ("Dicts", "Unordered", "a{sad}", lambda r: named(r, lambda r: some(r, real))),
    ("Dicts", "Nested", "a{sa{i(dd)}}", lambda r: named(r, lambda r: named(r, point, integer))),
]


def variants(r):
    """a{sv}, as GLib and as dbus-python want it, and without its types."""
    def value(r):
        return r.choice(
            [
                ("b", True),
                ("i", integer(r)),
                ("d", real(r)),
                ("s", text(r)),
                ("as", some(r, text)),
                ("a{su}", named(r, lambda r: unsigned(r, 32))),
                ("(dd)", point(r)),
            ]
        )

    values = named(r, value)
    return (
        {key: GLib.Variant(*value) for key, value in values.items()},
        dbus.Dictionary({key: typed(*value) for key, value in values.items()}, signature="sv"),
        {key: value for key, (_, value) in values.items()},
    )


def typed(signature, value):
    """A value whose type dbus-python would not guess."""
    if signature == "i":
        return dbus.Int32(value)
    if signature == "as":
        return dbus.Array(value, signature="s")
    if signature == "a{su}":
        return dbus.Dictionary(value, signature="su")
    if signature == "(dd)":
        return dbus.Struct(value)
    return value


class Arrays(unittest.TestCase):
    def setUp(self):
        self.service = Service("types_service")
        self.random = random.Random(1)
        glib = session()
        libdbus = dbus.SessionBus(private=True)

        def by_glib(interface, method, signature, value):
            body = GLib.Variant("(" + signature + ")", (value,))
            return glib.call_sync(
                NAME,
                "/org/ctbus/types",
                "org.ctbus." + interface,
                method,
                body,
                None,
                Gio.DBusCallFlags.NONE,
                60_000,
                None,
            ).unpack()[0]

        def by_dbus_python(interface, method, signature, value):
            return libdbus.call_blocking(
                NAME, "/org/ctbus/types", "org.ctbus." + interface, method, signature, (value,)
            )

        self.by_glib, self.by_dbus_python = by_glib, by_dbus_python
        self.addCleanup(libdbus.close)

    def tearDown(self):
        self.assertEqual(self.service.stop(), 0)

    def test_S32_arrays_of_many_types(self):
        for interface, method, signature, make in ROWS:
            for _ in range(25):
                value = make(self.random)
                call = interface, method, signature, value
                with self.subTest(method=interface + "." + method, value=str(value)[:300]):
                    self.assertEqual(self.by_glib(*call), value)
                    self.assertEqual(self.by_dbus_python(*call), value)

    def test_S32_dictionaries_of_variants(self):
        for _ in range(100):
            for_glib, for_dbus_python, value = variants(self.random)
            with self.subTest(value=str(value)[:300]):
                self.assertEqual(self.by_glib("Dicts", "Values", "a{sv}", for_glib), value)
                self.assertEqual(
                    self.by_dbus_python("Dicts", "Values", "a{sv}", for_dbus_python), value
                )


if __name__ == "__main__":
    unittest.main(verbosity=2)
