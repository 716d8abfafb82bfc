from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import body
from captures.body import Body, ChunkMark
from captures.records import Boundary


def body_of(*pieces: bytes) -> Body:
    made = Body()
    for number, piece in enumerate(pieces):
        made.add(float(number), len(piece), piece, Boundary.CHUNK)
    return made


def test_chunks_tell_when_they_came_and_where_they_begin_in_the_decoded_body() -> None:
    made = Body()
    made.add(1.0, 3, b"decoded", Boundary.CHUNK)
    made.add(2.0, 9, b"", Boundary.READ)
    made.add(3.0, 1, b"x", Boundary.CHUNK)

    assert made.chunks == [
        ChunkMark(1.0, 3, 0, Boundary.CHUNK),
        ChunkMark(2.0, 9, 7, Boundary.READ),
        ChunkMark(3.0, 1, 7, Boundary.CHUNK),
    ]
    assert made.size == 8


def test_bytes_of_a_span_cross_chunks() -> None:
    assert body_of(b"abc", b"def", b"ghi").bytes_between(2, 7) == b"cdefg"


def test_chunks_of_a_span_are_those_that_begin_in_it() -> None:
    made = body_of(b"abc", b"def", b"ghi")

    assert [chunk.start for chunk in made.chunks_between(1, 6)] == [3]
    assert [chunk.start for chunk in made.chunks_between(0, 7)] == [0, 3, 6]


def test_bytes_beyond_the_limit_are_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_KEPT_SIZE", 5)

    made = body_of(b"abc", b"def", b"ghi")

    assert made.size == 9
    assert made.bytes_between(0, 9) == b"abcde"
    assert made.bytes_between(7, 9) == b""
    assert [chunk.start for chunk in made.chunks] == [0, 3, 6]


def test_pieces_are_the_kept_bytes_of_each_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(body_of(b"abc", b"", b"de").pieces()) == [(b"abc", 0.0), (b"", 1.0), (b"de", 2.0)]
    assert list(Body().pieces()) == []

    monkeypatch.setattr(body, "MAX_KEPT_SIZE", 4)

    made = body_of(b"abc", b"de")
    assert list(made.pieces()) == [(b"abc", 0.0), (b"d", 1.0)]
    assert made.kept_size == 4


def test_no_chunk_brought_a_byte_of_an_empty_body() -> None:
    assert Body().chunk_at(0) == -1


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=12))
def test_every_byte_belongs_to_the_chunk_that_brought_it(pieces: list[bytes]) -> None:
    made = body_of(*pieces)
    owners = [number for number, piece in enumerate(pieces) for _ in piece]

    assert [made.chunk_at(offset) for offset in range(made.size)] == owners
