"""What is on the screen in the user's own pager or editor, and a note in his editor."""

from __future__ import annotations

import os
from pathlib import Path

from textual.app import App, SuspendNotSupported

from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.outside import (
    OutsideError,
    editor,
    kept_in_file,
    pager,
    run_outside,
)
from inspector_tui.actions.shown_text import Document, Shown, for_editor, for_pager
from inspector_tui.tabs import Tab

NO_OTHER_PROGRAM = "The terminal cannot be given to another program here"


async def page_chosen(screen: ChosenScreen) -> None:
    """Shows what is on the screen in the pager, made safe for a terminal."""
    if (shown := await _shown(screen)) is not None:
        _show(screen, for_pager(shown), by_pager=True)


async def edit_chosen(screen: ChosenScreen) -> None:
    """Opens a copy of what is on the screen in the editor, as it came."""
    if (shown := await _shown(screen)) is not None:
        _show(screen, for_editor(shown), by_pager=False)


def edited(app: App[None], text: str, most: int) -> str:
    """What the user makes of a text in the editor.

    Args:
        app: gives its terminal to the editor.
        text: what it begins with.
        most: bytes of UTF-8 that are read back, and one more where there are more.

    Raises:
        OutsideError: there is no editor, it cannot be run here, or it failed.
    """
    command = editor(os.environ)
    lines = f"{text}\n" if text else ""
    with kept_in_file(Document("note.txt", [lines.encode("utf-8", "replace")])) as path:
        code = _given_away(app, command, path)
        if code:
            raise OutsideError(f"{command[0]} ended with code {code}; nothing is changed")
        with path.open("rb") as file:
            return file.read(most + 1).decode("utf-8", "replace")


async def _shown(screen: ChosenScreen) -> Shown | None:
    exchange = await screen.read()
    if exchange is None:
        return None
    pane = screen.exchange_pane
    tab = pane.tab if pane.display else Tab.MESSAGE
    return Shown(exchange, tab, pane.event, pane.view.lines)


def _show(screen: ChosenScreen, document: Document, *, by_pager: bool) -> None:
    try:
        command = pager(os.environ) if by_pager else editor(os.environ)
        with kept_in_file(document) as path:
            code = _given_away(screen.app, command, path)
    except (OutsideError, OSError) as error:
        screen.tell(str(error), error=True)
        return
    if code:
        screen.tell(f"{command[0]} ended with code {code}", error=True)


def _given_away(app: App[None], command: list[str], path: Path) -> int:
    try:
        with app.suspend():
            return run_outside(command, path)
    except SuspendNotSupported:
        raise OutsideError(NO_OTHER_PROGRAM) from None
