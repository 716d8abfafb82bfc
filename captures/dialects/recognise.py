"""Which dialect a stream speaks: by the shape of its first event, then by its path.

Gateways reuse paths for other protocols, so the shape decides where it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from captures.dialects import anthropic, plain
from captures.dialects.base import Dialect
from captures.sse import Frame


@dataclass(frozen=True, slots=True)
class _Entry:
    """How one dialect is told from the others."""

    recognises: Callable[[Frame], bool]
    path_suffix: str
    make: Callable[[], Dialect]


DIALECTS: tuple[_Entry, ...] = (
    _Entry(anthropic.recognises, "/v1/messages", anthropic.AnthropicDialect),
)
"""Tried in order; a stream that none of them recognises is plain SSE."""


def dialect_for(frame: Frame, target: str) -> Dialect:
    """A new fold for the stream whose first dispatched event is this frame.

    Args:
        frame: the first event.
        target: the request target, with its query.
    """
    path = target.partition("?")[0]
    for entry in DIALECTS:
        if entry.recognises(frame):
            return entry.make()
    for entry in DIALECTS:
        if path.endswith(entry.path_suffix) and frame.data.startswith("{"):
            return entry.make()
    return plain.PlainDialect()
