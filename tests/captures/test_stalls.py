from __future__ import annotations

from dataclasses import replace

import pytest

from captures.dialects.base import EventKind
from captures.exchange import Exchange
from captures.records import Chunk, Ending, Latency, Record
from captures.stalls import SIGNS_OF_LIFE, Side, Stall, StallWatch, idle_side, stall_words
from captures.token_times import InterToken
from tests.captures import openai_chat_stream
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
)
from tests.captures.by_hand import JSON, a_head, a_request, an_end, chunks, exchange_of, streamed

TEXT, TOOL = EventKind.TEXT, EventKind.TOOL


def stream(
    *steps: tuple[float, bytes], how: Ending | None = Ending.COMPLETE, after: float = 0.0
) -> Exchange:
    """Events by how many seconds each kept one waiting, and how the exchange ended after them."""
    time = 0.5
    body: list[Chunk] = []
    for wait, piece in steps:
        time += wait
        body.append(Chunk(len(body) + 2, time, piece))
    ends = [] if how is None else [an_end(how, time=time + after)]
    return exchange_of([a_head(), *body, *ends])


BEGIN = ((0.1, message_start()), (0.1, block_start(0)), (0.1, text(0, "a")), (0.1, text(0, "b")))
FINISH = ((0.1, block_stop(0)), (0.1, message_delta()), (0.1, MESSAGE_STOP))


def test_wait_in_the_text_is_a_stall_at_its_place() -> None:
    exchange = stream(*BEGIN, (6.0, text(0, "c")), *FINISH)

    [stall] = exchange.stalls()

    assert stall == Stall(stall.start, stall.seconds, 4, "in the text", 0)
    assert stall.start == pytest.approx(0.9)
    assert stall.seconds == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("wait", "steps", "where"),
    [
        (4.9, [text(0, "c")], None),
        (5.1, [text(0, "c")], "in the text"),
        (5.1, [block_stop(0), message_delta()], None),
        (5.1, [message_delta()], "between the last word and the end of the message"),
        (59.0, [block_stop(0)], None),
        (61.0, [block_stop(0)], "between two parts of the message"),
    ],
)
def test_how_long_a_stall_is_depends_on_what_the_model_may_be_doing(
    wait: float, steps: list[bytes], where: str | None
) -> None:
    first, *others = steps
    exchange = stream(*BEGIN, (wait, first), *((0.1, piece) for piece in others))

    assert [stall.where for stall in exchange.stalls()] == ([where] if where else [])


def test_thinking_that_stops_midway_is_a_stall() -> None:
    start = (0.1, block_start(0, "thinking", thinking=""))
    exchange = stream(
        (0.1, message_start()), start, (0.1, thinking(0, "a")), (7.0, thinking(0, "b")), *FINISH
    )

    assert [stall.where for stall in exchange.stalls()] == ["in the thinking"]


@pytest.mark.parametrize(("wait", "count"), [(30.0, 0), (61.0, 1)])
def test_arguments_of_a_tool_may_be_held_back_until_they_are_whole(wait: float, count: int) -> None:
    calm = [(0.1, piece) for piece in TOOL_USE]
    last_delta = max(number for number, piece in enumerate(TOOL_USE) if b"partial_json" in piece)
    calm[last_delta] = (wait, TOOL_USE[last_delta])

    assert [stall.where for stall in stream(*calm).stalls()] == ["in the tool arguments"] * count


def test_however_long_the_first_token_takes_it_is_no_stall() -> None:
    assert stream(BEGIN[0], (300.0, BEGIN[1][1]), *BEGIN[2:], *FINISH).stalls() == ()


def test_pings_do_not_end_a_stall_and_are_told() -> None:
    exchange = stream(*BEGIN, (4.0, PING), (4.0, b": keep-alive\n\n"), (4.0, text(0, "c")), *FINISH)

    [stall] = exchange.stalls()

    assert stall.seconds == pytest.approx(12.0)
    assert (stall.event, stall.signs_of_life) == (6, 2)


def test_slow_model_has_no_stalls() -> None:
    slow = [(6.0, text(0, "x")) for _ in range(20)]

    assert stream(*BEGIN, *slow, *FINISH).stalls() == ()


def test_stall_is_far_beyond_the_median_wait() -> None:
    steady = [(0.8, text(0, "x")) for _ in range(20)]

    assert stream(*BEGIN, *steady, (7.5, text(0, "x")), *FINISH).stalls() == ()
    assert len(stream(*BEGIN, *steady, (8.5, text(0, "x")), *FINISH).stalls()) == 1


class TestToTheEnd:
    def test_client_that_gave_up_waited_through_a_stall(self) -> None:
        [stall] = stream(*BEGIN, how=Ending.CLIENT_LEFT, after=42.0).stalls()

        assert (stall.event, stall.where) == (None, "in the text")
        assert stall.seconds == pytest.approx(42.0)

    def test_nothing_but_pings_for_a_minute_is_a_stall_before_the_first_token(self) -> None:
        pings = [(15.0, PING) for _ in range(5)]
        exchange = stream(BEGIN[0], *pings, how=Ending.CLIENT_LEFT)

        [stall] = exchange.stalls()

        assert (stall.where, stall.signs_of_life) == ("before the first token", 5)

    def test_stream_that_is_whole_is_held_open_and_not_stalled(self) -> None:
        assert stream(*BEGIN, *FINISH, after=90.0).stalls() == ()
        assert stream(*BEGIN, (0.1, error()), after=90.0).stalls() == ()

    def test_completion_without_done_is_whole(self) -> None:
        pieces: list[Record] = [Chunk(9, 1.0, b"".join(openai_chat_stream.HELLO[:4]))]
        pieces.append(an_end(time=90.0))

        assert exchange_of([a_head(), *pieces], "/v1/chat/completions").stalls() == ()

    def test_running_exchange_has_no_last_wait_yet(self) -> None:
        assert stream(*BEGIN, how=None).stalls() == ()

    def test_answer_that_is_no_stream_cannot_stall(self) -> None:
        assert exchange_of([a_head(headers=JSON), an_end(time=90.0)]).stalls() == ()

    def test_quiet_stream_of_events_that_was_fetched_is_no_stall(self) -> None:
        exchange = Exchange(replace(a_request(), method="GET"))
        for record in (a_head(), an_end(Ending.CLIENT_LEFT, time=900.0)):
            exchange.feed(record)

        assert exchange.stalls() == ()


def test_saved_body_has_no_stalls() -> None:
    exchange = Exchange(a_request(), timed=False)
    for record in (a_head(), *chunks(HELLO[:4], step=30.0)):
        exchange.feed(record)
    exchange.feed(an_end(time=500.0))

    assert exchange.stalls() == ()


def test_wait_is_owed_to_the_client_when_it_was_not_ready_most_of_the_time() -> None:
    stall = Stall(1.0, 10.0, 4, "in the text", 0)
    end = an_end()

    assert idle_side(stall, None) is Side.UPSTREAM
    assert idle_side(stall, end) is Side.UPSTREAM
    assert idle_side(stall, replace(end, latency=Latency(0, 0, 0, 4.9))) is Side.UPSTREAM
    assert idle_side(stall, replace(end, latency=Latency(0, 0, 0, 5.0))) is Side.CLIENT


@pytest.mark.parametrize(
    ("event", "signs", "words"),
    [
        (4, 0, "10.00 s before event 4, in the text; no ping came"),
        (4, 1, "10.00 s before event 4, in the text; 1 ping or comment came meanwhile"),
        (None, 3, "10.00 s to the end, in the text; 3 pings and comments came meanwhile"),
    ],
)
def test_stall_is_told_with_its_place_and_its_signs_of_life(
    event: int | None, signs: int, words: str
) -> None:
    assert stall_words(Stall(1.0, 10.0, event, "in the text", signs)) == words


def test_watch_takes_any_kinds_at_any_times() -> None:
    for first in EventKind:
        for second in EventKind:
            watch = StallWatch()
            for number, kind in enumerate((TEXT, first, second, TOOL)):
                watch.see(number, kind, number * 100.0, has_token=kind in {TEXT, TOOL})
            found = watch.stalls(lambda: InterToken(3, 0.0, 0.0, 0.0, 0.0), 900.0)
            assert all(stall.seconds >= 5.0 for stall in found)
            signs = sum(kind in SIGNS_OF_LIFE for kind in (first, second))
            assert sum(stall.signs_of_life for stall in found) <= signs


def test_streams_by_hand_have_no_stalls() -> None:
    assert streamed(HELLO).stalls() == ()
