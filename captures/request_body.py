"""What makes two request bodies the same question, how alike two are, and where they differ.

Pure. JSON is compared by its values: neither the order of keys nor blanks count, and numbers
count as written, so that 1 and 1.0 differ. Anything else is compared byte by byte.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from captures.inflate import NotInflatableError, inflater_for

FieldPath = tuple[str, ...]
"""Names of object fields and indexes of arrays, from the outermost inwards; ``*`` is any."""

IGNORED_FIELDS: tuple[FieldPath, ...] = (
    ("client_metadata",),
    ("metadata",),
    ("prompt_cache_key",),
    ("request_id",),
    ("safety_identifier",),
    ("session_id",),
    ("trace_id",),
    ("user",),
)
"""What names the caller, its session or its bill, and leaves the answer as it is."""

MAX_INFLATED_SIZE = 64 * 1024 * 1024
SKETCH_SIZE = 128
MAX_SHOWN = 80
_SHOWN_BEFORE = 20
_INFLATED_AT_ONCE = 64 * 1024
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class BodyPrint:
    """What a body is known by."""

    key: bytes
    """Equal for bodies that ask the same."""
    sketch: tuple[int, ...]
    """The smallest hashes of its values and their places; within one process only."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place at which two bodies differ, its values as short JSON, in plain ASCII."""

    at: str
    """The place, dotted as in ``messages.0.content``; empty for the whole body."""
    recorded: str | None
    """None where the recorded body has nothing there."""
    asked: str | None
    """None where the body asked with has nothing there."""


def parse_field(text: str) -> FieldPath:
    """A place in a body as a user names it, such as ``metadata.user_id`` or ``messages.*.id``.

    Raises:
        ValueError: a name is missing.
    """
    names = tuple(text.split("."))
    if not all(names):
        raise ValueError(
            f"{text!r} is no place in a body; expected names with dots between them, "
            "such as metadata.user_id or messages.*.id"
        )
    return names


def without_coding(body: bytes, content_encoding: str) -> bytes:
    """The body with its content coding undone; as it is where that cannot be done."""
    try:
        inflater = inflater_for(content_encoding)
        plain = bytearray()
        for start in range(0, len(body), _INFLATED_AT_ONCE):
            plain += inflater.feed(body[start : start + _INFLATED_AT_ONCE])
            if len(plain) > MAX_INFLATED_SIZE:
                return body
    except NotInflatableError:
        return body
    return bytes(plain)


def key_of(body: bytes, ignored: Sequence[FieldPath] = ()) -> bytes:
    """What is equal for bodies that ask the same but for the fields at these places."""
    return _key_and_value(body, ignored)[0]


def print_of(body: bytes, ignored: Sequence[FieldPath] = ()) -> BodyPrint:
    """The print of a body without the fields at these places."""
    key, value = _key_and_value(body, ignored)
    leaves = () if value is _ABSENT else _leaves(value)
    return BodyPrint(key, tuple(heapq.nsmallest(SKETCH_SIZE, leaves)))


def likeness(one: BodyPrint, other: BodyPrint) -> float:
    """How much of two bodies is the same, from 0 to 1, estimated from their sketches.

    The share of equal values among all, after A. Broder, On the resemblance and containment of
    documents (1997).
    """
    if one.key == other.key:
        return 1.0
    mine, others = frozenset(one.sketch), frozenset(other.sketch)
    smallest = heapq.nsmallest(SKETCH_SIZE, mine | others)
    shared = mine & others
    return sum(leaf in shared for leaf in smallest) / max(1, len(smallest))


def differences(
    recorded: bytes, asked: bytes, ignored: Sequence[FieldPath] = (), most: int = 5
) -> tuple[Difference, ...]:
    """The first places at which two bodies differ, in the order of the recorded one."""
    try:
        values = [_without(orjson.loads(body), ignored) for body in (recorded, asked)]
    except orjson.JSONDecodeError:
        if recorded == asked:
            return ()
        return (_difference((), *(body.decode("utf-8", "replace") for body in (recorded, asked))),)
    found: list[Difference] = []
    waiting: list[tuple[FieldPath, Any, Any]] = [((), values[0], values[1])]
    while waiting and len(found) < most:
        path, one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            names = [*one, *(name for name in other if name not in one)]
            parts = [(name, one.get(name, _ABSENT), other.get(name, _ABSENT)) for name in names]
        elif isinstance(one, list) and isinstance(other, list):
            parts = [
                (str(index), _item(one, index), _item(other, index))
                for index in range(max(len(one), len(other)))
            ]
        else:
            if type(one) is not type(other) or one != other:
                found.append(_difference(path, one, other))
            continue
        waiting += [((*path, name), mine, theirs) for name, mine, theirs in reversed(parts)]
    return tuple(found)


def _key_and_value(body: bytes, ignored: Sequence[FieldPath]) -> tuple[bytes, Any]:
    """The key, and the JSON value without those fields, if it is one."""
    try:
        value = _without(orjson.loads(body), ignored)
        canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return hashlib.sha256(b"bytes\n" + body).digest(), _ABSENT
    return hashlib.sha256(b"json\n" + canonical).digest(), value


def _without(value: Any, ignored: Sequence[FieldPath]) -> Any:
    """The value, changed in place."""
    for path in ignored:
        places = [value]
        for name in path[:-1]:
            places = [part for place in places for part in _parts(place, name)]
        for place in places:
            _drop(place, path[-1])
    return value


def _parts(place: Any, name: str) -> list[Any]:
    if isinstance(place, dict):
        return [*place.values()] if name == "*" else [place[name]] if name in place else []
    if isinstance(place, list):
        return [part for index, part in enumerate(place) if name in {"*", str(index)}]
    return []


def _drop(place: Any, name: str) -> None:
    if name == "*" and isinstance(place, dict | list):
        place.clear()
    elif isinstance(place, dict):
        place.pop(name, None)
    elif isinstance(place, list):
        for index in range(len(place)):
            if name == str(index):
                place[index] = None  # the items behind it keep their places


def _leaves(value: Any) -> Iterator[int]:
    """A hash of every value that holds no other, and of its place."""
    waiting = [(0, value)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(hash((place, name)), part) for name, part in value.items()]
        elif isinstance(value, list) and value:
            waiting += [(hash((place, index)), part) for index, part in enumerate(value)]
        else:
            plain = None if isinstance(value, dict | list) else value
            yield hash((place, type(value).__name__, plain))


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT


def _difference(path: FieldPath, recorded: Any, asked: Any) -> Difference:
    start = 0
    if isinstance(recorded, str) and isinstance(asked, str):
        pairs = enumerate(zip(recorded, asked, strict=False))
        differs = next((index for index, (one, other) in pairs if one != other), 0)
        start = max(0, differs - _SHOWN_BEFORE)
    at = ".".join(path).encode("unicode_escape").decode("ascii")
    return Difference(at, _shown(recorded, start), _shown(asked, start))


def _shown(value: Any, start: int) -> str | None:
    """A value as short JSON, a long text from this character on."""
    if value is _ABSENT:
        return None
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    if isinstance(value, list):
        return f"an array of {len(value)} items"
    if not isinstance(value, str):
        return json.dumps(value)
    part = value[start : start + MAX_SHOWN]
    before = "..." if start else ""
    after = "..." if start + MAX_SHOWN < len(value) else ""
    return json.dumps(f"{before}{part}{after}")
