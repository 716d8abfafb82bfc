"""Everything about the event or the chunk under the cursor, in a pane of its own."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical

from inspector_tui import palette
from inspector_tui.line_view import LineView
from inspector_tui.lines import FixedLines, Lines
from inspector_tui.row_bar import RowBar


class EventDetail(Vertical):
    """Shows one of them, and another when the cursor moves."""

    DEFAULT_CSS = """
    EventDetail { height: 40%; }
    """

    def __init__(self) -> None:
        super().__init__(id="event-detail")
        self._shown: Hashable = None

    def compose(self) -> ComposeResult:
        """A rule and the rows."""
        yield RowBar(id="detail-rule")
        yield LineView(id="detail")

    @property
    def view(self) -> LineView:
        """The rows."""
        return self.query_one("#detail", LineView)

    def show(self, what: Hashable, source: Callable[[], Lines]) -> None:
        """Draws what stands under the cursor.

        Args:
            what: which event or chunk of which exchange; None if there is none.
            source: makes its rows, called when it is another one than before.
        """
        rule = "─" * self.size.width
        self.query_one("#detail-rule", RowBar).show([Segment(rule, palette.RULE)])
        if what != self._shown:
            self._shown = what
            self.view.show(FixedLines([]) if what is None else source())
        else:
            self.view.sync()
