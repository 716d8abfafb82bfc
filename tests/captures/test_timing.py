from __future__ import annotations

import pytest

from captures.exchange import Exchange
from captures.records import Chunk, Ending
from captures.timing import Timing
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    PING,
    TOOL_USE,
    block_start,
    block_stop,
    error,
    message_delta,
    message_start,
    text,
    thinking,
    tool_start,
)
from tests.captures.by_hand import a_head, an_end, exchange_of


def at(*pieces: tuple[float, bytes], end: float | None = 20.0) -> Exchange:
    """A stream whose pieces arrived at these times; its head came at 0.5."""
    body = [Chunk(number + 2, time, piece) for number, (time, piece) in enumerate(pieces)]
    return exchange_of([a_head(), *body, *([an_end(time=end)] if end else [])])


def test_five_first_times_are_kept_apart() -> None:
    timing = at(
        (1.0, b": keep-alive\n\n"),
        (2.0, message_start()),
        (3.0, PING),
        (4.0, block_start(0, "thinking", thinking="")),
        (5.0, thinking(0, "Hm.")),
        (6.0, block_stop(0) + block_start(1)),
        (7.0, text(1, "")),
        (8.0, text(1, "Hello")),
        (9.0, text(1, " you")),
        (10.0, block_stop(1) + message_delta(output_tokens=40)),
        (11.0, MESSAGE_STOP),
    ).timing()

    assert timing == Timing(
        head=0.5,
        first_byte=1.0,
        first_event=2.0,
        first_token=5.0,
        first_text=8.0,
        last_token=9.0,
        stop_reason=10.0,
        total=11.0,
        held_open=9.0,
        longest_gap=1.0,
        longest_gap_event=1,
        tokens_per_second=10.0,
        characters_per_second=3.0,
    )
    assert timing.wait_saved == 3.0


def test_nothing_has_a_time_before_it_happened() -> None:
    assert exchange_of([]).timing() == Timing()
    assert Timing().wait_saved is None


@pytest.mark.parametrize(
    "piece", [PING, b": comment\n\n", b"retry: 10\n\n", block_start(0), tool_start(0), text(0, "")]
)
def test_what_carries_no_word_of_the_model_is_no_token(piece: bytes) -> None:
    timing = at((1.0, message_start()), (2.0, piece)).timing()

    assert (timing.first_token, timing.first_text, timing.last_token) == (None, None, None)


@pytest.mark.parametrize("piece", [b": comment\n\n", b"retry: 10\n\n", b"\n", b"data: unfinished"])
def test_what_dispatches_nothing_is_no_event(piece: bytes) -> None:
    timing = at((1.0, piece)).timing()

    assert (timing.first_byte, timing.first_event) == (1.0, None)


def test_tool_arguments_are_tokens_and_no_visible_text() -> None:
    pieces = [(float(number), piece) for number, piece in enumerate(TOOL_USE, start=1)]

    timing = at(*pieces).timing()

    assert (timing.first_token, timing.last_token, timing.first_text) == (3.0, 9.0, None)
    assert timing.wait_saved is None


def test_event_has_happened_when_its_last_byte_arrived() -> None:
    first, second = HELLO[0][:20], HELLO[0][20:]

    timing = at((1.0, first), (2.0, second)).timing()

    assert (timing.first_byte, timing.first_event) == (1.0, 2.0)


def test_total_ends_with_the_terminal_event_and_not_with_the_connection() -> None:
    assert at((1.0, b"".join(HELLO)), end=20.0).timing().total == 1.0
    assert at((1.0, HELLO[0]), (3.0, error()), end=20.0).timing().total == 3.0


def test_total_is_the_end_of_the_transport_where_no_terminal_event_came() -> None:
    assert at((1.0, HELLO[0]), end=20.0).timing().total == 20.0
    assert at((1.0, HELLO[0]), end=None).timing().total is None


def test_longest_gap_names_the_event_that_ended_it() -> None:
    timing = at((5.0, HELLO[0]), (5.5, HELLO[1]), (8.0, HELLO[2]), (9.0, HELLO[3])).timing()

    assert (timing.longest_gap, timing.longest_gap_event) == (2.5, 2)


def test_burst_has_no_gap_and_no_rate() -> None:
    timing = at((1.0, b"".join(HELLO))).timing()

    assert (timing.longest_gap, timing.longest_gap_event) == (0.0, None)
    assert timing.tokens_per_second is None
    assert timing.wait_saved == 0.0


def test_wait_saved_is_never_negative() -> None:
    assert Timing(total=1.0, first_text=2.0).wait_saved == 0.0


def test_times_stand_while_the_stream_runs() -> None:
    exchange = at((1.0, HELLO[0]), (2.0, HELLO[1]), (3.0, text(0, "Hi")), end=None)

    timing = exchange.timing()

    assert (timing.first_text, timing.total, timing.wait_saved) == (3.0, None, None)
    exchange.feed(an_end(Ending.CLIENT_LEFT, time=4.0))
    assert exchange.timing().wait_saved == 1.0
