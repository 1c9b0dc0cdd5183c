"""S32: gdbus calls every method of types_service, with values at the limits of their types."""
import sys
import unittest

sys.dont_write_bytecode = True
from support.calls import CALLS, ELSEWHERE, complete_types  # noqa: E402
from support.clients import GLib, all_methods, gvariant_text, gvariants  # noqa: E402
from support.service import NAME, Service, run  # noqa: E402


class Gdbus(unittest.TestCase):
    def test_S32_every_method(self):
        service = Service("types_service")
        called = set()
        for call in CALLS:
            command = [
                "gdbus",
                "call",
                "--session",
                "--dest",
                NAME,
                "--object-path",
                call.path,
                "--method",
                call.interface + "." + call.method,
            ]
            command += [
                gvariant_text(t, v) for t, v in zip(complete_types(call.inputs), call.arguments)
            ]
            with self.subTest(call=str(call)[:300]):
                status, output, errors = run(command)
                self.assertEqual((status, errors), (0, ""))
                answer = GLib.Variant.parse(
                    GLib.VariantType("(" + call.outputs + ")"), output, None, None
                )
                expected = gvariants(call.outputs, call.results)
                self.assertTrue(answer.equal(expected), output[:300])
            called.add(call.interface + "." + call.method)
        self.assertEqual(all_methods() - called, ELSEWHERE)
        self.assertEqual(service.stop(), 0)

    def test_S32_descriptor(self):
        service = Service("types_service")
        for method in ["Fd", "FdView"]:
            status, output, errors = run(
                [
                    "gdbus",
                    "call",
                    "--session",
                    "--dest",
                    NAME,
                    "--object-path",
                    "/org/ctbus/types",
                    "--method",
                    "org.ctbus.Basic." + method,
                    "0",
                ]
            )
            self.assertEqual((status, output, errors), (0, "(handle 0,)\n", ""))
        self.assertEqual(service.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
