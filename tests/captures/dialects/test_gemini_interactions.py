from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.gemini_interactions import (
    GeminiInteractionsDialect,
    recognises,
    whole_message,
)
from captures.findings.gemini_interactions import (
    INTERACTION_AFTER_END,
    INTERACTION_ARGUMENTS_INVALID,
    INTERACTION_CUT_BY_LIMIT,
    INTERACTION_STEP_NEVER_STARTED,
    INTERACTION_STOPPED,
)
from captures.findings.rule import Rule
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall, Usage
from tests.captures.answer_streams import (
    INTERACTION,
    INTERACTION_CALL,
    data,
    interaction,
    interaction_end,
    typed,
)
from tests.captures.dialects.folding import fold, frames, rules

USAGE = Usage(12, 30, thinking_tokens=5)


def folded(pieces: list[bytes]) -> GeminiInteractionsDialect:
    dialect = GeminiInteractionsDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = GeminiInteractionsDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


def delta(index: int, type_: str, **fields: object) -> bytes:
    return interaction("step.delta", index=index, delta={"type": type_, **fields})


def test_events_say_what_they_are() -> None:
    events, _ = fold(GeminiInteractionsDialect(), INTERACTION)
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "interaction.created", "gemini-made-up"),
        (EventKind.STRUCTURE, "interaction.status_update", "in_progress"),
        (EventKind.STRUCTURE, "step.start", "thought"),
        (EventKind.THINKING, "step.delta", "Hm."),
        (EventKind.STRUCTURE, "step.delta", "thought_signature"),
        (EventKind.STRUCTURE, "step.stop", ""),
        (EventKind.STRUCTURE, "step.start", "model_output"),
        (EventKind.TEXT, "step.delta", "Hello, "),
        (EventKind.TEXT, "step.delta", "wörld 👋"),
        (EventKind.STRUCTURE, "step.stop", ""),
        (EventKind.TERMINAL, "interaction.completed", "30 output tokens"),
        (EventKind.TERMINAL, "[DONE]", ""),
    ]


def test_message_adds_up() -> None:
    assert folded(INTERACTION).message() == Message(
        id="v1_1",
        model="gemini-made-up",
        parts=(Thinking("Hm."), Text("Hello, wörld 👋")),
        stop_reason="completed",
        usage=USAGE,
    )
    assert folded(INTERACTION_CALL).message().parts == (
        ToolCall("f1", "weather", '{"city": "Genève"}', finished=True),
    )


def test_the_preview_of_the_protocol_is_read_too() -> None:
    pieces = [
        interaction("interaction.start", interaction={"id": "v1_1"}),
        interaction("content.start", index=0, content={"type": "text"}),
        interaction("content.delta", index=0, delta={"type": "text", "text": "Hello"}),
        interaction("content.stop", index=0),
        interaction("content.start", index=1, content={"type": "function_call"}),
        interaction(
            "content.delta",
            index=1,
            delta={"type": "function_call", "id": "f1", "name": "f", "arguments": {"a": 1}},
        ),
        interaction("interaction.complete", interaction={"status": "requires_action"}),
    ]
    assert all_rules(pieces) == []
    assert folded(pieces).message().parts == (
        Text("Hello"),
        ToolCall("f1", "f", '{"a":1}', finished=True),
    )


def test_a_step_that_comes_whole_is_another_part() -> None:
    pieces = [
        INTERACTION[0],
        interaction("step.start", index=0, step={"type": "google_search_call", "id": "s1"}),
        delta(0, "google_search_call", arguments={"queries": ["a"]}),
        interaction("step.start", index=1, step={"type": "model_output"}),
        delta(1, "image", data="a"),
        delta(1, "image", data="b"),
    ]
    search, *images = folded(pieces).message().parts
    assert search == OtherPart(
        "google_search_call",
        '{"type":"google_search_call","id":"s1","arguments":{"queries":["a"]}}',
    )
    assert images == [
        OtherPart("image", '{"type":"image","data":"a"}'),
        OtherPart("image", '{"type":"image","data":"b"}'),
    ]


def test_annotations_are_the_citations_of_their_text() -> None:
    pieces = [*INTERACTION[:9], delta(1, "text_annotation_delta", annotations=[{"url": "u"}])]
    assert folded(pieces).message().parts[1] == Text("Hello, wörld 👋", ('{"url":"u"}',))


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (INTERACTION_CUT_BY_LIMIT, [*INTERACTION[:-2], interaction_end("incomplete")]),
        (INTERACTION_CUT_BY_LIMIT, [*INTERACTION[:-2], interaction_end("budget_exceeded")]),
        (INTERACTION_STOPPED, [*INTERACTION[:-2], interaction_end("cancelled")]),
        (INTERACTION_AFTER_END, [*INTERACTION, *INTERACTION]),
        (INTERACTION_ARGUMENTS_INVALID, [*INTERACTION_CALL[:4], *INTERACTION_CALL[5:]]),
        (INTERACTION_STEP_NEVER_STARTED, [*INTERACTION[:6], *INTERACTION[7:]]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_a_resumed_stream_begins_in_the_middle() -> None:
    assert all_rules(INTERACTION[8:]) == []
    assert recognises(frames(INTERACTION[8:])[0])


def test_error_is_the_error_of_the_stream() -> None:
    piece = interaction("error", error={"code": "internal", "message": "m"})
    assert folded([*INTERACTION[:4], piece]).message().error == StreamError("internal", "m")


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (INTERACTION[0], True),
        (interaction("content.start", index=0), True),
        (typed("interaction.created"), False),
        (data(event_type="error"), False),
        (INTERACTION[-1], False),
    ],
)
def test_it_is_recognised_by_its_event_type(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


def test_whole_interaction_is_read() -> None:
    text = {"type": "text", "text": "a", "annotations": [{"url": "u"}]}
    payload = {
        "object": "interaction",
        "id": "v1_1",
        "model": "m",
        "status": "requires_action",
        "steps": [
            {"type": "thought", "summary": [{"type": "text", "text": "Hm."}]},
            {"type": "model_output", "content": [text, {"type": "image", "data": "x"}]},
            {"type": "function_call", "id": "f1", "name": "f", "arguments": {"a": 1}},
        ],
        "usage": {"total_input_tokens": 1, "total_output_tokens": 2},
    }
    assert whole_message(payload) == Message(
        id="v1_1",
        model="m",
        parts=(
            Thinking("Hm."),
            Text("a", ('{"url":"u"}',)),
            OtherPart("image", '{"type":"image","data":"x"}'),
            ToolCall("f1", "f", '{"a":1}', finished=True),
        ),
        stop_reason="requires_action",
        usage=Usage(1, 2),
    )


def test_whole_interaction_of_the_preview_or_one_that_failed_is_read() -> None:
    preview = {"id": "v1_1", "status": "completed", "outputs": [{"type": "text", "text": "a"}]}
    assert whole_message(preview) == Message("v1_1", parts=(Text("a"),), stop_reason="completed")
    failed = {"object": "interaction", "status": "failed", "error": {"code": 13, "message": "m"}}
    assert whole_message(failed) == Message(stop_reason="failed", error=StreamError("13", "m"))
    assert whole_message({"status": "completed", "output": []}) is None
