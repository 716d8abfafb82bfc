from __future__ import annotations

import pytest

from captures.answers import answers_of
from captures.dialects.base import Dialect
from captures.records import Chunk
from captures.stream_point import StreamPoint, point_in
from tests.captures import gemini_stream, openai_chat_stream, openai_responses_stream
from tests.captures.anthropic_stream import (
    HELLO,
    arguments,
    block_start,
    block_stop,
    error,
    message_start,
    thinking,
    tool_start,
)
from tests.captures.by_hand import a_head, chunks, exchange_of
from tests.captures.shared_material import needs_streams, sse_recordings

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
GEMINI = "/v1beta/models/m:streamGenerateContent?alt=sse"
HMM = [message_start(), block_start(0, "thinking", thinking=""), thinking(0, "Hm.")]
CALL = [message_start(), tool_start(0), arguments(0, "{")]
SEARCH = [message_start(), block_start(0, "web_search_tool_result", content=[])]

CASES: dict[str, tuple[list[bytes], str, StreamPoint]] = {
    "start": (HELLO[:1], "/v1/messages", StreamPoint.BEFORE_FIRST_TOKEN),
    "text": (HELLO[:4], "/v1/messages", StreamPoint.IN_TEXT),
    "thinking": (HMM, "/v1/messages", StreamPoint.IN_THINKING),
    "tool": (CALL, "/v1/messages", StreamPoint.IN_TOOL_ARGUMENTS),
    "another part": (SEARCH, "/v1/messages", StreamPoint.IN_OTHER_PART),
    "all text": ([*HMM, block_stop(0)], "/v1/messages", StreamPoint.AFTER_LAST_DELTA),
    "stop reason": (HELLO[:7], "/v1/messages", StreamPoint.AFTER_STOP_REASON),
    "end": (HELLO, "/v1/messages", StreamPoint.AFTER_END),
    "error": ([*HELLO[:3], error()], "/v1/messages", StreamPoint.AFTER_END),
    "chat role": (openai_chat_stream.HELLO[:1], CHAT, StreamPoint.BEFORE_FIRST_TOKEN),
    "chat text": (openai_chat_stream.HELLO[:2], CHAT, StreamPoint.IN_TEXT),
    "chat stop": (openai_chat_stream.HELLO[:4], CHAT, StreamPoint.AFTER_STOP_REASON),
    "chat end": (openai_chat_stream.HELLO, CHAT, StreamPoint.AFTER_END),
    "response": (openai_responses_stream.HELLO[:1], RESPONSES, StreamPoint.BEFORE_FIRST_TOKEN),
    "response text": (openai_responses_stream.HELLO[:4], RESPONSES, StreamPoint.IN_TEXT),
    "response end": (openai_responses_stream.HELLO, RESPONSES, StreamPoint.AFTER_END),
    "gemini text": (gemini_stream.HELLO[:1], GEMINI, StreamPoint.IN_TEXT),
    "gemini thinking": (gemini_stream.TOOL_USE[:1], GEMINI, StreamPoint.IN_THINKING),
    "gemini call": (gemini_stream.STREAMED_CALL[:2], GEMINI, StreamPoint.IN_TOOL_ARGUMENTS),
    "gemini end": (gemini_stream.HELLO, GEMINI, StreamPoint.AFTER_END),
    "gemini blocked": (gemini_stream.BLOCKED, GEMINI, StreamPoint.AFTER_END),
    "plain": ([b"data: 1\n\n"], "/events", StreamPoint.IN_STREAM),
}


def dialect_of(pieces: list[bytes], path: str) -> Dialect:
    dialect = exchange_of([a_head(), *chunks(pieces)], path).dialect
    assert dialect is not None
    return dialect


@pytest.mark.parametrize("name", CASES)
def test_point_on(name: str) -> None:
    pieces, path, point = CASES[name]

    assert point_in(dialect_of(pieces, path)) is point


@needs_streams
def test_every_recording_passes_points_that_fit_what_has_come() -> None:
    for recording in sse_recordings():
        exchange = exchange_of([a_head()], recording.target)
        for number, line in enumerate(recording.body.split(b"\n")):
            exchange.feed(Chunk(number + 2, 1.0, line + b"\n"))
            if exchange.dialect is None:
                continue
            point = point_in(exchange.dialect)
            answers = [answer.message for answer in answers_of(exchange)]
            if point is StreamPoint.BEFORE_FIRST_TOKEN:
                assert not exchange.message().text
            if point is StreamPoint.IN_TEXT:
                assert any(answer.parts for answer in answers)
            if exchange.dialect.finished:
                assert point is StreamPoint.AFTER_END
