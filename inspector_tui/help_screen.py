"""The keys, on a screen of its own."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from inspector_tui import palette
from inspector_tui.cells import Row
from inspector_tui.line_view import LineView
from inspector_tui.lines import FixedLines
from inspector_tui.list_filter import LANGUAGE
from inspector_tui.row_bar import RowBar

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Moving",
        (
            ("j k ↓ ↑", "one row"),
            ("space ctrl+b", "one page (also PgDn PgUp, ctrl+f)"),
            ("ctrl+d ctrl+u", "half a page"),
            ("g G", "first and last row (also Home End)"),
            ("Tab", "to the next pane"),
            ("Enter", "open the exchange, the event, the chunk, the finding's event"),
            ("Esc q", "back; q on the list quits"),
        ),
    ),
    (
        "Looking",
        (
            ("1 … 4", "Timeline, Message, Chunks, Timing"),
            ("5 … 9", "Findings, Raw/Hex, Request, Headers, Diff"),
            ("t", "time cursor: ← → an event, shift ten, space plays, s speed"),
            ("x", "raw lines or hexadecimal"),
            ("[ ]", "previous and next event with a finding"),
            ("/", "filter the list, or search in the events and what they say"),
            ("& p", "only events of some types; without pings and comments"),
            ("n N", "next and previous match"),
            ("F", "follow what is new, or pause"),
            ("y Y", "copy the message text, the raw event"),
        ),
    ),
    (
        "The list",
        (
            ("o O", "sort by the next column, the other way round"),
            ("m M", "mark or unmark, show only the marked ones"),
            ("'", "to the next mark"),
            ("d", "compare the two marked ones, or the marked one with this one"),
        ),
    ),
    ("The filter of the list: all terms must hold", LANGUAGE),
    ("Leaving", (("ctrl+q ctrl+c", "quit at once, ctrl+z to the shell"), ("?", "these keys"))),
)

SIGNS = (
    "● live   ✓ complete   ✂ cut off by a limit   ← client left",
    "✗ broken   ? incomplete   ! error        ! beside it: findings",
)


def help_rows() -> list[Row]:
    """Every key with what it does, and the signs of the verdicts."""
    rows: list[Row] = []
    for title, keys in KEYS:
        rows.append([Segment(f" {title}", palette.HEADING)])
        rows += [
            [Segment(f"   {key:<15}", palette.KEY), Segment(words, palette.PLAIN)]
            for key, words in keys
        ]
        rows.append([])
    rows.append([Segment(" Signs", palette.HEADING)])
    rows += [[Segment(f"   {line}", palette.PLAIN)] for line in SIGNS]
    return rows


class HelpScreen(ModalScreen[None]):
    """Lies over the inspector until a key closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 70%; }
    HelpScreen > Vertical {
        width: 78; max-width: 100%; height: 27; max-height: 100%;
        background: $panel; border: round $accent; padding: 0 1;
    }
    HelpScreen LineView { background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close", show=False)
    ]

    def compose(self) -> ComposeResult:
        """A title and the keys."""
        with Vertical():
            yield RowBar(id="help-title")
            yield LineView(FixedLines(help_rows()), id="help")

    def on_mount(self) -> None:
        """Draws the title."""
        title = [Segment(" Keys", palette.STRONG), Segment("   Esc closes", palette.FAINTER)]
        self.query_one("#help-title", RowBar).show(title)
