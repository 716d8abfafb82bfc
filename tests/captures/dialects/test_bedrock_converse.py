from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.aws_event_stream import MessageDecoder
from captures.dialects.base import EventKind
from captures.dialects.bedrock_converse import (
    EVENTS,
    ConverseDialect,
    NovaDialect,
    recognises,
    whole_message,
)
from captures.findings.aws import (
    AWS_EXCEPTION,
    BEDROCK_AFTER_END,
    BEDROCK_ARGUMENTS_INVALID,
    BEDROCK_CUT_BY_LIMIT,
    BEDROCK_NO_END,
    BEDROCK_STOPPED,
    CONVERSE_NO_METADATA,
    CONVERSE_OUT_OF_ORDER,
)
from captures.findings.rule import Rule
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall, Usage
from tests.captures.aws_messages import exception, message
from tests.captures.bedrock_stream import (
    HELLO,
    METADATA,
    NOVA,
    START,
    TOOL_USE,
    block_stop,
    delta,
    stop,
    text,
    tool_start,
)
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.strategies import payloads

USED = Usage(12, 30, cache_read_tokens=4)


def folded(pieces: list[bytes]) -> ConverseDialect:
    dialect = ConverseDialect()
    fold(dialect, pieces, MessageDecoder)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = ConverseDialect()
    _, complaints = fold(dialect, pieces, MessageDecoder)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize("pieces", [HELLO, TOOL_USE, [START, block_stop(), stop(), METADATA]])
def test_healthy_stream_raises_no_complaint(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).finished


def test_events_say_what_they_are() -> None:
    events, _ = fold(
        ConverseDialect(), [*TOOL_USE, text("x", 2), message("new", {})], MessageDecoder
    )
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "messageStart", ""),
        (EventKind.THINKING, "contentBlockDelta", "Which city?"),
        (EventKind.THINKING, "contentBlockDelta", ""),
        (EventKind.STRUCTURE, "contentBlockStop", ""),
        (EventKind.STRUCTURE, "contentBlockStart", "toolUse weather"),
        (EventKind.TOOL, "contentBlockDelta", '{"city": "Gen'),
        (EventKind.TOOL, "contentBlockDelta", 'ève"}'),
        (EventKind.STRUCTURE, "contentBlockStop", ""),
        (EventKind.STOP_REASON, "messageStop", ""),
        (EventKind.TERMINAL, "metadata", "30 output tokens"),
        (EventKind.TEXT, "contentBlockDelta", "x"),
        (EventKind.OTHER, "new", "{}"),
    ]
    assert events[8].stop_reason == "tool_use"


def test_message_adds_up() -> None:
    assert folded(TOOL_USE).message() == Message(
        parts=(
            Thinking("Which city?"),
            ToolCall("t1", "weather", '{"city": "Genève"}', finished=True),
        ),
        stop_reason="tool_use",
        usage=USED,
    )
    assert folded([*HELLO[:2], delta(citation={"title": "t"})]).message().parts == (
        Text("Hello, ", ('{"title":"t"}',)),
    )


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (AWS_EXCEPTION, [*HELLO[:2], exception("throttlingException", "Slow down")]),
        (BEDROCK_NO_END, HELLO[:3]),
        (BEDROCK_NO_END, []),
        (BEDROCK_CUT_BY_LIMIT, [*HELLO[:4], stop("max_tokens"), METADATA]),
        (BEDROCK_STOPPED, [*HELLO[:4], stop("guardrail_intervened"), METADATA]),
        (BEDROCK_STOPPED, [*HELLO[:4], stop("malformed_tool_use"), METADATA]),
        (BEDROCK_AFTER_END, [*HELLO[:5], text("late", 1), METADATA]),
        (BEDROCK_ARGUMENTS_INVALID, [*TOOL_USE[:6], *TOOL_USE[7:]]),
        (CONVERSE_OUT_OF_ORDER, [HELLO[1], *HELLO]),
        (CONVERSE_OUT_OF_ORDER, [*HELLO[:4], *HELLO[1:]]),
        (CONVERSE_OUT_OF_ORDER, [*HELLO[:4], HELLO[3], *HELLO[4:]]),
        (CONVERSE_OUT_OF_ORDER, [*TOOL_USE[:5], tool_start("f", 1), *TOOL_USE[5:]]),
        (CONVERSE_OUT_OF_ORDER, [*HELLO[:3], *HELLO]),
        (CONVERSE_NO_METADATA, HELLO[:5]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_two_messages_are_kept_apart() -> None:
    dialect = folded([*HELLO[:2], *HELLO])
    assert [earlier.text for earlier in dialect.earlier] == ["Hello, "]
    assert dialect.message().text == "Hello, wörld 👋"


def test_an_exception_ends_the_stream() -> None:
    dialect = folded([*HELLO[:2], exception("throttlingException", "Slow down")])
    assert dialect.message().error == StreamError("throttlingException", "Slow down")
    assert (dialect.finished, dialect.missing, dialect.position) == (True, (), "after the error")


@pytest.mark.parametrize(
    ("pieces", "position", "missing"),
    [
        ([], "before the first event", ("stopReason", "messageStop", "usage", "metadata")),
        ([START], "before the first token", ("stopReason", "messageStop", "usage", "metadata")),
        (HELLO[:2], "in the text", ("stopReason", "messageStop", "usage", "metadata")),
        (TOOL_USE[:6], "in the tool arguments", ("stopReason", "messageStop", "usage", "metadata")),
        (HELLO[:5], "after messageStop", ("usage", "metadata")),
        (HELLO, "after messageStop", ()),
        ([START, METADATA], "before the first token", ("stopReason", "messageStop")),
    ],
)
def test_it_knows_where_it_stands_and_what_is_due(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces)
    assert (dialect.position, dialect.missing) == (position, missing)


def test_nova_sends_the_same_events_within_chunks() -> None:
    dialect = NovaDialect()
    events, complaints = fold(dialect, NOVA, MessageDecoder)
    assert complaints == []
    assert [event.type for event in events][-2:] == ["messageStop", "metadata"]
    assert dialect.message() == Message(parts=(Text("Hello"),), stop_reason="end_turn", usage=USED)
    [other], _ = fold(dialect, [message("chunk", {"x": 1})], MessageDecoder)
    assert (other.kind, other.type) == (EventKind.OTHER, "chunk")


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (START, True),
        (METADATA, True),
        (exception("throttlingException", "x"), True),
        (message("trace", {}), False),
        (message("metadata", b"x"), False),
    ],
)
def test_it_is_recognised_by_its_events(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece], MessageDecoder)[0]) is recognised


def test_whole_answer_is_read() -> None:
    content = [
        {"reasoningContent": {"reasoningText": {"text": "Hm"}}},
        {"text": "Hello"},
        {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}},
        {"image": {"format": "png"}},
        {},
    ]
    answer = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 1, "outputTokens": 2},
    }
    assert whole_message(answer) == Message(
        parts=(
            Thinking("Hm"),
            Text("Hello"),
            ToolCall("t1", "f", '{"a":1}', finished=True),
            OtherPart("image", '{"format":"png"}'),
        ),
        stop_reason="tool_use",
        usage=Usage(1, 2),
    )
    assert whole_message({"stopReason": "x"}) is None


NAMES = st.sampled_from(
    ["contentBlockIndex", "start", "delta", "toolUse", "text", "input", "usage"]
)
NAMES |= st.sampled_from(["reasoningContent", "citation", "stopReason", "output", "message"])
ANYTHING = st.recursive(
    payloads,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
FOUND = st.tuples(st.sampled_from(sorted(EVENTS)), st.dictionaries(NAMES, ANYTHING, max_size=4))


@given(st.lists(FOUND, max_size=5))
def test_any_payloads_fold(found: list[tuple[str, dict[str, object]]]) -> None:
    dialect = folded([message(event, payload) for event, payload in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
    for _, payload in found:
        whole_message(payload)
