"""Our message is what the provider's own client makes of the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import anthropic
import pytest

from captures.message import Message, Text, Thinking, ToolCall
from tests.captures.anthropic_stream import (
    HELLO,
    PING,
    TOOL_USE,
    event,
    message_delta,
    message_start,
    stopped_by,
)
from tests.captures.by_hand import streamed
from tests.captures.shared_material import anthropic_recordings, needs_streams
from tests.captures.stream_server import serving

LAST_BLANK_LINE = b"\n\n"
"""Some fixtures of the provider's own client end without it."""


RAISES_AT_DONE = "rig__anthropic_streaming_gateway_message_delta_metadata.00"
"""A gateway appended ``[DONE]``, which the client takes for broken JSON."""

NEEDS_THE_BETA_CLIENT = "vercel-ai__anthropic_anthropic-mcp.1.chunks.00"
"""The plain client drops the arguments of ``mcp_tool_use``."""


def what_the_client_gets(body: bytes, *, beta: bool = False) -> Any:
    with serving(body) as url, anthropic.DefaultHttpxClient(trust_env=False) as http_client:
        client = anthropic.Anthropic(
            api_key="made-up", base_url=url, max_retries=0, http_client=http_client
        )
        messages: Any = client.beta.messages if beta else client.messages
        with messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
        ) as stream:
            return stream.get_final_message()


def comparable(parts: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Text, thinking and tool calls, ours or theirs, as plain values."""
    found: list[tuple[Any, ...]] = []
    for part in parts:
        match part:
            case ToolCall(name=name, arguments=arguments):
                found.append(("tool", part.id, name, json.loads(arguments or "{}")))
            case Text(text=text):
                found.append(("text", text))
            case Thinking(text=text):
                found.append(("thinking", text))
            case _ if getattr(part, "type", "") in {"tool_use", "server_tool_use", "mcp_tool_use"}:
                found.append(("tool", part.id, part.name, part.input))
            case _ if getattr(part, "type", "") == "text":
                found.append(("text", part.text))
            case _ if getattr(part, "type", "") == "thinking":
                found.append(("thinking", part.thinking))
            case _:
                found.append(("other", part.type))
    return found


def assert_same(ours: Message, theirs: Any) -> None:
    assert comparable(ours.parts) == comparable(theirs.content)
    assert (ours.id, ours.stop_reason) == (theirs.id, theirs.stop_reason)
    assert ours.usage.input_tokens == theirs.usage.input_tokens
    assert ours.usage.output_tokens == theirs.usage.output_tokens


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(TOOL_USE, id="thinking and a tool call"),
        pytest.param(stopped_by("max_tokens"), id="cut by a limit"),
        pytest.param([message_start(), message_delta("refusal", 0), HELLO[-1]], id="no block"),
        pytest.param([HELLO[0], PING, event("future_event"), *HELLO[1:]], id="an unknown event"),
        pytest.param(HELLO[:5], id="a cut that the client does not notice"),
    ],
)
def test_message_made_by_hand(pieces: list[bytes]) -> None:
    assert_same(streamed(pieces).message(), what_the_client_gets(b"".join(pieces)))


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in anthropic_recordings()])
def test_recorded_message(name: str) -> None:
    [recording] = [entry for entry in anthropic_recordings() if entry.name == name]
    body = recording.body.rstrip(b"\n") + LAST_BLANK_LINE
    ours = streamed([body]).message()

    if name == RAISES_AT_DONE:
        with pytest.raises(json.JSONDecodeError):
            what_the_client_gets(body)
        body = body[: body.index(b"event: data\n")]

    assert_same(ours, what_the_client_gets(body, beta=name == NEEDS_THE_BETA_CLIENT))
