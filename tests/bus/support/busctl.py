"""How busctl's arguments and its output are written."""
import re

from support.calls import complete_types, type_length


def words(signature, value):
    """A value as busctl's arguments."""
    if signature == "v":
        return [value.signature, *words(*value)]
    if signature[0] == "(":
        fields = complete_types(signature[1:-1])
        return [word for field, v in zip(fields, value) for word in words(field, v)]
    if signature[0] == "a":
        element = signature[1:]
        if element[0] == "{":
            element = "(" + element[1:-1] + ")"
        return [str(len(value)), *(word for v in value for word in words(element, v))]
    if signature == "b":
        return ["true" if value else "false"]
    return [repr(value) if signature == "d" else str(value)]


def printed(signature, value):
    """A value as busctl prints it, as a list of words and ("text",)."""
    if signature == "v":
        return [value.signature, *printed(*value)]
    if signature[0] == "(":
        fields = complete_types(signature[1:-1])
        return [word for field, v in zip(fields, value) for word in printed(field, v)]
    if signature[0] == "a":
        element = signature[1:]
        if element[0] == "{":
            element = "(" + element[1:-1] + ")"
        return [str(len(value)), *(word for v in value for word in printed(element, v))]
    if signature in "sog":
        return [(value,)]
    if signature == "d":
        return ["%g" % value]
    return words(signature, value)


def read(output):
    """What busctl printed, as such a list."""
    found = []
    for word in re.findall(r'"(?:[^"\\]|\\.)*"|\S+', output):
        if word[0] == '"':
            raw = word[1:-1].encode().decode("unicode_escape").encode("latin-1")
            found.append((raw.decode(),))
        else:
            found.append(word)
    return found


def as_json(signature, value):
    if signature == "v":
        return {"type": value.signature, "data": as_json(*value)}
    if signature[0] == "(":
        return [as_json(t, v) for t, v in zip(complete_types(signature[1:-1]), value)]
    if signature[:2] == "a{":
        key = 2 + type_length(signature[2:])
        return {k: as_json(signature[key:-1], v) for k, v in value}
    if signature[0] == "a":
        return [as_json(signature[1:], v) for v in value]
    return value
