"""Bursts: whether something between the model and the client holds the stream back.

A model writes at a pace. Where its words arrive in bursts with long waits between them, something
has collected them: a proxy that fills a buffer before it passes it on, a compressor that is not
flushed, a gateway that waits for the whole answer. Only text and thinking count, since providers
themselves hold the arguments of a tool back until they are whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median_low

from captures.body import ChunkMark
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
    """Index of the first of them; of the next event where there is none."""

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


def bursts_of(chunks: list[ChunkMark], events: list[Event]) -> list[Burst]:
    """All bursts of a stream, in order of time.

    Args:
        chunks: its network chunks.
        events: its events, each of which has arrived with one of the chunks.
    """
    found: list[Burst] = []
    previous = 0.0
    index = 0
    for group in _instants(chunks):
        first, last = group[0].time, group[-1].time
        start = index
        written: list[int] = []
        while index < len(events) and events[index].frame.last_time <= last:
            if events[index].kind in _WRITTEN and events[index].text:
                written.append(index)
            index += 1
        found.append(
            Burst(
                start=first,
                stop=last,
                pause=first - previous,
                size=sum(chunk.size for chunk in group),
                chunks=max(1, sum(chunk.boundary is Boundary.CHUNK for chunk in group)),
                events=len(written),
                first_event=written[0] if written else start,
            )
        )
        previous = last
    return found


def buffering_in(chunks: list[ChunkMark], events: list[Event]) -> Buffering | None:
    """Evidence that something holds this stream back; None where there is none.

    Args:
        chunks: its network chunks.
        events: its events.
    """
    bursts = [burst for burst in bursts_of(chunks, events) if burst.events]
    total = sum(burst.events for burst in bursts)
    return _whole_answer_held(bursts, total) or _buffer_filled(bursts, total)


def _instants(chunks: list[ChunkMark]) -> Iterator[list[ChunkMark]]:
    """The chunks in groups that arrived in one instant each."""
    group: list[ChunkMark] = []
    for chunk in chunks:
        if group and chunk.time - group[-1].time > INSTANT_SECONDS:
            yield group
            group = []
        group.append(chunk)
    if group:
        yield group


def _whole_answer_held(bursts: list[Burst], total: int) -> Buffering | None:
    if total < HELD_EVENTS:
        return None
    largest = max(bursts, key=lambda burst: burst.events)
    if largest.events < _SHARE_HELD * total or largest.pause < HELD_SECONDS:
        return None
    if not largest.is_held_back:
        return None
    return Buffering(None, 1, largest.events, total, largest.pause, largest.first_event)


def _buffer_filled(bursts: list[Burst], total: int) -> Buffering | None:
    # The last burst is what was left in the buffer when the answer ended.
    full = [burst for burst in bursts[:-1] if burst.is_held_back]
    if len(full) < FULL_BURSTS:
        return None
    size = median_low(burst.size for burst in full)
    if size < SMALLEST_BUFFER:
        return None
    same = [burst for burst in full if abs(burst.size - size) <= SAME_SIZE * size]
    events = sum(burst.events for burst in same)
    due = sum(burst.events for burst in bursts[:-1])
    if len(same) < FULL_BURSTS or events < _SHARE_BURSTING * due:
        return None
    longest = max(burst.pause for burst in same)
    return Buffering(size, len(same), events, total, longest, same[0].first_event)
