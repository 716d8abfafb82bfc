from __future__ import annotations

from typing import Any

import pytest

from captures.dialects.base import EventKind
from captures.dialects.openai_chat_choice import Choice
from captures.dialects.openai_chat_chunk import ChunkContent
from captures.message import OtherPart, Part, Refusal, Text, Thinking, ToolCall


def built(*deltas: dict[str, Any]) -> tuple[Part, ...]:
    choice = Choice()
    for delta in deltas:
        choice.add({"delta": delta}, ChunkContent())
    return choice.parts()


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
    assert built(*deltas) == parts


DETAIL = {"type": "reasoning.text", "text": "hm", "signature": None, "index": 0}
SIGNED = {"type": "reasoning.text", "text": "", "signature": "EqQB", "index": 0}
SEALED = {"type": "reasoning.encrypted", "data": "gAAA", "index": 0}
SOURCE = {"type": "url_citation", "url_citation": {"url": "u"}}


@pytest.mark.parametrize(
    ("deltas", "parts"),
    [
        pytest.param(
            [{"reasoning": "hm", "reasoning_details": [DETAIL]}],
            (Thinking("hm"),),
            id="details that repeat the text",
        ),
        pytest.param([{"reasoning_details": [DETAIL]}], (Thinking("hm"),), id="details alone"),
        pytest.param(
            [{"reasoning_details": [{"type": "reasoning.summary", "summary": "in short"}]}],
            (Thinking("in short"),),
            id="a summary",
        ),
        pytest.param(
            [{"reasoning_details": [DETAIL]}, {"reasoning_details": [SIGNED]}],
            (Thinking("hm", "EqQB"),),
            id="a signature behind the text",
        ),
        pytest.param(
            [{"reasoning_details": [SEALED]}],
            (
                OtherPart(
                    "reasoning.encrypted",
                    '{"type":"reasoning.encrypted","data":"gAAA","index":0}',
                ),
            ),
            id="sealed reasoning",
        ),
        pytest.param(
            [{"annotations": [SOURCE]}, {"content": "a"}, {"annotations": [SOURCE]}],
            (Text("a", ('{"type":"url_citation","url_citation":{"url":"u"}}',) * 2),),
            id="sources before and behind the text",
        ),
        pytest.param(
            [
                {"executed_tools": [{"index": 0, "type": "python"}]},
                {"executed_tools": [{"index": 0, "type": "python", "output": "10"}]},
                {"images": [{"type": "image_url"}, {"type": "image_url"}]},
            ],
            (
                OtherPart("executed_tools", '{"index":0,"type":"python","output":"10"}'),
                OtherPart("images", '{"type":"image_url"}'),
                OtherPart("images", '{"type":"image_url"}'),
            ),
            id="parts that come whole, one of them twice",
        ),
        pytest.param(
            [{"reasoning_encrypted": False, "graph_data": {}, "token_id": 5, "p": "abc"}],
            (),
            id="what vendors add besides",
        ),
    ],
)
def test_vendors_fields_become_parts(
    deltas: list[dict[str, Any]], parts: tuple[object, ...]
) -> None:
    assert built(*deltas) == parts


def test_last_finish_reason_that_is_not_null_stands() -> None:
    choice = Choice()
    for reason in (None, "tool_calls", None, "", 5):
        choice.add({"finish_reason": reason}, ChunkContent())

    assert choice.finish_reason == "tool_calls"


def test_deltas_say_where_they_stood() -> None:
    content = ChunkContent()
    Choice().add({"delta": {"reasoning": "a", "content": "b", "refusal": "c"}}, content)

    assert [(delta.kind, delta.name, delta.text) for delta in content.deltas] == [
        (EventKind.THINKING, "delta.reasoning", "a"),
        (EventKind.TEXT, "delta.content", "b"),
        (EventKind.TEXT, "delta.refusal", "c"),
    ]
