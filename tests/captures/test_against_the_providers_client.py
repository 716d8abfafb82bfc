"""Our message is what the provider's own client makes of the same bytes."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest

from captures.message import Message, OtherPart, Part, Text, Thinking, ToolCall, Usage
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    PING,
    TOOL_USE,
    block_start,
    block_stop,
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

UNNAMED = [piece.partition(b"\n")[2] for piece in HELLO]
ANOTHER = [block_start(1), block_stop(1)]
WITHOUT_USAGE = [*HELLO[:-2], event("message_delta", delta={}), MESSAGE_STOP]
NAMED_DONE = b"event: data\ndata: [DONE]\n\n"


def what_the_client_gets(body: bytes) -> Any:
    """The final message of the client that knows every block; the plain one drops some of them."""
    with serving(body) as url, anthropic.DefaultHttpxClient(trust_env=False) as http_client:
        client = anthropic.Anthropic(
            api_key="made-up", base_url=url, max_retries=0, http_client=http_client
        )
        with client.beta.messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
        ) as stream:
            return stream.get_final_message()


def of_ours(part: Part) -> dict[str, Any]:
    """A part as the provider's own words would have it."""
    match part:
        case Text(text=text, citations=citations):
            return {"type": "text", "text": text, "citations": [json.loads(c) for c in citations]}
        case Thinking(text=text, signature=signature):
            return {"type": "thinking", "thinking": text, "signature": signature}
        case ToolCall(id=id_, name=name, arguments=arguments):
            return {"id": id_, "name": name, "input": json.loads(arguments or "{}")}
        case OtherPart(content=content):
            found: dict[str, Any] = json.loads(content)
            return found
        case _:
            raise AssertionError(part)


def of_theirs(block: Any) -> dict[str, Any]:
    fields: dict[str, Any] = block.to_dict(mode="json")
    match fields["type"]:
        case "text":
            return {**fields, "citations": fields.get("citations") or []}
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            return {name: fields[name] for name in ("id", "name", "input")}
        case _:
            return fields


def assert_same(ours: Message, theirs: Any) -> None:
    assert [of_ours(part) for part in ours.parts] == [of_theirs(block) for block in theirs.content]
    assert (ours.id, ours.model, ours.stop_reason) == (theirs.id, theirs.model, theirs.stop_reason)
    details = theirs.usage.output_tokens_details
    assert ours.usage == Usage(
        input_tokens=theirs.usage.input_tokens,
        output_tokens=theirs.usage.output_tokens,
        cache_read_tokens=theirs.usage.cache_read_input_tokens,
        cache_write_tokens=theirs.usage.cache_creation_input_tokens,
        thinking_tokens=details.thinking_tokens if details else None,
    )


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

    assert_same(ours, what_the_client_gets(body))


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        pytest.param(UNNAMED, AssertionError, id="ANT023: no message at all"),
        pytest.param(HELLO[1:], AssertionError, id="ANT005: no message at all"),
        pytest.param([HELLO[0], *HELLO[2:]], IndexError, id="ANT011: looked up by its index"),
        pytest.param([HELLO[0], *ANOTHER, *HELLO[-2:]], IndexError, id="ANT012: the same"),
        pytest.param(WITHOUT_USAGE, AttributeError, id="ANT021: message_delta without a usage"),
        pytest.param([*HELLO, NAMED_DONE], json.JSONDecodeError, id="ANT025: named [DONE]"),
    ],
)
def test_what_the_client_raises_is_as_the_page_says(
    pieces: list[bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        what_the_client_gets(b"".join(pieces))


def test_client_grows_the_first_of_two_spliced_messages() -> None:
    pieces = [*HELLO[:4], message_start(id="msg_2"), *HELLO[1:]]
    theirs = what_the_client_gets(b"".join(pieces))
    exchange = streamed(pieces)

    assert (theirs.id, theirs.content[0].text) == ("msg_1", "Hello, Hello, wörld 👋")
    assert [(message.id, message.text) for message in exchange.messages()] == [
        ("msg_1", "Hello, "),
        ("msg_2", "Hello, wörld 👋"),
    ]
