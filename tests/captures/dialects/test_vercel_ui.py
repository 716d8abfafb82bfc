from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.recognise import dialect_for
from captures.dialects.vercel_ui import FIELDS, HEADER, VercelUiDialect, recognises
from captures.findings.rule import Rule
from captures.findings.vercel_ui import (
    VERCEL_AFTER_END,
    VERCEL_ARGUMENTS_INVALID,
    VERCEL_CUT_BY_LIMIT,
    VERCEL_ERROR,
    VERCEL_NEVER_STARTED,
    VERCEL_NO_END,
    VERCEL_STOPPED,
    VERCEL_TOOL_FAILED,
)
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall
from tests.captures.answer_streams import COHERE, named
from tests.captures.by_hand import streamed
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.strategies import payloads
from tests.captures.vercel_stream import CALL, DONE, HELLO, UI_HEADERS, chunk


def folded(pieces: list[bytes]) -> VercelUiDialect:
    dialect = VercelUiDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = VercelUiDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text and reasoning"),
        pytest.param(CALL, id="a tool call"),
        pytest.param(HELLO[:-1], id="without [DONE]"),
        pytest.param([*HELLO[:9], DONE], id="written by an application, without finish"),
        pytest.param([*HELLO[:-1], *CALL], id="two streams merged"),
        pytest.param([*CALL[:2], CALL[5], *CALL[7:]], id="an input that comes whole"),
        pytest.param(
            [HELLO[0], chunk("tool-output-available", toolCallId="c0", output=1), *HELLO[1:]],
            id="the output of a call in an earlier message",
        ),
        pytest.param([*HELLO[:2], chunk("something-new"), *HELLO[2:]], id="an unknown chunk"),
        pytest.param([chunk("data-weather", data={}, transient=True), *HELLO], id="data"),
    ],
)
def test_healthy_stream_raises_no_complaint(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).missing == ()


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (VERCEL_ERROR, [*HELLO[:7], chunk("error", errorText="An error occurred."), DONE]),
        (VERCEL_ERROR, [*HELLO[:7], chunk("error", errorText="x"), *HELLO[-2:]]),
        (VERCEL_NO_END, HELLO[:-2]),
        (VERCEL_NEVER_STARTED, [*HELLO[:5], *HELLO[6:]]),
        (VERCEL_NEVER_STARTED, [*HELLO[:2], *HELLO[3:]]),
        (VERCEL_NEVER_STARTED, [*HELLO[:9], HELLO[8], *HELLO[9:]]),
        (VERCEL_NEVER_STARTED, [*HELLO[:7], HELLO[9], HELLO[7], *HELLO[9:]]),
        (VERCEL_NEVER_STARTED, [*CALL[:2], *CALL[3:]]),
        (VERCEL_AFTER_END, [*HELLO, HELLO[7]]),
        (VERCEL_AFTER_END, [*HELLO, DONE]),
        (VERCEL_AFTER_END, [*HELLO, CALL[3]]),
        (VERCEL_STOPPED, [*HELLO[:7], chunk("abort", reason="user"), DONE]),
        (VERCEL_STOPPED, [*HELLO[:9], chunk("finish", finishReason="content-filter"), DONE]),
        (VERCEL_CUT_BY_LIMIT, [*HELLO[:9], chunk("finish", finishReason="length"), DONE]),
        (VERCEL_ARGUMENTS_INVALID, [*CALL[:4], *CALL[7:]]),
        (VERCEL_ARGUMENTS_INVALID, [*CALL[:4], *CALL[5:]]),
        (
            VERCEL_TOOL_FAILED,
            [*CALL[:6], chunk("tool-output-error", toolCallId="c1", errorText="x"), *CALL[7:]],
        ),
        (
            VERCEL_TOOL_FAILED,
            [*CALL[:4], chunk("tool-input-error", toolCallId="c1", errorText="x"), *CALL[7:]],
        ),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_events_say_what_they_are() -> None:
    events, _ = fold(VercelUiDialect(), [*HELLO[:7], *CALL[2:4], *HELLO[10:]])
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "start", ""),
        (EventKind.STRUCTURE, "start-step", ""),
        (EventKind.STRUCTURE, "reasoning-start", ""),
        (EventKind.THINKING, "reasoning-delta", "Hm."),
        (EventKind.STRUCTURE, "reasoning-end", ""),
        (EventKind.STRUCTURE, "text-start", ""),
        (EventKind.TEXT, "text-delta", "Hello, "),
        (EventKind.STRUCTURE, "tool-input-start", "weather"),
        (EventKind.TOOL, "tool-input-delta", '{"city": "Gen'),
        (EventKind.TERMINAL, "finish", ""),
        (EventKind.TERMINAL, "[DONE]", ""),
    ]
    assert events[-2].stop_reason == "stop"


def test_message_adds_up() -> None:
    assert folded(HELLO).message() == Message(
        "m1", parts=(Thinking("Hm."), Text("Hello, wörld 👋")), stop_reason="stop"
    )
    call, output = folded(CALL).message().parts
    assert call == ToolCall("c1", "weather", '{"city": "Genève"}', finished=True)
    assert isinstance(output, OtherPart)
    assert '"output":"rain"' in output.content


def test_an_input_that_comes_whole_is_the_arguments() -> None:
    [call] = folded([CALL[5]]).message().parts
    assert call == ToolCall("c1", "weather", '{"city":"Genève"}', finished=True)


def test_sources_files_and_data_are_other_parts() -> None:
    pieces = [
        chunk("source-url", sourceId="s", url="https://example.com"),
        chunk("file", url="data:,a", mediaType="text/plain"),
        chunk("data-weather", id="w", data={"status": "loading"}),
        chunk("data-weather", id="w", data={"status": "done"}),
        chunk("data-note", data=1),
        chunk("data-toast", data=2, transient=True),
    ]
    parts = folded(pieces).message().parts
    assert [part.type for part in parts if isinstance(part, OtherPart)] == [
        "source-url",
        "file",
        "data-weather",
        "data-note",
    ]
    assert '"done"' in str(parts[2])


def test_error_is_the_error_of_the_stream() -> None:
    dialect = folded([*HELLO[:7], chunk("error", errorText="An error occurred.")])
    assert dialect.message().error == StreamError("error", "An error occurred.")
    assert dialect.missing == ()


@pytest.mark.parametrize(
    ("pieces", "position", "missing"),
    [
        ([], "before the first event", ("finish", "[DONE]")),
        (HELLO[:3], "before the first token", ("finish", "[DONE]")),
        (HELLO[:4], "in the thinking", ("finish", "[DONE]")),
        (HELLO[:7], "in the text", ("finish", "[DONE]")),
        (CALL[:4], "in the tool arguments", ("finish", "[DONE]")),
        (HELLO[:-1], "after finish", ()),
        (HELLO, "after [DONE]", ()),
        ([*HELLO[:2], chunk("abort")], "after abort", ()),
    ],
)
def test_it_knows_where_it_stands(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces)
    assert (dialect.position, dialect.missing) == (position, missing)


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (HELLO[0], True),
        (chunk("start"), True),
        (HELLO[6], True),
        (CALL[2], True),
        (chunk("error", errorText="x"), True),
        (chunk("data-weather", data=None), True),
        (chunk("finish", messageMetadata={}), True),
        (chunk("start", projectName="x"), False),
        (chunk("error", error={"type": "x"}), False),
        (chunk("text-delta", text="x"), False),
        (chunk("data-weather"), False),
        (COHERE[2], False),
        (named("start", type="start"), False),
        (b'data: {"type":["start"]}\n\n', False),
        (DONE, False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


def test_its_header_tells_it_where_the_shape_does_not() -> None:
    [frame] = frames([chunk("something-new")])
    assert dialect_for(frame, "/api/chat").name == "sse"
    assert dialect_for(frame, "/api/chat", headers=frozenset({HEADER})).name == "vercel.ui"
    exchange = streamed([chunk("something-new"), *HELLO], headers=UI_HEADERS, path="/api/chat")
    assert exchange.dialect is not None
    assert exchange.dialect.name == "vercel.ui"


NAMES = st.sampled_from(
    ["id", "delta", "toolCallId", "input", "inputTextDelta", "errorText", "data", "finishReason"]
)
TYPES = st.sampled_from([*FIELDS, "data-x"])


@given(st.lists(st.tuples(TYPES, st.dictionaries(NAMES, payloads, max_size=4)), max_size=6))
def test_any_payloads_fold(found: list[tuple[str, dict[str, object]]]) -> None:
    dialect = folded([chunk(type_, **payload) for type_, payload in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
