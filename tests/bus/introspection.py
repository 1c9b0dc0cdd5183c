"""S6, S29: what other people's tools read about types_service is exactly what was declared."""
import sys
import unittest
from xml.etree import ElementTree

sys.dont_write_bytecode = True
from support.calls import CALLS, complete_types  # noqa: E402
from support.clients import Gio, GLib, introspect, session  # noqa: E402
from support.service import NAME, Service, run  # noqa: E402

CHANGES = "org.freedesktop.DBus.Property.EmitsChangedSignal"
DEPRECATED = {"org.freedesktop.DBus.Deprecated": "true"}
NO_REPLY = {"org.freedesktop.DBus.Method.NoReply": "true"}
PRIVILEGED = {"org.freedesktop.systemd1.Privileged": "true"}
SILENT = {CHANGES: "false"}


def of_calls(interface):
    """The methods of an interface as calls.py knows them: (inputs, outputs), each (name, type)."""
    return {
        call.method: (
            [(None, t) for t in complete_types(call.inputs)],
            [(None, t) for t in complete_types(call.outputs)],
            {},
        )
        for call in CALLS
        if call.interface == interface
    }


METHODS = {
    "org.ctbus.Outputs": {
        **of_calls("org.ctbus.Outputs"),
        "Tuple": ([], [("text", "s"), ("number", "i"), ("real", "d")], {}),
        "Mixed": ([("n", "i")], [("next", "i"), ("text", "s"), ("half", "d")], {}),
    },
    "org.ctbus.Calls": {
        "Ping": ([], [], {}),
        "Tell": ([("text", "s")], [], NO_REPLY),
        "Told": ([], [("texts", "as")], {}),
        "Greet": ([("name", "s")], [("greeting", "s")], {}),
        "Old": ([], [], DEPRECATED),
        "OldTell": ([(None, "s")], [], {**DEPRECATED, **NO_REPLY}),
        "Who": ([], [(None, "s")], {}),
        "Secret": ([(None, "s")], [(None, "s")], {}),
        "Fail": ([("how", "s")], [], {}),
        "FailTelling": ([], [], NO_REPLY),
    },
    "org.ctbus.MoreCalls": of_calls("org.ctbus.MoreCalls"),
    "org.ctbus.Access": of_calls("org.ctbus.Access"),
    "org.ctbus.OpenAccess": of_calls("org.ctbus.OpenAccess"),
    "org.ctbus.Tree": {
        "Add": ([("path", "o")], [("added", "o")], {}),
        "Remove": ([("path", "o")], [], {}),
    },
    "org.ctbus.Emits": of_calls("org.ctbus.Emits"),
}
DESCRIPTORS = {
    "org.ctbus.Basic": {"Fd": "h", "FdView": "h"},
    "org.ctbus.Arrays": {"Fds": "ah"},
    "org.ctbus.Dicts": {"Fd": "a{hs}"},
}
for part in ["Basic", "Arrays", "Structs", "Dicts", "Variants", "Enums", "Wires"]:
    METHODS["org.ctbus." + part] = {
        **of_calls("org.ctbus." + part),
        **{
            m: ([(None, t)], [(None, t)], {})
            for m, t in DESCRIPTORS.get("org.ctbus." + part, {}).items()
        },
    }

SIGNALS = {
    "org.ctbus.MoreCalls": {"Happened": ([(None, "b")], {})},
    "org.ctbus.Signals": {
        "Happened": ([("what", "s"), ("value", "d")], {}),
        "Empty": ([], {}),
        "Everything": ([(None, "(ybnqiuxtdsog)")], {}),
        "Old": ([(None, "i")], DEPRECATED),
    },
}
PROPERTIES = {
    "org.ctbus.Properties": {
        "Version": ("s", "read", {CHANGES: "const"}),
        "Changing": ("u", "readwrite", {}),
        "Invalidated": ("s", "readwrite", {CHANGES: "invalidates"}),
        "Silent": ("x", "readwrite", SILENT),
        "ReadOnly": ("x", "read", SILENT),
        "Explicit": ("s", "readwrite", {**SILENT, "org.freedesktop.systemd1.Explicit": "true"}),
        "Old": ("x", "read", {**SILENT, **DEPRECATED}),
        "Sensitive": ("s", "readwrite", {}),
        "Favourite": ("s", "readwrite", {}),
        "Table": ("a{sv}", "readwrite", SILENT),
        "Where": ("(dd)", "readwrite", SILENT),
        "Even": ("i", "readwrite", {}),
        "Percent": ("y", "readwrite", SILENT),
        "Setter": ("s", "readwrite", SILENT),
        "Computed": ("ai", "read", SILENT),
    },
    "org.ctbus.Failing": {"Good": ("b", "read", SILENT), "Broken": ("s", "read", SILENT)},
    "org.ctbus.OpenAccess": {"Level": ("i", "readwrite", SILENT)},
}
PATHS = {
    "/org/ctbus/types": [
        "Basic",
        "Arrays",
        "Structs",
        "Dicts",
        "Variants",
        "Enums",
        "Wires",
        "Outputs",
    ],
    "/org/ctbus/calls": ["Calls", "MoreCalls", "Access", "OpenAccess"],
    "/org/ctbus/properties": ["Properties"],
    "/org/ctbus/failing": ["Failing"],
    "/org/ctbus/signals": ["Signals", "Emits"],
    "/org/ctbus/tree": ["Tree"],
}


def annotations(node):
    return {a.key: a.value for a in node.annotations}


def arguments(infos, names):
    """(name, type) of arguments; GLib invents names where there are none, so these come from XML."""
    return [(name, info.signature) for name, info in zip(names, infos)]


class Described:
    """An interface as GLib understands its XML."""

    def __init__(self, info, element):
        def names(kind, member, direction):
            path = f"{kind}[@name='{member}']/arg"
            return [
                arg.get("name")
                for arg in element.findall(path)
                if direction is None or arg.get("direction") == direction
            ]

        self.methods = {
            m.name: (
                arguments(m.in_args, names("method", m.name, "in")),
                arguments(m.out_args, names("method", m.name, "out")),
                annotations(m),
            )
            for m in info.methods
        }
        self.signals = {
            s.name: (arguments(s.args, names("signal", s.name, None)), annotations(s))
            for s in info.signals
        }
        access = {
            Gio.DBusPropertyInfoFlags.READABLE: "read",
            Gio.DBusPropertyInfoFlags.READABLE | Gio.DBusPropertyInfoFlags.WRITABLE: "readwrite",
        }
        self.properties = {
            p.name: (p.signature, access[p.flags], annotations(p)) for p in info.properties
        }


def described(xml):
    xml = xml.replace("org.freedesktop.elogind1.", "org.freedesktop.systemd1.")  # elogind's names
    root = ElementTree.fromstring(xml)
    return {
        info.name: Described(info, root.find(f"interface[@name='{info.name}']"))
        for info in Gio.DBusNodeInfo.new_for_xml(xml).interfaces
        if not info.name.startswith("org.freedesktop.")
    }


def children(xml):
    return [node.path for node in Gio.DBusNodeInfo.new_for_xml(xml).nodes]


class Introspection(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.service = Service("types_service")
        self.bus = session()

    def tearDown(self):
        self.assertEqual(self.service.stop(), 0)

    def test_S6_every_interface_is_as_declared(self):
        for path, interfaces in PATHS.items():
            command = [
                "gdbus",
                "introspect",
                "--session",
                "--dest",
                NAME,
                "--object-path",
                path,
                "--xml",
            ]
            status, xml, errors = run(command)
            self.assertEqual((status, errors), (0, ""))
            found = described(xml)
            self.assertEqual(sorted(found), sorted("org.ctbus." + name for name in interfaces))
            for name, interface in found.items():
                with self.subTest(interface=name):
                    self.assertEqual(interface.methods, METHODS.get(name, {}))
                    self.assertEqual(interface.signals, SIGNALS.get(name, {}))
                    self.assertEqual(interface.properties, PROPERTIES.get(name, {}))

    def test_S6_busctl_reads_the_same(self):
        for path, interfaces in PATHS.items():
            if path == "/org/ctbus/failing":
                continue  # it shows the values too, and one of these cannot be read
            status, output, errors = run(
                ["busctl", "--user", "introspect", "--json=off", NAME, path]
            )
            self.assertEqual((status, errors), (0, ""))
            interface, found = "", set()
            for line in output.splitlines()[1:]:
                name, kind, signature, result, *rest = line.split()
                if kind == "interface":
                    interface = name
                elif interface.startswith("org.ctbus."):
                    flags = {
                        f for f in rest if f in ("no-reply", "deprecated", "writable", "const")
                    }
                    found.add((interface, name[1:], kind, signature, frozenset(flags)))
            expected = set()
            for name in ("org.ctbus." + part for part in interfaces):
                for method, (inputs, _, notes) in METHODS.get(name, {}).items():
                    flags = {"no-reply"} if NO_REPLY.items() <= notes.items() else set()
                    flags |= {"deprecated"} if DEPRECATED.items() <= notes.items() else set()
                    signature = "".join(t for _, t in inputs) or "-"
                    expected.add((name, method, "method", signature, frozenset(flags)))
                for signal, (inputs, notes) in SIGNALS.get(name, {}).items():
                    signature = "".join(t for _, t in inputs) or "-"
                    flags = {"deprecated"} if notes else set()
                    expected.add((name, signal, "signal", signature, frozenset(flags)))
                for member, (signature, access, notes) in PROPERTIES.get(name, {}).items():
                    flags = {"writable"} if access == "readwrite" else set()
                    flags |= {"const"} if notes.get(CHANGES) == "const" else set()
                    flags |= {"deprecated"} if DEPRECATED.items() <= notes.items() else set()
                    expected.add((name, member, "property", signature, frozenset(flags)))
            self.assertEqual(found, expected)

    def test_S24_on_the_system_bus_it_says_who_may_call(self):
        system = Service("types_service", "--system")
        command = ["gdbus", "introspect", "--system", "--dest", NAME, "--xml", "--object-path"]
        closed = {}
        for path in PATHS:
            status, xml, errors = run([*command, path])
            self.assertEqual((status, errors), (0, ""))
            for name, interface in described(xml).items():
                for members in interface.methods, interface.properties:
                    closed[name] = closed.get(name, set()) | {
                        member
                        for member, (*_, notes) in members.items()
                        if PRIVILEGED.items() <= notes.items()
                    }
        self.assertEqual(closed["org.ctbus.Access"], {"Closed"})
        self.assertEqual(closed["org.ctbus.OpenAccess"], {"Closed", "Level"})
        self.assertEqual(closed["org.ctbus.Calls"], set())
        self.assertEqual(closed["org.ctbus.Basic"], set(METHODS["org.ctbus.Basic"]))
        writable = {
            p
            for p, (_, access, _) in PROPERTIES["org.ctbus.Properties"].items()
            if access == "readwrite"
        }
        self.assertEqual(closed["org.ctbus.Properties"], writable - {"Where"})
        self.assertEqual(system.stop(), 0)

    def tree(self, method, path):
        self.bus.call_sync(
            NAME,
            "/org/ctbus/tree",
            "org.ctbus.Tree",
            method,
            GLib.Variant("(o)", (path,)),
            None,
            Gio.DBusCallFlags.NONE,
            10_000,
            None,
        )

    def children(self, path):
        try:
            return sorted(children(introspect(self.bus, path)))
        except GLib.Error as e:
            return Gio.DBusError.get_remote_error(e)

    def test_S29_parents_list_their_children_and_removing_prunes(self):
        unknown = "org.freedesktop.DBus.Error.UnknownObject"
        everything = sorted(path[len("/org/ctbus/") :] for path in PATHS)
        self.assertEqual(self.children("/"), ["org"])
        self.assertEqual(self.children("/org"), ["ctbus"])
        self.assertEqual(self.children("/org/ctbus"), everything)
        self.assertEqual(self.children("/org/ctbus/tree"), [])

        for path in ["a", "a/b", "a/b_2", "c/d/e"]:
            self.tree("Add", "/org/ctbus/tree/" + path)
        self.assertEqual(self.children("/org/ctbus/tree"), ["a", "c"])
        self.assertEqual(self.children("/org/ctbus/tree/a"), ["b", "b_2"])
        self.assertEqual(self.children("/org/ctbus/tree/a/b"), [])
        self.assertEqual(self.children("/org/ctbus/tree/c"), ["d"])
        self.assertEqual(self.children("/org/ctbus/tree/c/d"), ["e"])

        self.tree("Remove", "/org/ctbus/tree/a/b")
        self.assertEqual(self.children("/org/ctbus/tree/a"), ["b_2"])
        self.assertEqual(self.children("/org/ctbus/tree/a/b"), unknown)
        self.tree("Remove", "/org/ctbus/tree/a")  # its child keeps the path
        self.assertEqual(self.children("/org/ctbus/tree"), ["a", "c"])
        self.assertNotIn("org.ctbus.Leaf", introspect(self.bus, "/org/ctbus/tree/a"))
        self.tree("Remove", "/org/ctbus/tree/a/b_2")
        self.assertEqual(self.children("/org/ctbus/tree"), ["c"])
        self.assertEqual(self.children("/org/ctbus/tree/a"), unknown)
        self.tree("Remove", "/org/ctbus/tree/c/d/e")
        self.assertEqual(self.children("/org/ctbus/tree"), [])
        for path in ["c", "c/d", "c/d/e"]:
            self.assertEqual(self.children("/org/ctbus/tree/" + path), unknown)
        self.assertEqual(self.children("/org/ctbus"), everything)

        self.tree("Add", "/org/ctbus/tree/a/b")  # again
        self.assertEqual(self.children("/org/ctbus/tree/a"), ["b"])
        status, output, errors = run(["busctl", "--user", "tree", "--list", NAME])
        self.assertEqual((status, errors), (0, ""))
        listed = {"/", "/org", "/org/ctbus", *PATHS, "/org/ctbus/tree/a", "/org/ctbus/tree/a/b"}
        self.assertEqual(set(output.split()), listed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
