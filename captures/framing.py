"""How a body is cut into events: the seam between bytes and dialects.

A framing turns the bytes of one body, cut anywhere, into frames that tile it. SSE is one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from captures.sse import Decoder, Frame


class Framing(Protocol):
    """Turns the bytes of one body into frames. Mutable; never raises on any input."""

    def feed(self, data: bytes, time: float) -> list[Frame]:
        """The frames that these bytes, arrived at this time in seconds, complete."""

    def finish(self) -> list[Frame]:
        """The frames left when the body has ended."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """When a body is framed so."""

    content_types: tuple[str, ...]
    path_suffix: str
    """What the path must end with; empty where the content type alone decides."""
    make: Callable[[int], Framing]
    """Makes the framing of a body, or of the rest of one from this offset on."""


FRAMINGS: tuple[_Entry, ...] = (_Entry(("text/event-stream",), "", Decoder),)
"""Tried in order. A body that none of them fits is no stream."""


def framing_for(content_type: str, target: str) -> Callable[[int], Framing] | None:
    """What makes the framing of a response, or None if it is no stream.

    Args:
        content_type: the media type without parameters, in lower case.
        target: the request target, with its query.
    """
    path = target.partition("?")[0]
    for entry in FRAMINGS:
        if content_type in entry.content_types and path.endswith(entry.path_suffix):
            return entry.make
    return None
