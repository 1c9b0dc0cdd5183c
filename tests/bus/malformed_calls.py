"""S1, S4, S38: calls that are wrong get the right error from types_service, whoever makes them, and
it goes on serving."""
import re
import sys
import unittest
from collections import namedtuple

sys.dont_write_bytecode = True
from support.busctl import words  # noqa: E402
from support.calls import V, complete_types  # noqa: E402
from support.clients import Gio, GLib, gvariant_text, gvariants, session  # noqa: E402
from support.dbus_send import word_for  # noqa: E402
from support.service import NAME, Service, run  # noqa: E402

BUS_ERROR = "org.freedesktop.DBus.Error."
INVALID = BUS_ERROR + "InvalidArgs"
TYPES, CALLS, PROPERTIES, FAILING = (
    "/org/ctbus/" + p for p in ("types", "calls", "properties", "failing")
)
GET_SET = "org.freedesktop.DBus.Properties"

Wrong = namedtuple("Wrong", "path interface method signature arguments error texts")


def wrong(path, interface, method, signature, arguments, error, *texts):
    return Wrong(path, interface, method, signature, arguments, error, texts)


def get(path, interface, name, error, *texts):
    return wrong(path, GET_SET, "Get", "ss", [interface, name], error, *texts)


def put(name, value, error, *texts):
    return wrong(
        PROPERTIES, GET_SET, "Set", "ssv", ["org.ctbus.Properties", name, value], error, *texts
    )


NAME_AND_LEVEL = [("name", V("s", "n")), ("level", V("i", 1))]
OTHER_ARGUMENTS = [  # than the method takes
    wrong(TYPES, "org.ctbus.Basic", "Int32", "s", ["text"], INVALID, "Int32"),
    wrong(TYPES, "org.ctbus.Basic", "Int32", "u", [1], INVALID, "Int32"),
    wrong(TYPES, "org.ctbus.Basic", "Int32", "", [], INVALID, "Int32"),
    wrong(TYPES, "org.ctbus.Basic", "Int32", "ii", [1, 2], INVALID, "Int32"),
    wrong(TYPES, "org.ctbus.Arrays", "Strings", "ao", [["/"]], INVALID, "Strings"),
    wrong(TYPES, "org.ctbus.Structs", "Single", "i", [1], INVALID, "Single"),
    wrong(TYPES, "org.ctbus.Variants", "Value", "i", [1], INVALID, "Value"),
    wrong(CALLS, "org.ctbus.Calls", "Ping", "s", ["surplus"], INVALID, "Ping"),
    wrong(CALLS, "org.ctbus.Calls", "Greet", "", [], INVALID, "Greet"),
    wrong(CALLS, "org.ctbus.Calls", "Tell", "i", [1], INVALID, "Tell"),
    # S4: a handler that takes only the message has no arguments.
    wrong(CALLS, "org.ctbus.Calls", "Who", "s", ["x"], INVALID, "Who"),
    wrong(TYPES, "org.ctbus.Outputs", "References", "v", [V("i", 1)], INVALID, "References"),
    wrong(PROPERTIES, GET_SET, "Get", "s", ["org.ctbus.Properties"], INVALID),
]
WRONG = OTHER_ARGUMENTS + [
    # Arguments of the right signature that do not decode.
    wrong(TYPES, "org.ctbus.Variants", "Value", "v", [V("x", 1)], INVALID, "argument 1", "Value"),
    wrong(TYPES, "org.ctbus.Variants", "Value", "v", [V("v", V("i", 1))], INVALID, "argument 1"),
    wrong(TYPES, "org.ctbus.Variants", "Value", "v", [V("ai", [1])], INVALID, "argument 1"),
    wrong(TYPES, "org.ctbus.Variants", "Nested", "v", [V("v", V("i", 1))], INVALID, "argument 1"),
    wrong(
        TYPES, "org.ctbus.Variants", "Nested", "v", [V("av", [V("d", 1.0)])], INVALID, "argument 1"
    ),
    wrong(
        TYPES, "org.ctbus.Arrays", "Variants", "av", [[V("i", 1), V("y", 1)]], INVALID, "argument 1"
    ),
    wrong(
        TYPES, "org.ctbus.Dicts", "Values", "a{sv}", [[("a", V("g", "i"))]], INVALID, "argument 1"
    ),
    wrong(TYPES, "org.ctbus.Arrays", "Three", "ai", [[1, 2]], INVALID, "argument 1"),
    wrong(TYPES, "org.ctbus.Arrays", "Three", "ai", [[]], INVALID, "argument 1"),
    wrong(TYPES, "org.ctbus.Arrays", "Three", "ai", [[1, 2, 3, 4]], INVALID, "argument 1"),
    wrong(TYPES, "org.ctbus.Arrays", "TwoStrings", "as", [["x"]], INVALID, "argument 1"),
    wrong(TYPES, "org.ctbus.Arrays", "TwoStrings", "as", [["x", "y", "z"]], INVALID, "argument 1"),
    wrong(TYPES, "org.ctbus.Enums", "Colour", "s", ["blue"], INVALID, "argument 1", "blue"),
    wrong(TYPES, "org.ctbus.Enums", "Colour", "s", [""], INVALID, "argument 1"),
    wrong(
        TYPES, "org.ctbus.Enums", "Colours", "as", [["red", "Red"]], INVALID, "argument 1", "Red"
    ),
    wrong(
        TYPES,
        "org.ctbus.Dicts",
        "Colour",
        "a{sy}",
        [[("mauve", 1)]],
        INVALID,
        "argument 1",
        "mauve",
    ),
    wrong(TYPES, "org.ctbus.Dicts", "Settings", "a{sv}", [[]], INVALID, "argument 1", "name"),
    wrong(
        TYPES,
        "org.ctbus.Dicts",
        "Settings",
        "a{sv}",
        [NAME_AND_LEVEL[:1]],
        INVALID,
        "argument 1",
        "level",
    ),
    wrong(
        TYPES,
        "org.ctbus.Dicts",
        "Settings",
        "a{sv}",
        [NAME_AND_LEVEL + [("ratio", V("s", "x"))]],
        INVALID,
        "argument 1",
        "ratio",
    ),
    wrong(
        TYPES,
        "org.ctbus.Dicts",
        "Settings",
        "a{sv}",
        [NAME_AND_LEVEL + [("range", V("a{sv}", []))]],
        INVALID,
        "argument 1",
        "low",
    ),
    wrong(TYPES, "org.ctbus.Wires", "Even", "i", [3], "org.ctbus.Error.Odd"),
    wrong(TYPES, "org.ctbus.Wires", "Evens", "ai", [[2, 3]], "org.ctbus.Error.Odd"),
    wrong(TYPES, "org.ctbus.Wires", "Shout", "s", ["quiet"], INVALID, "argument 1", "loud"),
    wrong(
        CALLS, "org.ctbus.Calls", "Fail", "s", ["error"], "org.ctbus.Error.Wanted", "as you wished"
    ),
    # What is not there.
    wrong(CALLS, "org.ctbus.Calls", "Nothing", "", [], BUS_ERROR + "UnknownMethod", "Nothing"),
    wrong(CALLS, "org.ctbus.Calls", "ping", "", [], BUS_ERROR + "UnknownMethod", "ping"),
    wrong(
        CALLS, "org.ctbus.Basic", "Byte", "y", [1], BUS_ERROR + "UnknownMethod", "org.ctbus.Basic"
    ),
    wrong(
        CALLS, "org.ctbus.Unknown", "Ping", "", [], BUS_ERROR + "UnknownMethod", "org.ctbus.Unknown"
    ),
    wrong(
        "/org/ctbus/nothing",
        "org.ctbus.Calls",
        "Ping",
        "",
        [],
        BUS_ERROR + "UnknownObject",
        "/org/ctbus/nothing",
    ),
    wrong("/org/ctbus/calls/below", "org.ctbus.Calls", "Ping", "", [], BUS_ERROR + "UnknownObject"),
    wrong("/org/ctbus", "org.ctbus.Calls", "Ping", "", [], BUS_ERROR + "UnknownObject"),
    # Properties.
    get(PROPERTIES, "org.ctbus.Properties", "Nothing", BUS_ERROR + "UnknownProperty", "Nothing"),
    get(
        PROPERTIES,
        "org.ctbus.Unknown",
        "Version",
        BUS_ERROR + "UnknownProperty",
        "org.ctbus.Unknown",
    ),
    get("/org/ctbus/nothing", "org.ctbus.Properties", "Version", BUS_ERROR + "UnknownObject"),
    wrong(
        PROPERTIES, GET_SET, "GetAll", "s", ["org.ctbus.Unknown"], BUS_ERROR + "UnknownInterface"
    ),
    put("Nothing", V("i", 1), BUS_ERROR + "UnknownProperty", "Nothing"),
    put("Version", V("s", "2"), BUS_ERROR + "PropertyReadOnly", "Version"),
    put("ReadOnly", V("x", 2), BUS_ERROR + "PropertyReadOnly", "ReadOnly"),
    put("Computed", V("ai", []), BUS_ERROR + "PropertyReadOnly", "Computed"),
    put("Changing", V("i", 2), INVALID, "Changing"),
    put("Changing", V("v", V("u", 2)), INVALID, "Changing"),
    put("Favourite", V("s", "blue"), INVALID, "Favourite", "blue"),
    put("Table", V("a{sv}", [("answer", V("y", 1))]), INVALID, "Table"),
    put("Where", V("(di)", (1.0, 2)), INVALID, "Where"),
    put("Even", V("i", 3), "org.ctbus.Error.Odd", "it is odd"),
    put("Percent", V("y", 101), "org.ctbus.Error.TooMuch", "over 100"),
    get(FAILING, "org.ctbus.Failing", "Broken", "org.ctbus.Error.Broken", "out of order"),
    wrong(
        FAILING,
        GET_SET,
        "GetAll",
        "s",
        ["org.ctbus.Failing"],
        "org.ctbus.Error.Broken",
        "Broken",
        "out of order",
    ),
    # Handlers that fail.
    wrong(CALLS, "org.ctbus.Calls", "Fail", "s", ["errno"], BUS_ERROR + "FileNotFound", "looking"),
    wrong(CALLS, "org.ctbus.Calls", "Fail", "s", ["memory"], BUS_ERROR + "NoMemory"),
    wrong(
        CALLS,
        "org.ctbus.Calls",
        "Fail",
        "s",
        ["exception"],
        BUS_ERROR + "Failed",
        "something is wrong",
    ),
    wrong(CALLS, "org.ctbus.Calls", "Fail", "s", ["bad text"], BUS_ERROR + "Failed", "caf?"),
    wrong(CALLS, "org.ctbus.Calls", "Fail", "s", ["long"], BUS_ERROR + "Failed", "x" * 1000),
    wrong(
        CALLS,
        "org.ctbus.Calls",
        "Fail",
        "s",
        ["anything else"],
        BUS_ERROR + "Failed",
        "unknown exception",
    ),
    wrong(
        CALLS, "org.ctbus.Calls", "FailTelling", "", [], "org.ctbus.Error.Wanted", "as you wished"
    ),
    wrong(TYPES, "org.ctbus.Outputs", "Result", "b", [False], "org.ctbus.Error.Bad", "not good"),
]


class MalformedCalls(unittest.TestCase):
    def setUp(self):
        self.service = Service("types_service")
        self.bus = session()

    def tearDown(self):
        if self.service.running():
            self.assertEqual(self.service.stop(), 0)

    def still_serves(self):
        self.bus.call_sync(
            NAME, CALLS, "org.ctbus.Calls", "Ping", None, None, Gio.DBusCallFlags.NONE, 10_000, None
        )

    def each(self, call_with, at_least):
        """Makes each call that `call_with` can make: it returns (error, text), or None."""
        made = 0
        for call in WRONG:
            with self.subTest(call=str(call)[:300]):
                answer = call_with(call)
                if answer is None:
                    continue
                made += 1
                error, text = answer
                self.assertEqual(error, call.error, text[:300])
                for part in call.texts:
                    self.assertIn(part, text)
                self.still_serves()
        self.assertGreaterEqual(made, at_least)  # the others have no form there

    def test_S1_S38_glib(self):
        def call_with(call):
            try:
                self.bus.call_sync(
                    NAME,
                    call.path,
                    call.interface,
                    call.method,
                    gvariants(call.signature, call.arguments),
                    None,
                    Gio.DBusCallFlags.NONE,
                    10_000,
                    None,
                )
            except GLib.Error as e:
                name = Gio.DBusError.get_remote_error(e)
                Gio.DBusError.strip_remote_error(e)
                return name, e.message
            return "no error", ""

        self.each(call_with, len(WRONG))

    def test_S1_S38_busctl(self):
        def call_with(call):
            command = [
                "busctl",
                "--user",
                "call",
                "--",
                NAME,
                call.path,
                call.interface,
                call.method,
            ]
            if call.signature:
                command += [
                    call.signature,
                    *(
                        w
                        for t, v in zip(complete_types(call.signature), call.arguments)
                        for w in words(t, v)
                    ),
                ]
            # It prints the error's text; the name is in what sd-bus logs.
            status, output, errors = run(command, environment={"SYSTEMD_LOG_LEVEL": "debug"})
            self.assertEqual((status, output), (1, ""))
            names = re.findall(r"error-name=(\S+)", errors)
            return names[-1] if names else "no error", errors

        self.each(call_with, len(WRONG))

    def test_S1_S38_gdbus(self):
        def call_with(call):
            status, output, errors = run(
                [
                    "gdbus",
                    "call",
                    "--session",
                    "--dest",
                    NAME,
                    "--object-path",
                    call.path,
                    "--method",
                    call.interface + "." + call.method,
                    *(
                        gvariant_text(t, v)
                        for t, v in zip(complete_types(call.signature), call.arguments)
                    ),
                ]
            )
            if call in OTHER_ARGUMENTS and "GDBus.Error" not in errors:
                return None  # it has read the introspection, and converts or refuses by itself
            self.assertEqual((status, output), (1, ""))
            return re.search(
                r"^Error: GDBus\.Error:([\w.]+): (.*)", errors, re.DOTALL | re.MULTILINE
            ).groups()

        self.each(call_with, len(WRONG) - len(OTHER_ARGUMENTS) + 2)

    def test_S1_S38_dbus_send(self):
        def call_with(call):
            arguments = [
                word_for(t, v) for t, v in zip(complete_types(call.signature), call.arguments)
            ]
            if None in arguments:
                return None
            status, output, errors = run(
                [
                    "dbus-send",
                    "--session",
                    "--print-reply",
                    "--dest=" + NAME,
                    call.path,
                    call.interface + "." + call.method,
                    *arguments,
                ]
            )
            self.assertEqual((status, output), (1, ""))
            return re.match(r"Error ([\w.]+): (.*)", errors, re.DOTALL | re.MULTILINE).groups()

        self.each(call_with, len(WRONG) - 20)

    def test_S38_a_refused_set_changes_nothing(self):
        def all_properties():
            return self.bus.call_sync(
                NAME,
                PROPERTIES,
                GET_SET,
                "GetAll",
                gvariants("s", ["org.ctbus.Properties"]),
                GLib.VariantType("(a{sv})"),
                Gio.DBusCallFlags.NONE,
                10_000,
                None,
            ).unpack()

        before = all_properties()
        heard = []
        self.bus.signal_subscribe(
            None,
            GET_SET,
            "PropertiesChanged",
            None,
            None,
            Gio.DBusSignalFlags.NONE,
            lambda *signal: heard.append(signal),
        )
        for call in WRONG:
            if call.method == "Set":
                with self.assertRaises(GLib.Error):
                    self.bus.call_sync(
                        NAME,
                        call.path,
                        call.interface,
                        call.method,
                        gvariants(call.signature, call.arguments),
                        None,
                        Gio.DBusCallFlags.NONE,
                        10_000,
                        None,
                    )
        self.assertEqual(all_properties(), before)
        while GLib.MainContext.default().iteration(False):
            pass
        self.assertEqual(heard, [])

    def test_S38_nobody_waits_for_the_answers(self):
        for call in WRONG:
            message = Gio.DBusMessage.new_method_call(NAME, call.path, call.interface, call.method)
            message.set_body(gvariants(call.signature, call.arguments))
            message.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
            self.bus.send_message(message, Gio.DBusSendMessageFlags.NONE)
        self.still_serves()


if __name__ == "__main__":
    unittest.main(verbosity=2)
