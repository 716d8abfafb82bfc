"""What is left of records whose bytes could not be kept: the small ones, and exact gaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from captures.records import Chunk, Gap, Record, RequestChunk


@dataclass(slots=True)
class Losses:
    """What could not be written so far. Mutable; changed by the writer thread alone."""

    records: int = 0
    size: int = 0
    """Body bytes."""
    failed_syncs: int = 0
    """How often the disk did not confirm that it keeps what was written."""
    why: str = ""
    """The newest cause."""

    def add(self, other: Losses) -> None:
        """Counts the records and bytes of another count as well."""
        self.records += other.records
        self.size += other.size


class Remains:
    """A row of records in their order, of which only some are kept. Mutable.

    What is not kept is counted once, and neighbours of it become one gap.
    """

    def __init__(self, losses: Losses, keeps: Callable[[Record, int], bool]) -> None:
        """Takes the count to add to, and whether a record is kept beside so many others."""
        self._losses = losses
        self._keeps = keeps
        self._row: list[Record | _Span] = []

    def __bool__(self) -> bool:
        return bool(self._row)

    def take(self, record: Record) -> None:
        """Adds the next record. A gap was counted by whoever declared it."""
        if isinstance(record, Gap):
            self._stretch(record, record.first, record.size)
        elif self._keeps(record, len(self._row)):
            self._row.append(record)
        else:
            size = len(record.data) if isinstance(record, Chunk | RequestChunk) else 0
            self._losses.records += 1
            self._losses.size += size
            self._stretch(record, record.seq, size)

    def records(self, why: str) -> list[Record]:
        """The records that are kept, and between them gaps for this reason."""
        return [item.gap(why) if isinstance(item, _Span) else item for item in self._row]

    def _stretch(self, record: Record, first: int, size: int) -> None:
        last = self._row[-1] if self._row else None
        if isinstance(last, _Span):
            last.last, last.time, last.size = record.seq, record.time, last.size + size
        else:
            self._row.append(_Span(first, record.seq, record.time, size))


@dataclass(slots=True)
class _Span:
    """A gap that still grows."""

    first: int
    last: int
    time: float
    size: int

    def gap(self, why: str) -> Gap:
        return Gap(self.last, self.time, self.first, self.last, self.size, why)
