"""A decoded body, kept up to a limit, with the places where its network chunks ended."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, overload

from captures.records import Boundary

MAX_KEPT_SIZE = 64 * 1024 * 1024
"""Bytes of a body kept in memory where there is no overflow; the capture file keeps them all."""

KEPT_BEFORE_OVERFLOW = 16 * 1024 * 1024
"""Bytes of a body kept in memory where the rest overflows."""

_BOUNDARIES = tuple(Boundary)
_BOUNDARY_NUMBERS = {boundary: number for number, boundary in enumerate(_BOUNDARIES)}


class Overflow(Protocol):
    """Where the bytes of a body go that are too many for memory. It may raise OSError."""

    def append(self, data: bytes) -> None:
        """Takes the next bytes, all of them or none."""

    def read(self, start: int, stop: int) -> bytes:
        """The bytes of this span, counted from the first that was appended."""

    def close(self) -> None:
        """Lets go of them."""


@dataclass(frozen=True, slots=True)
class ChunkMark:
    """One network chunk of the response."""

    time: float
    """Arrival in seconds since the request."""
    size: int
    """Bytes on the wire."""
    start: int
    """Offset in the decoded body at which what it decodes to begins."""
    boundary: Boundary


class ChunkMarks(Sequence[ChunkMark]):
    """The network chunks in their order, 25 bytes each. Mutable: it only grows.

    Its arrays have one entry a chunk. They are for reading.
    """

    def __init__(self) -> None:
        self.times = array("d")
        """When each arrived, in seconds since the request."""
        self.sizes = array("Q")
        """Bytes of each on the wire."""
        self.starts = array("Q")
        """The offset in the decoded body at which what each decodes to begins."""
        self.filled = 0
        """How many brought bytes; the record of an end of the body may bring none."""
        self._boundaries = array("B")

    def add(self, time: float, size: int, start: int, boundary: Boundary) -> None:
        """Takes the next chunk: what a ``ChunkMark`` tells of it."""
        self.times.append(time)
        self.sizes.append(size)
        self.filled += size > 0
        self.starts.append(start)
        self._boundaries.append(_BOUNDARY_NUMBERS[boundary])

    def __len__(self) -> int:
        return len(self._boundaries)

    @overload
    def __getitem__(self, place: int) -> ChunkMark: ...

    @overload
    def __getitem__(self, place: slice) -> list[ChunkMark]: ...

    def __getitem__(self, place: int | slice) -> ChunkMark | list[ChunkMark]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        boundary = _BOUNDARIES[self._boundaries[place]]
        return ChunkMark(self.times[place], self.sizes[place], self.starts[place], boundary)


class Body:
    """Append-only and bounded: bytes beyond the limit are counted, not kept.

    Args:
        overflow: makes the place where bytes go that are too many for memory. It is called when
            they are, once; where it or what it makes fails, they are counted and not kept.
    """

    def __init__(self, overflow: Callable[[], Overflow] | None = None) -> None:
        self._kept = bytearray()
        self._limit = MAX_KEPT_SIZE if overflow is None else KEPT_BEFORE_OVERFLOW
        self._make_overflow = overflow
        self._overflow: Overflow | None = None
        self._overflow_size = 0
        self.size = 0
        """Decoded bytes seen."""
        self.chunks = ChunkMarks()

    def add(self, time: float, wire_size: int, data: bytes, boundary: Boundary) -> None:
        """Takes one network chunk and the bytes it decodes to."""
        self.chunks.add(time, wire_size, self.size, boundary)
        self.size += len(data)
        room = self._limit - len(self._kept)
        self._kept += data[:room]
        if len(data) > room:
            self._let_overflow(data[room:])

    def close(self) -> None:
        """Lets go of what overflowed; the bytes in memory stay."""
        self._make_overflow = None
        self._overflow_size = 0
        if self._overflow is not None:
            self._overflow.close()
            self._overflow = None

    @property
    def kept_size(self) -> int:
        """Decoded bytes kept, from the beginning."""
        return len(self._kept) + self._overflow_size

    def bytes_between(self, start: int, stop: int) -> bytes:
        """The kept bytes of this span; fewer where the limit was reached."""
        kept = bytes(self._kept[start:stop])
        if stop <= self._limit or self._overflow is None:
            return kept
        first = max(start, self._limit) - self._limit
        behind = min(stop - self._limit, self._overflow_size)
        try:
            return kept + self._overflow.read(first, max(first, behind))
        except OSError:
            return kept

    def pieces(self) -> Iterator[tuple[ChunkMark, bytes]]:
        """Each chunk, and the kept bytes that it decodes to."""
        for number, chunk in enumerate(self.chunks, start=1):
            stop = self.chunks.starts[number] if number < len(self.chunks) else self.size
            yield chunk, self.bytes_between(chunk.start, stop)

    def chunk_at(self, offset: int) -> int:
        """Index of the network chunk that brought the byte at this offset; -1 if there is none."""
        return bisect_right(self.chunks.starts, offset) - 1

    def chunks_between(self, start: int, stop: int) -> range:
        """The network chunks that begin in this span of the decoded body, by their numbers."""
        first = bisect_left(self.chunks.starts, start)
        return range(first, bisect_left(self.chunks.starts, stop, lo=first))

    def _let_overflow(self, data: bytes) -> None:
        """Puts bytes where they overflow to. After the first failure no more are kept."""
        if self._make_overflow is None:
            return
        try:
            if self._overflow is None:
                self._overflow = self._make_overflow()
            self._overflow.append(data)
            self._overflow_size += len(data)
        except OSError:
            self._make_overflow = None
