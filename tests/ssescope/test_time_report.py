from __future__ import annotations

from dataclasses import replace

import pytest

from captures.exchange import Exchange
from captures.plain_body import exchange_of_body
from captures.records import Chunk, Ending, Latency
from ssescope.time_report import NO_TIMES, seconds_text, time_lines
from tests.captures.anthropic_stream import HELLO, MESSAGE_STOP, PING, message_delta, text
from tests.captures.by_hand import a_head, an_end, exchange_of, streamed


def stalled(*, times: int, held_open: float = 0.0) -> Exchange:
    """An answer whose text stalls so many times for 6 s, with a ping in the middle of each."""
    time, body = 1.0, [Chunk(2, 1.0, b"".join(HELLO[:3]))]
    for _ in range(20):
        time += 0.1
        body.append(Chunk(2, time, text(0, "word ")))
    for _ in range(times):
        body.append(Chunk(2, time + 3.0, PING))
        time += 6.0
        body.append(Chunk(2, time, text(0, "word ")))
    end = message_delta(output_tokens=38)
    body.append(Chunk(2, time + 0.1, end + MESSAGE_STOP))
    return exchange_of([a_head(), *body, an_end(time=time + 0.1 + held_open)])


def test_saved_body_has_no_times_and_no_zeros() -> None:
    saved = exchange_of_body("a.sse", "text/event-stream", [b"".join(HELLO)])

    assert list(time_lines(saved)) == [NO_TIMES]


def test_nothing_is_told_before_anything_happened() -> None:
    assert list(time_lines(exchange_of([]))) == []


def test_pace_tells_the_percentiles_of_the_waits_between_tokens() -> None:
    [_, pace] = time_lines(stalled(times=0))

    assert pace.startswith("20.0 tokens/s · between tokens p50 100 ms · p95 100 ms")


def test_characters_stand_in_where_no_usage_was_told() -> None:
    [_, pace] = time_lines(streamed(HELLO[:5], Ending.CLIENT_LEFT))

    assert "characters/s (no usage was told)" in pace
    assert "tokens/s" not in pace


def test_stall_is_told_with_its_place_and_who_was_idle() -> None:
    [*_, stall] = time_lines(stalled(times=1))

    words = "6.00 s before event 24, in the text; 1 ping or comment came meanwhile"
    assert stall == f"stalled for {words}; the upstream was idle"


def test_stalls_beyond_a_few_are_counted() -> None:
    lines = list(time_lines(stalled(times=8)))

    assert sum(line.startswith("stalled for 6.00 s") for line in lines) == 5
    assert lines[-1] == "stalled 3 more times"


def test_connection_that_stayed_open_is_told() -> None:
    assert "held open for another 2.50 s" in "\n".join(time_lines(stalled(times=0, held_open=2.5)))
    assert "held open" not in "\n".join(time_lines(stalled(times=0)))


def test_it_tells_who_was_waited_for() -> None:
    latency = Latency(0.0001, 0.0002, 0.00031, 0.4)
    body = Chunk(2, 3.5, b"".join(HELLO))
    exchange = exchange_of([a_head(), body, replace(an_end(time=4.0), latency=latency)])

    assert (
        "waited 3.10 s for the upstream · 0.40 s for the client · "
        "0.31 ms at most for ssescope, a chunk"
    ) in list(time_lines(exchange))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0, "0 ms"), (0.0004, "0 ms"), (0.25, "250 ms"), (1.0, "1.00 s")]
)
def test_wait_is_in_milliseconds_below_one_second(seconds: float, words: str) -> None:
    assert seconds_text(seconds) == words
