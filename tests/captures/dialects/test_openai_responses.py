from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.openai_responses import OpenAIResponsesDialect, recognises
from captures.findings.openai_responses import (
    RESPONSE_AFTER_END,
    RESPONSE_ARGUMENTS_INVALID,
    RESPONSE_ERROR,
    RESPONSE_ITEM_NEVER_ADDED,
    RESPONSE_NO_END,
    RESPONSE_SEQUENCE_GAP,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import StreamError, Text
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.openai_chat_stream import DONE, data
from tests.captures.openai_responses_stream import (
    HELLO,
    TOOL_USE,
    added,
    delta,
    ended,
    error,
    event,
    numbered,
    stopped_by,
)
from tests.captures.strategies import payloads

FLAT_ERROR = event("error", sequence_number=0, code="rate_limit", message="Slow down")
FAILED = ended("failed", error={"code": "server_error", "message": "Overloaded"})
UNNAMED = [piece[piece.index(b"\n") + 1 :] for piece in HELLO]


def folded(pieces: list[bytes]) -> OpenAIResponsesDialect:
    dialect = OpenAIResponsesDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = OpenAIResponsesDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(TOOL_USE, id="a function call"),
        pytest.param(numbered(HELLO), id="sequence numbers"),
        pytest.param(numbered(HELLO[3:], start=7), id="resumed in the middle"),
        pytest.param([*UNNAMED, DONE], id="without event names and with [DONE]"),
        pytest.param([*HELLO[:4], event("response.new.thing"), *HELLO[4:]], id="an unknown event"),
        pytest.param([*HELLO[:1], event("codex.rate_limits"), *HELLO[1:]], id="another's event"),
    ],
)
def test_healthy_stream_raises_no_complaint(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).finished
    assert folded(pieces).missing == ()


def test_events_say_what_they_are() -> None:
    events, _ = fold(OpenAIResponsesDialect(), [*TOOL_USE[:-1], *HELLO[3:4], TOOL_USE[-1]])

    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "response.created", "gpt-made-up"),
        (EventKind.STRUCTURE, "output_item.added", "reasoning"),
        (EventKind.THINKING, "reasoning_summary_text.delta", "Which city?"),
        (EventKind.STRUCTURE, "output_item.done", "reasoning"),
        (EventKind.STRUCTURE, "output_item.added", "function_call weather"),
        (EventKind.TOOL, "function_call_arguments.delta", '{"city": "Gen'),
        (EventKind.TOOL, "function_call_arguments.delta", 'ève"}'),
        (EventKind.STRUCTURE, "output_item.done", "function_call weather"),
        (EventKind.TEXT, "output_text.delta", "Hello, "),
        (EventKind.TERMINAL, "response.completed", "30 output tokens"),
    ]
    assert events[-1].stop_reason == "completed"


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([error()], StreamError("server_error", "Overloaded")),
        ([FLAT_ERROR], StreamError("rate_limit", "Slow down")),
        ([FAILED], StreamError("server_error", "Overloaded")),
        ([error(), FAILED], StreamError("server_error", "Overloaded")),
    ],
)
def test_error_is_told_once_and_nothing_more_is_due(
    pieces: list[bytes], expected: StreamError
) -> None:
    assert all_rules([*HELLO[:4], *pieces]) == [RESPONSE_ERROR]
    assert folded([*HELLO[:4], *pieces]).message().error == expected
    assert folded(pieces).missing == ()


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (RESPONSE_NO_END, HELLO[:-1]),
        (RESPONSE_NO_END, [*HELLO[:-1], DONE]),
        (RESPONSE_ARGUMENTS_INVALID, [*TOOL_USE[:6], ended()]),
        (RESPONSE_AFTER_END, [*HELLO, HELLO[4]]),
        (RESPONSE_AFTER_END, [*HELLO, *TOOL_USE]),
        (RESPONSE_SEQUENCE_GAP, [*numbered(HELLO[:2]), *numbered(HELLO[2:], start=5)]),
        (RESPONSE_ITEM_NEVER_ADDED, [HELLO[0], *HELLO[3:]]),
        (DATA_NOT_JSON, [*HELLO, b"data: oops\n\n"]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_second_response_starts_the_message_over() -> None:
    assert folded([*TOOL_USE, *HELLO]).message().parts == (Text("Hello, wörld 👋"),)


@pytest.mark.parametrize(
    ("pieces", "position"),
    [
        ([], "before the first event"),
        (HELLO[:3], "before the first token"),
        (HELLO[:4], "in the text"),
        (TOOL_USE[:3], "in the thinking"),
        (TOOL_USE[:6], "in the tool arguments"),
        (HELLO[:7], "after the last item"),
        (stopped_by("max_output_tokens"), "after response.incomplete"),
        ([error()], "after the error"),
    ],
)
def test_it_knows_where_it_stands(pieces: list[bytes], position: str) -> None:
    assert folded(pieces).position == position


def test_delta_without_an_item_is_shown_and_kept_out_of_the_message() -> None:
    piece = event("response.audio.delta", delta="AAAA")
    events, complaints = fold(OpenAIResponsesDialect(), [piece])
    assert (events[0].kind, events[0].type) == (EventKind.OTHER, "audio.delta")
    assert complaints == []


def test_items_may_grow_at_the_same_time() -> None:
    dialect = folded(
        [
            added(0, "message"),
            added(1, "message"),
            delta("output_text", 1, "b"),
            delta("output_text", 0, "a"),
        ]
    )
    assert dialect.message().parts == (Text("a"), Text("b"))


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (HELLO[0], True),
        (UNNAMED[0], True),
        (FLAT_ERROR, True),
        (error(), False),
        (data({"type": ["response.created"]}), False),
        (DONE, False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


TYPES = st.sampled_from(
    [
        "response.created",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.function_call_arguments.delta",
        "error",
    ]
)
NAMES = st.sampled_from(
    ["response", "item", "delta", "output_index", "item_id", "error", "usage", "output", "type"]
)


@given(st.lists(st.tuples(TYPES, st.dictionaries(NAMES, payloads, max_size=4)), max_size=5))
def test_any_payloads_fold(found: list[tuple[str, dict[str, object]]]) -> None:
    dialect = folded([data({**payload, "type": type_}) for type_, payload in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
