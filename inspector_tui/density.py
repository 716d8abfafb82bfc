"""How much of a stream came when: what its map is drawn from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

from captures.dialects.base import EventKind
from captures.exchange import Exchange
from captures.findings.rule import Level


@dataclass(frozen=True, slots=True)
class Slice:
    """What came in one of many equal slices of the time of an exchange."""

    events: int
    written: int
    """Characters that the model wrote."""
    kind: EventKind | None
    """What the first event was that carried any, else the first event; None without events."""
    silence: float
    """In a slice without events: how long the whole wait is, in seconds."""
    worst: Level | None
    """The worst level of the findings about its events."""


class Density:
    """The arrival of every event and what had been written by then. Holds nothing of its own."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._times = exchange.events.times
        self._written = exchange.events.written

    def __len__(self) -> int:
        return len(self._times)

    @property
    def stop(self) -> float:
        """The end of the exchange, or how far it has come, in seconds since the request."""
        end = self._exchange.end
        last = self._times[-1] if self._times else 0.0
        return max(last, end.time) if end is not None else last

    def time_of(self, event: int) -> float:
        """When an event had arrived; of one that is not there, when the last one had."""
        if not self._times:
            return 0.0
        return self._times[max(0, min(event, len(self._times) - 1))]

    def event_at(self, time: float) -> int:
        """The last event that had arrived by then; the first one before any had."""
        return max(0, bisect_right(self._times, time) - 1)

    def event_between(self, start: float, stop: float) -> int:
        """The first event of a stretch of time, one with a finding first; without one, the last
        event before it."""
        first, behind = bisect_left(self._times, start), bisect_left(self._times, stop)
        marked = [event for event in self._worst_levels() if first <= event < behind]
        if marked:
            return min(marked)
        return first if first < behind else self.event_at(start)

    def slices(self, count: int) -> list[Slice]:
        """The whole time of the exchange so far, cut into so many equal slices."""
        stop = self.stop
        if not self._times or stop <= 0 or count <= 0:
            return []
        places = [bisect_left(self._times, stop * at / count) for at in range(count)]
        places.append(len(self._times))
        worst = self._worst_levels()
        marked = sorted(worst)
        found = []
        for first, behind in pairwise(places):
            near = marked[bisect_left(marked, first) : bisect_left(marked, behind)]
            levels = {worst[event] for event in near}
            found.append(
                Slice(
                    events=behind - first,
                    written=self._written_between(first, behind),
                    kind=self._kind(first, behind),
                    silence=0.0 if behind > first else self._silence(first),
                    worst=next((level for level in Level if level in levels), None),
                )
            )
        return found

    def _worst_levels(self) -> dict[int, Level]:
        levels, worst = list(Level), dict[int, Level]()
        for finding in self._exchange.findings:
            if finding.event is not None:
                known = worst.get(finding.event, finding.rule.level)
                worst[finding.event] = min(known, finding.rule.level, key=levels.index)
        return worst

    def _written_between(self, first: int, behind: int) -> int:
        if behind <= first:
            return 0
        return self._written[behind - 1] - (self._written[first - 1] if first else 0)

    def _kind(self, first: int, behind: int) -> EventKind | None:
        if behind <= first:
            return None
        telling = bisect_right(self._written, self._written[first - 1] if first else 0, first)
        return self._exchange.events.kind(telling if telling < behind else first)

    def _silence(self, following: int) -> float:
        before = self._times[following - 1] if following else 0.0
        after = self._times[following] if following < len(self._times) else self.stop
        return after - before if following else 0.0
