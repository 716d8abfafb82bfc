from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.ag_ui import AgUiDialect, recognises
from captures.dialects.base import EventKind
from captures.findings.ag_ui import (
    AG_UI_AFTER_END,
    AG_UI_ARGUMENTS_INVALID,
    AG_UI_ERROR,
    AG_UI_LEFT_OPEN,
    AG_UI_NO_END,
    AG_UI_ORDER,
    AG_UI_WAITS,
)
from captures.findings.rule import Rule
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall
from tests.captures.ag_ui_stream import CALL, ERROR, HELLO, STARTED, content, event, finished
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.strategies import payloads

CHUNKS = [
    STARTED,
    event("TEXT_MESSAGE_CHUNK", messageId="m1", role="assistant", delta="Hello, "),
    event("TEXT_MESSAGE_CHUNK", delta="wörld 👋"),
    event("TOOL_CALL_CHUNK", toolCallId="c1", toolCallName="weather", delta='{"city":'),
    event("TOOL_CALL_CHUNK", delta='"Bern"}'),
    finished(),
]
THINKING = [
    STARTED,
    event("THINKING_START", title="plan"),
    event("THINKING_TEXT_MESSAGE_START"),
    event("THINKING_TEXT_MESSAGE_CONTENT", delta="Hm."),
    event("THINKING_TEXT_MESSAGE_END"),
    event("THINKING_END"),
    finished(),
]
SIDE_BY_SIDE = [
    STARTED,
    event("TEXT_MESSAGE_START", messageId="m1"),
    event("TEXT_MESSAGE_START", messageId="m2"),
    content("b", "m2"),
    content("a", "m1"),
    event("TEXT_MESSAGE_END", messageId="m1"),
    event("TEXT_MESSAGE_END", messageId="m2"),
    finished(),
]


def folded(pieces: list[bytes]) -> AgUiDialect:
    dialect = AgUiDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = AgUiDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(CALL, id="reasoning and a tool call"),
        pytest.param(CHUNKS, id="chunks"),
        pytest.param(THINKING, id="thinking, as it was once called"),
        pytest.param(SIDE_BY_SIDE, id="messages side by side"),
        pytest.param([*HELLO, *CALL], id="two runs"),
        pytest.param([*HELLO[:1], event("STATE_DELTA", delta=[]), *HELLO[1:]], id="state"),
        pytest.param([*HELLO[:1], event("CUSTOM", name="a", value=1), *HELLO[1:]], id="custom"),
    ],
)
def test_healthy_run_raises_no_complaint(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).finished
    assert folded(pieces).missing == ()


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (AG_UI_ERROR, [*HELLO[:4], ERROR]),
        (AG_UI_ERROR, [ERROR]),
        (AG_UI_ERROR, [*HELLO[:4], ERROR, finished()]),
        (AG_UI_NO_END, HELLO[:-1]),
        (AG_UI_ORDER, HELLO[1:]),
        (AG_UI_ORDER, [*HELLO[:2], *HELLO[3:5], *HELLO[6:]]),
        (AG_UI_ORDER, [*HELLO[:6], HELLO[5], *HELLO[6:]]),
        (AG_UI_ORDER, [*HELLO[:3], HELLO[2], *HELLO[3:]]),
        (AG_UI_ORDER, [STARTED, *HELLO]),
        (AG_UI_ORDER, [*HELLO[:1], *HELLO[2:]]),
        (AG_UI_ORDER, [*CALL[:6], *CALL[7:]]),
        (AG_UI_AFTER_END, [*HELLO, HELLO[3], HELLO[4]]),
        (AG_UI_AFTER_END, [*HELLO, HELLO[-1]]),
        (AG_UI_ARGUMENTS_INVALID, [*CALL[:8], *CALL[9:]]),
        (AG_UI_ARGUMENTS_INVALID, [*CHUNKS[:4], finished()]),
        (AG_UI_LEFT_OPEN, [*HELLO[:5], *HELLO[6:]]),
        (AG_UI_LEFT_OPEN, [*HELLO[:6], *HELLO[7:]]),
        (AG_UI_WAITS, [*HELLO[:-1], finished(outcome={"type": "interrupt", "interrupts": []})]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_what_was_left_open_is_named() -> None:
    _, complaints = fold(AgUiDialect(), [*HELLO[:5], finished()])
    assert [complaint.detail for complaint in complaints] == ["still open: step answer, message m1"]


def test_events_say_what_they_are() -> None:
    events, _ = fold(AgUiDialect(), [*CALL, *HELLO[1:4]])
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "RUN_STARTED", ""),
        (EventKind.OTHER, "REASONING_START", '{"type": "REASONING_START", "messageId": "g1"}'),
        (EventKind.STRUCTURE, "REASONING_MESSAGE_START", ""),
        (EventKind.THINKING, "REASONING_MESSAGE_CONTENT", "Which city?"),
        (EventKind.STRUCTURE, "REASONING_MESSAGE_END", ""),
        (EventKind.OTHER, "REASONING_END", '{"type": "REASONING_END", "messageId": "g1"}'),
        (EventKind.STRUCTURE, "TOOL_CALL_START", "weather"),
        (EventKind.TOOL, "TOOL_CALL_ARGS", '{"city": "Gen'),
        (EventKind.TOOL, "TOOL_CALL_ARGS", 'ève"}'),
        (EventKind.STRUCTURE, "TOOL_CALL_END", "weather"),
        (EventKind.STRUCTURE, "TOOL_CALL_RESULT", "rain"),
        (EventKind.TERMINAL, "RUN_FINISHED", ""),
        (EventKind.STRUCTURE, "STEP_STARTED", "answer"),
        (EventKind.STRUCTURE, "TEXT_MESSAGE_START", ""),
        (EventKind.TEXT, "TEXT_MESSAGE_CONTENT", "Hello, "),
    ]


def test_message_adds_up() -> None:
    *parts, result = folded(CALL).message().parts
    assert parts == [
        Thinking("Which city?"),
        ToolCall("c1", "weather", '{"city": "Genève"}', finished=True),
    ]
    assert isinstance(result, OtherPart)
    assert '"content":"rain"' in result.content
    assert folded(HELLO).message() == Message("r1", parts=(Text("Hello, wörld 👋"),))
    assert folded(CALL).message().stop_reason == "success"


def test_chunks_without_an_id_go_on_with_the_last_one() -> None:
    assert folded(CHUNKS).message().parts == (
        Text("Hello, wörld 👋"),
        ToolCall("c1", "weather", '{"city":"Bern"}', finished=True),
    )


def test_messages_side_by_side_are_kept_apart() -> None:
    assert folded(SIDE_BY_SIDE).message().parts == (Text("b"), Text("a"))


def test_an_activity_is_its_last_snapshot() -> None:
    snapshots = [
        event("ACTIVITY_SNAPSHOT", messageId="a", activityType="plan", content={"n": number})
        for number in (1, 2)
    ]
    [part] = folded([STARTED, *snapshots]).message().parts
    assert isinstance(part, OtherPart)
    assert part.type == "plan"
    assert '"n":2' in part.content


def test_a_second_run_begins_another_message() -> None:
    dialect = folded([*HELLO, *CALL[:4]])
    assert [message.text for message in dialect.earlier] == ["Hello, wörld 👋"]
    assert dialect.message().parts == (Thinking("Which city?"),)
    assert not dialect.finished


def test_result_and_error() -> None:
    [part] = folded([STARTED, finished(result={"a": 1})]).message().parts
    assert part == OtherPart("result", '{"a":1}')
    assert folded([ERROR]).message().error == StreamError("overloaded", "Overloaded")


@pytest.mark.parametrize(
    ("pieces", "position"),
    [
        ([], "before the first event"),
        (HELLO[:3], "before the first token"),
        (HELLO[:4], "in the text"),
        (CALL[:4], "in the thinking"),
        (CALL[:8], "in the tool arguments"),
        (HELLO, "after RUN_FINISHED"),
        ([ERROR], "after the error"),
    ],
)
def test_it_knows_where_it_stands(pieces: list[bytes], position: str) -> None:
    assert folded(pieces).position == position


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (STARTED, True),
        (ERROR, True),
        (HELLO[3], True),
        (event("STATE_SNAPSHOT", snapshot={}), True),
        (event("run_started"), False),
        (event("RUNNING"), False),
        (event("CUSTOM"), False),
        (b'data: {"type":["RUN_STARTED"]}\n\n', False),
        (b"data: RUN_STARTED\n\n", False),
    ],
)
def test_it_is_recognised_by_its_type(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


TYPES = st.sampled_from(
    [
        "RUN_STARTED",
        "RUN_FINISHED",
        "RUN_ERROR",
        "STEP_FINISHED",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_CHUNK",
        "TOOL_CALL_START",
        "TOOL_CALL_ARGS",
        "TOOL_CALL_RESULT",
        "ACTIVITY_SNAPSHOT",
    ]
)
NAMES = st.sampled_from(["messageId", "toolCallId", "delta", "outcome", "result", "message"])


@given(st.lists(st.tuples(TYPES, st.dictionaries(NAMES, payloads, max_size=4)), max_size=6))
def test_any_payloads_fold(found: list[tuple[str, dict[str, object]]]) -> None:
    dialect = folded([event(type_, **payload) for type_, payload in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
