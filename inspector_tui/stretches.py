"""Rows in stretches: of some every row was made, of others a row is made when it is drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Sequence

from rich.segment import Segment
from rich.style import Style

from inspector_tui.cells import Row
from inspector_tui.flow import Flow


class Stretches:
    """Rows one after the other, of which a long text costs one entry. Mutable: it only grows.

    Args:
        indent: the cells that stand before each row of a text.
        generation: tells the rows of these texts from those of earlier ones.
        revision: changes whenever any row that was made may be another.
    """

    def __init__(self, indent: int, generation: int, revision: int) -> None:
        self._indent = Segment(" " * indent)
        self._generation = generation
        self._revision = revision
        self._starts: list[int] = []
        self._stretches: list[Sequence[Row] | tuple[Flow, Style]] = []
        self._count = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Takes rows that were made."""
        self._append(rows, len(rows))

    def add_text(self, flow: Flow, style: Style) -> None:
        """Takes the rows of a text as they are now."""
        self._append((flow, style), len(flow))

    def __len__(self) -> int:
        return self._count

    def key(self, index: int) -> Hashable:
        """A row of a text stays as it is while its span does."""
        stretch, place = self._at(index)
        if isinstance(stretch, tuple):
            flow = stretch[0]
            return (self._generation, id(flow), flow.span(place))
        return self._revision

    def row(self, index: int) -> Row:
        """The row at this place."""
        stretch, place = self._at(index)
        if isinstance(stretch, tuple):
            flow, style = stretch
            return [self._indent, Segment(flow.row(place), style)]
        return stretch[place]

    def _append(self, stretch: Sequence[Row] | tuple[Flow, Style], rows: int) -> None:
        if rows:
            self._starts.append(self._count)
            self._stretches.append(stretch)
            self._count += rows

    def _at(self, index: int) -> tuple[Sequence[Row] | tuple[Flow, Style], int]:
        number = bisect_right(self._starts, index) - 1
        return self._stretches[number], index - self._starts[number]
