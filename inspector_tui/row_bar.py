"""A few rows that do not scroll: bars, headers, the summary."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from inspector_tui.cells import Row


class RowBar(Widget):
    """Shows the rows it was given last. Its height comes from the style sheet."""

    DEFAULT_CSS = "RowBar { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._rows: list[Row] = []

    def show(self, *rows: Row) -> None:
        """Draws these rows, if they are others than before."""
        if list(rows) != self._rows:
            self._rows = list(rows)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        width, base = self.size.width, self.rich_style
        row = self._rows[y] if y < len(self._rows) else []
        line = Segment.adjust_line_length(row, width)
        return Strip([Segment(text, base + (own or Style.null())) for text, own, _ in line], width)
