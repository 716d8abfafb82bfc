"""Which exchange the shown one is compared with, and what came of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from captures.comparison import Comparison
from captures.exchange import Exchange
from inspector_tui.diff_lines import DiffLines
from inspector_tui.library import Library

NOTHING_TO_COMPARE = "There is no other exchange to compare this one with."

Pair = tuple[Exchange, Exchange]
"""The exchange compared with, and the one that is shown."""


class Comparing:
    """Chooses the other exchange: the marked one, else the one opened before, else the one that
    was recorded before. Mutable; the comparison itself is made elsewhere, off the event loop."""

    def __init__(self, library: Library) -> None:
        self.lines = DiffLines(NOTHING_TO_COMPARE)
        self._library = library
        self._marked: Path | None = None
        self._opened_before: Path | None = None
        self._started: tuple[int, int] | None = None

    def mark(self, path: Path | None) -> None:
        """Compares with this capture from now on; with None again with the one before."""
        self._marked = path
        self._started = None

    def leave(self, path: Path | None) -> None:
        """Another capture is opened than this one."""
        self._opened_before = path
        self._started = None

    def other(self, path: Path) -> Path | None:
        """The capture that one is compared with, if there is any."""
        library = self._library
        if self._marked is not None and self._marked != path and self._marked.name in library:
            return self._marked
        candidates = (each for each in self._nearby(path) if each != path)
        return next((each for each in candidates if self._is_whole(each)), None)

    def _nearby(self, path: Path) -> Iterator[Path]:
        """The capture opened before, then those recorded before, then those recorded after."""
        names, folder = self._library.names, self._library.folder
        if self._opened_before is not None and self._opened_before.name in self._library:
            yield self._opened_before
        place = bisect_left(names, path.name)
        for index in chain(range(place - 1, -1, -1), range(place + 1, len(names))):
            yield folder / names[index]

    def _is_whole(self, path: Path) -> bool:
        """Whether it can be compared with at once: a capture that is not running any more."""
        summary = self._library.summary(path)
        return not summary.live and not summary.problem

    def due(self, path: Path | None, exchange: Exchange | None) -> Pair | None:
        """The two exchanges that are to be compared now; None if there is nothing to do.

        What is awaited is told in the rows.
        """
        other = self.other(path) if path is not None else None
        if path is None or exchange is None or other is None:
            self.lines.tell(NOTHING_TO_COMPARE)
            return None
        problem = self._library.summary(other).problem
        if problem:
            self.lines.tell(f"{other.name} cannot be compared with: {problem}")
            return None
        before = self._library.exchange(other)
        if before is None:
            self._library.open_beside(other)
        reading = self._library.is_reading(path) or self._library.is_reading(other)
        if before is None or reading:
            self.lines.tell(f"reading {other.name}")
            return None
        if before.live or exchange.live:
            self.lines.tell("One of the two is still running. They are compared once it has ended.")
            return None
        pair = (id(before), id(exchange))
        if pair == self._started:
            return None
        self._started = pair
        self.lines.tell("comparing")
        return before, exchange

    def take(self, pair: Pair, found: Comparison) -> None:
        """Shows what came of a comparison, unless another one is awaited by now."""
        before, after = pair
        if (id(before), id(after)) == self._started:
            self.lines.take(before, after, found)
