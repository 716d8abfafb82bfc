"""Our message is what OpenAI's own client makes of the same bytes."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState

from captures.message import (
    Message,
    OtherPart,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from tests.captures import openai_responses_stream as responses
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
HI = responses.numbered(responses.HELLO)
ANOTHER = responses.created(id="resp_2")
PART_ONE = [
    responses.part_added(0, 1),
    responses.delta("output_text", 0, "a", content_index=1, sequence_number=3),
]

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

RESPONSE_RAISES: dict[str, tuple[type[Exception], str]] = {
    "vercel-ai__openai_responses_openai-error.1.chunks.00": (
        openai.APIError,
        "exceeded your current quota",
    ),
    # JSON that is not whole.
    "vercel-ai__openai_responses_parallel-tool-call-wrapper.1.chunks.00": (
        json.JSONDecodeError,
        "delimiter",
    ),
    # Three responses that came over one WebSocket, in one file.
    "claude-tap__codex_ws_multi_response_trace.jsonl.00": (RuntimeError, "identity changed"),
    # Resumed in the middle, which the helper asks for by the id of the response.
    "pydantic-ai__openai_responses_background_mode_streaming_starting_after_vcr.01": (
        RuntimeError,
        "Expected to have received `response.created`",
    ),
    # Hand-made: a message without content, to which the helper appends.
    "claude-tap__openai_responses_trace.jsonl.00": (AttributeError, "append"),
    # The first content part of the message is number 1: RSP024.
    "ruby-llm__providers_bedrock_mantle_responses_chat_streams_through_the_responses_surface.00": (
        IndexError,
        "out of range",
    ),
    # Ended by its limit: the helper has no final response.
    "req-llm__azure_codex_mini_object_streaming.00": (
        RuntimeError,
        "Didn't receive a `response.completed` event",
    ),
    # The id of the response is another one in each event.
    "rig__copilot_reasoning_roundtrip_streaming.00": (RuntimeError, "identity changed"),
}
"""Recordings that the client's own helper does not read to an end, and why."""

NO_OUTPUT = {"claude-tap__codex_ws_multi_response_trace.jsonl.00"}
"""Its last response has an empty output, and what was streamed is all that there is."""


def what_the_helper_makes_of_a_response(body: bytes) -> Any:
    """The final response of the client's own accumulator."""
    with serving(body) as url, openai.DefaultHttpxClient(trust_env=False) as http_client:
        client = openai.OpenAI(
            api_key="made-up", base_url=f"{url}/v1", max_retries=0, http_client=http_client
        )
        with client.responses.stream(model="m", input="Hi") as stream:
            return stream.get_final_response()


def what_the_client_reads_of_a_response(body: bytes) -> Any:
    """The response of the last event, where the helper does not accumulate one."""
    with serving(body) as url, openai.DefaultHttpxClient(trust_env=False) as http_client:
        client = openai.OpenAI(
            api_key="made-up", base_url=f"{url}/v1", max_retries=0, http_client=http_client
        )
        with client.responses.create(model="m", input="Hi", stream=True) as stream:
            events: list[Any] = list(stream)
    return events[-1].response


def items_of_theirs(item: Any) -> list[tuple[Any, ...]]:
    """What an item comes to, under our words."""
    fields = item.to_dict(mode="json")
    match item.type:
        case "message":
            return [
                ("refusal", content.refusal)
                if content.type == "refusal"
                else (
                    "text",
                    content.text,
                    [entry.to_dict() for entry in content.annotations or []],
                )
                for content in item.content
            ]
        case "reasoning":
            pieces = [*(fields.get("summary") or []), *(fields.get("content") or [])]
            sealed = [("reasoning", fields)] if fields.get("encrypted_content") else []
            return [("thinking", piece["text"]) for piece in pieces] or sealed
        case "function_call" | "mcp_call":
            call = ("call", item.name, json.loads(item.arguments))
            output = fields.get("output") if item.type == "mcp_call" else None
            return [call, ("mcp_call output", {"output": output})] if output else [call]
        case "custom_tool_call":
            return [("call", item.name, item.input)]
        case "image_generation_call":
            return [(item.type, {**fields, "result": len(fields["result"])})]
        case _:
            return [(item.type, fields)]


def items_of_ours(part: Part) -> tuple[Any, ...]:
    match part:
        case Text(text=text, citations=citations):
            return ("text", text, [json.loads(citation) for citation in citations])
        case Refusal(text=text):
            return ("refusal", text)
        case Thinking(text=text):
            return ("thinking", text)
        case ToolCall(name=name, arguments=arguments):
            return ("call", name, json.loads(arguments))
        case OtherPart(type=type_, content=content):
            fields = json.loads(content)
            if type_ == "image_generation_call":
                size = int(fields["result"].split()[0].replace(",", ""))
                fields = {**fields, "result": size}
            return (type_, fields)


def assert_same_response(ours: Message, theirs: Any) -> None:
    assert [items_of_ours(part) for part in ours.parts] == [
        found for item in theirs.output for found in items_of_theirs(item)
    ]
    reason = theirs.incomplete_details.reason if theirs.incomplete_details else theirs.status
    assert (ours.id, ours.model, ours.stop_reason) == (theirs.id, theirs.model, reason)
    cached, reasoned = theirs.usage.input_tokens_details, theirs.usage.output_tokens_details
    assert ours.usage == Usage(
        input_tokens=theirs.usage.input_tokens,
        output_tokens=theirs.usage.output_tokens,
        cache_read_tokens=cached.cached_tokens if cached else None,
        thinking_tokens=reasoned.reasoning_tokens if reasoned else None,
    )


@needs_streams
@pytest.mark.parametrize("name", recordings("openai.responses"))
def test_recorded_response(name: str) -> None:
    body = recording_of(name).body
    ours = streamed([body], path=RESPONSES_PATH).message()
    if name not in RESPONSE_RAISES:
        assert_same_response(ours, what_the_helper_makes_of_a_response(body))
        return
    error, words = RESPONSE_RAISES[name]
    with pytest.raises(error, match=words):
        what_the_helper_makes_of_a_response(body)
    if error in {RuntimeError, IndexError, AttributeError} and name not in NO_OUTPUT:
        assert_same_response(ours, what_the_client_reads_of_a_response(body))


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        pytest.param([*HI[:1], *HI[3:]], RuntimeError, id="RSP008: no item"),
        pytest.param([*HI[:2], *HI[3:]], IndexError, id="RSP011: no content part"),
        pytest.param(HI[1:], RuntimeError, id="RSP015: no response.created"),
        pytest.param([*HI[:2], *PART_ONE], IndexError, id="RSP024: the first part is 1"),
        pytest.param([*HI[:4], ANOTHER, *HI[1:]], RuntimeError, id="RSP017: spliced"),
        pytest.param([*HI[:6], HI[7]], RuntimeError, id="RSP021: an item is not done"),
        pytest.param([*HI[:2], *HI[1:]], RuntimeError, id="RSP022: an index twice"),
    ],
)
def test_what_the_helper_raises_is_as_the_page_says(
    pieces: list[bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        what_the_helper_makes_of_a_response(b"".join(pieces))
