"""What a LineView shows: rows by number, made only when they are on the screen."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from inspector_tui.cells import Row


class Lines(Protocol):
    """A source of rows. Mutable; pulled by its view, never pushing."""

    has_cursor: bool
    """Whether one row is selected; without it the keys scroll."""

    def update(self, width: int) -> None:
        """Takes in what is new, for rows of this many cells. Called at every tick."""

    def __len__(self) -> int:
        """How many rows there are."""

    def key(self, index: int) -> Hashable:
        """What a row is drawn from: as long as it is the same, so is the row."""

    def row(self, index: int) -> Row:
        """The row at this place, from 0."""


class FixedLines:
    """Rows that are there from the beginning and never change."""

    def __init__(self, rows: list[Row], *, has_cursor: bool = False) -> None:
        self.has_cursor = has_cursor
        self._rows = rows

    def update(self, width: int) -> None:
        """Nothing is ever new."""

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> Hashable:
        """Each row stays as it is."""
        return index

    def row(self, index: int) -> Row:
        """The row at this place."""
        return self._rows[index]
