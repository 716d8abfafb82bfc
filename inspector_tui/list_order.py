"""What the list is sorted by. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from captures.findings.rule import Level
from inspector_tui.summary import Summary

Key = str | tuple[float, str]
"""What an exchange is sorted by. It ends with the name of the capture file, so that no two are
equal."""

TreeKey = tuple[Key, float, str]
"""What a row of the tree is sorted by: by its group, then by time."""

_ABOVE_EVERY_NAME = "\U0010ffff"
_NOT_KNOWN = -1.0
_SEVERITY = {Level.INFO: 1, Level.WARNING: 2, Level.ERROR: 3}


class Column(StrEnum):
    """What can be sorted by, in the order in which it is offered."""

    TIME = "time"
    TOOK = "took"
    SIZE = "size"
    EVENTS = "events"
    SPEED = "tok/s"
    STATUS = "status"
    FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class Order:
    """The newest, longest, largest, fastest, worst on top; or at the bottom."""

    column: Column = Column.TIME
    turned: bool = False

    @property
    def newest_first(self) -> bool:
        """Whether who follows stands on the first row: not where the newest is the last one."""
        return not (self.turned and self.column is Column.TIME)

    @property
    def sign(self) -> str:
        """Which way it goes: ▼ from the most to the least."""
        return "▲" if self.turned else "▼"

    def by_next_column(self) -> Order:
        """Sorted by the next column."""
        columns = list(Column)
        following = columns[(columns.index(self.column) + 1) % len(columns)]
        return Order(following)

    def reversed(self) -> Order:
        """The other way round."""
        return replace(self, turned=not self.turned)

    def key(self, name: str, summary: Summary | None, now: datetime) -> Key:
        """The key of one capture. Live ones come after all others in time.

        Args:
            name: of the capture file.
            summary: None where it has not been read.
            now: the present, up to which a live exchange has been running.
        """
        if self.column is Column.TIME:
            live = summary is not None and summary.live
            return _ABOVE_EVERY_NAME + name if live else name
        return (_NOT_KNOWN if summary is None else _VALUES[self.column](summary, now), name)

    def keys(
        self,
        names: Sequence[str],
        live: AbstractSet[str],
        known: Sequence[Summary | None],
        now: datetime,
    ) -> Sequence[Key]:
        """The keys of many captures at once.

        Args:
            names: of the capture files.
            live: those of them that are running.
            known: the summary of each where it has been read; not needed for the order of time.
            now: the present.
        """
        if self.column is Column.TIME:
            if not live:
                return names
            return [_ABOVE_EVERY_NAME + name if name in live else name for name in names]
        value = _VALUES[self.column]
        return [
            (_NOT_KNOWN if summary is None else value(summary, now), name)
            for name, summary in zip(names, known, strict=True)
        ]


NEWEST_FIRST = Order()


def _took(summary: Summary, now: datetime) -> float:
    return _NOT_KNOWN if summary.verdict is None else summary.lasting(now)


def _size(summary: Summary, _: datetime) -> float:
    return _NOT_KNOWN if summary.verdict is None else summary.size


def _events(summary: Summary, _: datetime) -> float:
    return _NOT_KNOWN if summary.verdict is None else summary.events


def _speed(summary: Summary, _: datetime) -> float:
    return _NOT_KNOWN if summary.tokens_per_second is None else summary.tokens_per_second


def _status(summary: Summary, _: datetime) -> float:
    return _NOT_KNOWN if summary.status is None else summary.status


def _findings(summary: Summary, _: datetime) -> float:
    """By the worst level, then by the number of rules broken."""
    if summary.verdict is None:
        return _NOT_KNOWN
    worst = summary.worst
    return 1000.0 * _SEVERITY[worst] + len(summary.rules) if worst is not None else 0.0


_VALUES: dict[Column, Callable[[Summary, datetime], float]] = {
    Column.TOOK: _took,
    Column.SIZE: _size,
    Column.EVENTS: _events,
    Column.SPEED: _speed,
    Column.STATUS: _status,
    Column.FINDINGS: _findings,
}
