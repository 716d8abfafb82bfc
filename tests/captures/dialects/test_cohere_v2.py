from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.cohere_v2 import CohereDialect, recognises, whole_message
from captures.message import Message, Text, Thinking, ToolCall, Usage
from tests.captures.answer_streams import COHERE, COHERE_CALL, cohere, data, typed
from tests.captures.dialects.folding import fold, frames


def test_events_say_what_they_are() -> None:
    events, _ = fold(CohereDialect(), [*COHERE_CALL[:-1], COHERE[4]])
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "message-start", ""),
        (EventKind.THINKING, "tool-plan-delta", "Which city?"),
        (EventKind.STRUCTURE, "tool-call-start", "weather"),
        (EventKind.TOOL, "tool-call-delta", '{"city": "Gen'),
        (EventKind.TOOL, "tool-call-delta", 'ève"}'),
        (EventKind.STRUCTURE, "tool-call-end", ""),
        (EventKind.TERMINAL, "message-end", "30 output tokens"),
        (EventKind.STRUCTURE, "citation-start", ""),
    ]


def test_message_adds_up() -> None:
    dialect = CohereDialect()
    fold(dialect, COHERE_CALL)
    assert dialect.message() == Message(
        id="c1",
        parts=(
            Thinking("Which city?"),
            ToolCall("t1", "weather", '{"city": "Genève"}', finished=True),
        ),
        stop_reason="TOOL_CALL",
        usage=Usage(12, 30, cache_read_tokens=4),
    )


def test_a_citation_stands_with_its_text() -> None:
    dialect = CohereDialect()
    fold(dialect, COHERE)
    [part] = dialect.message().parts
    assert isinstance(part, Text)
    assert part.citations == ('{"start":0,"end":5,"text":"Hello","sources":[]}',)


def test_reasoning_is_thinking() -> None:
    dialect = CohereDialect()
    pieces = [
        cohere("content-start", 0, content={"type": "thinking", "thinking": ""}),
        cohere("content-delta", 0, content={"thinking": "Hm."}),
        cohere("content-delta", 1, content={"text": "Yes."}),
    ]
    fold(dialect, pieces)
    assert dialect.message().parts == (Thinking("Hm."), Text("Yes."))


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (COHERE[0], True),
        (COHERE[2], True),
        (typed("message_start"), False),
        (data(type=["message-start"]), False),
        (b"data: [DONE]\n\n", False),
    ],
)
def test_it_is_recognised_by_its_type(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


def test_whole_answer_is_read() -> None:
    payload = {
        "id": "c1",
        "finish_reason": "TOOL_CALL",
        "message": {
            "role": "assistant",
            "tool_plan": "Which city?",
            "content": [{"type": "text", "text": "Hello"}],
            "citations": [{"start": 0, "end": 5}],
            "tool_calls": [{"id": "t1", "function": {"name": "weather", "arguments": "{}"}}],
        },
        "usage": {"billed_units": {"input_tokens": 1, "output_tokens": 2}},
    }
    assert whole_message(payload) == Message(
        id="c1",
        parts=(
            Thinking("Which city?"),
            Text("Hello", ('{"start":0,"end":5}',)),
            ToolCall("t1", "weather", "{}", finished=True),
        ),
        stop_reason="TOOL_CALL",
        usage=Usage(1, 2),
    )
    assert whole_message({"message": {"role": "assistant"}}) is None
    assert whole_message({"message": "text"}) is None
