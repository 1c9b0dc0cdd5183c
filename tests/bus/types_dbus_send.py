"""S32: dbus-send calls every method of types_service whose arguments it can express."""
import sys
import unittest

sys.dont_write_bytecode = True
from support.calls import CALLS, ELSEWHERE, complete_types  # noqa: E402
from support.clients import all_methods  # noqa: E402
from support.dbus_send import Output, is_printed_well, printed, word_for  # noqa: E402
from support.service import NAME, Service, run  # noqa: E402

# It knows basic types, and arrays, dictionaries and variants of these; so it cannot call these.
BEYOND = {
    "org.ctbus.Basic.Signature",
    "org.ctbus.Arrays.Signatures",
    "org.ctbus.Arrays.Variants",
    "org.ctbus.Arrays.Structs",
    "org.ctbus.Arrays.Rows",
    "org.ctbus.Arrays.Blobs",
    "org.ctbus.Arrays.Addresses",
    "org.ctbus.Arrays.Nested32",
    "org.ctbus.Structs.Everything",
    "org.ctbus.Structs.Shape",
    "org.ctbus.Structs.Single",
    "org.ctbus.Structs.Tuple",
    "org.ctbus.Structs.Pair",
    "org.ctbus.Structs.Tuples",
    "org.ctbus.Structs.Pairs",
    "org.ctbus.Structs.Wide",
    "org.ctbus.Structs.Nested32",
    "org.ctbus.Structs.Nested64",
    "org.ctbus.Dicts.Signature",
    "org.ctbus.Dicts.Unordered",
    "org.ctbus.Dicts.Nested",
    "org.ctbus.Dicts.Values",
    "org.ctbus.Dicts.Settings",
    "org.ctbus.Dicts.AllSettings",
}


class DbusSend(unittest.TestCase):
    def test_S32_every_method_that_it_can_call(self):
        service = Service("types_service")
        called = set()
        for call in CALLS:
            words = [word_for(t, v) for t, v in zip(complete_types(call.inputs), call.arguments)]
            if None in words or not all(is_printed_well(v) for v in call.results):
                continue
            with self.subTest(call=str(call)[:300]):
                status, output, errors = run(
                    [
                        "dbus-send",
                        "--session",
                        "--print-reply",
                        "--dest=" + NAME,
                        call.path,
                        call.interface + "." + call.method,
                        *words,
                    ]
                )
                self.assertEqual((status, errors), (0, ""))
                head, _, body = output.partition("\n")
                self.assertRegex(head, "^method return ")
                expected = [
                    printed(t, v) for t, v in zip(complete_types(call.outputs), call.results)
                ]
                self.assertEqual(Output(body).values(), expected)
            called.add(call.interface + "." + call.method)
        self.assertEqual(all_methods() - called, ELSEWHERE | BEYOND)
        self.assertEqual(service.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
