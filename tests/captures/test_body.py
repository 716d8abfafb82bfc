from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import body
from captures.body import Body, ChunkMark
from captures.records import Boundary


def body_of(*pieces: bytes, into: Memory | None = None) -> Body:
    made = Body(None if into is None else lambda: into)
    for number, piece in enumerate(pieces):
        made.add(float(number), len(piece), piece, Boundary.CHUNK)
    return made


def pieces_of(made: Body) -> list[tuple[float, bytes]]:
    return [(mark.time, data) for mark, data in made.pieces()]


def test_chunks_tell_when_they_came_and_where_they_begin_in_the_decoded_body() -> None:
    made = Body()
    made.add(1.0, 3, b"decoded", Boundary.CHUNK)
    made.add(2.0, 9, b"", Boundary.READ)
    made.add(3.0, 1, b"x", Boundary.CHUNK)

    assert list(made.chunks) == [
        ChunkMark(1.0, 3, 0, Boundary.CHUNK),
        ChunkMark(2.0, 9, 7, Boundary.READ),
        ChunkMark(3.0, 1, 7, Boundary.CHUNK),
    ]
    assert made.size == 8


def test_bytes_of_a_span_cross_chunks() -> None:
    assert body_of(b"abc", b"def", b"ghi").bytes_between(2, 7) == b"cdefg"


def test_chunks_of_a_span_are_those_that_begin_in_it() -> None:
    made = body_of(b"abc", b"def", b"ghi")

    assert list(made.chunks_between(1, 6)) == [1]
    assert list(made.chunks_between(0, 7)) == [0, 1, 2]


def test_bytes_beyond_the_limit_are_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_KEPT_SIZE", 5)

    made = body_of(b"abc", b"def", b"ghi")

    assert made.size == 9
    assert made.bytes_between(0, 9) == b"abcde"
    assert made.bytes_between(7, 9) == b""
    assert [chunk.start for chunk in made.chunks] == [0, 3, 6]


def test_pieces_are_the_kept_bytes_of_each_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pieces_of(body_of(b"abc", b"", b"de")) == [(0.0, b"abc"), (1.0, b""), (2.0, b"de")]
    assert list(Body().pieces()) == []

    monkeypatch.setattr(body, "MAX_KEPT_SIZE", 4)

    made = body_of(b"abc", b"de")
    assert pieces_of(made) == [(0.0, b"abc"), (1.0, b"d")]
    assert made.kept_size == 4


def test_no_chunk_brought_a_byte_of_an_empty_body() -> None:
    assert Body().chunk_at(0) == -1


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=12))
def test_every_byte_belongs_to_the_chunk_that_brought_it(pieces: list[bytes]) -> None:
    made = body_of(*pieces)
    owners = [number for number, piece in enumerate(pieces) for _ in piece]

    assert [made.chunk_at(offset) for offset in range(made.size)] == owners


class Memory:
    """An overflow that is none, and may fail. Mutable."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.taken = bytearray()
        self.room = room
        self.is_closed = False

    def append(self, data: bytes) -> None:
        if len(self.taken) + len(data) > self.room:
            raise OSError("no room")
        self.taken += data

    def read(self, start: int, stop: int) -> bytes:
        if self.is_closed:
            raise OSError("closed")
        return bytes(self.taken[start:stop])

    def close(self) -> None:
        self.is_closed = True


class TestOverflow:
    @pytest.fixture(autouse=True)
    def little_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(body, "KEPT_BEFORE_OVERFLOW", 5)

    @given(st.lists(st.binary(max_size=4)), st.integers(0, 50), st.integers(0, 50))
    def test_every_byte_is_kept_and_comes_back(
        self, pieces: list[bytes], start: int, stop: int
    ) -> None:
        made = body_of(*pieces, into=Memory())

        assert made.kept_size == made.size
        assert made.bytes_between(start, stop) == b"".join(pieces)[start:stop]

    def test_a_small_body_needs_no_place(self) -> None:
        asked: list[Memory] = []
        made = Body(lambda: asked.append(Memory()) or asked[-1])  # type: ignore[func-returns-value]
        made.add(0.0, 5, b"small", Boundary.CHUNK)
        assert asked == []

        made.add(1.0, 1, b"!", Boundary.CHUNK)
        made.add(2.0, 1, b"?", Boundary.CHUNK)

        assert [memory.taken for memory in asked] == [b"!?"]
        made.close()
        assert asked[0].is_closed

    def test_after_the_disk_was_full_no_more_is_kept(self) -> None:
        made = body_of(b"abcde", b"fg", b"hijk", b"l", into=Memory(room=3))

        assert (made.size, made.kept_size) == (12, 7)
        assert made.bytes_between(0, 12) == b"abcdefg"

    def test_place_that_cannot_be_made_is_asked_for_once(self) -> None:
        asked = []

        def fail() -> Memory:
            asked.append(1)
            raise OSError("no folder for temporary files")

        made = Body(fail)
        for _ in range(3):
            made.add(0.0, 4, b"four", Boundary.CHUNK)

        assert (made.size, made.kept_size, len(asked)) == (12, 5, 1)

    def test_what_is_in_memory_outlives_the_place(self) -> None:
        made = body_of(b"abcde", b"fg", into=Memory())
        made.close()
        made.close()
        made.add(9.0, 1, b"h", Boundary.CHUNK)

        assert made.bytes_between(0, 9) == b"abcde"
        assert (made.size, made.kept_size) == (8, 5)

    def test_bytes_that_cannot_be_read_again_are_missing(self) -> None:
        memory = Memory()
        made = body_of(b"abcde", b"fg", into=memory)
        memory.close()

        assert made.bytes_between(0, 7) == b"abcde"
