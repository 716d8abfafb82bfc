"""A capture that grows, and one that was cut off: read as far as it goes, record by record."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captures.record_lines import encode, encode_request
from captures.records import (
    Boundary,
    Chunk,
    Damage,
    End,
    Ending,
    Gap,
    Head,
    Latency,
    Note,
    Record,
    Request,
    RequestChunk,
    Unknown,
)
from captures.store import CaptureError, Follower, read
from tests.captures.by_hand import EVENT_STREAM, a_request, tally
from tests.captures.mutations import mutated

RECORDS: tuple[Record, ...] = (
    RequestChunk(1, 0.001, b'{"stream": true}'),
    RequestChunk(2, 0.002, b"\xff\x00"),
    Head(3, 0.2, "1.1", 200, "OK", EVENT_STREAM),
    Chunk(4, 0.25, "event: a\ndata: é\u2028\n\n".encode()),
    Chunk(5, 0.26, b"data: \xc3", Boundary.READ),
    Chunk(6, 0.27, b"\xa9\n\n", Boundary.CHUNK),
    Note(7, 0.3, "retried", "a pooled connection was stale"),
    Gap(9, 0.31, 8, 9, 2310, "queue full"),
    Unknown(10, 0.32, "later", {"any": ["thing", None]}),
    Chunk(11, 0.33, b': comment \\ " \n\n'),
    End(12, 0.4, Ending.COMPLETE, "", tally(b"x"), tally(b"x"), Latency(0.1, 0.2, 0.3, 0.0)),
)
"""One of every kind."""

REQUEST = a_request()
LINES = [encode_request(REQUEST), *map(encode, RECORDS)]
CAPTURE = b"".join(LINES)


def write(folder: str, content: bytes) -> Path:
    path = Path(folder) / "one.jsonl"
    path.write_bytes(content)
    return path


def test_cut_at_every_byte_it_holds_every_record_before_the_cut(tmp_path: Path) -> None:
    path = write(str(tmp_path), CAPTURE)
    for size in range(len(CAPTURE), -1, -1):
        os.truncate(path, size)
        lines, torn = CAPTURE.count(b"\n", 0, size), CAPTURE[:size].rpartition(b"\n")[2]
        if not lines:
            with pytest.raises(CaptureError):
                next(read(path))
            continue
        found = list(read(path))
        assert found[:lines] == [REQUEST, *RECORDS][:lines]
        assert [type(record) for record in found[lines:]] == [Damage] * bool(torn)


@settings(max_examples=60)
@given(st.integers(0, 2**32).map(Random))
def test_it_gives_the_same_records_however_it_grows_and_is_read(draw: Random) -> None:
    content = CAPTURE if draw.random() < 0.2 else mutated(draw, CAPTURE, [CAPTURE])
    with tempfile.TemporaryDirectory() as folder:
        at_once = _at_once(write(folder, content))
        assert _growing(write(folder, b""), content, draw) == at_once


def _at_once(path: Path) -> list[Request | Record | Damage] | str:
    """All that can be read, but for a torn end; or why nothing can be."""
    with Follower(path) as follower:
        try:
            records = [*follower.poll(2**20)]
            return [follower.required_request(), *records]
        except CaptureError as error:
            return str(error)


def _growing(path: Path, content: bytes, draw: Random) -> list[Request | Record | Damage] | str:
    """The same, read in between while the file grows by pieces."""
    records: list[Record | Damage] = []
    with path.open("ab", buffering=0) as file, Follower(path) as follower:
        try:
            while content:
                size = draw.choice((1, 7, 60, 400))
                file.write(content[:size])
                content = content[size:]
                for _ in range(draw.randint(0, 3)):
                    records += follower.poll(draw.choice((1, 5, 100, 4096)))
            while not follower.at_end():
                records += follower.poll(draw.choice((1, 100)))
            return [follower.required_request(), *records]
        except CaptureError as error:
            return str(error)
