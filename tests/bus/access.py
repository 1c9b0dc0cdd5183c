"""S24: on the system bus, a caller of another user is refused unless the member is `unprivileged`."""
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from support.service import NAME, Service, run  # noqa: E402

DENIED = "org.freedesktop.DBus.Error.AccessDenied"
NOBODY = "65534"


def as_nobody():
    """How to run a command as another user without privileges, or None where we may not."""
    variable = "DBUS_SYSTEM_BUS_ADDRESS=" + os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
    command = ["env", variable, "SYSTEMD_LOG_LEVEL=debug", "setpriv", "--reuid=" + NOBODY]
    command += ["--regid=" + NOBODY, "--clear-groups"]
    if os.getuid() == 0:
        return command
    if shutil.which("sudo") and run(["sudo", "-n", "true"])[0] == 0:
        return ["sudo", "-n", *command]
    return None


@unittest.skipUnless(as_nobody(), "only root, or who may use sudo, can be another user")
class Access(unittest.TestCase):
    def setUp(self):
        self.service = Service("types_service", "--system", stderr=subprocess.PIPE)

    def tearDown(self):
        if self.service.running():  # the test has failed
            self.service.process.kill()
            self.service.process.communicate()

    def ask(self, who, *arguments):
        """The error's name, or "" for an answer."""
        status, output, errors = run(
            [*who, "busctl", "--system", *arguments], environment={"SYSTEMD_LOG_LEVEL": "debug"}
        )
        names = re.findall(r"error-name=([\w.]+\.[\w.]+)", errors)
        self.assertEqual(bool(names), status != 0, errors[-500:])
        return names[-1] if names else ""

    def call(self, who, interface, method, *arguments):
        path = "/org/ctbus/types" if interface == "Basic" else "/org/ctbus/calls"
        return self.ask(who, "call", NAME, path, "org.ctbus." + interface, method, *arguments)

    def set(self, who, name, *value, path="properties", interface="Properties"):
        return self.ask(
            who,
            "set-property",
            NAME,
            "/org/ctbus/" + path,
            "org.ctbus." + interface,
            name,
            *value,
        )

    def test_S24_who_may_call_and_set(self):
        for who, closed in [(as_nobody(), DENIED), ([], "")]:
            with self.subTest(who=who):
                self.assertEqual(self.call(who, "Access", "Closed"), closed)
                self.assertEqual(self.call(who, "Access", "Open"), "")
                self.assertEqual(self.call(who, "OpenAccess", "Closed"), closed)
                self.assertEqual(self.call(who, "OpenAccess", "Open"), "")
                self.assertEqual(self.call(who, "Calls", "Ping"), "")
                self.assertEqual(self.call(who, "Calls", "Greet", "s", "you"), "")
                self.assertEqual(self.call(who, "MoreCalls", "Ping"), "")
                self.assertEqual(self.call(who, "Basic", "Byte", "y", "1"), closed)
                self.assertEqual(self.set(who, "Changing", "u", "2"), closed)
                self.assertEqual(self.set(who, "Where", "(dd)", "1", "2"), "")
                # What opens all methods opens no property.
                level = self.set(who, "Level", "i", "2", path="calls", interface="OpenAccess")
                self.assertEqual(level, closed)
                # Reading is not a matter of privileges.
                self.assertEqual(
                    self.ask(
                        who,
                        "get-property",
                        NAME,
                        "/org/ctbus/properties",
                        "org.ctbus.Properties",
                        "Changing",
                    ),
                    "",
                )
        self.service.process.terminate()
        _, errors = self.service.process.communicate(timeout=60)
        self.assertEqual(self.service.process.returncode, 0)
        reports = [line for line in errors.decode().splitlines() if "unprivileged" in line]
        self.assertEqual(len(reports), 1, reports)  # once, though there are many such methods
        self.assertIn("org.ctbus.", reports[0])


class Trusted(unittest.TestCase):
    def test_S24_on_the_session_bus_nothing_is_closed_or_reported(self):
        service = Service("types_service", stderr=subprocess.PIPE)
        for interface in ["Access", "OpenAccess"]:
            status, _, errors = run(
                [
                    "busctl",
                    "--user",
                    "call",
                    NAME,
                    "/org/ctbus/calls",
                    "org.ctbus." + interface,
                    "Closed",
                ]
            )
            self.assertEqual((status, errors), (0, ""))
        service.process.terminate()
        _, errors = service.process.communicate(timeout=60)
        self.assertEqual((service.process.returncode, errors), (0, b""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
