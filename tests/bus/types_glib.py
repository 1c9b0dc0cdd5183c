"""S32, S37: GLib calls every method of types_service in both byte orders, also with what the command
line tools cannot pass: descriptors, infinities, a mebibyte."""
import math
import os
import sys
import unittest

sys.dont_write_bytecode = True
from support.calls import CALLS, ELSEWHERE, V  # noqa: E402
from support.clients import Gio, GLib, all_methods, gvariant, gvariants, session  # noqa: E402
from support.service import NAME, Service  # noqa: E402

ORDERS = [Gio.DBusMessageByteOrder.LITTLE_ENDIAN, Gio.DBusMessageByteOrder.BIG_ENDIAN]


def descriptors_of(message):
    descriptors = message.get_unix_fd_list()
    return descriptors.steal_fds() if descriptors else []


class GlibCalls(unittest.TestCase):
    def setUp(self):
        self.service = Service("types_service")
        self.bus = session()

    def tearDown(self):
        self.assertEqual(self.service.stop(), 0)

    def call(self, interface, method, body=None, path="/org/ctbus/types", order=ORDERS[0], fds=()):
        """The reply message; an error is raised."""
        message = Gio.DBusMessage.new_method_call(NAME, path, "org.ctbus." + interface, method)
        message.set_byte_order(order)
        if body is not None:
            message.set_body(body)
        if fds:
            descriptors = Gio.UnixFDList.new()
            for fd in fds:
                descriptors.append(fd)
            message.set_unix_fd_list(descriptors)
        reply, _ = self.bus.send_message_with_reply_sync(
            message, Gio.DBusSendMessageFlags.NONE, 60_000, None
        )
        reply.to_gerror()
        return reply

    def test_S32_S37_every_method(self):
        called = set()
        for order in ORDERS:
            for call in CALLS:
                if call.method == "Told" and order == ORDERS[1]:
                    continue  # its answer has grown
                with self.subTest(call=str(call)[:300], order=order):
                    body = gvariants(call.inputs, call.arguments) if call.inputs else None
                    reply = self.call(call.interface[10:], call.method, body, call.path, order)
                    answer = reply.get_body() or GLib.Variant("()", ())
                    self.assertEqual(answer.get_type_string(), "(" + call.outputs + ")")
                    self.assertTrue(
                        answer.equal(gvariants(call.outputs, call.results)), str(answer)[:300]
                    )
                called.add(call.interface + "." + call.method)
        self.assertEqual(all_methods() - called, ELSEWHERE)

    def test_S32_numbers_that_have_no_digits(self):
        for order in ORDERS:
            for value in [math.inf, -math.inf, 5e-324, -5e-324]:
                for method, body in [
                    ("Basic.Double", GLib.Variant("(d)", (value,))),
                    ("Arrays.Doubles", GLib.Variant("(ad)", ([value],))),
                    ("Variants.Value", GLib.Variant("(v)", (GLib.Variant("d", value),))),
                ]:
                    reply = self.call(*method.split("."), body, order=order)
                    self.assertTrue(reply.get_body().equal(body))
            answer = self.call("Basic", "Double", GLib.Variant("(d)", (math.nan,)), order=order)
            self.assertTrue(math.isnan(answer.get_body().unpack()[0]))

    def test_S32_large_values(self):
        text = "\u00e9" * 500_000 + "x" * 100_000
        for order in ORDERS:
            for signature, interface, method, value in [
                ("s", "Basic", "String", text),
                ("s", "Basic", "StringView", text),
                ("v", "Variants", "Value", V("s", text)),
                ("as", "Arrays", "Strings", ["text"] * 50_000),
                ("a{ss}", "Dicts", "Views", [("key", text), ("", text)]),
            ]:
                with self.subTest(method=method, order=order):
                    body = gvariants(signature, [value])
                    self.assertTrue(
                        self.call(interface, method, body, order=order).get_body().equal(body)
                    )
            for method in ["Bytes", "ByteSpan"]:
                body = GLib.Variant.new_tuple(
                    GLib.Variant.new_from_bytes(
                        GLib.VariantType("ay"), GLib.Bytes.new(os.urandom(1 << 20)), True
                    )
                )
                self.assertTrue(
                    self.call("Arrays", method, body, order=order).get_body().equal(body)
                )

    def test_S32_descriptors(self):
        ours = [os.pipe() for _ in range(3)]
        identity = [os.fstat(reader).st_ino for reader, _ in ours]
        readers = [reader for reader, _ in ours]
        one = [
            ("Basic", "Fd", "(@h 0,)"),
            ("Basic", "FdView", "(@h 0,)"),
            ("Variants", "Fd", "(<@h 0>,)"),
        ]
        many = [
            ("Arrays", "Fds", "(@ah [0, 1, 2],)"),
            ("Arrays", "Fds", "(@ah [2, 0],)"),
            ("Dicts", "Fd", "(@a{hs} {1: 'one', 0: 'none'},)"),
        ]
        for order in ORDERS:
            for interface, method, text in one + many:
                with self.subTest(method=method, order=order):
                    body = GLib.Variant.parse(None, text, None, None)
                    fds = readers if method in ("Fds",) or interface == "Dicts" else readers[:1]
                    reply = self.call(interface, method, body, order=order, fds=fds)
                    back = descriptors_of(reply)
                    asked = [int(c) for c in text if c.isdigit()]
                    self.assertEqual(reply.get_body().get_type_string(), body.get_type_string())
                    self.assertEqual(
                        [os.fstat(fd).st_ino for fd in back], [identity[at] for at in asked]
                    )
                    self.assertTrue(set(back).isdisjoint(readers))
                    for fd in back:
                        os.close(fd)
        body = self.call("Arrays", "Fds", GLib.Variant("(ah)", ([],))).get_body()
        self.assertEqual(body.unpack(), ([],))
        for reader, writer in ours:
            os.close(reader)
            os.close(writer)

    def test_no_descriptor_stays_open(self):
        def open_in_service():
            # A call's message is let go after its reply was sent, so that needs another call.
            self.call("Calls", "Ping", path="/org/ctbus/calls")
            return len(os.listdir(f"/proc/{self.service.process.pid}/fd"))

        reader, writer = os.pipe()
        before = open_in_service()
        for _ in range(20):
            for method in ["Fd", "FdView"]:
                os.close(
                    descriptors_of(
                        self.call("Basic", method, GLib.Variant("(h)", (0,)), fds=[reader])
                    )[0]
                )
        # Descriptors that nothing refers to.
        self.call("Basic", "Byte", GLib.Variant("(y)", (1,)), fds=[reader, reader])
        self.assertEqual(open_in_service(), before)
        os.close(reader)
        os.close(writer)

    def test_S38_a_descriptor_that_was_not_sent(self):
        reader, writer = os.pipe()
        with self.assertRaises(GLib.Error) as caught:
            self.call("Basic", "Fd", GLib.Variant("(h)", (7,)), fds=[reader])
        self.assertEqual(
            Gio.DBusError.get_remote_error(caught.exception),
            "org.freedesktop.DBus.Error.InvalidArgs",
        )
        self.call("Calls", "Ping", path="/org/ctbus/calls")
        os.close(reader)
        os.close(writer)


if __name__ == "__main__":
    unittest.main(verbosity=2)
