"""Where a client was in the stream when it went, and what it had been sent until then.

What counts is what the client's connection had taken, not what the upstream had sent: the two
differ by what was on its way when the client went.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from captures.message_at import MessageCursor
from captures.records import End, Ending
from captures.sse import FrameKind
from captures.stream_point import StreamPoint, point_in

if TYPE_CHECKING:
    from captures.exchange import Exchange

CLIENT_GONE = frozenset({Ending.CLIENT_LEFT, Ending.CLIENT_RESET})


@dataclass(frozen=True, slots=True)
class Sent:
    """How much a client had been sent of what had come for it."""

    size: int
    """Bytes of the body, as on the wire."""
    of_size: int
    events: int
    """Events that it had been sent whole."""
    of_events: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Where a client went."""

    point: StreamPoint
    position: str
    """The point in words, such as ``in the text``."""
    missed: tuple[str, ...]
    """What it never got, in the protocol's words."""
    sent: Sent | None
    """None where the recording has gaps, or its counts are not those of its body."""
    before_stop_reason: float | None
    """Seconds from the last event it had been sent to the stop reason, where that had come."""


def leave_of(exchange: Exchange) -> Leave | None:
    """Where the client went; None where it was not the client that ended the exchange."""
    end = exchange.end
    if end is None or end.how not in CLIENT_GONE:
        return None
    if exchange.head is None:
        point = StreamPoint.BEFORE_HEAD
        return Leave(point, "before the response head", (), None, None)
    sent = _sent(exchange, end)
    if not exchange.body.size or (sent is not None and not sent.size):
        point = StreamPoint.BEFORE_FIRST_BYTE
        return Leave(point, "before the first byte", _due_at_first(exchange), sent, None)
    if not exchange.is_stream:
        position = f"{exchange.body.size:,} bytes into the body"
        return Leave(StreamPoint.IN_BODY, position, (), sent, None)
    events = len(exchange.events) if sent is None else sent.events
    point, position, missed = _place(exchange, events)
    return Leave(point, position, missed, sent, _before_stop_reason(exchange, events))


def _sent(exchange: Exchange, end: End) -> Sent | None:
    chunks = exchange.body.chunks
    ends = array("Q", accumulate(chunks.sizes))
    if exchange.gaps or not ends or ends[-1] != end.upstream.size:
        return None
    whole = bisect_right(ends, end.client.size)
    offset = chunks.starts[whole] if whole < len(chunks) else exchange.body.size
    events = bisect_right(exchange.events.stops, offset)
    return Sent(end.client.size, end.upstream.size, events, len(exchange.events))


def _place(exchange: Exchange, events: int) -> tuple[StreamPoint, str, tuple[str, ...]]:
    """Point, position and what was missing once so many events had come."""
    dialect = exchange.dialect
    if dialect is not None and events == len(exchange.events):
        return point_in(dialect), dialect.position, dialect.missing
    moment = MessageCursor(exchange).message_at(events - 1)
    if moment.point is StreamPoint.BEFORE_FIRST_TOKEN and not moment.missing:
        return moment.point, "before the first event", _due_at_first(exchange)
    return moment.point, moment.position, moment.missing


def _due_at_first(exchange: Exchange) -> tuple[str, ...]:
    """What was due before any event had come, as far as a later one told the protocol."""
    frames = (event.frame for event in exchange.events)
    first = next((frame for frame in frames if frame.kind is FrameKind.EVENT), None)
    return () if first is None else exchange.new_dialect(first).missing


def _before_stop_reason(exchange: Exchange, events: int) -> float | None:
    last = exchange.events[events - 1].frame.last_time if events else None
    unsent = exchange.events[events:]
    stop = next((event for event in unsent if event.stop_reason is not None), None)
    if last is None or stop is None or not exchange.is_timed:
        return None
    return max(0.0, stop.frame.last_time - last)
