"""Every action by its name, and every theme: typed for, chosen, done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.events import Key
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from inspector_tui import palette
from inspector_tui.cells import Row, crop, fit, spread
from inspector_tui.focusing import type_ahead
from inspector_tui.keymap import Bound
from inspector_tui.line_view import LineView
from inspector_tui.lines import FixedLines
from inspector_tui.themes import theme_names

NOTHING_FITS = "No action of that name."
_KEY_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done now."""

    words: str
    section: str
    key: str
    """What does the same; empty where no key does."""
    action: str
    node: DOMNode
    """What the action is one of."""

    def fits(self, typed: str) -> bool:
        """Whether every typed word is in its name."""
        name = f"{self.section} {self.words} {self.key}".lower()
        return all(word in name for word in typed.lower().split())


def commands_of(screen: Screen[None], keys: Sequence[Bound]) -> tuple[Command, ...]:
    """What can be done on a screen as it is, in the order of the help; then the themes."""
    active = {one.binding.id: one.node for one in screen.active_bindings.values() if one.enabled}
    actions = [
        Command(bound.words, bound.section, bound.text, bound.action, active[bound.id])
        for bound in keys
        if bound.id in active and bound.id != "palette"
    ]
    # Moving is what nobody looks for by name.
    last = [command for command in actions if command.section == "Moving"]
    actions = [command for command in actions if command.section != "Moving"]
    themes = [
        Command(name, "Theme", "", f"choose_theme({name!r})", screen.app) for name in theme_names()
    ]
    return (*actions, *themes, *last)


def choose_action(screen: Screen[None], keys: Sequence[Bound]) -> None:
    """Shows the palette of these keys over a screen, and does what is chosen."""
    app = screen.app

    async def do(chosen: Command | None) -> None:
        if chosen is not None:
            await app.run_action(chosen.action, chosen.node)

    app.push_screen(CommandPalette(commands_of(screen, keys)), do)


class CommandPalette(ModalScreen[Command | None]):
    """One input line, and the commands that fit what is typed in it."""

    DEFAULT_CSS = """
    CommandPalette { align: center top; background: $background 70%; }
    CommandPalette > Vertical {
        width: 76; max-width: 100%; height: 22; max-height: 100%; margin-top: 1;
        background: $panel; border: round $accent;
    }
    CommandPalette LineView { background: $panel; }
    CommandPalette Input {
        background: $surface; height: 1; padding: 0 1; border-left: wide $accent;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", show=False, id="close-palette"),
        Binding("down,ctrl+n", "move('move(1)')", show=False, id="palette-down"),
        Binding("up,ctrl+p", "move('move(-1)')", show=False, id="palette-up"),
        Binding("pagedown", "move('move_pages(1.0)')", show=False, id="palette-page-down"),
        Binding("pageup", "move('move_pages(-1.0)')", show=False, id="palette-page-up"),
    ]

    def __init__(self, commands: Sequence[Command]) -> None:
        """The palette of these commands, in this order."""
        super().__init__()
        self._commands = tuple(commands)
        self._fitting = self._commands
        self._typed = ""

    def compose(self) -> ComposeResult:
        """The input, the commands."""
        with Vertical():
            yield Input(placeholder="an action, a view, a theme", compact=True)
            yield LineView(id="commands")

    def on_mount(self) -> None:
        """Takes the keys."""
        self.set_focus(self.query_one(Input))

    def on_key(self, event: Key) -> None:
        """Takes what was typed before the line was there."""
        if not type_ahead(self.query_one(Input), event) and event.key == "enter":
            event.stop()
            self._choose()

    def on_resize(self) -> None:
        """Draws for the new size."""
        self.call_after_refresh(self._draw)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows what fits."""
        event.stop()
        self._look()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Chooses what is under the cursor."""
        event.stop()
        self._choose()

    def on_line_view_chosen(self, event: LineView.Chosen) -> None:
        """Chooses what is clicked on."""
        event.stop()
        self._choose()

    async def action_move(self, action: str) -> None:
        """Moves the cursor, while the input keeps the keys."""
        await self.app.run_action(action, self._view)

    def _look(self) -> None:
        typed = self.query_one(Input).value
        if typed != self._typed:
            self._typed = typed
            self._fitting = tuple(one for one in self._commands if one.fits(typed))
            self._draw()

    @property
    def _view(self) -> LineView:
        return self.query_one("#commands", LineView)

    def _choose(self) -> None:
        # The input tells of what was typed last only at a later turn.
        self._look()
        if self._fitting:
            self.dismiss(self._fitting[self._view.cursor])

    def _draw(self) -> None:
        width = self._view.row_width
        rows = [_row(command, width) for command in self._fitting]
        none: list[Row] = [[Segment(f" {NOTHING_FITS}", palette.DIM)]]
        self._view.show(FixedLines(rows or none, has_cursor=bool(rows)))


def _row(command: Command, width: int) -> Row:
    name = crop(command.words, max(8, width - 18 - _KEY_WIDTH))
    left = [
        Segment(f" {fit(command.section, 16)} ", palette.FAINTER),
        Segment(name, palette.PLAIN),
    ]
    return spread(left, [Segment(f"{command.key} ", palette.KEY)], width)
