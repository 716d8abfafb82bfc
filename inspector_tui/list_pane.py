"""The list of exchanges: filtered, sorted, with the user's marks."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from inspector_tui import palette
from inspector_tui.exchange_lines import ExchangeLines
from inspector_tui.exchange_row import exchange_header
from inspector_tui.filter_line import FilterLine
from inspector_tui.focusing import focus_at_once
from inspector_tui.json_rows import text_rows
from inspector_tui.library import Library
from inspector_tui.line_view import LineView
from inspector_tui.list_filter import Filter, parse
from inspector_tui.list_order import Order
from inspector_tui.marks import NOTHING_MARKED, pair_to_compare
from inspector_tui.row_bar import RowBar

NOTHING_YET = "Nothing captured yet. Send a request through the proxy: it shows up here at once."
NOTHING_MATCHES = "No exchange matches the filter."


class ListPane(Vertical):
    """Shows the captures of a library and knows which one is selected, and which are marked."""

    DEFAULT_CSS = """
    ListPane #list-message { display: none; height: 5; margin: 1 1 0 1; }
    ListPane.-message #list-message { display: block; }
    ListPane FilterLine { display: none; }
    ListPane.-filtering FilterLine { display: block; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "sort_by_next", "Sort by the next column", show=False, id="sort"),
        Binding("O", "sort_reversed", "Sort the other way", show=False, id="sort-reversed"),
        Binding("m", "mark", "Mark, or unmark", show=False, id="mark"),
        Binding("M", "only_marked", "Only marked, or all", show=False, id="only-marked"),
        Binding("t", "tree", "Retries and turns, a tree", show=False, id="tree"),
        Binding("apostrophe", "next_mark", "Next mark", show=False, id="next-mark"),
    ]

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

    @property
    def marked(self) -> list[Path]:
        """The marked captures, oldest first."""
        return [self._library.folder / name for name in sorted(self._lines.marks)]

    def pair(self, opened: Path | None) -> tuple[Path, Path] | str:
        """The two captures to compare, the one that is shown last; or why there are not two.

        Args:
            opened: the exchange that the user reads, which stays the shown one; None on the list,
                where of two marked ones the newer is shown.
        """
        marks = self._lines.marks
        current = opened or (None if len(marks) == 2 else self.selected)
        found = pair_to_compare(marks, current.name if current else None)
        if isinstance(found, str):
            return found
        return self._library.folder / found[0], self._library.folder / found[1]

    def sync(self) -> None:
        """Pulls what is new. The cursor stays on its capture, unless the view follows."""
        view, lines = self.view, self._lines
        # A key may have moved it just now, and the view's message of that be still on its way.
        self.cursor_moved()
        first, last = view.visible_rows
        on_top = lines.name(first)
        lines.following = view.follow
        lines.forget_marks()
        lines.update(view.row_width)
        view.newest_row = lines.newest_row
        place = lines.place(self.selected.name if self.selected else None)
        if place is not None and first <= view.cursor <= last:
            view.sync(place - view.cursor)
        else:
            now_on_top = lines.place(on_top)
            view.sync(0 if now_on_top is None else now_on_top - first, place)
        self.selected = lines.path(view.cursor)
        self._library.prefer(lines.unread(*view.visible_rows))
        self._show_header()
        self._show_message()
        counts = self._library.counts()
        self.query_one(FilterLine).show(lines.filter, len(lines), counts.exchanges)

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
        self._list_others()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters as the user types."""
        event.stop()
        self._lines.filter = parse(event.value)
        self._list_others()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keeps the filter."""
        event.stop()
        self.end_filter(keep=True)

    def action_sort_by_next(self) -> None:
        """Sorts by the next column."""
        self._sort(self._lines.order.by_next_column())

    def action_sort_reversed(self) -> None:
        """Sorts by the same column the other way round."""
        self._sort(self._lines.order.reversed())

    def action_mark(self) -> None:
        """Marks the exchange under the cursor, or takes its mark off."""
        self.cursor_moved()
        if self.selected is not None:
            self._lines.marks ^= {self.selected.name}
            self.sync()

    def action_only_marked(self) -> None:
        """Leaves out what is not marked, or shows it again."""
        self._lines.only_marked = not self._lines.only_marked
        self._list_others()

    def action_tree(self) -> None:
        """Lists retries and turns under their first exchange, or every exchange by itself."""
        self._lines.toggle_tree()
        self._list_others()

    def action_next_mark(self) -> None:
        """Goes to the next mark, from the last one to the first."""
        place = self._lines.next_marked(self.view.cursor)
        if place is None:
            self.notify(NOTHING_MARKED, markup=False)
        else:
            self.view.go_to(place)

    def _sort(self, order: Order) -> None:
        self._lines.order = order
        self.view.newest_first = order.newest_first
        self._list_others()

    def _list_others(self) -> None:
        """Shows what is listed now that the user asked for other rows: none of them is new."""
        newer = self.view.newer
        self.sync()
        self.view.newer = newer

    def _show_header(self) -> None:
        lines, width = self._lines, self.view.row_width
        notes = ["only marked"] * lines.only_marked + [lines.tree_state] * bool(lines.tree_state)
        header = exchange_header(width, lines.order, dated=lines.dated, notes=notes)
        self.query_one("#list-header", RowBar).show([Segment(" "), *header])

    def _show_message(self) -> None:
        words, style = self._library.problem, palette.ALARM
        if not words and not len(self._lines):
            words, style = self._why_nothing_is_listed, palette.DIM
        bar = self.query_one("#list-message", RowBar)
        self.set_class(bool(words), "-message")
        bar.show(*text_rows(words, max(8, bar.size.width or 40), style))

    @property
    def _why_nothing_is_listed(self) -> str:
        if self._lines.only_marked and not self._lines.marks:
            return f"{NOTHING_MARKED} M shows all again."
        return NOTHING_MATCHES if self.filter or self._lines.only_marked else NOTHING_YET
