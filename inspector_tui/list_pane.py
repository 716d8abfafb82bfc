"""The list of exchanges with its filter."""

from __future__ import annotations

from pathlib import Path

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from inspector_tui import palette
from inspector_tui.exchange_lines import ExchangeLines
from inspector_tui.filter_line import FilterLine
from inspector_tui.focusing import focus_at_once
from inspector_tui.json_rows import text_rows
from inspector_tui.library import Library
from inspector_tui.line_view import LineView
from inspector_tui.list_filter import Filter, parse
from inspector_tui.row_bar import RowBar
from inspector_tui.rows import exchange_header

NOTHING_YET = "Nothing captured yet. Send a request through the proxy: it shows up here at once."
NOTHING_MATCHES = "No exchange matches the filter."


class ListPane(Vertical):
    """Shows the captures of a library and knows which one is selected."""

    DEFAULT_CSS = """
    ListPane #list-message { display: none; height: 5; margin: 1 1 0 1; }
    ListPane.-message #list-message { display: block; }
    ListPane FilterLine { display: none; }
    ListPane.-filtering FilterLine { display: block; }
    """

    def __init__(self, library: Library) -> None:
        super().__init__(id="list-pane")
        self.selected: Path | None = None
        """The capture under the cursor."""
        self._library = library
        self._lines = ExchangeLines(library)

    def compose(self) -> ComposeResult:
        """Header, message, rows, filter."""
        yield RowBar(id="list-header")
        yield RowBar(id="list-message")
        view = LineView(self._lines, id="list")
        view.newest_first = view.follow = True
        yield view
        yield FilterLine()

    @property
    def view(self) -> LineView:
        """The rows."""
        return self.query_one("#list", LineView)

    @property
    def filter(self) -> str:
        """What the listed captures have in common, as it was typed."""
        return self._lines.filter.text

    def sync(self) -> None:
        """Pulls what is new. The cursor stays on its capture, unless the view follows."""
        view = self.view
        self._lines.update(view.row_width)
        place = self._lines.place(self.selected)
        view.sync(0 if place is None else place - view.cursor)
        self.selected = self._lines.path(view.cursor)
        header = exchange_header(view.row_width, dated=self._lines.dated)
        self.query_one("#list-header", RowBar).show([Segment(" "), *header])
        self._show_message()
        line = self.query_one(FilterLine)
        line.show(self._lines.filter, len(self._lines), self._library.counts().exchanges)

    def cursor_moved(self) -> None:
        """Takes the capture under the cursor as the selected one."""
        self.selected = self._lines.path(self.view.cursor)

    def start_filter(self) -> None:
        """Opens the input line of the filter."""
        self.add_class("-filtering")
        focus_at_once(self.query_one("#filter", Input))

    def end_filter(self, *, keep: bool) -> None:
        """Goes back to the rows; the filter stays, or all rows come back."""
        entry = self.query_one("#filter", Input)
        if not keep:
            entry.value = ""
            self._lines.filter = Filter()
        self.set_class(bool(entry.value), "-filtering")
        focus_at_once(self.view)
        self.sync()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters as the user types."""
        event.stop()
        self._lines.filter = parse(event.value)
        self.sync()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keeps the filter."""
        event.stop()
        self.end_filter(keep=True)

    def _show_message(self) -> None:
        words, style = self._library.problem, palette.ALARM
        if not words and not len(self._lines):
            words = NOTHING_MATCHES if self.filter else NOTHING_YET
            style = palette.DIM
        bar = self.query_one("#list-message", RowBar)
        self.set_class(bool(words), "-message")
        bar.show(*text_rows(words, max(8, bar.size.width or 40), style))
