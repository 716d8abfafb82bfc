"""A decoded body, kept up to a limit, with the places where its network chunks ended."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from captures.records import Boundary

MAX_KEPT_SIZE = 64 * 1024 * 1024
"""Bytes of a body kept in memory; the capture file keeps them all."""


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


class Body:
    """Append-only and bounded: bytes beyond the limit are counted, not kept."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.size = 0
        """Decoded bytes seen."""
        self.chunks: list[ChunkMark] = []

    def add(self, time: float, wire_size: int, data: bytes, boundary: Boundary) -> None:
        """Takes one network chunk and the bytes it decodes to."""
        self.chunks.append(ChunkMark(time, wire_size, self.size, boundary))
        room = MAX_KEPT_SIZE - len(self._kept)
        self._kept += data[:room]
        self.size += len(data)

    @property
    def kept_size(self) -> int:
        """Decoded bytes kept, from the beginning."""
        return len(self._kept)

    def bytes_between(self, start: int, stop: int) -> bytes:
        """The kept bytes of this span; fewer where the limit was reached."""
        return bytes(self._kept[start:stop])

    def pieces(self) -> Iterator[tuple[bytes, float]]:
        """The kept bytes of each chunk, and when it arrived."""
        for number, chunk in enumerate(self.chunks, start=1):
            stop = self.chunks[number].start if number < len(self.chunks) else self.size
            yield self.bytes_between(chunk.start, stop), chunk.time

    def chunk_at(self, offset: int) -> int:
        """Index of the network chunk that brought the byte at this offset; -1 if there is none."""
        return bisect_right(self.chunks, offset, key=lambda chunk: chunk.start) - 1

    def chunks_between(self, start: int, stop: int) -> list[ChunkMark]:
        """The network chunks that begin in this span of the decoded body."""
        first = bisect_left(self.chunks, start, key=lambda chunk: chunk.start)
        behind = bisect_left(self.chunks, stop, lo=first, key=lambda chunk: chunk.start)
        return self.chunks[first:behind]
