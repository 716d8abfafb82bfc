"""The network's chunks against the stream's events: where cuts fell, and into what.

Chunks are not events. A client whose parser takes them for events, or joins them wrongly, works
until a cut falls where it did not fall while the client was tested.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captures.body import Body
from captures.cut_kinds import CutKind, kinds_of_cuts
from captures.event_store import Events

if TYPE_CHECKING:
    from captures.exchange import Exchange

_BINARY = "aws event stream"
"""The framing whose events are no text."""

MAX_LOOKED_INTO = 256 * 1024
"""Bytes of an event up to which ``cut_before`` tells what a cut tears apart."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place inside an event where one network chunk ended and the next began."""

    event: int
    """Index of the event."""
    chunk: int
    """Index of the chunk that begins here."""
    offset: int
    """Byte offset in the decoded body."""
    kind: CutKind


@dataclass(frozen=True, slots=True)
class ChunkMap:
    """How the chunks of one stream and its events lie against each other."""

    chunks: int
    """How many chunks brought bytes; the record of an end of the body may bring none."""
    events_per_chunk: tuple[int, ...]
    """For each chunk of the recording, how many events it completed."""
    chunks_per_event: tuple[int, ...]
    """For each event, how many chunks brought bytes of it."""
    cuts: tuple[Cut, ...]
    """Every cut inside an event, in the order of the body."""
    unseen: int
    """Cuts inside events beyond the part of the body that is kept: nobody looked into what."""

    @property
    def chances(self) -> int:
        """How many cuts inside events there were: each a chance for a parser to be wrong."""
        return len(self.cuts) + self.unseen

    @property
    def split_events(self) -> int:
        """How many events came in more than one chunk."""
        return sum(count > 1 for count in self.chunks_per_event)

    @property
    def most_events_in_a_chunk(self) -> int:
        """The most events that one chunk completed."""
        return max(self.events_per_chunk, default=0)

    def counts(self) -> dict[CutKind, int]:
        """How many cuts there were of each kind that occurs, the most treacherous kind first."""
        found = Counter(cut.kind for cut in self.cuts)
        return {kind: found[kind] for kind in CutKind if found[kind]}


def chunk_map_of(exchange: Exchange) -> ChunkMap | None:
    """The chunk map of a stream as far as it has come.

    Offsets are those of the decoded body: with a content coding, a chunk begins where what it
    decodes to begins. None for an answer that is no stream, or was saved without its chunks.
    """
    if not exchange.is_stream or not exchange.is_timed:
        return None
    return _map(exchange.body, exchange.events, is_text=exchange.framing != _BINARY)


def cut_before(exchange: Exchange, chunk: int) -> Cut | None:
    """What the boundary before one chunk cuts; None where it lies between two events.

    For a face that shows a few chunks of many: it looks at one event alone.
    """
    chunks, events = exchange.body.chunks, exchange.events
    offset = chunks.starts[chunk]
    decodes_to_nothing = chunk + 1 < len(chunks) and chunks.starts[chunk + 1] == offset
    index = bisect_right(events.starts, offset) - 1
    if decodes_to_nothing or index < 0 or not chunk:
        return None
    start, stop = events.starts[index], events.stops[index]
    if not start < offset < stop:
        return None
    kind = CutKind.OTHER
    if stop <= exchange.body.kept_size and stop - start <= MAX_LOOKED_INTO:
        is_text = exchange.content_type != _BINARY
        block = exchange.body.bytes_between(start, stop)
        kind = kinds_of_cuts(block, [offset - start], is_text=is_text)[0]
    return Cut(index, chunk, offset, kind)


def _map(body: Body, events: Events, *, is_text: bool) -> ChunkMap:
    starts = body.chunks.starts
    completed = [0] * len(starts)
    chunks_per_event: list[int] = []
    cuts: list[Cut] = []
    unseen = chunk = 0
    for index, (start, stop) in enumerate(zip(events.starts, events.stops, strict=True)):
        chunk = _last_at_or_before(starts, start, chunk)
        inside: list[tuple[int, int]] = []
        while chunk + 1 < len(starts) and starts[chunk + 1] < stop:
            chunk += 1
            if inside and inside[-1][1] == starts[chunk]:
                # The chunk before this one decoded to nothing.
                inside.pop()
            inside.append((chunk, starts[chunk]))
        completed[chunk] += 1
        chunks_per_event.append(1 + len(inside))
        if inside and stop > body.kept_size:
            unseen += len(inside)
        elif inside:
            cuts += _cuts_of(body, index, (start, stop), inside, is_text=is_text)
    return ChunkMap(
        body.chunks.filled, tuple(completed), tuple(chunks_per_event), tuple(cuts), unseen
    )


def _last_at_or_before(starts: Sequence[int], offset: int, chunk: int) -> int:
    """The chunk that holds the byte at this offset, at or behind the given one."""
    while chunk + 1 < len(starts) and starts[chunk + 1] <= offset:
        chunk += 1
    return chunk


def _cuts_of(
    body: Body,
    index: int,
    span: tuple[int, int],
    inside: list[tuple[int, int]],
    *,
    is_text: bool,
) -> list[Cut]:
    block = body.bytes_between(*span)
    places = [offset - span[0] for _, offset in inside]
    kinds = kinds_of_cuts(block, places, is_text=is_text)
    return [
        Cut(index, chunk, offset, kind) for (chunk, offset), kind in zip(inside, kinds, strict=True)
    ]
