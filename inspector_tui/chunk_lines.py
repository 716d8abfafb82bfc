"""The network chunks of one exchange: one row a chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from rich.segment import Segment

from captures.chunk_map import cut_before
from captures.cut_kinds import CutKind
from captures.exchange import Exchange
from inspector_tui import palette
from inspector_tui.cells import Row, join_fitting
from inspector_tui.chunk_rows import chunk_row
from inspector_tui.numbers import count_text, plural

CHUNKS_AT_ONCE = 5000
"""Chunks gone through in one update: a few milliseconds of work."""

CUTS_AT_ONCE = 300
"""Cuts looked into in one update: as much work."""


class ChunkLines:
    """The chunks as rows, and how many of their boundaries cut into what."""

    has_cursor = True

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._width = 80
        self._seen = 0
        self._cuts: Counter[CutKind] = Counter()

    def update(self, width: int) -> None:
        """Takes in new chunks, a bounded number of them at once."""
        self._width = width
        settled, cuts = self._settled, 0
        for chunk in range(self._seen, min(settled, self._seen + CHUNKS_AT_ONCE)):
            cut = cut_before(self._exchange, chunk)
            if cut is not None:
                self._cuts[cut.kind] += 1
                cuts += 1
            self._seen = chunk + 1
            if cuts == CUTS_AT_ONCE:
                break

    def __len__(self) -> int:
        """All chunks but an empty last one: it is the end of the body, recorded for its time."""
        chunks = self._exchange.body.chunks
        return len(chunks) - (len(chunks) > 0 and chunks.sizes[-1] == 0)

    def key(self, index: int) -> Hashable:
        """A row is drawn anew when an event that it cuts has come whole."""
        return index >= self._settled and len(self._exchange.events)

    def row(self, index: int) -> Row:
        """The chunk at this place."""
        return chunk_row(self._exchange, index, self._width)

    def tally_row(self, width: int) -> Row:
        """How many chunks and events there are, and how often an event was cut into what."""
        chunks, events = self._exchange.body.chunks.filled, len(self._exchange.events)
        words = f"{plural(chunks, 'chunk')} · {plural(events, 'event')}"
        pieces: list[Row] = [[Segment(words, palette.DIM)]]
        cuts = [(kind, self._cuts[kind]) for kind in CutKind if self._cuts[kind]]
        if self._seen < self._settled:
            pieces.append([Segment(f"{count_text(self._seen)} looked into", palette.FAINTER)])
        elif not cuts and self._exchange.is_stream:
            pieces.append([Segment("no event was cut", palette.GOOD)])
        for kind, count in cuts:
            pieces.append([Segment(f"{count} ✂ {kind.value}", palette.WARNING)])
        return [Segment(" "), *join_fitting(pieces, Segment(" · ", palette.FAINTER), width - 1)]

    @property
    def _settled(self) -> int:
        """Chunks of which it is known which events they cut: those before the last whole event."""
        exchange = self._exchange
        if not exchange.live:
            return len(exchange.body.chunks)
        stop = exchange.events[-1].frame.stop if exchange.events else 0
        return max(0, exchange.body.chunk_at(stop - 1))
