"""What may become of a capture on its way from somebody: pure changes, drawn from a generator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

DEEP: Any = None
for _ in range(300):
    DEEP = [DEEP]

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**63), 10**30, 0.5, 1e308, -1e308,
    1e-320, "", "x", "\x00", "\ud800", "\u202e\x1b[2J", "9" * 5000, "[DONE]", "x" * 3000, [], {},
    [[]], [None],
    {"": None}, [{}], {"type": []}, {"type": {"type": 1}}, DEEP, [1, "a", None, {}],
)  # fmt: skip
"""Values of every type and of every extreme, to stand where others are expected."""

RAW_VALUES = (
    b"NaN", b"-Infinity", b"1e999", b"-0", b"0." + b"1" * 400, b"9" * 5000, b"[" * 5000,
    b'{"a":' * 5000, b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xff"', b"\x00", b"'x'", b"",
)  # fmt: skip
"""What no encoder writes."""

_VALUE = re.compile(rb'(?<=:)\s*(?:"(?:[^"\\]|\\.)*"|[-+.\w]+)')
_PAYLOAD = re.compile(r"^(?:data: ?)?([{\[].*)$", re.MULTILINE)


def mutated(draw: Random, content: bytes, others: Sequence[bytes] = ()) -> bytes:
    """The content after one to four changes."""
    for _ in range(draw.randint(1, 4)):
        content = draw.choice(CHANGES)(draw, content, others)
    return content


def _flip(draw: Random, content: bytes, _others: Sequence[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.randint(1, 20)):
        if changed:
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut(draw: Random, content: bytes, _others: Sequence[bytes]) -> bytes:
    start, stop = sorted(draw.randint(0, len(content)) for _ in range(2))
    return content[:start] if draw.random() < 0.5 else content[:start] + content[stop:]


def _lines(draw: Random, content: bytes, _others: Sequence[bytes]) -> bytes:
    """Lines go, come twice, or change their places."""
    lines = content.split(b"\n")
    place, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(4):
        case 0:
            del lines[place]
        case 1:
            lines.insert(other, lines[place])
        case 2:
            lines[place], lines[other] = lines[other], lines[place]
        case _:
            start, stop = sorted((place, other))
            lines[start:stop] = draw.sample(lines[start:stop], stop - start)
    return b"\n".join(lines)


def _splice(draw: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """It goes on as another capture, at a line or anywhere."""
    other = draw.choice(others) if others else content
    if draw.random() < 0.5:
        return content[: draw.randint(0, len(content))] + other[draw.randint(0, len(other)) :]
    ours, theirs = content.split(b"\n"), other.split(b"\n")
    return b"\n".join(
        [*ours[: draw.randint(0, len(ours))], *theirs[draw.randint(0, len(theirs)) :]]
    )


def _raw_value(draw: Random, content: bytes, _others: Sequence[bytes]) -> bytes:
    """What is no JSON stands in the place of a value."""
    places = list(_VALUE.finditer(content))
    if not places:
        return content
    place = draw.choice(places)
    return content[: place.start()] + draw.choice(RAW_VALUES) + content[place.end() :]


def _field(draw: Random, content: bytes, _others: Sequence[bytes]) -> bytes:
    """Another value of any type stands somewhere in a record, or in what a chunk of it holds."""
    lines = content.split(b"\n")
    place = draw.randrange(len(lines))
    try:
        record = json.loads(lines[place])
    except (ValueError, RecursionError):
        return content
    match record:
        case [_, _, "chunk" | "request", str() as text, *_] if draw.random() < 0.8:
            record[3] = with_another_payload(draw, text)
        case _:
            record = with_another_value(draw, record)
    lines[place] = json.dumps(record).encode("utf-8", "replace")
    return b"\n".join(lines)


CHANGES: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip, _cut, _lines, _splice, _raw_value, _field, _field, _field, _field,
)  # fmt: skip


def with_another_payload(draw: Random, text: str) -> str:
    """The text of a stream with another value within the payload of one of its events."""
    places = list(_PAYLOAD.finditer(text))
    if not places:
        return text
    place = draw.choice(places)
    try:
        payload = with_another_value(draw, json.loads(place[1]))
    except (ValueError, RecursionError):
        return text
    return text[: place.start(1)] + json.dumps(payload) + text[place.end(1) :]


def with_another_value(draw: Random, value: Any) -> Any:
    """The JSON value with another one somewhere in it, or with a key more or less."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice(list(value))
        match draw.randrange(12):
            case 0:
                return {name: each for name, each in value.items() if name != key}
            case 1:
                return {**value, draw.choice(list(value)): value[key]}
            case _:
                return {**value, key: with_another_value(draw, value[key])}
    if isinstance(value, list) and value and draw.random() < 0.9:
        place = draw.randrange(len(value))
        match draw.randrange(8):
            case 0:
                return [*value[:place], *value[place + 1 :]]
            case 1:
                return [*value, value[place]]
            case _:
                return [*value[:place], with_another_value(draw, value[place]), *value[place + 1 :]]
    return draw.choice(VALUES)
