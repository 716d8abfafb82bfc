"""The arguments of a Gemini function call that come piece by piece.

Vertex AI streams them on request: every piece is a value for a JSON path (RFC 9535), and a text
may come in several pieces.
"""

from __future__ import annotations

import re
from typing import Any

from captures.dialects.payload import json_text, string
from captures.growing_text import GrowingText

_STEP = re.compile(
    r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d{1,9})\]"
    r"|\['(?P<single>(?:[^'\\]|\\.)*)'\]|\[\"(?P<double>(?:[^\"\\]|\\.)*)\"\]",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PLAIN_VALUES = ("numberValue", "boolValue")

Step = str | int


class StreamedArguments:
    """The arguments as they add up. Mutable."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def add(self, piece: dict[str, Any]) -> str:
        """Takes a ``PartialArg``; returns what it adds, as it is to be shown."""
        path = string(piece, "jsonPath")
        if isinstance(piece.get("stringValue"), str):
            value = self._values.get(path)
            if not isinstance(value, GrowingText):
                value = self._values[path] = GrowingText()
            value.add(piece["stringValue"])
            return str(piece["stringValue"])
        name = next((name for name in _PLAIN_VALUES if name in piece), None)
        if name is None and "nullValue" not in piece:
            return ""
        self._values[path] = None if name is None else piece[name]
        return json_text(self._values[path])

    @property
    def text(self) -> str:
        """The arguments so far as JSON text."""
        root: dict[Step, Any] = {}
        for path, value in self._values.items():
            plain = value.text if isinstance(value, GrowingText) else value
            _put(root, steps_of(path), plain)
        return json_text(root)


def steps_of(path: str) -> list[Step]:
    """The names and indices of a JSON path; a path that cannot be read is one name."""
    steps: list[Step] = []
    place = 1
    while path.startswith("$") and place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            return [path]
        place = found.end()
        if found["index"] is not None:
            steps.append(int(found["index"]))
        elif found["name"] is not None:
            steps.append(found["name"])
        else:
            quoted = found["single"] if found["single"] is not None else found["double"]
            steps.append(_ESCAPED.sub(r"\1", quoted))
    return steps or [path]


def _put(root: dict[Step, Any], steps: list[Step], value: Any) -> None:
    """Puts a value where its path leads; what stands in the way gives way."""
    if isinstance(steps[0], int):
        steps = [str(steps[0]), *steps[1:]]
    place: Any = root
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        inner: Any = value
        if following is not None:
            inner = [] if isinstance(following, int) else {}
        if isinstance(place, dict):
            key = str(step)
            keeps = following is not None and isinstance(place.get(key), type(inner))
            place[key] = place[key] if keeps else inner
            place = place[key]
            continue
        # Items come in their order. An index far beyond them is the next one.
        at = min(int(step), len(place))
        if at == len(place):
            place.append(inner)
        elif following is None or not isinstance(place[at], type(inner)):
            place[at] = inner
        place = place[at]
