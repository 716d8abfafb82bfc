from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.vercel_data import KINDS, VercelDataDialect, recognises
from captures.exchange import Exchange
from captures.findings.ndjson import LINE_CUT, LINE_NOT_JSON
from captures.findings.rule import Rule
from captures.findings.vercel_ui import (
    VERCEL_AFTER_END,
    VERCEL_ARGUMENTS_INVALID,
    VERCEL_CUT_BY_LIMIT,
    VERCEL_ERROR,
    VERCEL_NEVER_STARTED,
    VERCEL_NO_END,
)
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall, Usage
from captures.ndjson import LineDecoder
from captures.sse import Frame
from captures.verdict import Outcome, verdict_of
from tests.captures.by_hand import seen, streamed
from tests.captures.cuts import any_cuts, byte_by_byte
from tests.captures.dialects.folding import frames
from tests.captures.strategies import payloads
from tests.captures.vercel_stream import DATA_HEADERS, LINES, LINES_CALL, chunk, line


def read(pieces: list[bytes]) -> Exchange:
    return streamed(pieces, headers=DATA_HEADERS, path="/api/chat")


def rules_of(pieces: list[bytes]) -> list[Rule]:
    return [finding.rule for finding in read(pieces).findings]


def line_frames(pieces: list[bytes]) -> list[Frame]:
    decoder = LineDecoder()
    return [frame for piece in pieces for frame in decoder.feed(piece, 0.0)]


@pytest.mark.parametrize("pieces", [LINES, LINES_CALL, [*LINES[:1], line("z", 1), *LINES[1:]]])
def test_healthy_stream_gets_no_finding(pieces: list[bytes]) -> None:
    exchange = read(pieces)
    assert exchange.findings == []
    assert exchange.dialect is not None
    assert exchange.dialect.name == "vercel.data"
    assert verdict_of(exchange).outcome is Outcome.COMPLETE


def test_message_adds_up() -> None:
    assert read(LINES).message() == Message(
        id="m1",
        parts=(Thinking("Hm."), Text("Hello, wörld 👋")),
        stop_reason="stop",
        usage=Usage(12, 30),
    )
    assert read(LINES_CALL).message().parts == (
        ToolCall("c1", "weather", '{"city":"Bern"}', finished=True),
        OtherPart("tool_result", '{"toolCallId":"c1","result":"rain"}'),
    )
    assert read([*LINES_CALL[:1], *LINES_CALL[4:]]).message().parts[0] == ToolCall(
        "c1", "weather", '{"city":"Bern"}', finished=True
    )


def test_events_say_what_they_are() -> None:
    events = read([*LINES[:3], *LINES_CALL[1:3], line("h", {"url": "u"}), LINES[-1]]).events
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "start_step", ""),
        (EventKind.THINKING, "reasoning", "Hm."),
        (EventKind.TEXT, "text", "Hello, "),
        (EventKind.STRUCTURE, "tool_call_streaming_start", "weather"),
        (EventKind.TOOL, "tool_call_delta", '{"city":'),
        (EventKind.STRUCTURE, "source", ""),
        (EventKind.TERMINAL, "finish_message", "30 output tokens"),
    ]


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (VERCEL_ERROR, [*LINES[:3], line("3", "An error occurred.")]),
        (VERCEL_NO_END, LINES[:-1]),
        (VERCEL_AFTER_END, [*LINES, LINES[2]]),
        (VERCEL_CUT_BY_LIMIT, [*LINES[:4], line("d", {"finishReason": "length"})]),
        (VERCEL_NEVER_STARTED, [LINES[0], *LINES_CALL[2:]]),
        (VERCEL_ARGUMENTS_INVALID, [*LINES_CALL[:3], *LINES_CALL[6:]]),
        (LINE_NOT_JSON, [*LINES[:2], b"0:oops\n", *LINES[2:]]),
        (LINE_NOT_JSON, [*LINES[:2], b'{"a":1}\n', *LINES[2:]]),
        (LINE_CUT, [*LINES, b'0:"Hel']),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert rules_of(pieces) == [rule]


def test_error_is_the_error_of_the_stream() -> None:
    exchange = read([*LINES[:3], line("3", "An error occurred.")])
    assert exchange.message().error == StreamError("error", "An error occurred.")
    assert verdict_of(exchange).outcome is Outcome.ERROR


def test_cuts_do_not_matter() -> None:
    assert seen(read(byte_by_byte(b"".join(LINES_CALL)))) == seen(read([b"".join(LINES_CALL)]))


@given(st.data())
def test_no_cut_matters(data: st.DataObject) -> None:
    whole = b"".join(LINES)
    assert seen(read(data.draw(any_cuts(whole)))) == seen(read([whole]))


def test_it_is_recognised_by_its_lines() -> None:
    assert [recognises(frame) for frame in line_frames([*LINES[:2], b"z:1\n", b"hello\n"])] == [
        True,
        True,
        False,
        False,
    ]
    assert not recognises(frames([chunk("start")])[0])
    assert not recognises(frames([b'data: 0:"text"\n\n'])[0])


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), payloads), max_size=6))
def test_any_payloads_fold(found: list[tuple[str, object]]) -> None:
    dialect = VercelDataDialect()
    for frame in line_frames([line(kind, value) for kind, value in found]):
        dialect.feed(frame)
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
