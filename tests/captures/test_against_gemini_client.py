"""Our message is what Google's own client reads from the same bytes, its chunks joined."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from captures.message import Message, Thinking, ToolCall
from tests.captures.by_hand import recorded, streamed
from tests.captures.gemini_stream import (
    BLOCKED,
    HELLO,
    STREAMED_CALL,
    TOOL_USE,
    candidate,
    data,
    error,
    finish,
    response,
    text,
)
from tests.captures.shared_material import needs_streams, recording_named, recordings
from tests.captures.stream_server import serving

PATH = "/v1beta/models/m:streamGenerateContent?alt=sse"

READ_BY_LINE = "firebase-gemini__mock-responses_googleai_streaming-failure-prompt-blocked-safety.00"
"""Its only event has no blank line behind it. The client reads lines, not events, and sees it."""

RAISES = {"js-genai__system_recordings_Chats_Tests_sendMessage_Send_message_stream_with_error.00"}
"""Recordings in which the client raises what we show as an error in the stream."""


@dataclass
class Joined:
    """What the chunks of the client come to."""

    text: str = ""
    thinking: str = ""
    calls: list[tuple[str | None, str | None, Any]] = field(default_factory=list)
    stop_reason: str | None = None
    tokens: tuple[int | None, int | None] = (None, None)
    id: str | None = None


@contextmanager
def chunks_of(body: bytes) -> Iterator[Iterator[types.GenerateContentResponse]]:
    """The chunks that the client reads."""
    with serving(body) as url:
        options = types.HttpOptions(
            base_url=url,
            client_args={"trust_env": False},
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        with genai.Client(api_key="made-up", http_options=options) as client:
            yield client.models.generate_content_stream(model="m", contents="Hi")


def what_the_client_reads(body: bytes) -> Joined:
    joined = Joined()
    with chunks_of(body) as chunks:
        for chunk in chunks:
            _join(joined, chunk)
    return joined


def _join(joined: Joined, chunk: types.GenerateContentResponse) -> None:
    joined.id = joined.id or chunk.response_id
    usage = chunk.usage_metadata
    if usage is not None:
        input_tokens, output_tokens = joined.tokens
        joined.tokens = (
            usage.prompt_token_count or input_tokens,
            usage.candidates_token_count or output_tokens,
        )
    if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
        joined.stop_reason = chunk.prompt_feedback.block_reason.value
    for entry in chunk.candidates or []:
        if entry.finish_reason is not None:
            joined.stop_reason = entry.finish_reason.value
        for part in (entry.content and entry.content.parts) or []:
            if part.text is not None and part.thought:
                joined.thinking += part.text
            elif part.text is not None:
                joined.text += part.text
            elif part.function_call is not None:
                call = part.function_call
                joined.calls.append((call.id, call.name, call.args))


def assert_same(ours: Message, theirs: Joined) -> None:
    calls = [part for part in ours.parts if isinstance(part, ToolCall)]
    assert ours.text == theirs.text
    thinking = "".join(part.text for part in ours.parts if isinstance(part, Thinking))
    assert thinking == theirs.thinking
    assert [(call.id or None, call.name, json.loads(call.arguments)) for call in calls] == (
        theirs.calls
    )
    assert ours.stop_reason == theirs.stop_reason
    assert (ours.usage.input_tokens, ours.usage.output_tokens) == theirs.tokens
    assert ours.id == (theirs.id or "")


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(TOOL_USE, id="thinking and a call"),
        pytest.param(BLOCKED, id="a blocked prompt"),
        pytest.param([text("a"), finish("MAX_TOKENS")], id="cut by a limit"),
        pytest.param(HELLO[:1], id="a cut that the client does not notice"),
        pytest.param([finish(words="a"), finish(words="b")], id="STOP repeated"),
        pytest.param(
            [response(candidate({"text": "a"}, {"executableCode": {"code": "1"}})), finish()],
            id="code",
        ),
        pytest.param(
            [response(candidate({"text": "a"}), responseId="one"), finish(words="b")], id="spliced"
        ),
        pytest.param([data({"new": "shape"}), *HELLO], id="an unknown object"),
    ],
)
def test_message_made_by_hand(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    exchange = streamed([body], path=PATH)
    theirs = what_the_client_reads(body)
    if exchange.messages()[1:]:
        assert "".join(message.text for message in exchange.messages()) == theirs.text
        return
    assert_same(exchange.message(), theirs)


def test_the_pieces_of_a_streamed_call_are_those_the_client_hands_over() -> None:
    body = b"".join(STREAMED_CALL)
    pieces: list[str] = []
    with chunks_of(body) as chunks:
        for chunk in chunks:
            for call in chunk.function_calls or []:
                pieces += [piece.string_value or "" for piece in call.partial_args or []]
    [ours] = streamed([body], path=PATH).message().parts
    assert isinstance(ours, ToolCall)
    assert json.loads(ours.arguments)["city"] == "".join(pieces)


def test_an_error_in_the_stream_is_raised_by_the_client() -> None:
    body = b"".join([HELLO[0], error()])
    with pytest.raises(errors.APIError, match="Overloaded"):
        what_the_client_reads(body)
    ours = streamed([body], path=PATH).message()
    assert ours.error is not None
    assert ours.error.message == "Overloaded"


@needs_streams
@pytest.mark.filterwarnings("ignore:.* is not a valid")
@pytest.mark.parametrize(
    "name",
    [
        recording.name
        for recording in recordings()
        if recording.target.endswith(":streamGenerateContent?alt=sse")
        or (recording.protocol == "gemini.generateContent" and recording.path.suffix == ".sse")
    ],
)
def test_recorded_answer(name: str) -> None:
    recording = recording_named(name)
    ours = recorded(recording, [recording.body]).message()
    if ours.error is not None:
        # As an event, and as JSON under the type of an event stream, which it reads by its braces.
        with pytest.raises(errors.APIError, match=re.escape(ours.error.message)):
            what_the_client_reads(recording.body)
        return
    theirs = what_the_client_reads(recording.body)
    if name == READ_BY_LINE:
        assert (ours.stop_reason, theirs.stop_reason) == (None, "SAFETY")
        return
    assert_same(ours, theirs)


@needs_streams
def test_the_array_holds_what_the_client_reads_from_the_same_responses_as_events() -> None:
    recording = recording_named("llm-gemini__gemini_tools.01")
    events = b"".join(data(element) for element in json.loads(recording.body))
    assert_same(recorded(recording, [recording.body]).message(), what_the_client_reads(events))
