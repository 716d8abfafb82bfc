"""A writer and its recordings, driven by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from captures.records import Boundary, Chunk, Ending, Gap
from captures.store import read
from captures.writer import Recording, Writer
from tests.captures.by_hand import tally


class MakeWriter(Protocol):
    """Makes a writer that is closed after the test."""

    def __call__(self, **settings: Any) -> Writer: ...


def begin(target: Writer, path: str = "/v1/messages") -> Recording:
    """A capture of a request that has begun."""
    return target.record(
        upstream="https://api.example.com",
        method="POST",
        path=path,
        version="1.1",
        headers=(("accept", "*/*"),),
    )


def end(recording: Recording) -> None:
    """Ends a recording."""
    recording.end(9.0, Ending.COMPLETE, "", tally(b"up"), tally(b"up"))


def chunk(recording: Recording, size: int = 10) -> None:
    """A piece of the answer of this size."""
    recording.chunk(1.0, b"x" * size, Boundary.CHUNK)


def line_count(recording: Recording) -> int:
    """Lines of its file so far."""
    return recording.path.read_bytes().count(b"\n") if recording.path.exists() else 0


def gaps_in(path: Path) -> list[Gap]:
    """The losses that a capture declares."""
    return [record for record in read(path) if isinstance(record, Gap)]


def chunk_numbers(path: Path) -> list[int]:
    """Sequence numbers of the pieces that were kept."""
    return [record.seq for record in read(path) if isinstance(record, Chunk)]
