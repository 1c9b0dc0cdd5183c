"""How dbus-send's arguments and its output are written."""
import re

from support.calls import complete_types, type_length

WORDS = {
    "y": "byte",
    "b": "boolean",
    "n": "int16",
    "q": "uint16",
    "i": "int32",
    "u": "uint32",
    "x": "int64",
    "t": "uint64",
    "d": "double",
    "s": "string",
    "o": "objpath",
}
PRINTED = {**WORDS, "o": "object path", "g": "signature"}
CODES = {word: code for code, word in PRINTED.items()}


def text_of(value, in_list=False):
    """A basic value in a word, or None: commas separate, and what is empty is dropped."""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return None if in_list and (not text or "," in text) else text


def word_for(signature, value):
    """A value as one of dbus-send's arguments, or None if it has no form for it."""
    if signature in WORDS:
        text = text_of(value)
        return text if text is None else WORDS[signature] + ":" + text
    if signature == "v":
        word = word_for(*value)
        return word and value.signature in WORDS and "variant:" + word or None
    if signature[0] == "a" and signature[1:] in WORDS:
        items, head = value, "array:" + WORDS[signature[1:]]
    elif signature[:2] == "a{" and signature[2] in WORDS and signature[3:-1] in WORDS:
        items = [v for pair in value for v in pair]
        head = "dict:" + WORDS[signature[2]] + ":" + WORDS[signature[3]]
    else:
        return None
    texts = [text_of(v, True) for v in items]
    return None if None in texts else head + ":" + ",".join(texts)


def is_printed_well(value):
    """dbus-send prints text as it is, so that line ends in it could not be told from its own."""
    if isinstance(value, str):
        return "\n" not in value
    return not isinstance(value, (list, tuple)) or all(map(is_printed_well, value))


class Output:
    """Reads what dbus-send printed."""

    def __init__(self, text):
        self.lines = [line.strip() for line in text.split("\n")[:-1]]

    def values(self, end=None):
        found = []
        while self.lines:
            line = self.lines.pop(0)
            if line == end:
                return found
            found.append(self.value(line))
        assert end is None
        return found

    def value(self, line):
        if line.startswith("variant"):
            return ("v", self.value(line[7:].lstrip()))
        if line == "array [":
            return ("a", self.values("]"))
        if line == "struct {":
            return ("r", self.values("}"))
        if line == "dict entry(":
            return ("e", self.values(")"))
        if line == "array of bytes [":
            numbers = []
            while (line := self.lines.pop(0)) != "]":
                numbers += [("y", str(int(n, 16))) for n in line.split()]
            return ("a", numbers)
        if match := re.fullmatch(r'array of bytes "(.*)"( \+ \\0)?', line):
            return ("a", [("y", str(b)) for b in match[1].encode() + b"\0" * bool(match[2])])
        match = re.fullmatch(r"(object path|\w+) (.*)", line)
        text = match[2][1:-1] if match[1] in ("string", "object path", "signature") else match[2]
        return (CODES[match[1]], text)


def printed(signature, value):
    """A value as Output reads it."""
    if signature == "v":
        return ("v", printed(*value))
    if signature[0] == "(":
        return ("r", [printed(t, v) for t, v in zip(complete_types(signature[1:-1]), value)])
    if signature[:2] == "a{":
        key = 2 + type_length(signature[2:])
        return (
            "a",
            [
                ("e", [printed(signature[2:key], k), printed(signature[key:-1], v)])
                for k, v in value
            ],
        )
    if signature[0] == "a":
        return ("a", [printed(signature[1:], v) for v in value])
    return (signature, "%g" % value if signature == "d" else text_of(value))
