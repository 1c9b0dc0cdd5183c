"""What can be called of types_service: each method with values at the limits of its types, and what
it has to answer. Values are Python's: numbers, text, lists (arrays), tuples (structs), lists of
pairs (dictionaries, in their order), V(signature, value) for variants."""
from collections import namedtuple

V = namedtuple("V", "signature value")
Call = namedtuple("Call", "path interface method inputs arguments outputs results")


def complete_types(signature):
    """The single complete types that a signature consists of."""
    found = []
    while signature:
        end = type_length(signature)
        found.append(signature[:end])
        signature = signature[end:]
    return found


def type_length(signature):
    if signature[0] == "a":
        return 1 + type_length(signature[1:])
    if signature[0] in "({":
        depth = 0
        for at, c in enumerate(signature):
            depth += (c in "({") - (c in ")}")
            if depth == 0:
                return at + 1
    return 1


def nested(depth, innermost):
    for _ in range(depth):
        innermost = [innermost]
    return innermost


def in_structs(depth, innermost):
    for _ in range(depth):
        innermost = (innermost,)
    return innermost


LONG = "long " * 20_000  # what fits on a command line
TEXTS = [
    "",
    "a",
    "two words",
    "na\u00efve \u2200\u4e16\u754c \U0001f680\U0010fffd",
    'it\'s "quoted" \\ $x `y`',
    "lines\nand\ttabs\r\x01\x7f",
    LONG,
]
PATHS = ["/", "/a", "/org/ctbus/Some_Thing/_1", "/" + "x" * 1000, "/a" * 500]
# (D-Bus allows 255 bytes; sd-bus does not receive the last of them.)
SIGNATURES = ["", "i", "a{sv}", "(ii)as", "i" * 254, "a" * 32 + "y", "(" * 32 + "b" + ")" * 32]
DOUBLES = [
    0.0,
    -0.0,
    0.1,
    -1.5,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    2.2250738585072014e-308,
]
LIMITS = {
    "y": [0, 1, 127, 128, 255],
    "b": [False, True],
    "n": [0, -1, -(2**15), 2**15 - 1],
    "q": [0, 1, 2**15, 2**16 - 1],
    "i": [0, -1, -(2**31), 2**31 - 1],
    "u": [0, 1, 2**31, 2**32 - 1],
    "x": [0, -1, -(2**63), 2**63 - 1, 2**53 + 1],
    "t": [0, 1, 2**63, 2**64 - 1, 2**53 + 1],
    "d": DOUBLES,
    "s": TEXTS,
    "o": PATHS,
    "g": SIGNATURES,
}
EVERYTHING = (
    255,
    True,
    -(2**15),
    2**16 - 1,
    -(2**31),
    2**32 - 1,
    -(2**63),
    2**64 - 1,
    0.1,
    "text",
    "/p",
    "a(is)",
)
NOTHING = (0, False, 0, 0, 0, 0, 0, 0, 0.0, "", "/", "")

TYPES = "/org/ctbus/types"
CALLS = []


def echoes(interface, method, signature, values):
    """A method that answers what it was given; a value may be (given, answered)."""
    for value in values:
        given, answered = value if isinstance(value, Differs) else (value, value)
        CALLS.append(
            Call(TYPES, "org.ctbus." + interface, method, signature, [given], signature, [answered])
        )


Differs = namedtuple("Differs", "given answered")

for method, code in [
    ("Byte", "y"),
    ("StdByte", "y"),
    ("Bool", "b"),
    ("Int16", "n"),
    ("Uint16", "q"),
    ("Int32", "i"),
    ("Uint32", "u"),
    ("Int64", "x"),
    ("Uint64", "t"),
    ("Long", "x"),
    ("Ulong", "t"),
    ("LongLong", "x"),
    ("UlongLong", "t"),
    ("Double", "d"),
    ("String", "s"),
    ("StringView", "s"),
    ("CString", "s"),
    ("PmrString", "s"),
    ("ConstString", "s"),
    ("Path", "o"),
    ("PathView", "o"),
    ("Signature", "g"),
]:
    echoes("Basic", method, code, LIMITS[code])

for method, code in [
    ("Bytes", "y"),
    ("StdBytes", "y"),
    ("Bools", "b"),
    ("Int16s", "n"),
    ("Uint16s", "q"),
    ("Int32s", "i"),
    ("Uint32s", "u"),
    ("Int64s", "x"),
    ("Uint64s", "t"),
    ("Doubles", "d"),
    ("Strings", "s"),
    ("StringViews", "s"),
    ("Paths", "o"),
    ("Signatures", "g"),
    ("Span", "d"),
    ("ByteSpan", "y"),
    ("List", "i"),
    ("Deque", "s"),
]:
    echoes("Arrays", method, "a" + code, [[], LIMITS[code][:1], LIMITS[code]])
echoes("Arrays", "Bytes", "ay", [list(range(256)) * 20])
echoes(
    "Arrays",
    "Variants",
    "av",
    [[], [V("i", -(2**31)), V("s", TEXTS[3]), V("as", []), V("b", True)]],
)
echoes("Arrays", "Structs", "a(ybnqiuxtdsog)", [[], [EVERYTHING, NOTHING, EVERYTHING]])
echoes("Arrays", "Set", "as", [[], ["a", "b"], Differs(["b", "a", "b"], ["a", "b"])])
echoes("Arrays", "Three", "ai", [[1, -(2**31), 2**31 - 1]])
echoes("Arrays", "TwoStrings", "as", [["", TEXTS[3]], ["x", "x"]])
echoes("Arrays", "Rows", "aad", [[], [[]], [[0.1, -1.5], [], [-0.0]]])
echoes("Arrays", "Blobs", "aay", [[], [[]], [[1, 255], [], [0]]])
echoes("Arrays", "Addresses", "a(uay)", [[], [(1, [])], [(1, [1, 255]), (2**32 - 1, [])]])
echoes(
    "Arrays",
    "Nested32",
    "a" * 32 + "i",
    [[], nested(15, []), nested(31, []), nested(31, [-(2**31), 2**31 - 1])],
)

echoes("Structs", "Everything", "(ybnqiuxtdsog)", [EVERYTHING, NOTHING])
echoes(
    "Structs",
    "Shape",
    "(s(dd)a(dd))",
    [("", (0.0, 0.0), []), (TEXTS[3], (0.1, -1.5), [(1.0, 2.0), (3.0, 4.0)])],
)
echoes("Structs", "Single", "(i)", [(-(2**31),)])
echoes("Structs", "Tuple", "(is)", [(2**31 - 1, TEXTS[4])])
echoes("Structs", "Pair", "(sb)", [("", True)])
echoes("Structs", "Tuples", "a(sdb)", [[], [("a", 0.1, True), ("", -0.0, False)]])
echoes("Structs", "Pairs", "a(si)", [[], [("a", 1), ("a", 1)]])
echoes("Structs", "Wide", "(" + "i" * 32 + ")", [tuple(range(-16, 16))])
echoes("Structs", "Nested32", "(" * 32 + "i" + ")" * 32, [in_structs(32, -(2**31))])
both = ([-(2**31), 2**31 - 1],)
for _ in range(31):
    both = ([both],)
echoes("Structs", "Nested64", "(a" * 32 + "i" + ")" * 32, [([],), both])

KEYS = {
    "Byte": ("y", [0, 255]),
    "Bool": ("b", [False, True]),
    "Int16": ("n", [-(2**15), 2**15 - 1]),
    "Uint16": ("q", [0, 2**16 - 1]),
    "Int32": ("i", [-(2**31), 2**31 - 1]),
    "Uint32": ("u", [0, 2**32 - 1]),
    "Int64": ("x", [-(2**63), 2**63 - 1]),
    "Uint64": ("t", [0, 2**64 - 1]),
    "Double": ("d", [-1.5, 0.1]),
    "String": ("s", ["", "key", TEXTS[3]]),
    "Path": ("o", ["/", "/a/b"]),
    "Signature": ("g", ["", "a{sv}"]),
}
for method, (code, keys) in KEYS.items():
    echoes(
        "Dicts",
        method,
        "a{" + code + "s}",
        [[], [(key, "value " + str(at)) for at, key in enumerate(keys)]],
    )
echoes(
    "Dicts",
    "String",
    "a{ss}",
    [Differs([("b", "1"), ("a", "2"), ("b", "3")], [("a", "2"), ("b", "3")])],
)
echoes("Dicts", "Colour", "a{sy}", [[], [("red", 0), ("dark-blue", 255)]])
echoes("Dicts", "Flat", "a{si}", [[], [("b", 1), ("a", 2), ("b", 3)]])
echoes("Dicts", "Views", "a{ss}", [[], [("b", ""), ("a", LONG)]])
echoes("Dicts", "Unordered", "a{sad}", [[], [("", [])], [("x", [0.1, -0.0])]])
echoes("Dicts", "Multi", "a{si}", [[], [("a", 1), ("a", 1), ("b", 2)]])
echoes(
    "Dicts", "Nested", "a{sa{i(dd)}}", [[], [("", []), ("x", [(-1, (0.1, 0.2)), (1, (0.3, 0.4))])]]
)
echoes(
    "Dicts",
    "Values",
    "a{sv}",
    [
        [],
        [
            ("a", V("b", True)),
            ("b", V("i", -1)),
            ("c", V("d", 0.1)),
            ("d", V("s", TEXTS[3])),
            ("e", V("as", ["x", ""])),
            ("f", V("a{su}", [("k", 2**32 - 1)])),
            ("g", V("(dd)", (1.0, 2.0))),
        ],
    ],
)
SETTINGS = [
    ("name", V("s", "n")),
    ("level", V("i", -1)),
    ("ratio", V("d", 0.5)),
    ("tags", V("as", ["x", "y"])),
    ("range", V("a{sv}", [("low", V("u", 1)), ("high", V("u", 2**32 - 1))])),
]
echoes(
    "Dicts",
    "Settings",
    "a{sv}",
    [
        SETTINGS[:2],
        SETTINGS,
        Differs(SETTINGS[::-1], SETTINGS),
        Differs(SETTINGS[:2] + [("unknown", V("aai", [[1]]))], SETTINGS[:2]),
        Differs([("level", V("i", 5))] + SETTINGS[:2], SETTINGS[:2]),
    ],
)
echoes("Dicts", "AllSettings", "a{oa{sv}}", [[], [("/", SETTINGS[:2]), ("/a", SETTINGS)]])

echoes(
    "Variants",
    "Value",
    "v",
    [
        V("b", False),
        V("i", -(2**31)),
        V("d", 0.1),
        V("s", ""),
        V("s", LONG),
        V("as", []),
        V("a{su}", [("a", 0)]),
        V("(dd)", (1.0, -1.0)),
    ],
)
echoes(
    "Variants",
    "Nested",
    "v",
    [
        V("i", 1),
        V("v", V("s", "in")),
        V("v", V("d", 0.1)),
        V("av", []),
        V("av", [V("i", 1), V("s", "x")]),
    ],
)
echoes("Variants", "Fd", "v", [V("s", "no descriptor")])

echoes("Enums", "Small", "y", [0, 1, 255, 7])
echoes("Enums", "Negative", "i", LIMITS["i"])
echoes("Enums", "Huge", "t", LIMITS["t"])
echoes("Enums", "Plain", "n", [-1, 1])
echoes("Enums", "Colour", "s", ["red", "green", "dark-blue"])
echoes("Enums", "Smalls", "ay", [[], [0, 1, 255]])
echoes("Enums", "Colours", "as", [[], ["green", "red", "green"]])

echoes("Wires", "Seconds", "x", LIMITS["x"])
echoes("Wires", "Even", "i", [0, -(2**31), 2**31 - 2])
echoes("Wires", "Evens", "ai", [[], [0, 2, -2]])
echoes("Wires", "Shout", "s", ["", "LOUD"])


def answers(path, interface, method, inputs, arguments, outputs, results):
    CALLS.append(Call(path, "org.ctbus." + interface, method, inputs, arguments, outputs, results))


answers(TYPES, "Outputs", "Nothing", "i", [5], "", [])
answers(TYPES, "Outputs", "NoTuple", "", [], "", [])
answers(TYPES, "Outputs", "Tuple", "", [], "sid", ["one", 2, 3.5])
answers(
    TYPES,
    "Outputs",
    "Struct",
    "",
    [],
    "(s(dd)a(dd))",
    [("square", (0.0, 0.0), [(1.0, 1.0), (-1.0, -1.0)])],
)
answers(TYPES, "Outputs", "Result", "b", [True], "ib", [7, True])
answers(TYPES, "Outputs", "Mixed", "i", [-3], "isd", [-2, "-3", -1.5])
answers(
    TYPES,
    "Outputs",
    "Many",
    "ybnqiuxtdso",
    list(EVERYTHING[:11]),
    "ybnqiuxtdso",
    list(EVERYTHING[:11]),
)
answers(TYPES, "Outputs", "References", "", [], "sbai", ["References", True, []])

for signature, texts in [("s", ["one"]), ("s", [TEXTS[3]])]:
    answers("/org/ctbus/calls", "Calls", "Tell", signature, texts, "", [])
answers("/org/ctbus/calls", "Calls", "OldTell", "s", ["three"], "", [])
answers("/org/ctbus/calls", "Calls", "Told", "", [], "as", [["one", TEXTS[3], "three"]])
answers("/org/ctbus/calls", "Calls", "Ping", "", [], "", [])
answers("/org/ctbus/calls", "Calls", "Old", "", [], "", [])
answers("/org/ctbus/calls", "Calls", "Hidden", "", [], "i", [42])
answers("/org/ctbus/calls", "Calls", "Greet", "s", ["you"], "s", ["hello you"])
answers("/org/ctbus/calls", "Calls", "Secret", "s", ["swordfish"], "s", ["swordfish"])
answers("/org/ctbus/calls", "MoreCalls", "Ping", "", [], "s", ["pong"])
answers("/org/ctbus/calls", "MoreCalls", "Greet", "i", [-7], "i", [-7])
for interface in ["Access", "OpenAccess"]:
    answers("/org/ctbus/calls", interface, "Closed", "", [], "", [])
    answers("/org/ctbus/calls", interface, "Open", "", [], "", [])
answers(
    "/org/ctbus/tree", "Tree", "Add", "o", ["/org/ctbus/tree/a/b"], "o", ["/org/ctbus/tree/a/b"]
)
answers("/org/ctbus/tree/a/b", "Leaf", "Ping", "", [], "", [])
answers("/org/ctbus/tree", "Tree", "Remove", "o", ["/org/ctbus/tree/a/b"], "", [])
answers("/org/ctbus/signals", "Emits", "Emit", "", [], "", [])

# Left to the tests of errors, of senders, and of descriptors.
ELSEWHERE = {
    "org.ctbus.Calls.Fail",
    "org.ctbus.Calls.FailTelling",
    "org.ctbus.Calls.Who",
    "org.ctbus.Basic.Fd",
    "org.ctbus.Basic.FdView",
    "org.ctbus.Arrays.Fds",
    "org.ctbus.Dicts.Fd",
}
