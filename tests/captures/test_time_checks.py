from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import replace

import pytest

from captures.exchange import Exchange
from captures.findings.network import (
    COMPRESSED_WITHOUT_FLUSH,
    HELD_BACK,
    HELD_OPEN,
    SLOW_CLIENT,
    STALLED,
)
from captures.findings.rule import Rule
from captures.records import Chunk, Ending, Gap, Headers, Latency, Record
from captures.time_checks import size_words
from tests.captures import openai_chat_stream
from tests.captures.anthropic_stream import HELLO, PING, error, message_start, text
from tests.captures.by_hand import EVENT_STREAM, a_head, a_request, an_end, exchange_of

GZIP: Headers = (*EVENT_STREAM, ("content-encoding", "gzip"))
FINISH = b"".join(HELLO[5:])
PACKED = text(0, "word ") * 200
TIME_RULES = {HELD_BACK, COMPRESSED_WITHOUT_FLUSH, STALLED, HELD_OPEN, SLOW_CLIENT}


def ended(
    *pieces: tuple[float, bytes],
    after: float = 0.0,
    how: Ending = Ending.COMPLETE,
    client_wait: float = 0.0,
    headers: Headers = EVENT_STREAM,
    others: Iterable[Record] = (),
    path: str = "/v1/messages",
) -> Exchange:
    """A stream whose pieces arrived at these times, and that ended so long after the last."""
    body = [Chunk(number + 2, time, piece) for number, (time, piece) in enumerate(pieces)]
    latency = Latency(0.0001, 0.0002, 0.0003, client_wait)
    end = replace(an_end(how, time=pieces[-1][0] + after), latency=latency)
    return exchange_of([a_head(headers=headers), *body, *others, end], path)


def found(exchange: Exchange) -> list[tuple[Rule, str]]:
    return [
        (finding.rule, finding.detail)
        for finding in exchange.findings
        if finding.rule in TIME_RULES
    ]


def begin(time: float = 1.0) -> tuple[tuple[float, bytes], ...]:
    """An answer that has begun its text."""
    return ((time, b"".join(HELLO[:4])), (time + 0.1, text(0, "b")), (time + 0.2, text(0, "c")))


class TestHeldBack:
    def test_whole_answer_at_once_is_told_with_the_wait_before_it(self) -> None:
        exchange = ended((0.6, HELLO[0] + HELLO[1]), (8.6, PACKED), (8.61, FINISH))

        assert found(exchange) == [
            (HELD_BACK, "200 of 200 events with text came in one instant, after 8.00 s of nothing")
        ]
        [finding] = exchange.findings
        assert finding.event == 2
        assert finding.offset == len(HELLO[0] + HELLO[1])

    def test_buffer_is_told_with_its_size(self) -> None:
        size = 16384 // len(text(0, "word ")) * len(text(0, "word "))
        data = (HELLO[0] + HELLO[1] + text(0, "word ") * 600)[: 4 * size]
        pieces = [(2.0 * n + 2, data[n * size : (n + 1) * size]) for n in range(4)]

        [(rule, detail)] = found(ended(*pieces, (8.3, FINISH)))

        assert rule is HELD_BACK
        assert detail.startswith("something between you and the model buffers about 16 KiB: ")
        assert "bursts of about 16 KiB, up to 2.00 s apart" in detail

    def test_coding_is_blamed_where_there_is_one(self) -> None:
        body = gzip.compress(HELLO[0] + HELLO[1] + PACKED + FINISH)

        [(rule, detail)] = found(ended((8.6, body), headers=GZIP))

        assert rule is COMPRESSED_WITHOUT_FLUSH
        assert detail.endswith("after 8.60 s of nothing, compressed with gzip")

    def test_client_that_took_nothing_explains_it(self) -> None:
        exchange = ended((0.6, HELLO[0] + HELLO[1]), (8.6, PACKED + FINISH), client_wait=5.0)

        assert [rule for rule, _ in found(exchange)] == [SLOW_CLIENT]

    def test_recording_with_a_gap_is_not_judged(self) -> None:
        gap = Gap(50, 9.0, 40, 50, 7, "queue full")

        exchange = ended((0.6, HELLO[0] + HELLO[1]), (8.6, PACKED + FINISH), others=[gap])

        assert found(exchange) == []

    def test_body_that_was_saved_alone_has_no_times(self) -> None:
        exchange = Exchange(a_request(), timed=False)
        for record in (a_head(), Chunk(2, 8.6, b"".join([*HELLO[:3], PACKED, FINISH]))):
            exchange.feed(record)
        exchange.feed(an_end(time=99.0))

        assert exchange.findings == []


class TestStalled:
    def test_longest_stall_is_told_and_the_others_are_counted(self) -> None:
        exchange = ended(
            *begin(), (7.2, text(0, "d")), (9.0, PING), (15.2, text(0, "e")), (15.3, FINISH)
        )

        [(rule, detail)] = found(exchange)
        assert rule is STALLED
        assert detail.startswith("no progress for 8.00 s before event 8, in the text; 1 ping")
        assert detail.endswith("; 2 stalls in all")
        assert exchange.findings[0].event == 8

    def test_wait_that_the_client_caused_is_no_stall_of_the_upstream(self) -> None:
        exchange = ended(*begin(), (9.2, text(0, "d")), (9.3, FINISH), client_wait=6.0)

        assert [rule for rule, _ in found(exchange)] == [SLOW_CLIENT]

    def test_silence_that_made_the_client_leave_is_told(self) -> None:
        [(rule, detail)] = found(ended(*begin(), after=40.0, how=Ending.CLIENT_LEFT))

        assert rule is STALLED
        assert detail.startswith("no progress for 40.00 s to the end, in the text; no ping")

    @pytest.mark.parametrize("how", [Ending.COMPLETE, Ending.UPSTREAM_RESET])
    def test_silence_that_the_upstream_ended_is_told_by_how_it_ended(self, how: Ending) -> None:
        exchange = ended(*begin(), after=40.0, how=how)

        assert found(exchange) == []
        assert exchange.findings

    def test_recording_with_a_gap_is_not_judged(self) -> None:
        gap = Gap(50, 9.0, 40, 50, 7, "queue full")

        assert found(ended(*begin(), (9.2, text(0, "d")), (9.3, FINISH), others=[gap])) == []


class TestHeldOpen:
    WHOLE = ((1.0, b"".join(HELLO)),)

    @pytest.mark.parametrize(("after", "count"), [(0.9, 0), (1.1, 1)])
    def test_connection_that_outlives_its_message_is_told(self, after: float, count: int) -> None:
        assert [rule for rule, _ in found(ended(*self.WHOLE, after=after))] == [HELD_OPEN] * count

    def test_it_is_told_how_long_and_who_closed_it(self) -> None:
        assert found(ended(*self.WHOLE, after=3.5)) == [
            (HELD_OPEN, "for 3.50 s, until the upstream closed it")
        ]
        assert found(ended(*self.WHOLE, after=3.5, how=Ending.CLIENT_LEFT)) == [
            (HELD_OPEN, "for 3.50 s, until the client closed it")
        ]

    def test_pings_after_the_end_do_not_count_as_news(self) -> None:
        [(_, detail)] = found(ended(*self.WHOLE, (2.0, PING), after=1.0))

        assert detail == "for 2.00 s, until the upstream closed it"

    def test_time_the_client_took_is_not_counted(self) -> None:
        assert found(ended(*self.WHOLE, after=1.8, client_wait=0.9)) == []

    def test_proxy_that_was_stopped_held_nothing_open(self) -> None:
        assert found(ended(*self.WHOLE, after=9.0, how=Ending.PROXY_SHUTDOWN)) == []

    def test_message_without_an_end_was_not_held_open(self) -> None:
        assert found(ended((1.0, b"".join(HELLO[:7])), after=3.0)) == []

    def test_error_is_an_end(self) -> None:
        assert found(ended((1.0, message_start() + error()), after=3.0)) == [
            (HELD_OPEN, "for 3.00 s, until the upstream closed it")
        ]

    def test_completion_without_done_ends_with_its_stop_reason(self) -> None:
        pieces = ((1.0, b"".join(openai_chat_stream.HELLO[:4])),)

        [(rule, _)] = found(ended(*pieces, after=2.0, path="/v1/chat/completions"))

        assert rule is HELD_OPEN

    def test_events_of_no_known_protocol_have_no_end(self) -> None:
        assert found(ended((1.0, b"data: 1\n\n"), after=60.0, path="/events")) == []


@pytest.mark.parametrize(("waited", "count"), [(0.9, 0), (1.0, 1)])
def test_client_that_was_not_ready_is_told(waited: float, count: int) -> None:
    exchange = ended((1.0, b"".join(HELLO)), after=0.5, client_wait=waited)

    words = [(SLOW_CLIENT, "not ready for 1.00 s of 1.50 s in all")]
    assert found(exchange) == words[:count]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (4096, "4 KiB"),
        (16200, "16 KiB"),
        (15000, "16 KiB"),
        (24000, "23.4 KiB"),
        (65000, "64 KiB"),
        (3500, "4 KiB"),
        (600_000, "585.9 KiB"),
    ],
)
def test_size_of_a_buffer_is_a_usual_one_where_one_is_near(size: int, words: str) -> None:
    assert size_words(size) == words
