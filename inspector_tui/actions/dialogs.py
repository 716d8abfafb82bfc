"""Questions over the inspector: one of several, yes or no, a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click, Key
from textual.screen import ModalScreen
from textual.widgets import Input

from inspector_tui import palette
from inspector_tui.cells import Row, fit
from inspector_tui.focusing import type_ahead
from inspector_tui.json_rows import text_rows
from inspector_tui.row_bar import RowBar

MOST_ROWS = 14
"""Rows of a menu that are shown at once."""

WIDTH = 76
"""Cells of a dialog where the screen has them."""

OF_THE_BORDER = 4

Said = tuple[str, Style]
"""A paragraph, which need not be safe for a terminal yet."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a menu."""

    key: str
    """What chooses it at once; empty where only the cursor does."""
    words: str
    hint: str = ""
    value: str = ""
    """What the menu answers; by default the key."""

    @property
    def answer(self) -> str:
        """What the menu answers."""
        return self.value or self.key


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """A box in the middle of the screen, under a title and over a line of keys."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 70%; }
    Dialog > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        background: $panel; border: round $accent; padding: 0 1;
    }
    Dialog Input { background: $surface; height: 1; padding: 0 1; }
    """

    def __init__(self, title: str, keys: str, said: Sequence[Said] = ()) -> None:
        """A dialog.

        Args:
            title: what it is about.
            keys: which keys do what.
            said: what has to be known, paragraph by paragraph.
        """
        super().__init__()
        self._title, self._keys, self._said = title, keys, tuple(said)

    def compose(self) -> ComposeResult:
        """The title, the rows, what the dialog adds, the keys."""
        with Vertical():
            yield RowBar(id="dialog-title")
            yield RowBar(id="dialog-rows")
            yield from self.compose_more()
            yield RowBar(id="dialog-keys")

    def compose_more(self) -> ComposeResult:
        """What stands between the rows and the keys."""
        yield from ()

    def on_mount(self) -> None:
        """Draws it."""
        self.draw()

    def on_resize(self) -> None:
        """Draws it for another width."""
        self.draw()

    def draw(self) -> None:
        """Draws everything it says, wrapped at the width there is."""
        room = max(8, min(WIDTH, self.app.size.width) - OF_THE_BORDER)
        self._show("title", text_rows(self._title, room, palette.STRONG))
        self._show("rows", self.rows(room))
        self._show("keys", text_rows(self._keys, room, palette.DIM))

    def rows(self, room: int) -> list[Row]:
        """What stands between title and keys, in rows of so many cells at most."""
        return [row for text, style in self._said for row in text_rows(text, room, style)]

    def _show(self, name: str, rows: Sequence[Row]) -> None:
        bar = self._bar(name)
        bar.display = bool(rows)
        bar.styles.height = max(1, len(rows))
        bar.show(*rows)

    def _bar(self, name: str) -> RowBar:
        return self.query_one(f"#dialog-{name}", RowBar)


class MenuDialog(Dialog[str | None]):
    """One of several, by its key or with the cursor; None if none is chosen."""

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__(title, "Enter chooses · Esc closes")
        self._choices = tuple(choices)
        self._cursor = 0

    def rows(self, room: int) -> list[Row]:
        """The choices around the cursor."""
        shown = self._choices[self._first : self._first + MOST_ROWS]
        return [self._row(choice, room) for choice in shown]

    def on_key(self, event: Key) -> None:
        """Takes the key of a choice, or moves the cursor."""
        event.stop()
        chosen = next((c for c in self._choices if c.key and c.key == event.character), None)
        if chosen is not None:
            self.dismiss(chosen.answer)
        elif event.key == "enter":
            self.dismiss(self._choices[self._cursor].answer)
        elif event.key in {"escape", "q"}:
            self.dismiss(None)
        elif event.key in {"up", "k", "down", "j", "home", "end", "pageup", "pagedown"}:
            self._move(event.key)

    def on_click(self, event: Click) -> None:
        """Takes the choice that is clicked on."""
        bar = self._bar("rows")
        if event.widget is bar:
            index = self._first + event.get_content_offset_capture(bar).y
            if index < len(self._choices):
                self.dismiss(self._choices[index].answer)

    def _move(self, key: str) -> None:
        last = len(self._choices) - 1
        step = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -MOST_ROWS, "pagedown": MOST_ROWS}
        place = {"home": 0, "end": last}.get(key, self._cursor + step.get(key, 0))
        self._cursor = max(0, min(last, place))
        self.draw()

    @property
    def _first(self) -> int:
        """The choice in the first row."""
        return max(0, min(self._cursor - MOST_ROWS // 2, len(self._choices) - MOST_ROWS))

    def _row(self, choice: Choice, room: int) -> Row:
        under = choice is self._choices[self._cursor]
        width = max(len(choice.words) for choice in self._choices) + 2
        row = [
            Segment("▌" if under else " ", palette.CURSOR_MARK),
            Segment(f"{choice.key:<2}", palette.KEY),
            Segment(fit(choice.words, width), palette.PLAIN),
            Segment(fit(choice.hint, max(0, room - 3 - width)), palette.FAINTER),
        ]
        cursor = palette.CURSOR if under else Style.null()
        return [Segment(text, (style or Style.null()) + cursor) for text, style, _ in row]


class ConfirmDialog(Dialog[bool]):
    """Whether something is to be done: Enter does it, nothing else does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "Do it", show=False, id="confirm"),
        Binding("escape,q,n", "dismiss(False)", "Leave it", show=False, id="refuse"),
    ]

    def __init__(self, title: str, said: Sequence[Said], does: str) -> None:
        """A question.

        Args:
            title: what is to be done.
            said: with what.
            does: what Enter does, such as ``deletes``.
        """
        super().__init__(title, f"Enter {does} · Esc does not", said)


class EntryDialog(Dialog[str | None]):
    """A line of text; None if it is left with Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave it", show=False, id="leave-entry"),
    ]

    def __init__(self, title: str, value: str, keys: str, said: Sequence[Said] = ()) -> None:
        """An input line.

        Args:
            title: what is to be entered.
            value: what stands there at first.
            keys: which keys do what.
            said: what has to be known.
        """
        super().__init__(title, keys, said)
        self._value = value

    def compose_more(self) -> ComposeResult:
        """The line."""
        yield Input(self._value, compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """Puts the cursor behind what stands there."""
        self.set_focus(self.query_one(Input))

    def on_key(self, event: Key) -> None:
        """Takes what was typed before the line was there."""
        type_ahead(self.query_one(Input), event)

    @property
    def entered(self) -> str:
        """What stands in the line."""
        return self.query_one(Input).value

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answers with what was typed."""
        event.stop()
        self.dismiss(event.value)
