"""A screen with an exchange under its cursor, and the keys for what can be done with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.screen import Screen

from captures.exchange import Exchange
from inspector_tui.actions.commands import CommandError, Commands
from inspector_tui.actions.copying import (
    CHOICES,
    OF_AN_EVENT,
    NothingToCopyError,
    What,
    copied_text,
)
from inspector_tui.actions.dialogs import MenuDialog
from inspector_tui.actions.outside import (
    OutsideError,
    editor,
    kept_in_file,
    pager,
    run_outside,
)
from inspector_tui.actions.shown_text import Document, Shown, for_editor, for_pager
from inspector_tui.clipboard import copy
from inspector_tui.exchange_pane import ExchangePane
from inspector_tui.library import Library
from inspector_tui.list_pane import ListPane
from inspector_tui.safe import safe_text, without_controls
from inspector_tui.tabs import Tab

READING_SECONDS = 0.02
"""Pause between two looks whether a capture has been read."""


class ActingScreen(Screen[None]):
    """Who extends it composes the list and the exchange, and marks an opened one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('message text')", "Copy the message text", show=False, id="copy-text"),
        Binding("Y", "copy('event')", "Copy the event as it came", show=False, id="copy-event"),
        Binding("c", "copy_menu", "Copy something else", show=False, id="copy"),
        Binding("v", "view", "Show in $PAGER", show=False, id="view"),
        Binding("e", "edit", "Open a copy in $EDITOR", show=False, id="edit"),
    ]

    def __init__(self, library: Library, program: Sequence[str]) -> None:
        """A screen over a library.

        Args:
            library: where its exchanges are.
            program: the words that start ssescope in a process of its own; none where it cannot.
        """
        super().__init__()
        self.library = library
        self.commands = Commands(program)

    async def on_unmount(self) -> None:
        """Ends what was started."""
        await self.commands.end_all()

    @property
    def list_pane(self) -> ListPane:
        """The list of exchanges."""
        return self.query_one(ListPane)

    @property
    def exchange_pane(self) -> ExchangePane:
        """The opened exchange."""
        return self.query_one(ExchangePane)

    @property
    def chosen(self) -> Path | None:
        """The capture that is opened, or else under the cursor of the list."""
        if self.has_class("-opened") or self.library.single:
            return self.exchange_pane.path
        return self.list_pane.selected

    def tell(self, words: str, *, error: bool = False) -> None:
        """Shows a message for a while."""
        self.notify(safe_text(words), severity="error" if error else "information", markup=False)

    @work(group="act")
    async def action_copy(self, what: str) -> None:
        """Copies a part of the exchange."""
        await self._copy(What(what))

    @work(group="act")
    async def action_copy_menu(self) -> None:
        """Asks what to copy."""
        if self.chosen is None:
            self.tell("There is no exchange to copy from")
        elif chosen := await self.app.push_screen_wait(MenuDialog("Copy", CHOICES)):
            await self._copy(What(chosen))

    @work(group="act")
    async def action_view(self) -> None:
        """Shows what is on the screen in the user's pager."""
        await self._show_outside(pager, for_pager)

    @work(group="act")
    async def action_edit(self) -> None:
        """Opens a copy of what is on the screen in the user's editor."""
        await self._show_outside(editor, for_editor)

    async def read(self) -> Exchange | None:
        """The exchange that is chosen, once it has been read as far as its file goes.

        None, and a message, where there is none or another one is chosen meanwhile.
        """
        path, pane = self.chosen, self.exchange_pane
        if path is None:
            self.tell("There is no exchange here")
            return None
        pane.open(path)
        while pane.exchange is None or self.library.is_reading(path):
            if problem := self.library.summary(path).problem:
                self.tell(problem, error=True)
                return None
            await asyncio.sleep(READING_SECONDS)
            if pane.path != path:
                self.tell("Another exchange was chosen before this one was read")
                return None
        return pane.exchange

    async def _copy(self, what: What) -> None:
        try:
            self._copy_in_thread(await self._text_of(what))
        except (NothingToCopyError, CommandError) as error:
            self.tell(str(error), error=isinstance(error, CommandError))

    async def _text_of(self, what: What) -> str:
        path, pane = self.chosen, self.exchange_pane
        if path is None:
            raise NothingToCopyError("There is no exchange to copy from")
        if what is What.PATH:
            return without_controls(str(path.absolute()))
        if what is What.CURL:
            done = await self.commands.run("export", str(path), "--format", "curl")
            if done.code:
                raise CommandError(done.talk)
            return without_controls(done.output.rstrip("\n"))
        if what in OF_AN_EVENT:
            if not (pane.display and pane.path == path and pane.exchange):
                raise NothingToCopyError("Open the exchange: its event under the cursor is copied")
            return copied_text(what, pane.exchange, pane.event)
        exchange = await self.read()
        return copied_text(what, exchange, pane.event) if exchange is not None else ""

    @work(thread=True, group="copy")
    def _copy_in_thread(self, text: str) -> None:
        app = self.app

        def write_escape(shown: str) -> None:
            app.call_from_thread(app.copy_to_clipboard, shown)

        if text:
            words = copy(text, write_escape, os.environ)
            app.call_from_thread(self.tell, words)

    async def _show_outside(
        self,
        program: Callable[[Mapping[str, str]], list[str]],
        document: Callable[[Shown], Document],
    ) -> None:
        exchange = await self.read()
        if exchange is None:
            return
        pane = self.exchange_pane
        tab = pane.tab if pane.display else Tab.MESSAGE
        shown = Shown(exchange, tab, pane.event, pane.view.lines)
        try:
            self._run_outside(program(os.environ), document(shown))
        except (OutsideError, OSError) as error:
            self.tell(str(error), error=True)
        except SuspendNotSupported:
            self.tell("The terminal cannot be given to another program here", error=True)

    def _run_outside(self, command: list[str], document: Document) -> None:
        with kept_in_file(document) as path, self.app.suspend():
            code = run_outside(command, path)
        if code:
            self.tell(f"{command[0]} ended with code {code}", error=True)
