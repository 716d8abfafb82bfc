from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from captures.dialects.openai_responses_items import DONE_FIELDS, Item, item_of
from captures.message import OtherPart, Part, Refusal, Text, Thinking, ToolCall
from tests.captures.strategies import payloads


def whole(fields: dict[str, Any]) -> Item:
    item = Item("unknown", finished=True)
    item.take(fields)
    return item


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
    assert tuple(whole(item).parts()) == parts


def test_streamed_text_that_differs_gives_way_to_the_whole() -> None:
    item = item_of("output_text")
    item.add("output_text", 0, "streamed")

    assert item.settle("output_text", 0, "streamed") == ""
    assert item.settle("output_text", 0, "other") == (
        "output_text: 8 characters were streamed, the whole has 5"
    )
    assert item.parts() == [Text("other")]


def test_empty_whole_text_does_not_erase_what_was_streamed() -> None:
    item = item_of("function_call_arguments")
    item.add("function_call_arguments", 0, "{}")

    assert item.take({"type": "function_call", "arguments": ""}) == [
        "function_call_arguments: 2 characters were streamed, the whole has 0"
    ]
    assert item.call().arguments == "{}"


def test_text_of_which_nothing_was_streamed_is_taken_without_a_word() -> None:
    item = Item("message")
    item.take({"type": "message", "content": []})

    assert item.take({"type": "message", "content": [{"type": "output_text", "text": "a"}]}) == []
    assert item.take_part(1, {"type": "refusal", "refusal": "no"}) == ""
    assert item.parts() == [Text("a"), Refusal("no")]


def test_vendors_may_number_streamed_content_otherwise_than_they_list_it() -> None:
    item = item_of("reasoning_text")
    item.add("reasoning_text", 5, "hm")

    assert (
        item.take({"type": "reasoning", "content": [{"type": "reasoning_text", "text": "hm"}]})
        == []
    )
    assert item.parts() == [Thinking("hm")]


def test_sources_of_the_whole_part_take_the_place_of_those_before() -> None:
    item = item_of("output_text")
    item.add("output_text", 0, "a")
    item.citations[0] = ["{}"]
    item.take_part(0, {"type": "output_text", "text": "a", "annotations": [{"url": "u"}] * 2})

    assert item.parts() == [Text("a", ('{"url":"u"}',) * 2)]


@pytest.mark.parametrize(
    ("family", "fields", "content"),
    [
        (
            "code_interpreter_call_code",
            {"type": "code_interpreter_call", "code": ""},
            {"code": "1+1"},
        ),
        (
            "apply_patch_call_operation_diff",
            {"type": "apply_patch_call", "operation": {"diff": ""}},
            {"operation": {"diff": ""}, "diff": "1+1"},
        ),
        (
            "shell_call_command",
            {"type": "shell_call", "action": {"commands": []}},
            {"action": {"commands": []}, "command": "1+1"},
        ),
    ],
)
def test_unfinished_item_shows_what_was_streamed_of_it(
    family: str, fields: dict[str, Any], content: dict[str, Any]
) -> None:
    item = Item("unknown")
    item.take(fields)
    for piece in ("1+", "1"):
        item.add(family, 0, piece)

    [part] = item.parts()
    assert isinstance(part, OtherPart)
    assert json.loads(part.content) == {"type": fields["type"], **content}


@pytest.mark.parametrize(
    ("family", "fields"),
    [
        ("code_interpreter_call_code", {"type": "code_interpreter_call", "code": "other"}),
        (
            "apply_patch_call_operation_diff",
            {"type": "apply_patch_call", "operation": {"diff": "other"}},
        ),
        ("shell_call_command", {"type": "shell_call", "action": {"commands": ["other"]}}),
    ],
)
def test_what_else_is_streamed_is_compared_too(family: str, fields: dict[str, Any]) -> None:
    item = item_of(family)
    assert item.type == fields["type"]
    item.add(family, 0, "1+1")

    assert item.take(fields) == [f"{family}: 3 characters were streamed, the whole has 5"]


def test_image_is_told_by_its_size() -> None:
    item = whole({"type": "image_generation_call", "result": "A" * 5000, "status": "completed"})

    [part] = item.parts()
    assert isinstance(part, OtherPart)
    assert json.loads(part.content)["result"] == "5,000 characters of base64, see the event"


def test_result_of_an_mcp_call_stands_behind_it() -> None:
    item = whole({"type": "mcp_call", "id": "m", "name": "f", "arguments": "{}", "output": "found"})

    assert item.parts() == [
        ToolCall("m", "f", "{}", finished=True),
        OtherPart("mcp_call output", '{"output":"found"}'),
    ]


def test_sealed_reasoning_is_shown_as_it_is() -> None:
    sealed = {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}

    assert [type(part) for part in whole(sealed).parts()] == [OtherPart]
    assert whole({"type": "reasoning", "summary": []}).parts() == []


@pytest.mark.parametrize("family", DONE_FIELDS)
def test_every_family_of_texts_tells_its_item(family: str) -> None:
    assert item_of(family).type not in {"unknown", family}


@given(payloads)
def test_any_fields_are_taken(found: Any) -> None:
    for type_ in ("message", "reasoning", "function_call", "shell_call", "apply_patch_call", "x"):
        fields = dict.fromkeys(("content", "summary", "arguments", "action", "operation"), found)
        item = whole({"type": type_, **fields})
        item.take_part(0, {"type": "output_text", "text": found, "annotations": found})
        item.parts()
