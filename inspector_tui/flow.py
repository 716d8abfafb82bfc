"""A text that grows, wrapped into rows: only what was appended is wrapped again."""

from __future__ import annotations

from inspector_tui.cells import next_row
from inspector_tui.safe import safe_text

CHARACTERS_AT_ONCE = 32 * 1024
"""Characters of a text that are wrapped at once: about ten milliseconds of work."""


class Flow:
    """The rows of one text. Mutable; feed it the text each time it has grown."""

    def __init__(self, width: int) -> None:
        self._width = max(1, width)
        self._taken = 0
        self.is_behind = False
        """Whether the text that was fed last goes on behind the last row."""
        self._text = ""
        self._starts: list[int] = []
        self._stops: list[int] = []

    def feed(self, text: str) -> None:
        """Takes the text as it stands now, a bounded part of what is new.

        It must begin with what was fed before.
        """
        fresh = text[self._taken : self._taken + CHARACTERS_AT_ONCE]
        self._taken += len(fresh)
        self.is_behind = self._taken < len(text)
        if not fresh:
            return
        self._text += safe_text(fresh, newline="\n", tab="    ")
        start = 0
        if self._starts:
            start = self._starts.pop()
            self._stops.pop()
        while start < len(self._text):
            stop, following = next_row(self._text, start, self._width)
            self._starts.append(start)
            self._stops.append(stop)
            start = following

    def __len__(self) -> int:
        return len(self._starts)

    def span(self, index: int) -> tuple[int, int]:
        """Where a row stands in the text. As long as this is the same, so is the row."""
        return self._starts[index], self._stops[index]

    def row(self, index: int) -> str:
        """The text of one row, safe for a terminal."""
        # A mark may have met its character only when the pieces were joined.
        return safe_text(self._text[self._starts[index] : self._stops[index]])
