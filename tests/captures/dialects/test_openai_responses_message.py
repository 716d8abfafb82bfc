from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from captures.dialects.openai_responses_message import (
    ResponseBuilder,
    index_within,
    whole_message,
)
from captures.message import (
    Message,
    OtherPart,
    Part,
    Refusal,
    StreamError,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from tests.captures.strategies import payloads


def whole(*items: dict[str, Any], **fields: Any) -> Message:
    message = whole_message({"object": "response", "output": list(items), **fields})
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("item", "parts"),
    [
        (
            {
                "type": "message",
                "content": [
                    {"type": "output_text", "text": "a"},
                    {"type": "refusal", "refusal": "no"},
                ],
            },
            (Text("a"), Refusal("no")),
        ),
        (
            {
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": "s"}],
                "content": [{"type": "reasoning_text", "text": "r"}],
            },
            (Thinking("s"), Thinking("r")),
        ),
        (
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            (ToolCall("c", "f", "{}", finished=True),),
        ),
        (
            {"type": "mcp_call", "id": "m", "name": "f", "arguments": "{}"},
            (ToolCall("m", "f", "{}", finished=True),),
        ),
        (
            {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": 'say "x"'},
            (ToolCall("c", "f", '"say \\"x\\""', finished=True),),
        ),
        ({"type": "compaction"}, (OtherPart("compaction", '{"type":"compaction"}'),)),
    ],
)
def test_item_becomes_parts(item: dict[str, Any], parts: tuple[Part, ...]) -> None:
    assert whole(item).parts == parts


def test_what_was_streamed_stands_and_the_rest_is_taken_from_the_whole_item() -> None:
    builder = ResponseBuilder()
    item, known = builder.item({"output_index": 0}, "output_text")
    assert not known
    item.add("output_text", 0, "streamed")
    text, refusal = {"type": "output_text", "text": "x"}, {"type": "refusal", "refusal": "no"}
    item.take({"type": "message", "content": [text, refusal]})

    assert builder.message().parts == (Text("streamed"), Refusal("no"))


def test_item_is_found_by_its_id_where_the_index_is_missing() -> None:
    builder = ResponseBuilder()
    for index in (0, 1):
        builder.item({"output_index": index})[0].take({"id": f"item_{index}", "type": "message"})

    found, known = builder.item({"item_id": "item_0"})
    assert known
    assert found is builder.items[0]


def test_unfinished_item_shows_what_was_streamed_of_it() -> None:
    builder = ResponseBuilder()
    item, _ = builder.item({"output_index": 0})
    item.take({"type": "code_interpreter_call"})
    item.add("code_interpreter_call_code", 0, "1+1")

    [part] = builder.message().parts
    assert isinstance(part, OtherPart)
    assert '"code_interpreter_call_code":"1+1"' in part.content


def test_terminal_event_tells_status_usage_and_error() -> None:
    usage = {
        "input_tokens": 1,
        "output_tokens": 2,
        "input_tokens_details": {"cached_tokens": 3},
    }
    message = whole(status="failed", usage=usage, error={"code": "x", "message": "m"}, model="g")

    assert (message.stop_reason, message.model) == ("failed", "g")
    assert message.usage == Usage(1, 2, 3)
    assert message.error == StreamError("x", "m")
    reason = {"reason": "max_output_tokens"}
    assert whole(status="incomplete", incomplete_details=reason).stop_reason == "max_output_tokens"


def test_deltas_of_an_item_are_told_apart() -> None:
    assert [
        index_within(payload) for payload in ({"content_index": 1}, {"summary_index": 2}, {})
    ] == [
        1,
        2,
        0,
    ]


@given(payloads)
def test_what_is_no_response_is_none_and_any_response_is_read(payload: object) -> None:
    assert whole_message(payload) is None
    whole(output=payload, usage=payload, error=payload, incomplete_details=payload)
