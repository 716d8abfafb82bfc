"""Texts made whole at once: built for a width, and again when what they tell has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from captures.exchange import Exchange
from inspector_tui.cells import Row
from inspector_tui.documents import finding_rows


class DocumentLines:
    """Rows that a function builds for a width."""

    has_cursor = False

    def __init__(
        self, build: Callable[[int], list[Row]], version: Callable[[], Hashable] = lambda: 0
    ) -> None:
        self._build = build
        self._version = version
        self._built: Hashable = None
        self._rows: list[Row] = []

    def update(self, width: int) -> None:
        """Builds the rows anew if the width or the version is another."""
        wanted = (width, self._version())
        if wanted != self._built:
            self._built = wanted
            self._rows = self._build(width)

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> Hashable:
        """Rows change only all together."""
        return self._built

    def row(self, index: int) -> Row:
        """The row at this place."""
        return self._rows[index]


class FindingLines(DocumentLines):
    """The findings of an exchange; the cursor tells which one."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(self._find, lambda: len(exchange.findings))
        self._exchange = exchange
        self._owners: list[int] = []

    def event(self, index: int) -> int | None:
        """The event that the finding in this row speaks of."""
        if not 0 <= index < len(self._owners):
            return None
        return self._exchange.findings[self._owners[index]].event

    def _find(self, width: int) -> list[Row]:
        rows, self._owners = finding_rows(self._exchange.findings, width)
        self.has_cursor = bool(self._owners)
        return rows
