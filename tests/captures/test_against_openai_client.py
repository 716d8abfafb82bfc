"""Our message is what OpenAI's own client makes of the same bytes."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState

from captures.message import Message, Refusal, Thinking, ToolCall
from tests.captures.by_hand import streamed
from tests.captures.openai_chat_stream import (
    HELLO,
    TOOL_USE,
    call,
    choice,
    chunk,
    data,
    stopped_by,
)
from tests.captures.shared_material import Recording, needs_streams, sse_recordings
from tests.captures.stream_server import serving

PATH = "/v1/chat/completions"

RAISES = {
    "pydantic-ai__groq_tool_use_failed_error_streaming_with_text.00": "Tool choice is required",
    "pydantic-ai__openrouter_openrouter_stream_error.00": "Token limit reached",
}
"""Recordings in which the client raises what we show as an error in the stream."""

NOT_ACCUMULATED: dict[str, type[Exception]] = {
    # A fragment of a tool call whose arguments are null.
    "openllmetry__opentelemetry-instrumentation-writer_chat_writer_async_streaming"
    "_chat_tool_call_request_legacy.00": AssertionError,
    # A list of annotations without an index.
    "pydantic-ai__openrouter_openrouter_web_search_annotations_stream.00": RuntimeError,
    # A content that is a list.
    "vercel-ai__mistral_mistral-reasoning.chunks.00": UserWarning,
    # A tool call without an index.
    "vercel-ai__mistral_mistral-tool-call.chunks.00": TypeError,
}
"""Recordings whose chunks the client reads and its accumulator does not add up."""


def recordings(protocol: str) -> list[str]:
    return [recording.name for recording in sse_recordings() if recording.protocol == protocol]


def recording_of(name: str) -> Recording:
    [recording] = [entry for entry in sse_recordings() if entry.name == name]
    return recording


def what_the_client_reads(body: bytes) -> list[Any]:
    """The chunks that the client hands over."""
    with serving(body) as url, openai.DefaultHttpxClient(trust_env=False) as http_client:
        client = openai.OpenAI(
            api_key="made-up", base_url=f"{url}/v1", max_retries=0, http_client=http_client
        )
        with client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
        ) as stream:
            return list(stream)


def what_the_client_adds_up(body: bytes) -> Any:
    """The completion that the client's own accumulator makes of them."""
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for piece in what_the_client_reads(body):
        state.handle_chunk(piece)
    return state.current_completion_snapshot


def of_ours(answer: Message) -> dict[str, Any]:
    """A choice as plain values, under the words of the provider."""
    parts = answer.parts
    return {
        "content": answer.text,
        "refusal": "".join(part.text for part in parts if isinstance(part, Refusal)),
        "reasoning": "".join(part.text for part in parts if isinstance(part, Thinking)),
        "tool_calls": [
            (part.id, part.name, json.loads(part.arguments or "null"))
            for part in parts
            if isinstance(part, ToolCall)
        ],
        "finish_reason": answer.stop_reason,
    }


def of_theirs(choice: Any) -> dict[str, Any]:
    message = choice.message
    reasoning = getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None)
    return {
        "content": message.content or "",
        "refusal": message.refusal or "",
        "reasoning": reasoning or "",
        "tool_calls": [
            (call.id, call.function.name, json.loads(call.function.arguments or "null"))
            for call in message.tool_calls or []
        ],
        "finish_reason": choice.finish_reason,
    }


def assert_same(ours: Message, theirs: Any) -> None:
    answers = [ours, *ours.alternatives]
    choices = sorted(theirs.choices, key=lambda choice: int(choice.index))
    assert [of_ours(answer) for answer in answers] == [of_theirs(choice) for choice in choices]
    if theirs.usage is None:
        return
    cached, reasoned = theirs.usage.prompt_tokens_details, theirs.usage.completion_tokens_details
    assert ours.usage.input_tokens == theirs.usage.prompt_tokens
    assert ours.usage.output_tokens == theirs.usage.completion_tokens
    assert ours.usage.thinking_tokens == (reasoned.reasoning_tokens if reasoned else None)
    if cached is not None and cached.cached_tokens is not None:
        assert ours.usage.cache_read_tokens == cached.cached_tokens


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(TOOL_USE, id="reasoning and a tool call"),
        pytest.param(stopped_by("length"), id="cut by a limit"),
        pytest.param(HELLO[:4], id="no [DONE]"),
        pytest.param(HELLO[:3], id="a cut that the client does not notice"),
    ],
)
def test_message_made_by_hand(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    assert_same(streamed([body], path=PATH).message(), what_the_client_adds_up(body))


TWO_CALLS = [call("{}", "a", id="1", type="function"), call("{}", "b", id="2", type="function")]
FROM_ONE = [call("", "a", id="1", index=1, type="function"), call("{}", index=1)]
NO_INDEX = [call("{}", "a", id="1", index=None, type="function")]
LISTED = [chunk(choice(content=[{"type": "text", "text": "a"}]))] * 2
NULL_CHOICES = data({"id": "a", "object": "chat.completion.chunk", "choices": None})


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        pytest.param(NO_INDEX, TypeError, id="OAI015: no index"),
        pytest.param(LISTED, RuntimeError, id="OAI020: content is a list"),
        pytest.param(FROM_ONE, IndexError, id="OAI021: the first index is 1"),
        pytest.param([NULL_CHOICES, *HELLO], TypeError, id="OAI022: choices is null"),
    ],
)
def test_what_the_accumulator_raises_is_as_the_page_says(
    pieces: list[bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        what_the_client_adds_up(b"".join(pieces))


def test_accumulator_merges_what_we_keep_apart() -> None:
    theirs = what_the_client_adds_up(b"".join(TWO_CALLS))
    [merged] = theirs.choices[0].message.tool_calls
    assert (merged.id, merged.function.name, merged.function.arguments) == ("12", "ab", "{}{}")

    other = chunk(choice(role="assistant", content=""), id="chatcmpl-2")
    pieces = [*HELLO[:2], other, *HELLO[1:]]
    theirs = what_the_client_adds_up(b"".join(pieces))
    assert theirs.choices[0].message.content == "Hello, Hello, wörld 👋"
    assert [message.text for message in streamed(pieces, path=PATH).messages()] == [
        "Hello, ",
        "Hello, wörld 👋",
    ]


@needs_streams
@pytest.mark.parametrize("name", recordings("openai.chat"))
def test_recorded_message(name: str) -> None:
    body = recording_of(name).body
    ours = streamed([body], path=PATH).message()

    if name in RAISES:
        with pytest.raises(openai.APIError, match=RAISES[name]):
            what_the_client_reads(body)
        assert ours.error is not None
        assert RAISES[name] in ours.error.message
        return
    if name in NOT_ACCUMULATED:
        with pytest.raises(NOT_ACCUMULATED[name]):
            what_the_client_adds_up(body)
        return
    assert_same(ours, what_the_client_adds_up(body))


RESPONSES_PATH = "/v1/responses"

RESPONSES_NOT_EQUAL = {
    "claude-tap__codex_ws_multi_response_trace.jsonl.00": "its terminal event has no output",
    "vercel-ai__openai_responses_openai-shell-container.1.chunks.00": "deltas were taken out",
    "vercel-ai__openai_responses_parallel-tool-call-wrapper.1.chunks.00": "JSON within JSON",
}
"""Recordings whose last event does not say what the others add up to, and why."""

RESPONSE_RAISES = "vercel-ai__openai_responses_openai-error.1.chunks.00"
"""The client raises what we show as an error in the stream."""


def what_the_client_makes_of_a_response(body: bytes) -> Any:
    """The response of the last terminal event, as the client parsed it."""
    with serving(body) as url, openai.DefaultHttpxClient(trust_env=False) as http_client:
        client = openai.OpenAI(
            api_key="made-up", base_url=f"{url}/v1", max_retries=0, http_client=http_client
        )
        with client.responses.create(model="m", input="Hi", stream=True) as stream:
            events: list[Any] = list(stream)
    return events[-1].response


def assert_same_response(ours: Message, theirs: Any) -> None:
    calls = [item for item in theirs.output if item.type in {"function_call", "mcp_call"}]
    messages = [item for item in theirs.output if item.type == "message"]
    contents = [content for item in messages for content in item.content]
    assert ours.text == "".join(entry.text for entry in contents if entry.type == "output_text")
    assert [
        (part.name, part.arguments)
        for part in ours.parts
        if isinstance(part, ToolCall) and not part.arguments.startswith('"')
    ] == [(call.name, call.arguments) for call in calls]
    reason = theirs.incomplete_details.reason if theirs.incomplete_details else theirs.status
    assert (ours.id, ours.stop_reason) == (theirs.id, reason)
    if theirs.usage is not None:
        assert ours.usage.input_tokens == theirs.usage.input_tokens
        assert ours.usage.output_tokens == theirs.usage.output_tokens


@needs_streams
@pytest.mark.parametrize("name", recordings("openai.responses"))
def test_recorded_response(name: str) -> None:
    if name in RESPONSES_NOT_EQUAL:
        pytest.skip(RESPONSES_NOT_EQUAL[name])
    body = recording_of(name).body
    ours = streamed([body], path=RESPONSES_PATH).message()
    if name == RESPONSE_RAISES:
        with pytest.raises(openai.APIError, match="exceeded your current quota"):
            what_the_client_makes_of_a_response(body)
        assert ours.error is not None
        return
    assert_same_response(ours, what_the_client_makes_of_a_response(body))
