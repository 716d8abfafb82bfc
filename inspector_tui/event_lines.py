"""The timeline: one row an event, all of them or those of some types."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable

from captures.dialects.base import EventKind
from captures.exchange import Exchange
from captures.findings.rule import Level
from captures.stalls import SIGNS_OF_LIFE
from inspector_tui.cells import Row
from inspector_tui.rows import event_row
from inspector_tui.text_search import find_words, split_spans

FILTER_SLICE = 20_000
"""Events a filter looks at in one update: a few milliseconds of work."""

_ALONE, _FIRST, _MIDDLE, _LAST, _CUT = " ", "╭", "│", "╰", "╎"
"""How an event shares its network chunk with its neighbours, or that it came in several."""


class EventLines:
    """The events of one exchange as rows."""

    has_cursor = True

    def __init__(self, exchange: Exchange) -> None:
        self.needle = ""
        """Words that are highlighted where several events say them together, in lower case."""
        self.types = ""
        """Words one of which the type or the kind of a shown event has; empty for all."""
        self.hides_pings = False
        """Whether pings, comments and events that dispatch nothing are left out."""
        self._exchange = exchange
        self._width = 80
        self._marks: dict[int, Level] = {}
        self._findings_seen = 0
        self._shown: array[int] | None = None
        self._looked_at = 0
        self._filter: tuple[tuple[str, ...], bool] = ((), False)

    def update(self, width: int) -> None:
        """Takes in new findings and what the filter lets through of new events."""
        self._width = width
        levels = list(Level)
        for finding in self._exchange.findings[self._findings_seen :]:
            if finding.event is not None:
                known = self._marks.get(finding.event, finding.rule.level)
                self._marks[finding.event] = min(known, finding.rule.level, key=levels.index)
        self._findings_seen = len(self._exchange.findings)
        self._apply_filter()

    def __len__(self) -> int:
        return len(self._exchange.events) if self._shown is None else len(self._shown)

    def key(self, index: int) -> Hashable:
        """An event never changes; a finding about it or an event in its chunk may come later."""
        event = self.event(index)
        return event, self._marks.get(event), event == len(self._exchange.events) - 1

    def row(self, index: int) -> Row:
        """The event at this place."""
        events, number = self._exchange.events, self.event(index)
        previous = events.times[number - 1] if number else None
        return event_row(
            events[number],
            number,
            previous,
            self._marks.get(number),
            self._width,
            tie=self._tie(number),
            found=split_spans(events, number, self.needle),
        )

    @property
    def count(self) -> int:
        """How many events there are, shown or not."""
        return len(self._exchange.events)

    @property
    def is_filtered(self) -> bool:
        """Whether events are left out."""
        return self._shown is not None

    def event(self, row: int) -> int:
        """The number of the event in a row."""
        if self._shown is None:
            return row
        return self._shown[row] if 0 <= row < len(self._shown) else len(self._exchange.events)

    def row_of(self, event: int) -> int:
        """The row of an event, or of the next one that is shown."""
        return event if self._shown is None else bisect_left(self._shown, event)

    def marked(self, after: int, step: int) -> int | None:
        """The next event with a finding behind this one, or before it with step -1."""
        if step > 0:
            return min((index for index in self._marks if index > after), default=None)
        return max((index for index in self._marks if index < after), default=None)

    def find(self, needle: str, start: int, step: int) -> tuple[int | None, int]:
        """Looks for a shown event with these words, in a bounded number of events.

        Args:
            needle: what to look for, in lower case.
            start: the first event to look at; it may lie outside, then nothing is found.
            step: 1 to look forwards, -1 backwards.

        Returns:
            The event found, if any, and where to go on.
        """
        found, following = find_words(self._exchange.events, needle, start, step)
        is_hidden = found is not None and self.event(self.row_of(found)) != found
        return (None if is_hidden else found), following

    def _apply_filter(self) -> None:
        """Looks at a bounded number of the events that have not been looked at."""
        events = self._exchange.events
        words = tuple(self.types.lower().split())
        if (words, self.hides_pings) != self._filter:
            self._filter = (words, self.hides_pings)
            self._shown = array("L") if words or self.hides_pings else None
            self._looked_at = 0
        if self._shown is None:
            return
        stop = min(len(events), self._looked_at + FILTER_SLICE)
        looked_at = range(self._looked_at, stop)
        self._shown.extend(
            index for index in looked_at if self._passes(events.type(index), events.kind(index))
        )
        self._looked_at = stop

    def _passes(self, type_: str, kind: EventKind) -> bool:
        words, hides_pings = self._filter
        if hides_pings and kind in SIGNS_OF_LIFE:
            return False
        named = f"{type_} {kind.value}".lower()
        return not words or any(word in named for word in words)

    def _tie(self, number: int) -> str:
        body, events = self._exchange.body, self._exchange.events
        start, stop = events.starts[number], events.stops[number]
        first, last = body.chunk_at(start), body.chunk_at(max(start, stop - 1))
        if first != last:
            return _CUT
        with_previous = number > 0 and body.chunk_at(start - 1) == first
        with_next = number + 1 < len(events) and body.chunk_at(stop) == last
        if with_previous:
            return _MIDDLE if with_next else _LAST
        return _FIRST if with_next else _ALONE
