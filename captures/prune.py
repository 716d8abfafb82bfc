"""Which captures of a folder are to go. Pure: entries in, chosen entries out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The criterion by which a capture goes."""

    AGE = "age"
    COUNT = "count"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Entry:
    """A capture as a folder's listing knows it, with everything that goes when it goes."""

    name: str
    """The file name without its suffix."""
    files: tuple[str, ...]
    """File names; the first is that of the first segment, unless it is missing."""
    size: int
    """Bytes of all files."""
    began: float
    """When it was begun, in seconds since the epoch."""
    changed: float
    """When any of its files was last written, in seconds since the epoch."""
    running: bool
    """Whether a recorder holds it open."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is to go. None sets no criterion; a capture goes if any of them says so."""

    older_than: float | None = None
    """Seconds for which a capture has not been written to."""
    keep: int | None = None
    """How many of the newest stay; the others go."""
    max_size: int | None = None
    """Bytes that may stay; the oldest go first."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing can ever go."""
        return self.older_than is None and self.keep is None and self.max_size is None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A capture that is to go."""

    entry: Entry
    reason: Reason


def choose(entries: Iterable[Entry], criteria: Criteria, now: float) -> list[Chosen]:
    """The captures that are to go, oldest first. One that is being recorded never does.

    Running captures count among the newest and towards the size all the same. What goes by age
    or count is gone before the size is looked at.

    Args:
        entries: every capture of the folder, in any order.
        criteria: what is to go.
        now: the wall-clock time in seconds since the epoch.
    """
    ordered = sorted(entries, key=lambda entry: (entry.began, entry.name))
    reasons = {
        entry.name: reason
        for newer, entry in enumerate(reversed(ordered))
        if not entry.running and (reason := _reason(entry, newer, criteria, now)) is not None
    }
    if criteria.max_size is not None:
        left = sum(entry.size for entry in ordered if entry.name not in reasons)
        for entry in ordered:
            if left <= criteria.max_size:
                break
            if not entry.running and entry.name not in reasons:
                reasons[entry.name] = Reason.SIZE
                left -= entry.size
    return [Chosen(entry, reasons[entry.name]) for entry in ordered if entry.name in reasons]


def _reason(entry: Entry, newer: int, criteria: Criteria, now: float) -> Reason | None:
    """Why this capture goes, of which so many are newer; None if it may stay."""
    if criteria.older_than is not None and now - entry.changed > criteria.older_than:
        return Reason.AGE
    if criteria.keep is not None and newer >= criteria.keep:
        return Reason.COUNT
    return None
