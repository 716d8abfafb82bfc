from __future__ import annotations

from typing import Any

import pytest

from captures.dialects.openai_chat_calls import Calls
from captures.dialects.openai_chat_chunk import ChunkContent
from captures.findings.openai_chat import (
    CHAT_ARGUMENTS_NOT_TEXT,
    CHAT_CALL_INDEX_JUMPS,
    CHAT_CALL_WITHOUT_INDEX,
    CHAT_SECOND_CALL_ON_INDEX,
)
from captures.findings.rule import Rule


def fragment(arguments: Any, name: str | None = None, **fields: Any) -> dict[str, Any]:
    return {**fields, "function": {"name": name, "arguments": arguments}}


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
    found = Calls()
    for piece in fragments:
        found.add(piece, ChunkContent(), "delta.tool_calls")

    parts = [call.part(finished=True) for call in found.all]
    assert [(part.id, part.name, part.arguments) for part in parts] == calls


@pytest.mark.parametrize(
    ("fragments", "wrong"),
    [
        ([fragment("{}", "f", id="a")], [(CHAT_CALL_WITHOUT_INDEX, "f")]),
        (
            [fragment("{}", "f", index=0, id="a"), fragment("{}", "g", index=0, id="b")],
            [(CHAT_SECOND_CALL_ON_INDEX, "g under the index of f")],
        ),
        ([fragment(None, "f", index=0)], [(CHAT_ARGUMENTS_NOT_TEXT, "arguments of type null")]),
        ([fragment({}, "f", index=0)], [(CHAT_ARGUMENTS_NOT_TEXT, "arguments of type dict")]),
        ([fragment("", "f", index=2)], [(CHAT_CALL_INDEX_JUMPS, "index 2 where 0 is due")]),
        ([{"index": 0, "function": {"name": "f"}}, fragment("{}", index=0)], []),
        ([{"index": 0, "custom": {"name": "f", "input": "free text"}}], []),
    ],
)
def test_fragments_that_are_numbered_otherwise_are_told(
    fragments: list[dict[str, Any]], wrong: list[tuple[Rule, str]]
) -> None:
    calls, content = Calls(), ChunkContent()
    for piece in fragments:
        calls.add(piece, content, "delta.tool_calls")

    assert content.wrong == wrong


def test_every_call_of_many_is_found() -> None:
    calls, content = Calls(), ChunkContent()
    for number in range(20_000):
        calls.add(fragment("{}", "f", index=number, id=f"call_{number}"), content, "tool_calls")
        calls.add(fragment("{}", id=f"call_{number}"), content, "tool_calls")

    assert len(calls.all) == 20_000
    assert calls.all[-1].part(finished=True).arguments == "{}{}"
