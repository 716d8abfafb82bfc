"""A screen with one exchange chosen: opened, or under the cursor of the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

from captures.exchange import Exchange
from inspector_tui.actions.commands import Commands
from inspector_tui.exchange_pane import ExchangePane
from inspector_tui.library import Library
from inspector_tui.list_pane import ListPane
from inspector_tui.safe import safe_text

if TYPE_CHECKING:
    from inspector_tui.actions.dialogs import Dialog

READING_SECONDS = 0.02
"""Pause between two looks whether a capture has been read."""

NO_EXCHANGE = "There is no exchange here"

Answer = TypeVar("Answer")


class ChosenScreen(Screen[None]):
    """Who extends it composes the list and the exchange, and marks an opened one."""

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

    async def ask(self, dialog: Dialog[Answer]) -> Answer | None:
        """What the user answers. For workers alone, since it waits."""
        return await self.app.push_screen_wait(dialog)

    def chosen_or_told(self) -> Path | None:
        """The capture that is chosen; None, and a message, where there is none."""
        if self.chosen is None:
            self.tell(NO_EXCHANGE)
        return self.chosen

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something holds that the next ticks bring about."""
        while not condition():  # noqa: ASYNC110 - the library is pulled, and pushes nothing
            await asyncio.sleep(READING_SECONDS)

    async def read(self) -> Exchange | None:
        """The exchange that is chosen, once it has been read as far as its file goes.

        None, and a message, where there is none or another one is chosen meanwhile.
        """
        path, pane = self.chosen_or_told(), self.exchange_pane
        if path is None:
            return None
        pane.open(path)
        library = self.library

        def over() -> bool:
            is_read = pane.exchange is not None and not library.is_reading(path)
            return is_read or pane.path != path or bool(library.summary(path).problem)

        await self.until(over)
        if pane.path != path:
            self.tell("Another exchange was chosen before this one was read")
            return None
        if pane.exchange is None:
            self.tell(library.summary(path).problem, error=True)
        return pane.exchange
