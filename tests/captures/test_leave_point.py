from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.exchange import Exchange
from captures.leave_point import Leave, Sent, leave_of
from captures.records import Ending, Gap, Headers, Record
from captures.stream_point import StreamPoint
from captures.verdict import Outcome, verdict_of
from tests.captures import openai_chat_stream
from tests.captures.anthropic_stream import HELLO, TOOL_USE
from tests.captures.by_hand import (
    EVENT_STREAM,
    JSON,
    a_head,
    a_request,
    an_end,
    chunks,
    exchange_of,
    streamed,
    tally,
)

DUE = ("stop_reason", "usage", "message_stop")


def left(
    pieces: list[bytes],
    sent: int,
    headers: Headers = EVENT_STREAM,
    how: Ending = Ending.CLIENT_LEFT,
    *others: Record,
) -> Exchange:
    """A client that went when it had been sent so many of these pieces, half a second apart."""
    end = replace(
        an_end(how), upstream=tally(b"".join(pieces)), client=tally(b"".join(pieces[:sent]))
    )
    return exchange_of([a_head(headers=headers), *chunks(pieces, step=0.5), *others, end])


def leave(exchange: Exchange) -> Leave:
    assert exchange.leave is not None
    return exchange.leave


@pytest.mark.parametrize("how", [Ending.COMPLETE, Ending.UPSTREAM_RESET, Ending.PROXY_SHUTDOWN])
def test_only_a_client_leaves(how: Ending) -> None:
    assert streamed(HELLO[:3], how).leave is None
    assert leave_of(exchange_of([a_head(), *chunks(HELLO)])) is None


@pytest.mark.parametrize(
    ("sent", "point", "missed"),
    [
        (0, StreamPoint.BEFORE_FIRST_BYTE, DUE),
        (1, StreamPoint.BEFORE_FIRST_TOKEN, DUE),
        (4, StreamPoint.IN_TEXT, DUE),
        (6, StreamPoint.AFTER_LAST_DELTA, DUE),
        (7, StreamPoint.AFTER_STOP_REASON, ("message_stop",)),
        (8, StreamPoint.AFTER_END, ()),
    ],
)
def test_what_the_client_had_been_sent_counts_and_not_what_had_come(
    sent: int, point: StreamPoint, missed: tuple[str, ...]
) -> None:
    exchange = left(HELLO, sent)

    found = leave(exchange)

    assert (found.point, found.missed) == (point, missed)
    whole = point is StreamPoint.AFTER_END
    assert verdict_of(exchange).outcome is (Outcome.COMPLETE if whole else Outcome.CLIENT_LEFT)
    assert [finding.rule.code for finding in exchange.findings] == ([] if whole else ["NET002"])


def test_it_tells_bytes_and_events_and_how_far_away_the_stop_reason_was() -> None:
    sizes = [len(piece) for piece in HELLO]

    found = leave(left(HELLO, 5))

    assert found.sent == Sent(sum(sizes[:5]), sum(sizes), 5, len(HELLO))
    assert found.before_stop_reason == 1.0
    assert leave(left(HELLO[:6], 6)).before_stop_reason is None
    assert leave(left(HELLO, 7)).before_stop_reason is None


def test_event_that_was_sent_in_part_had_not_been_sent() -> None:
    pieces = [*HELLO[:3], HELLO[3][:30], HELLO[3][30:]]

    found = leave(left(pieces, 4))

    assert found.sent is not None
    assert (found.sent.events, found.sent.of_events) == (3, 4)
    assert found.position == leave(left(HELLO, 3)).position


def test_bytes_are_those_on_the_wire_and_events_those_they_decode_to() -> None:
    compressor = zlib.compressobj(wbits=31)
    pieces = [compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH) for piece in HELLO]

    found = leave(left(pieces, 4, (*EVENT_STREAM, ("content-encoding", "gzip"))))

    assert found.sent is not None
    assert (found.sent.size, found.sent.events) == (sum(map(len, pieces[:4])), 4)
    assert found.point is StreamPoint.IN_TEXT


def test_nothing_of_a_compressed_answer_was_readable_before_it_was_flushed() -> None:
    body = gzip.compress(b"".join(HELLO))
    headers = (*EVENT_STREAM, ("content-encoding", "gzip"))

    found = leave(left([body[:20], body[20:]], 1, headers))

    assert (found.point, found.missed) == (StreamPoint.BEFORE_FIRST_TOKEN, DUE)


def test_counts_are_left_out_where_they_cannot_be_right() -> None:
    with_gap = left(HELLO, 5, EVENT_STREAM, Ending.CLIENT_LEFT, Gap(50, 5.0, 40, 50, 7, "full"))
    other_counts = streamed(HELLO[:4], Ending.CLIENT_LEFT)

    assert leave(with_gap).sent is None
    assert leave(other_counts).sent is None
    assert leave(other_counts).point is StreamPoint.IN_TEXT


def test_client_that_goes_before_the_head_or_outside_a_stream_is_told() -> None:
    nothing = leave(exchange_of([an_end(Ending.CLIENT_LEFT)]))
    page = leave(left([b"{", b"}"], 1, JSON))
    empty = leave(streamed([], Ending.CLIENT_RESET))

    assert (nothing.point, nothing.position) == (
        StreamPoint.BEFORE_HEAD,
        "before the response head",
    )
    assert (page.point, page.position) == (StreamPoint.IN_BODY, "2 bytes into the body")
    assert (empty.point, empty.position) == (StreamPoint.BEFORE_FIRST_BYTE, "before the first byte")


def test_completion_without_done_has_a_point_after_its_stop_reason() -> None:
    exchange = streamed(
        openai_chat_stream.HELLO[:4], Ending.CLIENT_LEFT, path="/v1/chat/completions"
    )

    assert leave(exchange).point is StreamPoint.AFTER_STOP_REASON


def test_leaving_is_how_a_stream_ends_that_has_no_end_of_its_own() -> None:
    for method, codes in (("GET", []), ("POST", ["NET002"])):
        exchange = Exchange(replace(a_request("/events"), method=method))
        for record in (a_head(), *chunks([b"data: 1\n\n"]), an_end(Ending.CLIENT_LEFT, time=2.0)):
            exchange.feed(record)
        assert leave(exchange).point is StreamPoint.IN_STREAM
        assert [finding.rule.code for finding in exchange.findings] == codes


@given(st.sampled_from([HELLO, TOOL_USE]), st.data())
def test_client_that_was_sent_less_is_where_a_client_of_a_shorter_stream_would_be(
    stream: list[bytes], data: st.DataObject
) -> None:
    sent = data.draw(st.integers(1, len(stream)))

    found, shorter = leave(left(stream, sent)), leave(left(stream[:sent], sent))

    assert (found.point, found.position, found.missed) == (
        shorter.point,
        shorter.position,
        shorter.missed,
    )
