"""The input line of the list's filter, with its language, or what is wrong, under it."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from inspector_tui import palette
from inspector_tui.cells import Row, crop, join_fitting, row_width, spread
from inspector_tui.list_filter import EXAMPLES, Filter
from inspector_tui.numbers import count_text
from inspector_tui.row_bar import RowBar

PLACEHOLDER = "words in method, path, model or verdict, or fields"


class FilterLine(Vertical):
    """One row to type in, one row that answers."""

    DEFAULT_CSS = "FilterLine { height: 2; }"

    def compose(self) -> ComposeResult:
        """The input, the answer."""
        yield Input(placeholder=PLACEHOLDER, id="filter", compact=True)
        yield RowBar(id="filter-hint")

    def show(self, used: Filter, shown: int, captures: int) -> None:
        """Answers to what was typed: how many exchanges pass, and what is expected."""
        bar = self.query_one("#filter-hint", RowBar)
        typing = self.query_one(Input).has_focus
        bar.show(hint_row(used, shown, captures, bar.size.width, typing=typing))


def hint_row(used: Filter, shown: int, captures: int, width: int, *, typing: bool) -> Row:
    """What is wrong with a filter, else its language while it is typed; and how many pass."""
    found = [Segment(f" {count_text(shown)} of {count_text(captures)} ", palette.DIM)]
    room = width - row_width(found) - 2
    if used.problem:
        problem = f" ? {crop(used.problem, width - 4)}"
        beside = found if cell_len(problem) <= room else []
        return spread([Segment(problem, palette.WARNING)], beside, width)
    examples: list[Row] = [[Segment(example, palette.FAINTER)] for example in EXAMPLES]
    if not typing:
        examples = [[Segment("Esc shows all again", palette.FAINTER)]]
    return spread([Segment(" "), *join_fitting(examples, Segment("  "), room)], found, width)
