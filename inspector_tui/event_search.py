"""The two input lines under the timeline: one searches the events, one chooses their types."""

from __future__ import annotations

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from inspector_tui.event_lines import EventLines
from inspector_tui.focusing import focus_at_once


class EventSearch(Vertical):
    """Searches in slices, so that keys are served in between. It moves nothing itself."""

    DEFAULT_CSS = """
    EventSearch { height: auto; }
    EventSearch Input { display: none; }
    EventSearch Input.-shown { display: block; }
    """

    class Changed(Message):
        """Other words are searched for, or other types are shown."""

    class Found(Message):
        """An event that was searched for."""

        def __init__(self, event: int) -> None:
            super().__init__()
            self.event = event

    class Left(Message):
        """The user is done with an input line."""

    def __init__(self) -> None:
        super().__init__(id="event-search")
        self.events: EventLines | None = None
        """What is searched in."""
        self._from = 0

    def compose(self) -> ComposeResult:
        """The two lines."""
        yield Input(placeholder="search in events and what they say", id="search", compact=True)
        yield Input(placeholder="types to show, such as: delta stop", id="types", compact=True)

    @property
    def needle(self) -> str:
        """The words that are searched for."""
        return self._search.value

    @property
    def types(self) -> str:
        """The types that are shown; empty for all."""
        return self._types.value

    def start(self, event: int) -> None:
        """Opens the search, which begins at this event."""
        self._from = event
        self._open(self._search)

    def choose_types(self) -> None:
        """Opens the choice of types."""
        self._open(self._types)

    def end(self, *, keep: bool) -> None:
        """Closes the input line that has the focus; what it says stays, or is forgotten."""
        entry = self._types if self._types.has_focus else self._search
        if not keep:
            entry.value = ""
        entry.set_class(bool(entry.value), "-shown")
        self.post_message(self.Changed())
        self.post_message(self.Left())

    def find(self, start: int, step: int) -> None:
        """Looks for the next event with these words from an event on, or the one before."""
        if self.needle:
            self._find(start, step)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Searches as the user types, from where the search began."""
        event.stop()
        self.post_message(self.Changed())
        if event.input is self._search:
            self.find(self._from, 1)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keeps the words."""
        event.stop()
        self.end(keep=True)

    @work(group="search", exclusive=True)
    async def _find(self, start: int, step: int) -> None:
        events, needle = self.events, self.needle.lower()
        while events is not None and 0 <= start < events.count:
            found, start = events.find(needle, start, step)
            if found is not None:
                self.post_message(self.Found(found))
                return
            await asyncio.sleep(0)
        where = "further down" if step > 0 else "further up"
        self.notify(f"No match {where}", markup=False, timeout=2)

    def _open(self, entry: Input) -> None:
        entry.add_class("-shown")
        focus_at_once(entry)

    @property
    def _search(self) -> Input:
        return self.query_one("#search", Input)

    @property
    def _types(self) -> Input:
        return self.query_one("#types", Input)
