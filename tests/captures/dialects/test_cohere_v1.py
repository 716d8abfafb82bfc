from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.cohere_v1 import CohereV1Dialect, recognises, whole_message
from captures.findings.cohere import (
    COHERE_AFTER_END,
    COHERE_ARGUMENTS_INVALID,
    COHERE_CUT_BY_LIMIT,
    COHERE_ERROR,
    COHERE_NO_END,
    COHERE_STOPPED,
)
from captures.findings.ndjson import LINE_NOT_JSON
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, StreamError, Text, Thinking, ToolCall, Usage
from captures.ndjson import LineDecoder
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.ollama_stream import line
from tests.captures.strategies import payloads

TOKENS = {"meta": {"tokens": {"input_tokens": 12, "output_tokens": 30}}}


def event(type_: str, **fields: Any) -> bytes:
    return line(is_finished=type_ == "stream-end", event_type=type_, **fields)


def end(reason: str = "COMPLETE", **fields: Any) -> bytes:
    return event("stream-end", finish_reason=reason, response=TOKENS, **fields)


START = event("stream-start", generation_id="g1")
HELLO = [START, event("text-generation", text="Hello, "), event("text-generation", text="x"), end()]
CALLS = [
    START,
    event("tool-calls-chunk", text="Which city?"),
    event("tool-calls-chunk", tool_call_delta={"index": 0, "name": "weather"}),
    event("tool-calls-chunk", tool_call_delta={"index": 0, "parameters": '{"city": "Gen'}),
    event("tool-calls-chunk", tool_call_delta={"index": 0, "parameters": 'ève"}'}),
    event(
        "tool-calls-generation", tool_calls=[{"name": "weather", "parameters": {"city": "Genève"}}]
    ),
    end(),
]
GENERATE = [
    line(is_finished=False, text="a"),
    line(is_finished=True, finish_reason="COMPLETE", response={"text": "a"}),
]


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = CohereV1Dialect()
    _, complaints = fold(dialect, pieces, LineDecoder)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize("pieces", [HELLO, CALLS, GENERATE])
def test_healthy_stream_raises_no_complaint(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []


def test_events_say_what_they_are() -> None:
    pieces = [*CALLS[:3], *CALLS[3:4], event("search-results", documents=[]), CALLS[5], *HELLO[1:2]]
    events, _ = fold(CohereV1Dialect(), [*pieces, event("new"), HELLO[-1]], LineDecoder)
    assert [(event.kind, event.type, event.text) for event in events][:-2] == [
        (EventKind.START, "stream-start", ""),
        (EventKind.THINKING, "tool-calls-chunk", "Which city?"),
        (EventKind.STRUCTURE, "tool-calls-chunk", "weather"),
        (EventKind.TOOL, "tool-calls-chunk", '{"city": "Gen'),
        (EventKind.STRUCTURE, "search-results", ""),
        (EventKind.STRUCTURE, "tool-calls-generation", "weather"),
        (EventKind.TEXT, "text-generation", "Hello, "),
    ]
    assert (events[-2].kind, events[-2].type) == (EventKind.OTHER, "new")
    assert (events[-1].kind, events[-1].stop_reason) == (EventKind.TERMINAL, "COMPLETE")


def test_message_adds_up() -> None:
    dialect = CohereV1Dialect()
    citation = event("citation-generation", citations=[{"start": 0, "end": 5}])
    fold(dialect, [*CALLS[:-1], *HELLO[1:3], citation, end()], LineDecoder)
    assert dialect.message() == Message(
        id="g1",
        parts=(
            Thinking("Which city?"),
            ToolCall("", "weather", '{"city": "Genève"}', finished=True),
            Text("Hello, x", ('{"start":0,"end":5}',)),
        ),
        stop_reason="COMPLETE",
        usage=Usage(12, 30),
    )


def test_whole_calls_need_no_pieces() -> None:
    dialect = CohereV1Dialect()
    fold(dialect, CALLS[5:], LineDecoder)
    assert dialect.message().parts == (ToolCall("", "weather", '{"city":"Genève"}', finished=True),)


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (COHERE_ERROR, [HELLO[0], line(message="invalid api token")]),
        (COHERE_ERROR, [*HELLO[:2], end("ERROR", error="internal")]),
        (COHERE_NO_END, HELLO[:3]),
        (COHERE_NO_END, [*HELLO[:2], *HELLO]),
        (COHERE_CUT_BY_LIMIT, [*HELLO[:3], end("MAX_TOKENS")]),
        (COHERE_STOPPED, [*HELLO[:3], end("ERROR_TOXIC")]),
        (COHERE_AFTER_END, [*HELLO, HELLO[1]]),
        (COHERE_AFTER_END, [*HELLO, *HELLO]),
        (COHERE_ARGUMENTS_INVALID, [*CALLS[:4], end()]),
        (LINE_NOT_JSON, [HELLO[0], b"oops\n", *HELLO[1:]]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_it_comes_as_an_event_stream_too() -> None:
    dialect = CohereV1Dialect()
    pieces = [b"data: " + piece + b"\n" for piece in [*HELLO, b"oops\n"]]
    _, complaints = fold(dialect, pieces)
    assert dialect.message().text == "Hello, x"
    assert DATA_NOT_JSON in rules(complaints)


def test_two_answers_are_kept_apart() -> None:
    dialect = CohereV1Dialect()
    fold(dialect, [*HELLO[:2], *HELLO], LineDecoder)
    assert [message.text for message in dialect.earlier] == ["Hello, "]
    assert dialect.message().text == "Hello, x"


def test_an_error_stands_in_the_message() -> None:
    dialect = CohereV1Dialect()
    fold(dialect, [line(message="invalid api token")], LineDecoder)
    assert dialect.message().error == StreamError("error", "invalid api token")


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (START, True),
        (GENERATE[0], True),
        (line(event_type="interaction.created", is_finished=False), False),
        (line(event_type="stream-start"), False),
        (b"oops\n", False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece], LineDecoder)[0]) is recognised


def test_whole_answer_is_read() -> None:
    answer = {
        "generation_id": "g1",
        "text": "Hello",
        "finish_reason": "COMPLETE",
        "citations": [{"start": 0}],
        "tool_calls": [{"name": "f", "parameters": {}}],
        **TOKENS,
    }
    assert whole_message(answer) == Message(
        id="g1",
        parts=(Text("Hello", ('{"start":0}',)), ToolCall("", "f", "{}", finished=True)),
        stop_reason="COMPLETE",
        usage=Usage(12, 30),
    )
    assert whole_message({"text": "x"}) is None


NAMES = st.sampled_from(["event_type", "text", "tool_call_delta", "tool_calls", "index", "name"])
NAMES |= st.sampled_from(["parameters", "citations", "response", "meta", "error", "is_finished"])
TYPES = st.sampled_from(["stream-start", "tool-calls-chunk", "tool-calls-generation", "stream-end"])
ANYTHING = st.recursive(
    payloads | TYPES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=5), max_size=4))
def test_any_payloads_fold(found: list[dict[str, object]]) -> None:
    dialect = CohereV1Dialect()
    fold(dialect, [json.dumps(entry).encode() + b"\n" for entry in found], LineDecoder)
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
    for entry in found:
        whole_message(entry)
