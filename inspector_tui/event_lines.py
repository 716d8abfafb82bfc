"""The timeline: one row an event."""

from __future__ import annotations

from collections.abc import Hashable

from captures.exchange import Exchange
from captures.findings.rule import Level
from inspector_tui.cells import Row
from inspector_tui.rows import event_row

SEARCH_SLICE = 5000
"""Events looked at in one step of a search: a few milliseconds of work."""


class EventLines:
    """The events of one exchange as rows."""

    has_cursor = True

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._width = 80
        self._marks: dict[int, Level] = {}
        self._findings_seen = 0

    def update(self, width: int) -> None:
        """Takes in new findings; the events themselves are read when they are drawn."""
        self._width = width
        levels = list(Level)
        for finding in self._exchange.findings[self._findings_seen :]:
            if finding.event is not None:
                known = self._marks.get(finding.event, finding.rule.level)
                self._marks[finding.event] = min(known, finding.rule.level, key=levels.index)
        self._findings_seen = len(self._exchange.findings)

    def __len__(self) -> int:
        return len(self._exchange.events)

    def key(self, index: int) -> Hashable:
        """An event never changes; a finding about it may come later."""
        return self._marks.get(index)

    def row(self, index: int) -> Row:
        """The event at this place."""
        events = self._exchange.events
        previous = events[index - 1].frame.last_time if index else None
        return event_row(events[index], index, previous, self._marks.get(index), self._width)

    def marked(self, after: int, step: int) -> int | None:
        """The next event with a finding behind this one, or before it with step -1."""
        if step > 0:
            return min((index for index in self._marks if index > after), default=None)
        return max((index for index in self._marks if index < after), default=None)

    def find(self, needle: str, start: int, step: int) -> tuple[int | None, int]:
        """Looks for an event with this text, letter case ignored, in a bounded number of them.

        Args:
            needle: what to look for, in lower case.
            start: the first event to look at; it may lie outside, then nothing is found.
            step: 1 to look forwards, -1 backwards.

        Returns:
            The event found, if any, and where to go on.
        """
        events = self._exchange.events
        index = start
        for _ in range(SEARCH_SLICE):
            if not 0 <= index < len(events):
                break
            event = events[index]
            words = f"{event.type} {event.text} {event.stop_reason or ''}"
            if needle in words.lower():
                return index, index + step
            index += step
        return None, index
