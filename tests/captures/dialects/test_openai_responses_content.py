from __future__ import annotations

import pytest

from captures.dialects.openai_responses import OpenAIResponsesDialect
from captures.findings.openai_responses import (
    RESPONSE_ARGUMENTS_INVALID,
    RESPONSE_CUT_BY_LIMIT,
    RESPONSE_EVENT_AGAIN,
    RESPONSE_INDEX_AGAIN,
    RESPONSE_ITEM_IS_DONE,
    RESPONSE_ITEM_NEVER_ADDED,
    RESPONSE_ITEM_NOT_DONE,
    RESPONSE_OUTPUT_DIFFERS,
    RESPONSE_PART_INDEX_JUMPS,
    RESPONSE_PART_NEVER_ADDED,
    RESPONSE_TEXT_DIFFERS,
    RESPONSE_TOOL_FAILED,
)
from captures.findings.rule import Rule
from captures.message import Text, ToolCall
from tests.captures.dialects.folding import fold, rules
from tests.captures.openai_responses_stream import (
    HELLO,
    TOOL_USE,
    added,
    created,
    delta,
    done,
    ended,
    event,
    numbered,
    part_added,
    stopped_by,
)

WORDS = "Hello, wörld 👋"
CALL = {"call_id": "call_1", "name": "weather"}
HALF = '{"city": "Gen'


def content(text: str) -> list[dict[str, object]]:
    return [{"type": "output_text", "text": text}]


def part_done(text: str) -> bytes:
    part = {"type": "output_text", "text": text}
    return event("response.content_part.done", output_index=0, content_index=0, part=part)


def item(number: int, text: str) -> dict[str, object]:
    return {"id": f"item_{number}", "type": "message", "content": content(text)}


def again(number: int) -> bytes:
    other = {"id": "item_9", "type": "function_call", "name": "time", "call_id": "call_9"}
    return event("response.output_item.added", output_index=number, item=other)


def again_done(number: int) -> bytes:
    other = {"id": "item_9", "type": "function_call", "name": "time", "arguments": "{}"}
    return event("response.output_item.done", output_index=number, item=other)


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = OpenAIResponsesDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        pytest.param(
            RESPONSE_ARGUMENTS_INVALID,
            [*TOOL_USE[:6], done(1, "function_call", arguments=HALF, **CALL), ended()],
            id="half the arguments",
        ),
        pytest.param(RESPONSE_ITEM_NEVER_ADDED, [HELLO[0], *HELLO[3:]], id="no item"),
        pytest.param(RESPONSE_PART_NEVER_ADDED, [*HELLO[:2], *HELLO[3:]], id="no content part"),
        pytest.param(
            RESPONSE_ITEM_IS_DONE, [*HELLO[:-1], HELLO[4], HELLO[4], HELLO[-1]], id="a late delta"
        ),
        pytest.param(RESPONSE_TEXT_DIFFERS, [*HELLO[:4], *HELLO[5:]], id="a delta was lost"),
        pytest.param(RESPONSE_TEXT_DIFFERS, [*HELLO[:4], *HELLO[3:]], id="a delta came twice"),
        pytest.param(
            RESPONSE_TEXT_DIFFERS,
            [*HELLO[:5], part_done("other"), done(0, "message", content=content("other")), ended()],
            id="another text in the part",
        ),
        pytest.param(
            RESPONSE_TEXT_DIFFERS,
            [*HELLO[:5], done(0, "message", content=content("other")), ended()],
            id="another text in the item",
        ),
        pytest.param(
            RESPONSE_TEXT_DIFFERS, [*TOOL_USE[:6], *TOOL_USE[7:]], id="a piece of the arguments"
        ),
        pytest.param(
            RESPONSE_OUTPUT_DIFFERS,
            [*HELLO[:-1], ended(output=[item(0, "other")])],
            id="another text at the end",
        ),
        pytest.param(
            RESPONSE_OUTPUT_DIFFERS,
            [*HELLO[:-1], ended(output=[item(0, WORDS), item(1, "more")])],
            id="an item that was never streamed",
        ),
        pytest.param(
            RESPONSE_OUTPUT_DIFFERS,
            [created(), ended(output=[item(0, WORDS)])],
            id="nothing was streamed",
        ),
        pytest.param(
            RESPONSE_OUTPUT_DIFFERS,
            [*TOOL_USE[:-1], ended(output=[{"id": "item_1", "type": "function_call", **CALL}])],
            id="an item is left out",
        ),
        pytest.param(RESPONSE_ITEM_NOT_DONE, [*HELLO[:6], HELLO[7]], id="no output_item.done"),
        pytest.param(RESPONSE_EVENT_AGAIN, [*HELLO[:2], *HELLO[1:]], id="an item added twice"),
        pytest.param(
            RESPONSE_INDEX_AGAIN,
            [*TOOL_USE[:-1], again(1), again_done(1), ended()],
            id="an index for two items",
        ),
        pytest.param(
            RESPONSE_TOOL_FAILED,
            [
                created(),
                added(0, "mcp_call", name="search", arguments=""),
                event("response.mcp_call.failed", output_index=0, item_id="item_0"),
                done(0, "mcp_call", name="search", arguments="{}", error="refused"),
                ended(),
            ],
            id="a tool of the server",
        ),
        pytest.param(
            RESPONSE_PART_INDEX_JUMPS,
            [
                *HELLO[:2],
                part_added(0, 1),
                delta("output_text", 0, "a", content_index=1),
                done(0, "message", content=content("a")),
                ended(),
            ],
            id="a part is numbered 1 first",
        ),
        pytest.param(
            RESPONSE_CUT_BY_LIMIT,
            [*HELLO[:5], stopped_by("max_output_tokens")[-1]],
            id="an item left open at the limit",
        ),
    ],
)
def test_one_cause_is_one_finding(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([*HELLO[:-1], ended(output=[item(0, WORDS)])], id="the same at the end"),
        pytest.param([*HELLO[:3], *HELLO[5:]], id="no delta at all"),
        pytest.param([*HELLO[:6], part_done(WORDS), *HELLO[6:]], id="the same in the part"),
        pytest.param([*HELLO[:5], *HELLO[6:]], id="no output_text.done"),
        pytest.param(
            [created(), done(0, "message", content=content("a")), ended()], id="done alone"
        ),
        pytest.param(
            numbered([*HELLO[3:-1], ended(output=[item(0, "more " + WORDS)])], start=7),
            id="resumed behind the first words",
        ),
    ],
)
def test_what_fits_is_healthy(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []


def test_whole_text_stands_where_the_deltas_differ() -> None:
    dialect = OpenAIResponsesDialect()
    fold(dialect, [*HELLO[:4], *HELLO[5:]])

    assert dialect.message().parts == (Text(WORDS),)


def test_items_under_one_index_are_both_kept() -> None:
    dialect = OpenAIResponsesDialect()
    fold(dialect, [*TOOL_USE[:-1], again(1), again_done(1), ended()])

    calls = [part for part in dialect.message().parts if isinstance(part, ToolCall)]
    assert [(call.name, call.arguments) for call in calls] == [
        ("weather", '{"city": "Genève"}'),
        ("time", "{}"),
    ]


def test_sources_stand_beside_their_text() -> None:
    dialect = OpenAIResponsesDialect()
    annotation = {"type": "url_citation", "url": "u"}
    added_ = event(
        "response.output_text.annotation.added",
        output_index=0,
        content_index=0,
        annotation=annotation,
    )
    fold(dialect, [*HELLO[:5], added_])

    assert dialect.message().parts == (Text(WORDS, ('{"type":"url_citation","url":"u"}',)),)
    fold(dialect, [part_added(0, 1), delta("output_text", 0, "more", content_index=1)])
    assert dialect.message().parts[1:] == (Text("more"),)
