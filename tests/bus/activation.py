"""S26: a call by busctl or gdbus starts a service and is answered by it, also when it is one of many."""
import os
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from support.clients import Gio, GLib, session  # noqa: E402
from support.service import PROGRAMS, run  # noqa: E402

NAME = "org.ctbus.Changing"
PATH = "/org/ctbus/changing"
BUS = "org.freedesktop.DBus"


class Activation(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(os.environ["CTBUS_SERVICE_DIR"], NAME + ".service"), "w") as file:
            command = os.path.join(PROGRAMS, "changing_service")
            command = f"/bin/sh -c 'exec {command} >/dev/null'"
            file.write(f"[D-BUS Service]\nName={NAME}\nExec={command}\n")
        self.buses = {
            kind: Gio.DBusConnection.new_for_address_sync(
                os.environ[f"DBUS_{kind.upper()}_BUS_ADDRESS"],
                Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
                None,
                None,
            )
            for kind in ["session", "system"]
        }
        self.owners = {kind: [] for kind in self.buses}
        for kind, bus in self.buses.items():
            self.ask(kind, "ReloadConfig", None)
            bus.signal_subscribe(
                BUS,
                BUS,
                "NameOwnerChanged",
                "/org/freedesktop/DBus",
                NAME,
                Gio.DBusSignalFlags.NONE,
                lambda bus, sender, path, interface, member, body, kind: self.owners[kind].append(
                    body.unpack()[2]
                ),
                kind,
            )
            self.assertFalse(self.ask(kind, "NameHasOwner", GLib.Variant("(s)", (NAME,)))[0])

    def tearDown(self):
        for kind in self.buses:
            if self.ask(kind, "NameHasOwner", GLib.Variant("(s)", (NAME,)))[0]:
                self.stop(kind)

    def ask(self, kind, method, body):
        """Calls the bus itself."""
        return (
            self.buses[kind]
            .call_sync(
                BUS,
                "/org/freedesktop/DBus",
                BUS,
                method,
                body,
                None,
                Gio.DBusCallFlags.NONE,
                10_000,
                None,
            )
            .unpack()
        )

    def owners_so_far(self, kind):
        """Those that the name was given to, "" each time that it was given back."""
        self.ask(kind, "GetId", None)  # all signals that were sent before have come then
        while GLib.MainContext.default().iteration(False):
            pass
        return self.owners[kind]

    def pid(self, kind):
        return self.ask(kind, "GetConnectionUnixProcessID", GLib.Variant("(s)", (NAME,)))[0]

    def stop(self, kind):
        """Ends the service, and waits until the bus has seen that."""
        heard = len(self.owners_so_far(kind))
        os.kill(self.pid(kind), 15)
        while len(self.owners[kind]) == heard:
            GLib.MainContext.default().iteration(True)
        self.assertEqual(self.owners[kind][-1], "")

    def busctl(self, kind, *options):
        option = "--user" if kind == "session" else "--system"
        return ["busctl", option, *options, "call", NAME, PATH, NAME, "Pid"]

    def gdbus(self, kind):
        target = ["--dest", NAME, "--object-path", PATH, "--method", NAME + ".Pid"]
        return ["gdbus", "call", "--" + kind, *target]

    def number(self, output):
        """What busctl ("u 5") or gdbus ("(uint32 5,)") printed."""
        return int(re.fullmatch(r"u (\d+)|\(uint32 (\d+),\)", output.strip()).expand(r"\1\2"))

    def test_S26_the_first_call_starts_the_service_and_is_answered(self):
        for kind in self.buses:
            for command in [self.busctl, self.gdbus, self.busctl]:
                with self.subTest(bus=kind, tool=command.__name__):
                    status, output, errors = run(command(kind))
                    self.assertEqual((status, errors), (0, ""))
                    self.assertEqual(self.number(output), self.pid(kind))
                    self.stop(kind)

    def test_S26_a_property_and_introspection_start_it_too(self):
        commands = [
            (["busctl", "--user", "get-property", NAME, PATH, NAME, "Children"], "u 0"),
            (["busctl", "--user", "introspect", NAME, PATH, NAME], "RenewTwice"),
            (["gdbus", "introspect", "--session", "-d", NAME, "-o", PATH], "RenewTwice"),
            (["busctl", "--user", "tree", NAME], PATH),
        ]
        for command, expected in commands:
            with self.subTest(command=command):
                status, output, errors = run(command)
                self.assertEqual((status, errors), (0, ""))
                self.assertIn(expected, output)
                self.stop("session")

    def test_S26_twenty_first_calls_at_once_are_answered_by_one_process(self):
        for kind in self.buses:
            before = len(self.owners_so_far(kind))
            commands = [self.busctl(kind), self.gdbus(kind)] * 10
            running = [
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for command in commands
            ]
            answers = []
            for process in running:
                output, errors = process.communicate(timeout=60)
                self.assertEqual((process.returncode, errors), (0, ""))
                answers.append(self.number(output))
            self.assertEqual(answers, [self.pid(kind)] * 20)
            self.assertEqual(len(self.owners_so_far(kind)), before + 1)

    def test_S26_twenty_first_calls_of_one_connection_are_answered_in_order(self):
        answers = []

        def answered(bus, result):
            try:
                answers.append(bus.call_finish(result).unpack()[0])
            except GLib.Error as e:
                answers.append(str(e))

        bus = session()
        for _ in range(20):
            bus.call(
                NAME,
                PATH,
                NAME,
                "Count",
                None,
                None,
                Gio.DBusCallFlags.NONE,
                60_000,
                None,
                answered,
            )
        while len(answers) < 20:
            GLib.MainContext.default().iteration(True)
        self.assertEqual(answers, list(range(1, 21)))

    def test_S26_without_auto_start_it_is_not_started(self):
        for kind in self.buses:
            status, output, errors = run(
                self.busctl(kind, "--auto-start=no"), environment={"SYSTEMD_LOG_LEVEL": "debug"}
            )
            self.assertEqual((status, output), (1, ""))
            # The first is what dbus-daemon says where it could have started it.
            self.assertRegex(errors, r"error-name=\S+\.Error\.(NameHasNoOwner|ServiceUnknown)\b")
            self.assertEqual(self.owners_so_far(kind), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
