"""One exchange against another as rows, once they have been compared."""

from __future__ import annotations

from rich.segment import Segment

from captures.comparison import Comparison
from captures.exchange import Exchange
from inspector_tui import palette
from inspector_tui.cells import Row
from inspector_tui.diff_rows import diff_rows
from inspector_tui.document_lines import DocumentLines
from inspector_tui.json_rows import text_rows


class DiffLines(DocumentLines):
    """What differs, or in words why that cannot be told yet. Mutable."""

    def __init__(self, words: str) -> None:
        super().__init__(self._rows_of, lambda: self._revision)
        self._revision = 0
        self._words = words
        self._compared: tuple[Exchange, Exchange, Comparison] | None = None

    def tell(self, words: str) -> None:
        """Shows words instead of a comparison."""
        if words != self._words or self._compared is not None:
            self._words, self._compared = words, None
            self._revision += 1

    def take(self, before: Exchange, after: Exchange, found: Comparison) -> None:
        """Shows what differs between these two."""
        self._compared = (before, after, found)
        self._revision += 1

    def _rows_of(self, width: int) -> list[Row]:
        if self._compared is None:
            rows = text_rows(self._words, width - 1, palette.DIM)
            return [[Segment(" "), *row] for row in rows]
        return diff_rows(*self._compared, width)
