"""Everything about the event under the cursor, in a pane of its own."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical

from captures.exchange import Exchange
from inspector_tui import palette
from inspector_tui.document_lines import DocumentLines
from inspector_tui.documents import event_rows
from inspector_tui.line_view import LineView
from inspector_tui.lines import FixedLines
from inspector_tui.row_bar import RowBar


class EventDetail(Vertical):
    """Shows one event, and another when the cursor moves."""

    DEFAULT_CSS = """
    EventDetail { height: 40%; }
    """

    def __init__(self) -> None:
        super().__init__(id="event-detail")
        self._shown: tuple[int, int] | None = None

    def compose(self) -> ComposeResult:
        """A rule and the rows."""
        yield RowBar(id="detail-rule")
        yield LineView(id="detail")

    @property
    def view(self) -> LineView:
        """The rows."""
        return self.query_one("#detail", LineView)

    def show(self, exchange: Exchange | None, index: int) -> None:
        """Draws the event at this place of the exchange, if it is there."""
        rule = "─" * self.size.width
        self.query_one("#detail-rule", RowBar).show([Segment(rule, palette.RULE)])
        if exchange is None or not 0 <= index < len(exchange.events):
            if self._shown is not None:
                self._shown = None
                self.view.show(FixedLines([]))
            return
        if (id(exchange), index) != self._shown:
            self._shown = (id(exchange), index)
            build = DocumentLines(
                lambda width: event_rows(exchange, index, width), lambda: len(exchange.findings)
            )
            self.view.show(build)
        else:
            self.view.sync()
