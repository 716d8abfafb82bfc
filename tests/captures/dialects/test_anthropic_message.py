from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from captures.dialects.anthropic_message import MessageBuilder, error_in, whole_message
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall, Usage
from tests.captures.strategies import payloads


def test_deltas_are_joined_in_their_block_and_blocks_stand_as_they_came() -> None:
    builder = MessageBuilder()
    builder.start_block(1, {"type": "text", "text": "b"})
    builder.start_block(0, {"type": "thinking", "thinking": "a"})
    builder.add_delta(1, {"type": "text_delta", "text": "B"})
    builder.add_delta(0, {"type": "thinking_delta", "thinking": "A"})

    assert builder.message().parts == (Text("bB"), Thinking("aA"))


def test_delta_of_a_block_that_was_never_opened_is_kept_as_text() -> None:
    builder = MessageBuilder()
    builder.add_delta(4, {"type": "text_delta", "text": "late"})

    assert builder.message().parts == (Text("late"),)


@pytest.mark.parametrize("type_", ["signature_delta", "future_delta", None, []])
def test_delta_without_text_adds_nothing(type_: Any) -> None:
    builder = MessageBuilder()
    builder.start_block(0, {"type": "text", "text": ""})
    builder.add_delta(0, {"type": type_, "signature": "abc", "text": "x", "": "y"})

    assert builder.message().parts == (Text(""),)


def test_citations_stand_beside_the_text_in_order() -> None:
    builder = MessageBuilder()
    builder.start_block(0, {"type": "text", "text": "", "citations": [{"cited_text": "a"}]})
    builder.add_delta(0, {"type": "text_delta", "text": "x"})
    builder.add_delta(0, {"type": "citations_delta", "citation": {"cited_text": "b"}})

    assert builder.message().parts == (Text("x", ('{"cited_text":"a"}', '{"cited_text":"b"}')),)


def test_signature_stands_beside_the_thinking() -> None:
    builder = MessageBuilder()
    builder.start_block(0, {"type": "thinking", "thinking": "", "signature": ""})
    builder.add_delta(0, {"type": "thinking_delta", "thinking": "hm"})
    builder.add_delta(0, {"type": "signature_delta", "signature": "EqQB"})

    assert builder.message().parts == (Thinking("hm", "EqQB"),)
    assert not builder.unsigned_thinking


def test_compaction_is_filled_by_its_deltas() -> None:
    builder = MessageBuilder()
    builder.start_block(0, {"type": "compaction", "content": None, "encrypted_content": None})
    for piece, sealed in (("Until ", "s1"), ("now.", None)):
        delta = {"type": "compaction_delta", "content": piece, "encrypted_content": sealed}
        builder.add_delta(0, delta)

    [part] = builder.message().parts
    assert isinstance(part, OtherPart)
    assert json.loads(part.content) == {
        "type": "compaction",
        "content": "Until now.",
        "encrypted_content": "s1",
    }


def test_fallback_names_the_model_that_took_over() -> None:
    builder = MessageBuilder()
    builder.start({"model": "first"})
    builder.start_block(0, {"type": "fallback", "from": {"model": "first"}, "to": {"model": "b"}})

    assert builder.message().model == "b"
    assert [type(part) for part in builder.message().parts] == [OtherPart]


@pytest.mark.parametrize(
    ("delta", "part"),
    [
        ({"type": "thinking_delta", "thinking": "a"}, Thinking("a")),
        ({"type": "input_json_delta", "partial_json": "{"}, ToolCall("", "", "{", False)),
    ],
)
def test_delta_without_its_block_tells_what_it_was(delta: dict[str, Any], part: Any) -> None:
    builder = MessageBuilder()
    builder.add_delta(0, delta)

    assert builder.message().parts == (part,)


@pytest.mark.parametrize("type_", ["tool_use", "server_tool_use", "mcp_tool_use"])
def test_tool_call_is_finished_when_its_block_stops(type_: str) -> None:
    builder = MessageBuilder()
    builder.start_block(0, {"type": type_, "id": "t", "name": "n", "input": {}})
    builder.add_delta(0, {"type": "input_json_delta", "partial_json": '{"a"'})
    assert builder.message().parts == (ToolCall("t", "n", '{"a"', finished=False),)

    builder.add_delta(0, {"type": "input_json_delta", "partial_json": ":1}"})
    builder.stop_block(0)
    assert builder.message().parts == (ToolCall("t", "n", '{"a":1}', finished=True),)


def test_arguments_that_came_whole_in_the_block_start_are_kept() -> None:
    builder = MessageBuilder()
    builder.start_block(0, {"type": "server_tool_use", "id": "t", "name": "n", "input": {"q": 1}})

    assert builder.stop_block(0) == ToolCall("t", "n", '{"q":1}', finished=True)


def test_block_that_comes_whole_is_kept_as_json() -> None:
    builder = MessageBuilder()
    content = {"type": "web_search_tool_result", "content": [{"url": "https://example.com"}]}
    builder.start_block(0, content)

    [part] = builder.message().parts
    assert isinstance(part, OtherPart)
    assert part.type == "web_search_tool_result"
    assert json.loads(part.content) == content


def test_stopping_a_block_that_was_never_opened_gives_nothing() -> None:
    assert MessageBuilder().stop_block(3) is None


def test_usage_is_cumulative_and_null_does_not_erase() -> None:
    builder = MessageBuilder()
    first = {"input_tokens": 9, "output_tokens": 1, "cache_read_input_tokens": 3}
    builder.start({"usage": {**first, "cache_creation_input_tokens": 2}})
    builder.end({}, {"output_tokens": 50, "input_tokens": None, "service_tier": "standard"})

    assert builder.message().usage == Usage(9, 50, 3, 2)


def test_usage_that_was_not_told_is_none_and_not_zero() -> None:
    assert MessageBuilder().message().usage == Usage(None, None, None, None)


def test_stop_reason_once_told_is_not_lost_to_a_later_null() -> None:
    builder = MessageBuilder()
    builder.end({"stop_reason": "end_turn"}, None)
    builder.end({"stop_reason": None}, {"output_tokens": 3})

    assert builder.stop_reason == "end_turn"


def test_answer_that_was_not_streamed_is_the_same_message() -> None:
    payload = {
        "type": "message",
        "id": "msg_1",
        "model": "m",
        "content": [
            {"type": "text", "text": "Hi"},
            {"type": "tool_use", "id": "t", "name": "n", "input": {"a": [1]}},
            {"type": "tool_use", "id": "u", "name": "n", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }

    assert whole_message(payload) == Message(
        id="msg_1",
        model="m",
        parts=(
            Text("Hi"),
            ToolCall("t", "n", '{"a":[1]}', finished=True),
            ToolCall("u", "n", "{}", finished=True),
        ),
        stop_reason="tool_use",
        usage=Usage(3, 5),
    )


def test_error_answer_is_a_message_with_an_error() -> None:
    payload = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down"}}

    message = whole_message(payload)

    assert message is not None
    assert message.error == StreamError("rate_limit_error", "Slow down")


@pytest.mark.parametrize("payload", [None, [], "x", 5, {}, {"type": "completion"}, {"type": []}])
def test_other_answers_are_no_message(payload: Any) -> None:
    assert whole_message(payload) is None


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"error": {"type": "a", "message": "b"}}, StreamError("a", "b")),
        ({"error": {"message": "b"}}, StreamError("error", "b")),
        ({"error": {"type": 5, "message": 6}}, StreamError("error", "")),
        ({"error": "b"}, StreamError("error", "")),
        ({}, StreamError("error", "")),
    ],
)
def test_error_in_any_shape(payload: dict[str, Any], error: StreamError) -> None:
    assert error_in(payload) == error


@given(payloads, payloads, payloads)
def test_any_value_is_taken(first: Any, second: Any, third: Any) -> None:
    builder = MessageBuilder()
    builder.start(first if isinstance(first, dict) else {"content": first, "usage": second})
    builder.start_block(0, second)
    builder.add_delta(0, {"type": "text_delta", "text": third})
    builder.add_delta(1, {"type": third})
    builder.end(first, second)
    builder.message()
    for type_ in ("message", "error"):
        whole_message({"type": type_, "content": first, "error": second, "usage": third})
        whole_message({"type": type_, "content": [first, {"type": "tool_use", "input": second}]})


def test_an_empty_stop_reason_is_none() -> None:
    builder = MessageBuilder()
    builder.end({"stop_reason": ""}, None)
    assert builder.message().stop_reason is None
