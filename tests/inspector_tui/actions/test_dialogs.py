from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from inspector_tui import palette
from inspector_tui.actions.dialogs import (
    MOST_ROWS,
    Choice,
    ConfirmDialog,
    EntryDialog,
    MenuDialog,
)

MANY = [Choice("", f"row {number}", value=f"v{number}") for number in range(40)]
FEW = [Choice("t", "Text", "as it adds up", "text"), Choice("p", "Path"), Choice("x", "Other")]


class Asking:
    """A dialog over an empty screen."""

    def __init__(self, app: App[None], pilot: Pilot[None], answers: list[object]) -> None:
        self.app, self.pilot, self.answers = app, pilot, answers

    def text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


@asynccontextmanager
async def asking(dialog: ModalScreen[Any], width: int = 80) -> AsyncIterator[Asking]:
    answers: list[object] = []
    app: App[None] = App()
    async with app.run_test(size=(width, 24)) as pilot:
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        yield Asking(app, pilot, answers)


def menu(choices: Sequence[Choice]) -> ModalScreen[Any]:
    return MenuDialog("Choose [b]one[/b]", choices)


async def test_a_choice_is_taken_by_its_key_the_cursor_or_a_click() -> None:
    async with asking(menu(FEW)) as dialog:
        for words in ("Choose [b]one[/b]", "t Text", "as it adds up", "Enter chooses"):
            assert words in dialog.text()
        await dialog.press("y")
        assert dialog.answers == []
        await dialog.press("p")
        assert dialog.answers == ["p"]
    async with asking(menu(FEW)) as dialog:
        await dialog.press("down", "down", "down", "k", "enter")
        assert dialog.answers == ["p"]
    async with asking(menu(FEW)) as dialog:
        await dialog.pilot.click("#dialog-rows", offset=(5, 0))
        await dialog.pilot.pause()
        assert dialog.answers == ["text"]
    async with asking(menu(FEW)) as dialog:
        await dialog.press("escape")
        assert dialog.answers == [None]


async def test_a_long_menu_scrolls_with_its_cursor() -> None:
    async with asking(menu(MANY)) as dialog:
        assert "row 0 " in dialog.text()
        assert f"row {MOST_ROWS} " not in dialog.text()
        await dialog.press("end")
        assert "row 39 " in dialog.text()
        assert "row 0 " not in dialog.text()
        await dialog.press("pageup", "enter")
        assert dialog.answers == [f"v{39 - MOST_ROWS}"]


async def test_only_enter_confirms() -> None:
    said = [("a file of 3 bytes", palette.PLAIN)]
    for key, answer in (("enter", True), ("escape", False), ("q", False), ("n", False)):
        async with asking(ConfirmDialog("Delete it?", said, "deletes")) as dialog:
            assert "a file of 3 bytes" in dialog.text()
            assert "Enter deletes · Esc does not" in dialog.text()
            await dialog.press("x", "space", "y")
            assert dialog.answers == []
            await dialog.press(key)
            assert dialog.answers == [answer]


async def test_a_line_is_entered_or_left() -> None:
    async with asking(EntryDialog("A name", "old", "Enter takes it")) as dialog:
        assert dialog.app.screen.query_one(Input).value == "old"
        await dialog.press(*"er", "enter")
        assert dialog.answers == ["older"]
    async with asking(EntryDialog("A name", "old", "Enter takes it")) as dialog:
        await dialog.press(*"q", "escape")
        assert dialog.answers == [None]


async def test_where_it_is_narrow_nothing_is_cut_and_controls_are_shown() -> None:
    said = [("! a key goes to http://gateway.example:8080/and/more \x1b]0;x\x07", palette.WARNING)]
    async with asking(ConfirmDialog("Send?", said, "sends it"), 40) as dialog:
        assert "".join(dialog.text().replace("│", " ").split()).count("more␛]0;x␇") == 1
        await dialog.pilot.resize_terminal(80, 24)
        await dialog.pilot.pause()
        assert "! a key goes to http://gateway.example:8080/and/more ␛]0;x␇" in dialog.text()
