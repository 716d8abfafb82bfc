from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.exchange import Exchange
from captures.records import Chunk
from captures.sniffing import DOUBTFUL_TYPES, SNIFFED_SIZE, is_event_stream
from captures.verdict import verdict_of
from tests.captures.anthropic_stream import HELLO
from tests.captures.by_hand import a_head, an_end, chunks, exchange_of, seen, streamed
from tests.captures.cuts import byte_by_byte
from tests.captures.shared_material import needs_streams, sse_recordings

STREAMS = [
    b'data: {"a":1}\n\n',
    b'data:{"a":1}\r\n\r\n',
    b"data: [1]\n\n",
    b"event: x\ndata: {}\n\n",
    b'\xef\xbb\xbfid: 1\rretry: 3\rdata: {"a":1}\r\r',
    b": OPENROUTER PROCESSING\n\n: again\n\ndata: {}\n\n",
]
OTHERS = [
    b'{"data": {}}',
    b"<!doctype html>\n",
    b"data: hello\n\n",
    b"data\n{}",
    b"database: {}\n",
    b"event x\ndata: {}\n\n",
    b"Event: x\ndata: {}\n\n",
    b'0:"text"\n',
    b"Hello: {}\n",
    b"\x1f\x8b\x08\x00",
]


@pytest.mark.parametrize("body", STREAMS)
def test_stream_is_told_by_its_first_lines(body: bytes) -> None:
    assert is_event_stream(body) is True


@pytest.mark.parametrize("body", OTHERS)
def test_anything_else_is_no_stream(body: bytes) -> None:
    assert is_event_stream(body) is False


@pytest.mark.parametrize("body", [*STREAMS, *OTHERS])
def test_more_bytes_never_change_an_answer(body: bytes) -> None:
    answers = [is_event_stream(body[:size]) for size in range(len(body) + 1)]

    told = [answer for answer in answers if answer is not None]
    assert answers[0] is None
    assert len(set(told)) == 1
    assert None not in answers[answers.index(told[0]) :]


def test_it_is_given_up_after_a_while() -> None:
    assert is_event_stream(b": " + b"x" * (SNIFFED_SIZE - 3)) is None
    assert is_event_stream(b": " + b"x" * SNIFFED_SIZE) is False


@given(st.binary(max_size=60))
def test_any_bytes_have_an_answer(body: bytes) -> None:
    assert is_event_stream(body) in {True, False, None}


@needs_streams
def test_every_recorded_stream_of_json_is_seen_to_be_one() -> None:
    told = [
        is_event_stream(recording.body[:SNIFFED_SIZE])
        for recording in sse_recordings()
        if b"data: {" in recording.body[:200] or b"data:{" in recording.body[:200]
    ]

    assert len(told) > 100
    assert all(told)


def mistyped(pieces: list[bytes], content_type: str) -> Exchange:
    head = a_head(headers=(("content-type", content_type),))
    return exchange_of([head, *chunks(pieces), an_end()])


@pytest.mark.parametrize("content_type", sorted(DOUBTFUL_TYPES))
def test_stream_under_another_type_is_read_and_told(content_type: str) -> None:
    exchange = mistyped(HELLO, content_type)

    assert exchange.is_mistyped
    assert exchange.is_stream
    assert [finding.rule.code for finding in exchange.findings] == ["NET017"]
    assert seen(exchange)[:2] == seen(streamed(HELLO))[:2]
    assert verdict_of(exchange).headline == "complete · end_turn"


def test_times_of_what_came_before_it_was_told_are_kept() -> None:
    head = a_head(headers=(("content-type", "text/plain"),))
    pieces = byte_by_byte(HELLO[0])
    exchange = exchange_of([head, *chunks(pieces, start=1.0, step=1.0)])

    [event] = exchange.events
    assert event.frame.first_time == 1.0
    assert event.frame.last_time == float(len(pieces))


@pytest.mark.parametrize("content_type", ["image/png", "application/pdf", "text/css"])
def test_types_that_leave_no_doubt_are_believed(content_type: str) -> None:
    assert not mistyped(HELLO, content_type).is_stream


def test_error_answers_are_not_looked_into() -> None:
    head = a_head(500, "", (("content-type", "text/plain"),))

    assert not exchange_of([head, Chunk(2, 1.0, HELLO[0]), an_end()]).is_stream
