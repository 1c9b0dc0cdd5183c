"""S32: busctl calls every method of types_service, with values at the limits of their types."""
import json
import re
import sys
import unittest

sys.dont_write_bytecode = True
from support.busctl import as_json, printed, read, words  # noqa: E402
from support.calls import CALLS, ELSEWHERE, complete_types  # noqa: E402
from support.clients import all_methods  # noqa: E402
from support.service import NAME, Service, run  # noqa: E402


class Busctl(unittest.TestCase):
    def test_S32_every_method(self):
        service = Service("types_service")
        called = set()
        for call in CALLS:
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
            if call.inputs:
                command += [
                    call.inputs,
                    *(
                        w
                        for t, v in zip(complete_types(call.inputs), call.arguments)
                        for w in words(t, v)
                    ),
                ]
            with self.subTest(call=str(call)[:300]):
                status, output, errors = run(command)
                self.assertEqual((status, errors), (0, ""))
                expected = [call.outputs] if call.outputs else []
                for t, v in zip(complete_types(call.outputs), call.results):
                    expected += printed(t, v)
                self.assertEqual(read(output), expected)
                # The other form shows all digits. (Keys of dictionaries that are no text it refuses,
                # in 252, or writes as text, in 262.)
                if "d" in call.outputs and not re.search("a{[^so]", call.outputs):
                    status, output, errors = run([*command[:2], "--json=short", *command[2:]])
                    self.assertEqual((status, errors), (0, ""))
                    answer = json.loads(output)
                    self.assertEqual(answer["type"], call.outputs)
                    self.assertEqual(
                        answer["data"],
                        [
                            as_json(t, v)
                            for t, v in zip(complete_types(call.outputs), call.results)
                        ],
                    )
            called.add(call.interface + "." + call.method)
        self.assertEqual(all_methods() - called, ELSEWHERE)
        self.assertEqual(service.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
