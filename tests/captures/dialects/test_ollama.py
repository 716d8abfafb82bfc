from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.ollama import OllamaDialect, recognises, whole_message
from captures.findings.ndjson import (
    LINE_NOT_JSON,
    LINES_AFTER_END,
    LINES_ARGUMENTS_INVALID,
    LINES_CUT_BY_LIMIT,
    LINES_ERROR,
    LINES_NO_END,
    LINES_NO_REASON,
    LINES_STOPPED,
)
from captures.findings.rule import Rule
from captures.message import Message, StreamError, Text, Thinking, ToolCall, Usage
from captures.ndjson import LineDecoder
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.ollama_stream import ERROR, HELLO, TOOL_USE, call, chat, end, generate, line
from tests.captures.strategies import payloads

GENERATE = [generate("a", thinking="b"), generate("", True, done_reason="stop", eval_count=3)]
LOADED = [chat("", True, done_reason="load")]


def folded(pieces: list[bytes]) -> OllamaDialect:
    dialect = OllamaDialect()
    fold(dialect, pieces, LineDecoder)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = OllamaDialect()
    _, complaints = fold(dialect, pieces, LineDecoder)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="chat"),
        pytest.param(TOOL_USE, id="thinking and a call that ends in stop"),
        pytest.param(GENERATE, id="generate"),
        pytest.param(LOADED, id="a model that is only loaded"),
        pytest.param([chat("x", True, done_reason="stop")], id="whole"),
    ],
)
def test_healthy_stream_raises_no_complaint_and_may_end(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).may_end


def test_events_say_what_they_are() -> None:
    pieces = [chat(), *TOOL_USE[:2], chat("x"), chat(), line(status="new"), end()]
    events, _ = fold(OllamaDialect(), pieces, LineDecoder)
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "line", "llama-made-up"),
        (EventKind.THINKING, "message.thinking", "Which city?"),
        (EventKind.TOOL, "message.tool_calls", '{"city":"Genève"}'),
        (EventKind.TEXT, "message.content", "x"),
        (EventKind.STRUCTURE, "line", ""),
        (EventKind.OTHER, "line", '{"status": "new"}'),
        (EventKind.TERMINAL, "done", "30 output tokens"),
    ]
    assert events[-1].stop_reason == "stop"


def test_the_end_beside_text_shows_both() -> None:
    [event], _ = fold(OllamaDialect(), [chat("x", True, done_reason="length")], LineDecoder)
    assert (event.kind, event.text, event.stop_reason) == (EventKind.TEXT, "x", "length")


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (LINES_ERROR, [HELLO[0], ERROR]),
        (LINES_NO_END, HELLO[:2]),
        (LINES_NO_END, []),
        (LINES_CUT_BY_LIMIT, [*HELLO[:2], end("length")]),
        (LINES_STOPPED, [*HELLO[:2], end("error")]),
        (LINES_AFTER_END, [*HELLO, chat("late")]),
        (LINES_AFTER_END, [*HELLO, HELLO[-1]]),
        (LINES_ARGUMENTS_INVALID, [call("f", '{"a'), end()]),
        (LINES_NO_REASON, [*HELLO[:2], end(None)]),
        (LINE_NOT_JSON, [HELLO[0], b"oops\n", *HELLO[1:]]),
        (LINE_NOT_JSON, [HELLO[0], b"[]\n", *HELLO[1:]]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_message_adds_up() -> None:
    dialect = folded([*TOOL_USE[:2], call("f", {}, id="call_2"), chat("x"), chat("y"), end()])
    assert dialect.message() == Message(
        model="llama-made-up",
        parts=(
            Thinking("Which city?"),
            ToolCall("", "weather", '{"city":"Genève"}', finished=True),
            ToolCall("call_2", "f", "{}", finished=True),
            Text("xy"),
        ),
        stop_reason="stop",
        usage=Usage(12, 30),
    )
    assert folded(GENERATE).message().parts == (Thinking("b"), Text("a"))


def test_an_error_ends_the_stream() -> None:
    dialect = folded([HELLO[0], ERROR])
    assert dialect.message().error == StreamError("error", "model runner has unexpectedly stopped")
    assert (dialect.finished, dialect.position, dialect.missing) == (True, "after the error", ())


@pytest.mark.parametrize(
    ("pieces", "position", "missing"),
    [
        ([], "before the first event", ("done_reason", "usage", "done")),
        ([chat()], "before the first token", ("done_reason", "usage", "done")),
        (HELLO[:1], "in the text", ("done_reason", "usage", "done")),
        (TOOL_USE[:1], "in the thinking", ("done_reason", "usage", "done")),
        (TOOL_USE[:2], "after a tool call", ("done_reason", "usage", "done")),
        (HELLO, "after done", ()),
    ],
)
def test_it_knows_where_it_stands_and_what_is_due(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces)
    assert (dialect.position, dialect.missing) == (position, missing)


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (HELLO[0], True),
        (GENERATE[0], True),
        (ERROR, False),
        (line(status="pulling manifest"), False),
        (line(model="m", message={}, done="false"), False),
        (line(message={}, done=False), False),
        (b"oops\n", False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece], LineDecoder)[0]) is recognised


def test_whole_answer_is_read() -> None:
    whole = chat("x", True, done_reason="stop", prompt_eval_count=1, eval_count=2)
    assert whole_message(json.loads(whole)) == Message(
        model="llama-made-up", parts=(Text("x"),), stop_reason="stop", usage=Usage(1, 2)
    )
    assert whole_message(json.loads(HELLO[0])) is None


NAMES = st.sampled_from(
    ["model", "message", "content", "thinking", "tool_calls", "function", "arguments", "done"]
) | st.sampled_from(["response", "error", "done_reason", "eval_count", "id", "name"])
ANYTHING = st.recursive(
    payloads,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=5), max_size=4))
def test_any_payloads_fold(found: list[dict[str, object]]) -> None:
    dialect = folded([json.dumps(entry).encode() + b"\n" for entry in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
    for entry in found:
        whole_message(entry)
