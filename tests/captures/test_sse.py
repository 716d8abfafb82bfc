from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from captures import sse
from captures.findings.sse import OVERSIZED_EVENT
from captures.sse import Decoder, Frame, FrameKind
from tests.captures.cuts import any_cuts, at_random, byte_by_byte
from tests.captures.shared_material import (
    Vector,
    needs_streams,
    needs_vectors,
    sse_recordings,
    vector_files,
    vectors,
)

CONTRADICTS_THE_STANDARD: dict[str, str] = {
    "eventsource-parser/008": "its body holds the three characters U+00EF U+00BB U+00BF in UTF-8,"
    " which are no byte order mark: the standard decodes first and strips U+FEFF alone",
    "eventsource-parser/010": "as 008",
    "eventsource-parser/050": "it calls reset() between its two chunks, which the standard has not",
}
"""Vectors of another parser's own test-suite that expect something else, and why."""

ODD_BYTES = st.lists(
    st.sampled_from(
        b"\r|\n|\r\n|data|:| |id|retry|event|7|\0|\xef\xbb\xbf|\xe2\x82|\xff|x|\xe2\x80\xa8".split(
            b"|"
        )
    ),
    max_size=40,
).map(b"".join)


def decoded(pieces: list[bytes]) -> list[Frame]:
    decoder = Decoder()
    frames: list[Frame] = []
    for number, piece in enumerate(pieces):
        frames += decoder.feed(piece, float(number))
    return frames + decoder.finish()


def without_times(frames: list[Frame]) -> list[Frame]:
    return [replace(frame, first_time=0.0, last_time=0.0) for frame in frames]


def events(body: bytes) -> list[tuple[str, str, str]]:
    return [
        (frame.event, frame.data, frame.last_event_id)
        for frame in decoded([body])
        if frame.kind is FrameKind.EVENT
    ]


def as_expected_by_vectors(frames: list[Frame]) -> dict[str, Any]:
    whole = [frame for frame in frames if frame.kind is not FrameKind.UNFINISHED]
    retries = [frame.retry for frame in frames if frame.retry is not None]
    return {
        "events": [
            {"event": frame.event, "data": frame.data, "id": frame.last_event_id}
            for frame in frames
            if frame.kind is FrameKind.EVENT
        ],
        "retry": retries[-1] if retries else None,
        "last_event_id": whole[-1].last_event_id if whole else "",
        "comments": [comment for frame in frames for comment in frame.comments],
    }


def assert_tiled(frames: list[Frame], size: int) -> None:
    edges = [0, *(frame.stop for frame in frames)]
    assert [frame.start for frame in frames] == edges[:-1]
    assert edges[-1] == size


@needs_vectors
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.id)
def test_vector_gives_its_events_however_it_is_cut(vector: Vector) -> None:
    cuttings = [
        list(vector.chunks),
        [vector.body],
        byte_by_byte(vector.body),
        *(at_random(vector.body, seed) for seed in range(5)),
    ]

    for pieces in cuttings:
        assert as_expected_by_vectors(decoded(pieces)) == vector.expected


@needs_vectors
@pytest.mark.parametrize(
    "entry",
    vector_files().get("eventsource-parser", {}).get("raw_vectors", []),
    ids=lambda entry: str(entry["id"]),
)
def test_events_of_another_parsers_own_suite(entry: dict[str, Any]) -> None:
    def field(emitted: dict[str, Any], name: str, default: str) -> Any:
        return emitted.get(name, default)

    body = "".join(entry["chunks"]).encode()
    expected = [
        (field(emitted, "event", "message"), emitted["data"])
        for emitted in entry["emitted"]
        if emitted["type"] == "event"
    ]
    found = [(event, data) for event, data, _ in events(body)]

    assert (found != expected) == (entry["id"] in CONTRADICTS_THE_STANDARD)


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in sse_recordings()])
def test_frames_of_a_recording_tile_its_body_and_do_not_depend_on_cuts(name: str) -> None:
    body = next(recording.body for recording in sse_recordings() if recording.name == name)
    whole = decoded([body])

    assert_tiled(whole, len(body))
    assert without_times(decoded(at_random(body, seed=len(body), pieces=200))) == without_times(
        whole
    )


@given(st.data(), st.binary(max_size=200) | ODD_BYTES)
def test_frames_do_not_depend_on_cuts(data: st.DataObject, body: bytes) -> None:
    pieces = data.draw(any_cuts(body))

    assert without_times(decoded(pieces)) == without_times(decoded([body]))


@given(st.binary(max_size=200) | ODD_BYTES)
@example(b"data: x\r")
@example(b"\r")
@example(b"\xef\xbb\xbf")
def test_frames_tile_any_body(body: bytes) -> None:
    assert_tiled(decoded([body]), len(body))


@given(ODD_BYTES, ODD_BYTES)
def test_finishing_twice_gives_nothing_more_and_forgets_the_unfinished_block(
    first: bytes, second: bytes
) -> None:
    decoder = Decoder()
    before = decoder.feed(first, 0.0) + decoder.finish()

    assert decoder.finish() == []

    after = decoder.feed(second, 1.0) + decoder.finish()
    assert_tiled([*before, *after], len(first) + len(second))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"data\n\n", [("message", "", "")], id="a bare data field dispatches"),
        pytest.param(b"data:\n\n", [("message", "", "")], id="an empty data field dispatches"),
        pytest.param(b"data\ndata\n\n", [("message", "\n", "")], id="two empty lines join"),
        pytest.param(b"data:  x\n\n", [("message", " x", "")], id="one space is removed"),
        pytest.param(b"data:\tx\n\n", [("message", "\tx", "")], id="a tab is not removed"),
        pytest.param(b"data: a:b\n\n", [("message", "a:b", "")], id="the first colon divides"),
        pytest.param(b"id: 1\n\ndata: x\n\n", [("message", "x", "1")], id="id without data stays"),
        pytest.param(
            b"id: 1\ndata: a\n\ndata: b\n\n",
            [("message", "a", "1"), ("message", "b", "1")],
            id="id outlives its event",
        ),
        pytest.param(
            b"id: 1\ndata: a\n\nid\ndata: b\n\n",
            [("message", "a", "1"), ("message", "b", "")],
            id="an empty id resets",
        ),
        pytest.param(
            b"id: 1\nid: 2\0\ndata: a\n\n", [("message", "a", "1")], id="an id with NUL is ignored"
        ),
        pytest.param(
            b"event: ping\n\ndata: x\n\n", [("message", "x", "")], id="a type without data is lost"
        ),
        pytest.param(b"event: a\nevent: b\ndata: x\n\n", [("b", "x", "")], id="the last type wins"),
        pytest.param(
            b"event: a\nevent\ndata: x\n\n", [("message", "x", "")], id="an empty type resets"
        ),
        pytest.param(b"Data: x\n data: x\ndata : x\nfoo\n\n", [], id="unknown fields are ignored"),
        pytest.param(b":data: x\n\n", [], id="a comment is no event"),
        pytest.param(b"data: x\n", [], id="an event without its blank line is discarded"),
        pytest.param(b"data: x\n\ndata: y", [("message", "x", "")], id="an unfinished line too"),
        pytest.param(b"data: x\r\r", [("message", "x", "")], id="lone CR ends lines"),
        pytest.param(b"data: x\r\n\n", [("message", "x", "")], id="line ends may be mixed"),
        pytest.param(
            b"\xef\xbb\xbfdata: x\n\n", [("message", "x", "")], id="one leading mark is removed"
        ),
        pytest.param(b"\xef\xbb\xbf" * 2 + b"data: x\n\n", [], id="a second mark is not"),
        pytest.param(
            b"data: x\n\n\xef\xbb\xbfdata: y\n\n", [("message", "x", "")], id="nor a later one"
        ),
        pytest.param(
            "data: a\u2028b\u0085c\x0bd\x0ce\x1cf\n\n".encode(),
            [("message", "a\u2028b\u0085c\x0bd\x0ce\x1cf", "")],
            id="only CR and LF end lines",
        ),
        pytest.param(
            b"data: \xe2\x82\xff\n\n", [("message", "\ufffd\ufffd", "")], id="bad UTF-8 is replaced"
        ),
    ],
)
def test_consequence_of_the_standard(body: bytes, expected: list[tuple[str, str, str]]) -> None:
    assert events(body) == expected


@pytest.mark.parametrize(
    ("value", "retry"),
    [
        ("3000", 3000),
        ("03000", 3000),
        ("+5", None),
        ("-5", None),
        ("1_0", None),
        ("5 ", None),
        ("1.5", None),
        ("", None),
        ("\u0665", None),
        ("9" * 4001, None),
    ],
)
def test_retry_takes_ascii_digits_alone(value: str, retry: int | None) -> None:
    [frame] = decoded([f"retry: {value}\n\n".encode()])

    assert frame.kind is FrameKind.SILENT
    assert frame.retry == retry


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"data: x\n\n", FrameKind.EVENT),
        (b": x\n\n", FrameKind.COMMENT),
        (b":\n\n", FrameKind.COMMENT),
        (b"retry: 1\n\n", FrameKind.SILENT),
        (b"\n", FrameKind.BLANK),
        (b"data: x", FrameKind.UNFINISHED),
        (b": x\ndata: x\n", FrameKind.UNFINISHED),
        (b": x\n", FrameKind.COMMENT),
        (b": x", FrameKind.COMMENT),
    ],
)
def test_kind_of_a_block(body: bytes, kind: FrameKind) -> None:
    assert [frame.kind for frame in decoded([body])] == [kind]


def test_comments_lose_nothing_but_their_colon() -> None:
    [frame] = decoded([b": one\n:two\n:\ndata: x\n\n"])

    assert frame.comments == (" one", "two", "")
    assert frame.data == "x"


def test_line_feed_that_comes_later_belongs_to_the_carriage_return_before_it() -> None:
    decoder = Decoder()

    assert decoder.feed(b"data: x\r\n\r", 1.0) == []
    [frame] = decoder.feed(b"\ndata: y\n\n", 5.0)[:1]

    assert (frame.stop, frame.last_time) == (11, 1.0)


def test_held_carriage_return_ends_the_block_when_the_stream_ends() -> None:
    decoder = Decoder()
    decoder.feed(b"data: x\r\r", 1.0)

    [frame] = decoder.finish()

    assert (frame.kind, frame.data) == (FrameKind.EVENT, "x")


def test_times_are_those_of_the_chunks_that_brought_first_and_last_byte() -> None:
    decoder = Decoder()
    pieces = [(b"data: a", 1.0), (b"\n\ndata: b\n\nda", 2.0), (b"ta: c\n", 3.0), (b"\n", 4.0)]

    frames = [frame for piece, time in pieces for frame in decoder.feed(piece, time)]

    assert [(frame.first_time, frame.last_time) for frame in frames] == [
        (1.0, 2.0),
        (2.0, 2.0),
        (2.0, 4.0),
    ]


def test_mark_is_not_removed_where_the_stream_is_joined_in_its_middle() -> None:
    decoder = Decoder(start=100)

    [frame] = decoder.feed(b"\xef\xbb\xbfdata: x\n\n", 0.0)

    assert (frame.kind, frame.start, frame.stop) == (FrameKind.SILENT, 100, 112)


class TestOversized:
    @pytest.fixture(autouse=True)
    def _small_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sse, "MAX_FRAME_SIZE", 20)

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    @pytest.mark.parametrize("line", [b"data: " + b"x" * 50, b"data: 123\n" * 6 + b"data"])
    def test_size_is_exact_and_the_next_event_is_whole_however_it_is_cut(
        self, line: bytes, end: bytes
    ) -> None:
        block = line.replace(b"\n", end) + end + end
        body = b"data: before\n\n" + block + b"data: after\n\n"
        whole = decoded([body])

        assert [frame.kind for frame in whole] == [
            FrameKind.EVENT,
            FrameKind.OVERSIZED,
            FrameKind.EVENT,
        ]
        assert whole[1].size == len(block)
        assert whole[2].data == "after"
        assert without_times(decoded(byte_by_byte(body))) == without_times(whole)
        for seed in range(20):
            assert without_times(decoded(at_random(body, seed))) == without_times(whole)

    def test_block_of_exactly_the_limit_is_parsed(self) -> None:
        body = b"data: 345678901234\n\n"
        assert len(body) == sse.MAX_FRAME_SIZE

        for pieces in ([body], byte_by_byte(body)):
            assert [frame.data for frame in decoded(pieces)] == ["345678901234"]

    def test_unfinished_oversized_block_keeps_its_size_and_no_text(self) -> None:
        body = b"data: " + b"x" * 500

        for pieces in ([body], byte_by_byte(body)):
            [frame] = decoded(pieces)
            assert (frame.kind, frame.size, frame.data) == (FrameKind.UNFINISHED, len(body), "")

    @given(st.data(), ODD_BYTES)
    def test_cuts_do_not_matter(self, data: st.DataObject, body: bytes) -> None:
        pieces = data.draw(any_cuts(body))
        whole = decoded([body])

        assert without_times(decoded(pieces)) == without_times(whole)
        assert_tiled(whole, len(body))


def test_long_line_is_scanned_once_however_many_pieces_it_comes_in() -> None:
    scanned = 0

    class CountingBuffer(bytearray):
        def find(self, what: Any, start: Any = 0, stop: Any = None) -> int:
            nonlocal scanned
            stop = len(self) if stop is None else stop
            scanned += stop - start
            return super().find(what, start, stop)

    decoder = Decoder()
    decoder._buffer = CountingBuffer()
    line = b"data: " + b"x" * 20_000

    for start in range(0, len(line), 10):
        decoder.feed(line[start : start + 10], 0.0)

    # Once for LF and once for CR.
    assert scanned == 2 * len(line)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        pytest.param(b'{"error":1}', {"SSE007"}, id="a line that never was a field"),
        pytest.param(b'{\n "error": 1\n}\n', {"SSE007"}, id="lines that never were fields"),
        pytest.param(b"error: x\n", {"SSE004"}, id="a whole line"),
        pytest.param(b"error: x", set(), id="a torn line"),
        pytest.param(b"dat", set(), id="a torn field name"),
        pytest.param(b"data: caf\xc3", set(), id="a torn character"),
        pytest.param(b"data: x\r\n\r\ndata: y\r", set(), id="a torn CR LF"),
        pytest.param(b"data: x\r\n\r\ndata: y\r\n\r", set(), id="a torn blank line"),
        pytest.param(b"\xef\xbb\xbfdata: x\n", {"SSE008"}, id="a mark at the start"),
    ],
)
def test_end_of_a_stream_is_judged_as_far_as_its_lines_are_whole(
    body: bytes, codes: set[str]
) -> None:
    for pieces in ([body], byte_by_byte(body)):
        complaints = [entry for frame in decoded(pieces) for entry in frame.complaints]
        assert {complaint.rule.code for complaint in complaints} == codes


def test_text_of_an_oversized_block_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_FRAME_SIZE", 20)

    frames = decoded([b"Data: " + b"x" * 50 + b"\n\n<" + b"y" * 50])

    found = [complaint.rule for frame in frames for complaint in frame.complaints]
    assert found == [OVERSIZED_EVENT]
