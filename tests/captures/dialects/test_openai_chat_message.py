from __future__ import annotations

from typing import Any

import pytest

from captures.dialects.openai_chat_message import ChatBuilder, whole_message
from captures.message import Message, StreamError, Text, ToolCall, Usage


@pytest.mark.parametrize(
    ("payload", "usage"),
    [
        ({"usage": {"prompt_tokens": 1, "completion_tokens": 2}}, Usage(1, 2)),
        (
            {"usage": {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 3}}},
            Usage(5, None, 3),
        ),
        (
            {"usage": {"prompt_cache_hit_tokens": 3, "prompt_tokens_details": None}},
            Usage(None, None, 3),
        ),
        ({"x_groq": {"usage": {"completion_tokens": 2}}}, Usage(None, 2)),
        ({"usage": None}, Usage()),
        ({"usage": {"prompt_tokens": True}}, Usage()),
    ],
)
def test_usage_is_read_where_vendors_put_it(payload: dict[str, Any], usage: Usage) -> None:
    builder = ChatBuilder()
    builder.add(payload)
    assert builder.usage == usage


def test_whole_answer() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "a", "tool_calls": [call]},
        "finish_reason": "tool_calls",
    }
    payload = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "m",
        "choices": [choice],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    }
    assert whole_message(payload) == Message(
        "chatcmpl-1",
        "m",
        (Text("a"), ToolCall("c", "f", "{}", finished=True)),
        "tool_calls",
        Usage(1, 2),
    )
    failed = whole_message({**payload, "error": {"code": 502, "message": "gone"}})
    assert failed is not None
    assert failed.error == StreamError("502", "gone")


@pytest.mark.parametrize("payload", [None, [], {}, {"choices": 1}, {"choices": [{"text": "x"}]}])
def test_what_is_no_completion_is_none(payload: object) -> None:
    assert whole_message(payload) is None


def test_choices_are_answers_of_their_own() -> None:
    builder = ChatBuilder()
    for index, words in ((1, "b"), (0, "a"), (1, "B")):
        builder.add({"id": "c", "choices": [{"index": index, "delta": {"content": words}}]})
    builder.add({"choices": [{"index": 1, "finish_reason": "length"}], "model": "m"})

    message = builder.message()

    assert (message.id, message.model, message.text, message.stop_reason) == ("c", "m", "a", None)
    [other] = message.alternatives
    assert (other.id, other.model, other.text, other.stop_reason) == ("c", "m", "bB", "length")


def test_sources_of_the_whole_answer_are_those_told_last() -> None:
    builder = ChatBuilder()
    for sources in (["u"], ["u", "v"]):
        choice = {"index": 0, "delta": {"content": "a"}}
        builder.add({"choices": [choice], "citations": sources})

    assert builder.message().parts == (Text("aa", ('"u"', '"v"')),)


def test_no_choice_is_an_empty_message() -> None:
    assert ChatBuilder().message() == Message()
