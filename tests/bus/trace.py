"""S31: CTBUS_DEBUG=1 prints every message that types_service sends and every one dispatched to it,
once each, and no sensitive body; without it nothing is printed."""
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from support.clients import Gio, GLib, session  # noqa: E402
from support.service import NAME, PROGRAMS, Service, run  # noqa: E402

CALLS, PROPERTIES, SIGNALS = "/org/ctbus/calls", "/org/ctbus/properties", "/org/ctbus/signals"
GET_SET = "org.freedesktop.DBus.Properties"


class Trace(unittest.TestCase):
    maxDiff = None

    def traced(self, work, environment):
        """What a service prints while `work(call, bus)` calls it."""
        service = Service("types_service", stderr=subprocess.PIPE, environment=environment)
        bus = session()

        def call(path, interface, method, body=None):
            try:
                return bus.call_sync(
                    NAME,
                    path,
                    interface,
                    method,
                    body and GLib.Variant.parse(None, body, None, None),
                    None,
                    Gio.DBusCallFlags.NONE,
                    10_000,
                    None,
                )
            except GLib.Error as e:
                return Gio.DBusError.get_remote_error(e)

        work(call, bus)
        service.process.terminate()
        _, errors = service.process.communicate(timeout=60)
        self.assertEqual(service.process.returncode, 0)
        lines = errors.decode().splitlines()
        return [line for line in lines if line.startswith("ctbus ")], lines

    def test_S31_every_message_once(self):
        def work(call, bus):
            call(CALLS, "org.ctbus.Calls", "Ping")
            call(CALLS, "org.ctbus.Calls", "Greet", "('you there',)")
            call(CALLS, "org.ctbus.Calls", "Fail", "('error',)")
            call(SIGNALS, "org.ctbus.Emits", "Emit")
            call(PROPERTIES, GET_SET, "Set", "('org.ctbus.Properties', 'Changing', <uint32 77>)")
            bus.call_sync(
                NAME,
                CALLS,
                "org.ctbus.Calls",
                "Tell",
                GLib.Variant("(s)", ("listen",)),
                None,
                Gio.DBusCallFlags.NONE,
                10_000,
                None,
            )

        traces, _ = self.traced(work, {"CTBUS_DEBUG": "1"})

        def count(*parts):
            return len([line for line in traces if all(part in line for part in parts)])

        for method in ["Ping", "Greet", "Fail", "Tell"]:
            self.assertEqual(count("receives call", "org.ctbus.Calls." + method), 1, method)
        self.assertEqual(count("receives call", "org.ctbus.Emits.Emit"), 1)
        self.assertEqual(count("receives call", "Properties.Set"), 1)
        for signal in ["Happened", "Empty", "Old", "Everything"]:
            self.assertEqual(count("sends signal", "org.ctbus.Signals." + signal), 1, signal)
        self.assertEqual(count("sends signal", "PropertiesChanged"), 1)
        self.assertEqual(count("sends error", "org.ctbus.Error.Wanted"), 1)
        self.assertEqual(count("sends reply"), 4)  # Ping, Greet, Emit, Tell; sd-bus answers the Set
        self.assertEqual(count("sends error"), 1)
        # Bodies are shown, of every kind of message.
        self.assertEqual(count("receives call", "Greet", "you there"), 1)
        self.assertEqual(count("sends reply", "hello you there"), 1)
        self.assertEqual(count("sends error", "as you wished"), 1)
        self.assertEqual(count("sends signal", "Happened", "1.5"), 1)
        self.assertEqual(count("sends signal", "PropertiesChanged", "Changing", "77"), 1)

    def test_S31_sensitive_bodies_are_left_out(self):
        def work(call, bus):
            call(CALLS, "org.ctbus.Calls", "Secret", "('swordfish',)")
            call(CALLS, "org.ctbus.Calls", "Secret", "(1, 'swordfish')")  # refused by sd-bus
            call(PROPERTIES, GET_SET, "Set", "('org.ctbus.Properties', 'Sensitive', <'swordfish'>)")
            call(PROPERTIES, GET_SET, "Get", "('org.ctbus.Properties', 'Sensitive')")
            call(PROPERTIES, GET_SET, "GetAll", "('org.ctbus.Properties',)")

        traces, lines = self.traced(work, {"CTBUS_DEBUG": "1"})
        self.assertEqual([line for line in lines if "swordfish" in line], [])
        self.assertEqual(
            len([t for t in traces if "receives call" in t and "Calls.Secret" in t]), 2
        )
        self.assertEqual(len([t for t in traces if "sends reply" in t]), 1)
        self.assertEqual(len([t for t in traces if "PropertiesChanged" in t]), 1)
        self.assertEqual(
            len([t for t in traces if "receives call" in t and "Properties.Set" in t]), 1
        )

    def test_S31_a_client_too(self):
        service = Service("types_service")
        client = PROGRAMS + "/traced_client"
        status, output, errors = run([client], environment={"CTBUS_DEBUG": "1"})
        self.assertEqual((status, output), (0, ""))
        lines = errors.splitlines()
        self.assertEqual([line for line in lines if not line.startswith("ctbus ")], [])

        def count(*parts):
            return len([line for line in lines if all(part in line for part in parts)])

        for method in ["Calls.Greet", "Calls.Tell", "Calls.Fail", "Calls.Secret", "Emits.Emit"]:
            self.assertEqual(count("sends call", "org.ctbus." + method), 1, method)
        self.assertEqual(count("sends call", "Properties.Set"), 2)
        self.assertEqual(count("sends call", "Properties.Get"), 2)
        self.assertEqual(count("receives signal", "org.ctbus.Signals.Happened"), 1)
        self.assertEqual(count("receives error", "org.ctbus.Error.Wanted"), 1)
        self.assertEqual(count("receives reply"), 7)  # all but Tell and Fail
        self.assertEqual(count("you there"), 2)
        self.assertEqual(count("77"), 2)
        self.assertEqual(count("swordfish"), 0)
        self.assertEqual(run([client]), (0, "", ""))
        self.assertEqual(service.stop(), 0)

    def test_S31_unset_or_something_else_prints_nothing(self):
        def work(call, bus):
            call(CALLS, "org.ctbus.Calls", "Greet", "('you',)")
            call(CALLS, "org.ctbus.Calls", "Fail", "('error',)")
            call(SIGNALS, "org.ctbus.Emits", "Emit")

        for value in ["", "0", "no"]:
            self.assertEqual(self.traced(work, {"CTBUS_DEBUG": value})[1], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
