from __future__ import annotations

from typing import Any

import pytest

from captures.dialects.openai_chat_message import ChatBuilder, whole_message
from captures.message import (
    Message,
    OtherPart,
    Refusal,
    StreamError,
    Text,
    Thinking,
    ToolCall,
    Usage,
)


def built(*deltas: dict[str, Any]) -> Message:
    builder = ChatBuilder()
    for delta in deltas:
        builder.add({"choices": [{"index": 0, "delta": delta}]})
    return builder.message()


def fragment(arguments: Any, name: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"tool_calls": [{**fields, "function": {"name": name, "arguments": arguments}}]}


@pytest.mark.parametrize(
    ("deltas", "parts"),
    [
        ([{"content": "a"}, {"content": None}, {"content": "b"}], (Text("ab"),)),
        ([{"reasoning_content": "a"}, {"content": "b"}], (Thinking("a"), Text("b"))),
        ([{"reasoning": "a"}, {"reasoning_content": "b"}], (Thinking("ab"),)),
        ([{"reasoning": "a", "reasoning_content": "a"}], (Thinking("a"),)),
        ([{"refusal": "I "}, {"refusal": "won't"}], (Refusal("I won't"),)),
        ([{"audio": {"transcript": "Hi"}}], (OtherPart("audio", '"Hi"'),)),
        (
            [
                {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
                {"content": [{"type": "text", "text": "a"}]},
                {"content": "b"},
                {"content": [{"type": "image_url", "url": "u"}]},
            ],
            (
                Thinking("hm"),
                Text("ab"),
                OtherPart("image_url", '{"type":"image_url","url":"u"}'),
            ),
        ),
        (
            [
                {"function_call": {"name": "f", "arguments": "{"}},
                {"function_call": {"arguments": "}"}},
            ],
            (ToolCall("", "f", "{}", finished=False),),
        ),
    ],
)
def test_deltas_become_parts(deltas: list[dict[str, Any]], parts: tuple[object, ...]) -> None:
    assert built(*deltas).parts == parts


@pytest.mark.parametrize(
    ("fragments", "calls"),
    [
        pytest.param(
            [fragment("{", "f", index=0, id="a"), fragment("}", index=0)],
            [("a", "f", "{}")],
            id="as documented",
        ),
        pytest.param(
            [
                fragment("{", "f", index=0, id="a"),
                fragment("[", "g", index=1, id="b"),
                fragment("}", index=0),
                fragment("]", index=1),
            ],
            [("a", "f", "{}"), ("b", "g", "[]")],
            id="two at once",
        ),
        pytest.param(
            [fragment("{", "f", id="a"), fragment("}"), fragment("{}", "g", id="b")],
            [("a", "f", "{}"), ("b", "g", "{}")],
            id="no index",
        ),
        pytest.param(
            [fragment("{}", "f", index=0, id="a"), fragment("{}", "g", index=0, id="b")],
            [("a", "f", "{}"), ("b", "g", "{}")],
            id="a second call under the same index",
        ),
        pytest.param(
            [fragment("{", "f", index=0, id="a"), fragment("}", "f", index=0, id="a")],
            [("a", "f", "{}")],
            id="id and name on every fragment",
        ),
        pytest.param(
            [fragment(None, "f", index=0, id="a"), fragment({"x": 1}, index=0)],
            [("a", "f", '{"x":1}')],
            id="arguments null and then an object",
        ),
    ],
)
def test_fragments_become_calls(
    fragments: list[dict[str, Any]], calls: list[tuple[str, str, str]]
) -> None:
    found = built(*fragments).parts
    assert [
        (part.id, part.name, part.arguments) for part in found if isinstance(part, ToolCall)
    ] == calls


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
