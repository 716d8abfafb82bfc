from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import body
from captures.chunk_map import ChunkMap, Cut, chunk_map_of, cut_before
from captures.cut_kinds import CutKind
from captures.cutting import WAYS, Piece
from captures.exchange import Exchange
from captures.plain_body import exchange_of_body
from captures.records import Chunk, Gap
from tests.captures.anthropic_stream import HELLO, TOOL_USE
from tests.captures.by_hand import EVENT_STREAM, JSON, a_head, an_end, exchange_of, streamed
from tests.captures.cuts import any_cuts, at, byte_by_byte
from tests.captures.shared_material import needs_streams, sse_recordings

BODY = b"".join(HELLO)
TWO = b'data: {"a": "x"}\n\ndata: {"b": 1}\n\n'


def map_of(exchange: Exchange) -> ChunkMap:
    found = chunk_map_of(exchange)
    assert found is not None
    return found


def test_events_that_come_whole_are_not_cut() -> None:
    found = map_of(streamed(HELLO))

    assert found == ChunkMap(len(HELLO), (1,) * len(HELLO), (1,) * len(HELLO), (), 0)
    assert (found.chances, found.split_events, found.counts()) == (0, 0, {})


def test_several_events_in_a_chunk_are_counted() -> None:
    found = map_of(streamed([b"".join(HELLO[:3]), b"".join(HELLO[3:])]))

    assert found.events_per_chunk == (3, len(HELLO) - 3)
    assert found.most_events_in_a_chunk == len(HELLO) - 3
    assert found.chances == 0


def test_cut_names_its_event_its_chunk_its_place_and_what_it_tears() -> None:
    found = map_of(streamed(at(TWO, [2, 14, 20]), path="/"))

    assert found.cuts == (
        Cut(0, 1, 2, CutKind.FIELD),
        Cut(0, 2, 14, CutKind.JSON_STRING),
        Cut(1, 3, 20, CutKind.FIELD),
    )
    assert found.counts() == {CutKind.FIELD: 2, CutKind.JSON_STRING: 1}
    assert (found.events_per_chunk, found.chunks_per_event) == ((0, 0, 1, 1), (3, 2))
    assert (found.chances, found.split_events) == (3, 2)


def test_what_one_boundary_cuts_is_what_the_whole_map_says_of_it() -> None:
    exchange = streamed(at(BODY, [3, 40, 41, 200]), path="/v1/messages")
    cuts = {cut.chunk: cut for cut in map_of(exchange).cuts}

    assert len(cuts) > 1
    for chunk in range(len(exchange.body.chunks)):
        assert cut_before(exchange, chunk) == cuts.get(chunk)


def test_a_boundary_between_events_cuts_nothing() -> None:
    exchange = streamed(HELLO)

    assert [cut_before(exchange, chunk) for chunk in range(len(HELLO))] == [None] * len(HELLO)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("code-point", CutKind.CODE_POINT),
        ("crlf", CutKind.CR_LF),
        ("field", CutKind.FIELD),
        ("json-string", CutKind.JSON_STRING),
        ("line", CutKind.LINES),
    ],
)
def test_replay_that_cuts_in_one_way_is_seen_to(name: str, kind: CutKind) -> None:
    [way] = [way for way in WAYS if way.name == name]
    text = 'data: {"a": "wörld 👋", "b": "c"}\r\ndata: {"d": "é"}\r\n\r\n'.encode() * 3
    pieces = [piece.data for piece in way.cut([Piece(0.0, text)])]
    assert len(pieces) > 1

    found = map_of(streamed(pieces, path="/"))

    assert set(found.counts()) == {kind}


def test_offsets_are_those_of_the_decoded_body() -> None:
    headers = (*EVENT_STREAM, ("content-encoding", "gzip"))
    compressed = gzip.compress(BODY)

    found = map_of(streamed(byte_by_byte(compressed), headers=headers))

    assert len(found.events_per_chunk) == len(compressed)
    assert sum(found.events_per_chunk) == len(HELLO)
    assert all(0 < cut.offset < len(BODY) for cut in found.cuts)
    assert len({cut.offset for cut in found.cuts}) == len(found.cuts)


def test_cuts_beyond_the_kept_part_are_counted_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_KEPT_SIZE", 25)

    found = map_of(streamed(at(TWO, [2, 14, 20, 30]), path="/"))

    assert [cut.offset for cut in found.cuts] == [2, 14]
    assert (found.unseen, found.chances) == (2, 4)


def test_chunk_that_brought_nothing_does_not_count() -> None:
    found = map_of(streamed([TWO[:20], b"", TWO[20:], b""], path="/"))

    assert (found.chunks, len(found.cuts)) == (2, 1)


def test_gap_in_the_recording_is_no_cut() -> None:
    gap = Gap(50, 2.0, 40, 50, 7, "queue full")
    before, after = Chunk(2, 1.0, TWO[:25]), Chunk(51, 3.0, TWO[25:])

    assert map_of(exchange_of([a_head(), before, gap, after, an_end()], "/")).chances == 0


def test_running_stream_is_mapped_as_far_as_it_has_come() -> None:
    found = map_of(exchange_of([a_head(), Chunk(2, 1.0, TWO[:10]), Chunk(3, 2.0, TWO[10:25])]))

    assert (found.events_per_chunk, found.chunks_per_event) == ((0, 1), (2,))
    assert map_of(exchange_of([a_head()])) == ChunkMap(0, (), (), (), 0)


def test_what_has_no_chunks_or_no_events_has_no_map() -> None:
    assert chunk_map_of(exchange_of([])) is None
    assert chunk_map_of(streamed([b"{}"], headers=JSON)) is None
    assert chunk_map_of(exchange_of_body("a.sse", "text/event-stream", [BODY])) is None


@given(st.data(), st.sampled_from([HELLO, TOOL_USE, [b": c\r\n\r\n", *HELLO, b"data: torn"]]))
def test_every_chunk_boundary_is_either_between_events_or_a_cut(
    data: st.DataObject, stream: list[bytes]
) -> None:
    whole = b"".join(stream)
    pieces = [piece for piece in data.draw(any_cuts(whole)) if piece]

    exchange = streamed(pieces)
    found = map_of(exchange)

    edges = {event.frame.start for event in exchange.events}
    boundaries = {chunk.start for chunk in exchange.body.chunks} - edges
    assert {cut.offset for cut in found.cuts} == boundaries
    assert sum(found.events_per_chunk) == len(exchange.events)
    assert sum(found.chunks_per_event) == len(exchange.events) + found.chances


@needs_streams
def test_whole_recordings_have_no_cuts_and_those_of_single_bytes_one_at_each_byte() -> None:
    for recording in sse_recordings()[:20]:
        whole = recording.body[:4000]
        assert map_of(streamed([whole], path=recording.target)).chances == 0
        exchange = streamed(byte_by_byte(whole), path=recording.target)
        assert map_of(exchange).chances == len(whole) - len(exchange.events)
