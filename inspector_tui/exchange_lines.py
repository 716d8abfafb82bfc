"""The list of exchanges, newest on top, filtered."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from inspector_tui.cells import Row
from inspector_tui.filter_terms import Present
from inspector_tui.library import Library
from inspector_tui.list_filter import Filter
from inspector_tui.rows import exchange_key, exchange_row


class ExchangeLines:
    """The captures of a library that match a filter, as rows."""

    has_cursor = True

    def __init__(self, library: Library) -> None:
        self.dated = False
        """Whether the rows show dates, because the oldest capture is not of today."""
        self.filter = Filter()
        """What the listed captures have in common."""
        self._library = library
        self._width = 80
        self._paths: list[Path] = []
        self._places: dict[Path, int] = {}
        self._state: tuple[object, ...] = ()
        self._now = library.now()

    def update(self, width: int) -> None:
        """Takes in what came, what went, and what matches the filter now."""
        self._width = width
        self._now = self._library.now()
        self.dated = self._has_older_days()
        revision = self._library.revision if self.filter.terms else 0
        state = (self._library.membership, self.filter, revision)
        if state == self._state:
            return
        self._state = state
        summaries = [self._library.summary(path) for path in reversed(self._library.paths)]
        selected = self.filter.select(summaries, Present(self._now))
        self._paths = [summary.path for summary in selected]
        self._places = {path: place for place, path in enumerate(self._paths)}

    def _has_older_days(self) -> bool:
        oldest = self._library.oldest()
        started = oldest.started if oldest is not None else None
        return started is not None and started.astimezone().date() != self._now.date()

    def __len__(self) -> int:
        return len(self._paths)

    def key(self, index: int) -> Hashable:
        """A row changes with its summary, and while its exchange is running."""
        return (self.dated, *exchange_key(self._library.summary(self._paths[index]), self._now))

    def row(self, index: int) -> Row:
        """The capture at this place."""
        summary = self._library.summary(self._paths[index])
        return exchange_row(summary, self._width, self._now, dated=self.dated)

    def path(self, index: int) -> Path | None:
        """The capture at this place, if there is one."""
        return self._paths[index] if 0 <= index < len(self._paths) else None

    def place(self, path: Path | None) -> int | None:
        """Where a capture stands, if it is listed."""
        return self._places.get(path) if path is not None else None
