from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import message_at
from captures.dialects.base import Dialect
from captures.exchange import Exchange
from captures.message import Message, Text, Thinking, ToolCall
from captures.message_at import MAX_CHECKPOINTS, MessageCursor
from captures.records import Chunk
from captures.sse import Frame
from captures.stream_point import StreamPoint
from tests.captures import gemini_stream, openai_chat_stream, openai_responses_stream
from tests.captures.anthropic_stream import (
    HELLO,
    PING,
    TOOL_USE,
    arguments,
    block_start,
    block_stop,
    error,
    message_start,
    text,
    thinking,
    tool_start,
)
from tests.captures.by_hand import JSON, a_head, an_end, chunks, exchange_of, streamed
from tests.captures.shared_material import needs_streams, sse_recordings

SPLICED = [gemini_stream.text("x", responseId="resp-2")]

BY_HAND: list[tuple[list[bytes], str]] = [
    ([b": hi\n\n", *HELLO, b"data: [DONE]\n\n", b"data: torn"], "/v1/messages"),
    ([*TOOL_USE, PING], "/v1/messages"),
    ([*HELLO[:5], error()], "/v1/messages"),
    (openai_chat_stream.HELLO, "/v1/chat/completions"),
    (openai_chat_stream.TOOL_USE, "/v1/chat/completions"),
    (openai_responses_stream.HELLO, "/v1/responses"),
    (openai_responses_stream.TOOL_USE, "/v1/responses"),
    (gemini_stream.STREAMED_CALL, "/v1beta/models/m:streamGenerateContent"),
    ([*gemini_stream.HELLO[:1], *SPLICED], "/v1beta/models/m:streamGenerateContent"),
    ([b"data: 1\n\n", b"\n", b"data: 2\n\n"], "/events"),
]
"""A stream of every dialect."""


def folded(pieces: list[bytes], path: str) -> tuple[Exchange, list[tuple[Message, ...]]]:
    """An exchange, and its messages as they were after each of its events."""
    exchange = exchange_of([a_head()], path)
    moments: list[tuple[Message, ...]] = []
    for number, piece in enumerate(pieces):
        exchange.feed(Chunk(number + 2, float(number), piece))
        moments += [exchange.messages()] * (len(exchange.events) - len(moments))
    return exchange, moments


@cache
def recorded(name: str) -> tuple[Exchange, list[tuple[Message, ...]]]:
    [recording] = [entry for entry in sse_recordings() if entry.name == name]
    whole = streamed([recording.body], path=recording.target)
    return folded([whole.raw(event.frame) for event in whole.events], recording.target)


def check(
    data: st.DataObject, exchange: Exchange, moments: list[tuple[Message, ...]], moves: int
) -> None:
    """Wherever the cursor goes, it says what the fold said there."""
    cursor = MessageCursor(exchange)
    for _ in range(moves):
        index = data.draw(st.integers(-1, len(moments)))
        moment = cursor.message_at(index)
        last = min(index, len(moments) - 1)
        expected = moments[last] if last >= 0 else (Message(),)
        assert (*moment.earlier, moment.message) == expected
        assert cursor.checkpoints <= message_at.MAX_CHECKPOINTS


@pytest.fixture(autouse=True)
def few_checkpoints() -> Iterator[None]:
    """So few and so near that these short streams need more than there may be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(message_at, "MAX_CHECKPOINTS", 4)
        patch.setattr(message_at, "FIRST_STRIDE", 2)
        yield


@given(st.data(), st.sampled_from(BY_HAND))
def test_cursor_says_at_every_event_what_the_fold_said_there(
    data: st.DataObject, stream: tuple[list[bytes], str]
) -> None:
    exchange, moments = folded(*stream)

    check(data, exchange, moments, moves=8)


@needs_streams
@given(st.data())
def test_cursor_agrees_with_the_fold_over_what_providers_sent(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([entry.name for entry in sse_recordings()]))

    check(data, *recorded(name), moves=6)


@given(st.data(), st.sampled_from(BY_HAND))
def test_cursor_may_move_while_the_stream_grows(
    data: st.DataObject, stream: tuple[list[bytes], str]
) -> None:
    pieces, path = stream
    _, moments = folded(pieces, path)
    exchange = exchange_of([a_head()], path)
    cursor = MessageCursor(exchange)

    for number, piece in enumerate(pieces):
        exchange.feed(Chunk(number + 2, float(number), piece))
        index = data.draw(st.integers(-1, len(exchange.events) + 2))
        moment = cursor.message_at(index)
        last = min(index, len(exchange.events) - 1)
        expected = moments[last] if last >= 0 else (Message(),)
        assert (*moment.earlier, moment.message) == expected


def test_cursor_leaves_the_exchange_as_it_is() -> None:
    exchange = streamed(TOOL_USE)
    before = exchange.message()
    cursor = MessageCursor(exchange)

    for index in (3, 1, 6, 0):
        cursor.message_at(index)

    assert exchange.message() == before


def test_moment_has_the_partial_arguments_of_a_tool_call() -> None:
    call = (tool_start(0), arguments(0, '{"city": "Par'), arguments(0, 'is"}'), block_stop(0))
    cursor = MessageCursor(streamed([message_start(), *call]))

    moment = cursor.message_at(2)

    partial = ToolCall("toolu_0", "weather", '{"city": "Par', finished=False)
    assert moment.message.parts == (partial,)
    assert moment.open_parts == (partial,)
    assert moment.point is StreamPoint.IN_TOOL_ARGUMENTS
    assert moment.missing == ("stop_reason", "usage", "message_stop")
    assert cursor.message_at(4).open_parts == ()


def test_open_part_is_the_one_that_grows() -> None:
    cursor = MessageCursor(
        streamed(
            [
                message_start(),
                block_start(0, "thinking", thinking=""),
                thinking(0, "Hm."),
                block_stop(0),
                block_start(1),
                text(1, "Hello"),
                block_stop(1),
            ]
        )
    )

    assert [type(part) for part in cursor.message_at(2).open_parts] == [Thinking]
    assert cursor.message_at(3).open_parts == ()
    assert cursor.message_at(5).open_parts == (Text("Hello"),)
    assert cursor.message_at(6).open_parts == ()


def test_time_tells_the_event_that_had_arrived() -> None:
    exchange = exchange_of([a_head(), *chunks(HELLO, start=1.0, step=1.0), an_end()])
    cursor = MessageCursor(exchange)

    assert cursor.message_at_time(0.9).events == 0
    for index in range(len(HELLO)):
        assert cursor.message_at_time(1.0 + index) == cursor.message_at(index)
        assert cursor.message_at_time(1.9 + index) == cursor.message_at(index)
    assert cursor.message_at_time(1e9).message == exchange.message()


class TestWhole:
    BODY = b'{"type":"message","id":"m","content":[{"type":"text","text":"Hi"}],"usage":{}}'

    def test_answer_that_was_not_streamed_is_there_at_its_end(self) -> None:
        exchange = exchange_of([a_head(headers=JSON), Chunk(2, 1.0, self.BODY), an_end(time=2.0)])
        cursor = MessageCursor(exchange)

        assert cursor.message_at_time(1.9).message == Message()
        assert cursor.message_at_time(2.0).message == exchange.message()
        assert cursor.message_at(-1).message == Message()
        assert cursor.message_at(0).message.text == "Hi"
        assert cursor.message_at(0).point is StreamPoint.AFTER_END

    def test_nothing_of_it_is_there_while_it_comes(self) -> None:
        exchange = exchange_of([a_head(headers=JSON), Chunk(2, 1.0, self.BODY)])

        assert MessageCursor(exchange).message_at(0).message == Message()
        assert MessageCursor(exchange).message_at_time(9.0).point is StreamPoint.IN_BODY

    def test_exchange_without_an_answer_has_an_empty_message(self) -> None:
        assert MessageCursor(exchange_of([])).message_at(3).message == Message()


class TestCost:
    EVENTS = 6000

    class Counting(Exchange):
        """Counts how many events are folded by its dialects."""

        folded = 0

        def new_dialect(self, frame: Frame) -> Dialect:
            dialect = super().new_dialect(frame)
            feed = type(dialect).feed
            counting = self

            def counted(self: Dialect, frame: Frame) -> object:
                counting.folded += 1
                return feed(self, frame)

            name = type(dialect).__name__
            made: Dialect = type(name, (type(dialect),), {"feed": counted})()
            return made

    @pytest.fixture
    def exchange(self, monkeypatch: pytest.MonkeyPatch) -> TestCost.Counting:
        monkeypatch.setattr(message_at, "MAX_CHECKPOINTS", MAX_CHECKPOINTS)
        monkeypatch.setattr(message_at, "FIRST_STRIDE", 4)
        exchange = self.Counting(streamed([]).request)
        exchange.feed(a_head())
        pieces = [*HELLO[:2], *(text(0, "x") for _ in range(self.EVENTS - 2))]
        exchange.feed(Chunk(2, 1.0, b"".join(pieces)))
        return exchange

    def test_going_through_a_stream_folds_every_event_once(
        self, exchange: TestCost.Counting
    ) -> None:
        cursor = MessageCursor(exchange)
        exchange.folded = 0

        for index in range(0, self.EVENTS, 100):
            cursor.message_at(index)

        assert exchange.folded <= self.EVENTS

    def test_going_back_folds_from_the_nearest_checkpoint(
        self, exchange: TestCost.Counting
    ) -> None:
        cursor = MessageCursor(exchange)
        cursor.message_at(self.EVENTS)
        moves = range(self.EVENTS - 1, 0, -37)
        exchange.folded = 0

        for index in moves:
            cursor.message_at(index)

        assert MAX_CHECKPOINTS // 2 <= cursor.checkpoints <= MAX_CHECKPOINTS
        assert exchange.folded <= len(moves) * 2 * self.EVENTS / MAX_CHECKPOINTS


def test_a_moment_is_approached_a_few_events_at_a_time() -> None:
    exchange = streamed([message_start(), block_start(0), *(text(0, "x") for _ in range(200))])
    cursor, steps = MessageCursor(exchange), 1
    while not cursor.approach(150, 10):
        steps += 1
    assert steps == 16
    assert cursor.message_at(150) == MessageCursor(exchange).message_at(150)
    assert cursor.approach(3, 10)
    assert cursor.message_at(3) == MessageCursor(exchange).message_at(3)


def test_an_answer_that_is_no_stream_is_there_at_once() -> None:
    assert MessageCursor(exchange_of([a_head(headers=JSON), an_end()])).approach(5, 1)
