"""The keys, on a screen of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from inspector_tui import palette
from inspector_tui.cells import Row, crop, fit, row_width
from inspector_tui.keymap import Bound, View
from inspector_tui.line_view import LineView
from inspector_tui.lines import FixedLines
from inspector_tui.list_filter import LANGUAGE
from inspector_tui.row_bar import RowBar

SIGNS = (
    "● live   ✓ complete   ✂ cut off by a limit   ← client left",
    "✗ broken   ? incomplete   ! error        ! beside it: findings",
)


GAP = 2
"""Cells between two columns."""

LEAST_COLUMN = 34
"""Cells that a column must have for two to stand side by side."""


def help_rows(keys: Sequence[Bound], view: View, width: int) -> list[Row]:
    """Every key of a view with what it does, in two columns where there is room.

    Below them stand the filter of the list, and the signs of the verdicts.
    """
    wide = (width - GAP) // 2
    columns = 2 if wide >= LEAST_COLUMN else 1
    column = wide if columns == 2 else width
    blocks = [
        _block(title, list(bound), column)
        for title, bound in groupby(
            (bound for bound in keys if view in bound.views), key=lambda bound: bound.section
        )
    ]
    rows = _side_by_side(blocks, column) if columns == 2 else [row for b in blocks for row in b]
    if view is View.LIST:
        rows.append(_title("The filter: all terms must hold"))
        rows += [_entry(term, words, 15, width) for term, words in LANGUAGE]
        rows.append([])
    rows.append(_title("Signs"))
    rows += [[Segment(f"   {crop(line, width - 3)}", palette.PLAIN)] for line in SIGNS]
    return rows


def _block(title: str, keys: Sequence[Bound], width: int) -> list[Row]:
    longest = max(cell_len(bound.text) for bound in keys) + 1
    return [_title(title), *(_entry(bound.text, bound.words, longest, width) for bound in keys), []]


def _title(words: str) -> Row:
    return [Segment(f" {words}", palette.HEADING)]


def _entry(key: str, words: str, key_width: int, width: int) -> Row:
    left = max(1, width - 2 - key_width)
    return [
        Segment(f"  {fit(key, key_width)}", palette.KEY),
        Segment(crop(words, left), palette.PLAIN),
    ]


def _side_by_side(blocks: Sequence[list[Row]], width: int) -> list[Row]:
    """The blocks in their order in two columns, the first as little longer as can be."""
    half = sum(map(len, blocks)) / 2
    left: list[Row] = []
    right: list[Row] = []
    for block in blocks:
        (right if right or len(left) + len(block) / 2 > half else left).extend(block)
    rows: list[Row] = []
    nothing: Row = []
    for one, other in zip_longest(left, right, fillvalue=nothing):
        room = width + GAP - row_width(one)
        rows.append([*one, Segment(" " * room), *other] if other else one)
    return rows


class HelpScreen(ModalScreen[None]):
    """Lies over the inspector until a key closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 70%; }
    HelpScreen > Vertical {
        width: 96; max-width: 100%; height: 100%; max-height: 44;
        background: $panel; border: round $accent; padding: 0 1;
    }
    HelpScreen LineView { background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close", show=False, id="close-help")
    ]

    def __init__(self, keys: Sequence[Bound], view: View) -> None:
        """The keys of a view.

        Args:
            keys: those of every view.
            view: the one that the help is asked for in.
        """
        super().__init__()
        self._keys = keys
        self._view = view

    def compose(self) -> ComposeResult:
        """A title and the keys."""
        with Vertical():
            yield RowBar(id="help-title")
            yield LineView(id="help")

    def on_resize(self) -> None:
        """Draws for the new size."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        title = [
            Segment(f" Keys in {self._view.value}", palette.STRONG),
            Segment("   Esc closes · to change them: ssescope inspect --keys", palette.DIM),
        ]
        self.query_one("#help-title", RowBar).show(title)
        view = self.query_one("#help", LineView)
        view.show(FixedLines(help_rows(self._keys, self._view, view.row_width)))
