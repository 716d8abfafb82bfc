"""Bursts: whether something between the model and the client holds the stream back.

A model writes at a pace. Where its words arrive in bursts with long waits between them, something
has collected them: a proxy that fills a buffer before it passes it on, a compressor that is not
flushed, a gateway that waits for the whole answer. Only text and thinking count, since providers
themselves hold the arguments of a tool back until they are whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from captures.dialects.base import Event, EventKind
from captures.records import Boundary

INSTANT_SECONDS = 0.02
"""Arrivals no further apart belong to one burst."""

PACKED_EVENTS = 8
"""Events that a chunk of a burst must hold on average: providers pack up to five by themselves."""

SAME_SIZE = 0.15
"""How far the sizes of the bursts may be from their median, as a share of it."""

FULL_BURSTS = 3
"""Bursts of the same size that must come, before the rest, to tell the size of a buffer."""

SMALLEST_BUFFER = 3500
"""Bytes on the wire: servers that write a few events at once by themselves stay below."""

SHORTEST_PAUSE = 0.1
"""Seconds of nothing that must stand before a burst."""

HELD_SECONDS = 1.0
"""Seconds of nothing before an answer that comes in one burst."""

HELD_EVENTS = 32
"""An answer of fewer events may come at once because it is short."""

_SHARE_OF_PAUSE = 0.2
"""A burst lasts no longer than this share of the pause before it."""

_FASTEST_EVENTS_PER_SECOND = 10_000
"""No model writes faster, whatever the size of the chunks."""

_SHARE_HELD = 0.95
_SHARE_BURSTING = 0.9
_WRITTEN = frozenset({EventKind.TEXT, EventKind.THINKING})


@dataclass(frozen=True, slots=True)
class Burst:
    """Chunks that arrived in one instant."""

    start: float
    """Arrival of the first, in seconds since the request."""
    stop: float
    pause: float
    """Seconds of nothing before it: since the chunk before, or since the request."""
    size: int
    """Bytes on the wire."""
    chunks: int
    """Chunks as the sender framed them; one at least."""
    events: int
    """Events with text or thinking."""
    first_event: int
    """Index of the first of them; -1 where there is none."""

    @property
    def is_held_back(self) -> bool:
        """Whether it is too much at once, after too long a wait, to be the model's own pace."""
        lasted = self.stop - self.start
        if self.pause < SHORTEST_PAUSE or lasted > _SHARE_OF_PAUSE * self.pause:
            return False
        packed = self.events >= PACKED_EVENTS * self.chunks
        return packed or (
            self.events >= HELD_EVENTS and lasted <= self.events / _FASTEST_EVENTS_PER_SECOND
        )


@dataclass(frozen=True, slots=True)
class Buffering:
    """Evidence that something on the way holds the stream back."""

    size: int | None
    """Bytes that it collects before it passes them on; None if it waits for the whole answer."""
    bursts: int
    """How many bursts show it."""
    events: int
    """Events with text or thinking in them."""
    of_events: int
    """All such events of the stream."""
    pause: float
    """The longest wait before one of them, in seconds."""
    event: int
    """Index of the first event of the first of them."""


class BurstWatch:
    """Collects the bursts of one stream as its chunks and events come. Mutable.

    Bursts that look held back are kept, and of the others only what the judgement needs, so that
    a long stream at the model's own pace costs no memory and no work at its end.
    """

    def __init__(self) -> None:
        self._held: list[Burst] = []
        self._largest: Burst | None = None
        self._last: Burst | None = None
        self._written = 0
        self._previous: _Instant | None = None
        self._current: _Instant | None = None

    def see_chunk(self, time: float, size: int, boundary: Boundary) -> None:
        """Takes the next network chunk, before the events that it completes.

        Args:
            time: when it arrived, in seconds since the request.
            size: its bytes on the wire.
            boundary: why it ends where it ends.
        """
        current = self._current
        if current is None or time - current.stop > INSTANT_SECONDS:
            if self._previous is not None:
                self._close(self._previous.burst())
            pause = time - (current.stop if current is not None else 0.0)
            self._previous, self._current = current, _Instant(time, pause)
            current = self._current
        current.stop = time
        current.size += size
        current.framed += boundary is Boundary.CHUNK

    def see_event(self, index: int, event: Event) -> None:
        """Takes the next event, which arrived with the latest chunk or the one before it."""
        instant, previous = self._current, self._previous
        if instant is None:
            return
        arrived_before = previous is not None and event.frame.last_time <= previous.stop
        if previous is not None and arrived_before and not instant.is_begun:
            instant = previous
        instant.is_begun = True
        if event.kind in _WRITTEN and event.text:
            self._written += 1
            instant.events += 1
            instant.first_event = index if instant.first_event < 0 else instant.first_event

    def buffering(self) -> Buffering | None:
        """Evidence so far that something holds the stream back; None where there is none."""
        instants = (self._previous, self._current)
        open_ = [instant.burst() for instant in instants if instant and instant.events]
        last = open_[-1] if open_ else self._last
        if last is None:
            return None
        largest = max(filter(None, (self._largest, *open_)), key=lambda burst: burst.events)
        full = [burst for burst in (*self._held, *open_) if burst.is_held_back]
        # The last burst is what was left in the buffer when the answer ended.
        full = [burst for burst in full if burst is not last]
        due = self._written - last.events
        return _whole_answer_held(largest, self._written) or _buffer_filled(
            full, due, self._written
        )

    def _close(self, burst: Burst) -> None:
        if not burst.events:
            return
        self._last = burst
        if burst.is_held_back:
            self._held.append(burst)
        if self._largest is None or burst.events > self._largest.events:
            self._largest = burst


class _Instant:
    """The chunks that arrived in one instant, as they come. Mutable."""

    __slots__ = ("events", "first_event", "framed", "is_begun", "pause", "size", "start", "stop")

    def __init__(self, start: float, pause: float) -> None:
        self.start = self.stop = start
        self.pause = pause
        self.size = self.framed = self.events = 0
        self.first_event = -1
        self.is_begun = False
        """Whether an event has arrived with it."""

    def burst(self) -> Burst:
        """It as far as it has come."""
        return Burst(
            start=self.start,
            stop=self.stop,
            pause=self.pause,
            size=self.size,
            chunks=max(1, self.framed),
            events=self.events,
            first_event=self.first_event,
        )


def _whole_answer_held(largest: Burst, written: int) -> Buffering | None:
    if written < HELD_EVENTS or not largest.is_held_back:
        return None
    if largest.events < _SHARE_HELD * written or largest.pause < HELD_SECONDS:
        return None
    return Buffering(None, 1, largest.events, written, largest.pause, largest.first_event)


def _buffer_filled(full: list[Burst], due: int, written: int) -> Buffering | None:
    """What bursts that are held back tell, of which the last one of the stream is none.

    Args:
        full: the bursts.
        due: events with text or thinking before the last burst.
        written: all such events.
    """
    if len(full) < FULL_BURSTS:
        return None
    size = sorted(burst.size for burst in full)[(len(full) - 1) // 2]
    if size < SMALLEST_BUFFER:
        return None
    same = [burst for burst in full if abs(burst.size - size) <= SAME_SIZE * size]
    events = sum(burst.events for burst in same)
    if len(same) < FULL_BURSTS or events < _SHARE_BURSTING * due:
        return None
    longest = max(burst.pause for burst in same)
    return Buffering(size, len(same), events, written, longest, same[0].first_event)
