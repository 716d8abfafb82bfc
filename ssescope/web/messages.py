"""What the page says over its WebSocket: JSON arrays, as textual.js sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

_LARGEST_PING = 64


@dataclass(frozen=True, slots=True)
class Keys:
    """What was typed or done with the mouse, as a terminal would send it."""

    text: str


@dataclass(frozen=True, slots=True)
class Resize:
    """The terminal has this many columns and rows now."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Focus:
    """The tab has the focus, or lost it."""

    has_focus: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """Wants the same back."""

    data: str | int | float | None


Message = Keys | Resize | Focus | Ping


def parse(text: str) -> Message | None:
    """The message in this text; None for whatever is none that we know."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, list) or not value:
        return None
    return _message(value[0], value[1] if len(value) > 1 else None)


def _message(kind: Any, data: Any) -> Message | None:
    match kind, data:
        case "stdin", str():
            return Keys(data)
        case "resize", {"width": int(width), "height": int(height)}:
            return Resize(width, height)
        case "focus", _:
            return Focus(True)
        case "blur", _:
            return Focus(False)
        case "ping", str() | int() | float() | None if len(str(data)) <= _LARGEST_PING:
            return Ping(data)
    return None
