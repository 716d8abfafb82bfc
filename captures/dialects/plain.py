"""The dialect for a stream that no other dialect recognises."""

from __future__ import annotations

from captures.dialects.base import Event, EventKind
from captures.findings.rule import Complaint
from captures.message import Message, Text, Usage
from captures.sse import Frame

MAX_SHOWN_DATA = 4096
"""Characters of an event's data that the timeline carries."""


class PlainDialect:
    """Every event is a row; the message is the data of all events, a line each."""

    stop_reason_name = "stop_reason"

    def __init__(self, framing: str = "sse") -> None:
        self.name = framing
        self._data: list[str] = []
        self.earlier: tuple[Message, ...] = ()

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """The event as it stands."""
        self._data.append(frame.data)
        return Event(frame, EventKind.OTHER, frame.event, frame.data[:MAX_SHOWN_DATA]), ()

    def finish(self) -> tuple[Complaint, ...]:
        """A plain stream has no terminal event, so nothing can be missing."""
        return ()

    def message(self) -> Message:
        """The data of all events as one text."""
        return Message(parts=(Text("\n".join(self._data)),) if self._data else ())

    @property
    def usage(self) -> Usage:
        """A plain stream tells none."""
        return Usage()

    @property
    def finished(self) -> bool:
        """A plain stream has no terminal event."""
        return False

    @property
    def position(self) -> str:
        """How many events have come."""
        return f"after event {len(self._data)}" if self._data else "before the first event"

    @property
    def missing(self) -> tuple[str, ...]:
        """Not known for a plain stream."""
        return ()

    @property
    def may_end(self) -> bool:
        """A clean end is all that a plain stream can tell."""
        return True
