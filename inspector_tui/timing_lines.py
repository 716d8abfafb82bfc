"""The times of one exchange as rows, kept up to date while it runs."""

from __future__ import annotations

from collections.abc import Hashable

from captures.exchange import Exchange
from inspector_tui.cells import Row
from inspector_tui.document_lines import DocumentLines
from inspector_tui.timing_rows import GAP_BOUNDS, gap_class, timing_rows

WAITS_AT_ONCE = 20_000
"""Waits counted in one update: a few milliseconds of work."""

_STEPS = 200
"""A running exchange is drawn anew when it has grown by this part of itself."""


class TimingLines(DocumentLines):
    """Counts the waits between tokens as they come, and builds the rows when there are more."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(self._rows_of, self._state)
        self._exchange = exchange
        self._seen = 0
        self._counts = [0] * (len(GAP_BOUNDS) + 1)

    def update(self, width: int) -> None:
        """Counts new waits, a bounded number of them at once, and builds the rows anew."""
        waits = self._exchange.token_waits()
        stop = min(len(waits), self._seen + WAITS_AT_ONCE)
        for place in range(self._seen, stop):
            self._counts[gap_class(waits[place])] += 1
        self._seen = stop
        super().update(width)

    def _rows_of(self, width: int) -> list[Row]:
        return timing_rows(self._exchange, self._counts, width)

    def _state(self) -> Hashable:
        exchange = self._exchange
        if not exchange.live and self._seen == len(exchange.token_waits()):
            return -1
        grown = len(exchange.events)
        return exchange.head is None, grown // max(1, grown // _STEPS)
