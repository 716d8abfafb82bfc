from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.openai_chat import OpenAIChatDialect, recognises
from captures.findings.openai_chat import (
    CHAT_AFTER_DONE,
    CHAT_ARGUMENTS_INVALID,
    CHAT_CUT_BY_LIMIT,
    CHAT_EMPTY_FINISH_REASON,
    CHAT_ERROR,
    CHAT_NO_END,
    CHAT_NO_FINISH_REASON,
    CHAT_SECOND_CALL_ON_INDEX,
    CHAT_STOP_WITH_TOOL_CALLS,
    CHAT_STOPPED,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import StreamError, Text
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.openai_chat_stream import (
    DONE,
    HELLO,
    ROLE,
    TOOL_USE,
    call,
    choice,
    chunk,
    data,
    error,
    finish,
    stopped_by,
    text,
    usage,
)
from tests.captures.strategies import payloads

NAMED_ERROR = b'event: error\ndata: {"message": "No", "code": 400}\n\n'


def folded(pieces: list[bytes]) -> OpenAIChatDialect:
    dialect = OpenAIChatDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = OpenAIChatDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(TOOL_USE, id="a tool call"),
        pytest.param(HELLO[:-1], id="a vendor that leaves [DONE] out"),
        pytest.param(HELLO[:4], id="no usage and no [DONE]"),
        pytest.param([chunk(), *HELLO], id="a first chunk without choices"),
        pytest.param([*HELLO[:3], finish(), finish(None), DONE], id="a null after finish_reason"),
        pytest.param([text("x"), data({"choices": None}), finish(), DONE], id="choices null"),
        pytest.param([data({"choices": [], "error": None}), *HELLO], id="error null"),
    ],
)
def test_healthy_stream_raises_no_complaint_and_may_end(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).may_end


def test_events_say_what_they_are() -> None:
    events, _ = fold(OpenAIChatDialect(), [*TOOL_USE[:-3], text("x"), *TOOL_USE[-3:]])

    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "chunk", "gpt-made-up"),
        (EventKind.THINKING, "delta.reasoning_content", "Which city?"),
        (EventKind.STRUCTURE, "delta.tool_calls", "weather"),
        (EventKind.TOOL, "delta.tool_calls", '{"city": "Gen'),
        (EventKind.TOOL, "delta.tool_calls", 'ève"}'),
        (EventKind.TEXT, "delta.content", "x"),
        (EventKind.STOP_REASON, "finish_reason", ""),
        (EventKind.OTHER, "usage", "30 output tokens"),
        (EventKind.TERMINAL, "[DONE]", ""),
    ]
    assert [event.stop_reason for event in events[-3:]] == ["tool_calls", None, None]


def test_finish_reason_beside_text_shows_both() -> None:
    events, _ = fold(OpenAIChatDialect(), [finish("length", content="end")])

    assert (events[0].kind, events[0].text, events[0].stop_reason) == (
        EventKind.TEXT,
        "end",
        "length",
    )


@pytest.mark.parametrize(
    ("piece", "type_", "message"),
    [
        (error(), "server_error", "Overloaded"),
        (chunk(choice(), error={"code": 400, "message": "Limit"}), "400", "Limit"),
        (data({"error": "no such model"}), "error", "no such model"),
        (NAMED_ERROR, "400", "No"),
    ],
)
def test_error_ends_the_stream_and_nothing_more_is_due(
    piece: bytes, type_: str, message: str
) -> None:
    dialect = OpenAIChatDialect()

    events, complaints = fold(dialect, [*HELLO[:2], piece, DONE])

    assert (events[2].kind, events[2].text) == (EventKind.ERROR, f"{type_}: {message}")
    assert rules(complaints) == [CHAT_ERROR]
    assert dialect.finish() == ()
    assert dialect.message().error == StreamError(type_, message)
    assert dialect.missing == ()


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (CHAT_NO_FINISH_REASON, [*HELLO[:3], DONE]),
        (CHAT_NO_END, HELLO[:3]),
        (CHAT_CUT_BY_LIMIT, stopped_by("length")),
        (CHAT_STOPPED, stopped_by("content_filter")),
        (CHAT_ARGUMENTS_INVALID, [*TOOL_USE[:4], *TOOL_USE[5:]]),
        (CHAT_ARGUMENTS_INVALID, [*TOOL_USE[:4], TOOL_USE[5]]),
        (CHAT_AFTER_DONE, [*HELLO, text("late")]),
        (CHAT_AFTER_DONE, [*HELLO, DONE]),
        (CHAT_STOP_WITH_TOOL_CALLS, [*TOOL_USE[:5], finish("stop"), DONE]),
        (CHAT_EMPTY_FINISH_REASON, [finish("", content="a"), finish("", content="b"), *HELLO]),
        (CHAT_SECOND_CALL_ON_INDEX, [call("{}", "a", id="1"), call("{}", "b", id="2"), *HELLO[3:]]),
        (DATA_NOT_JSON, [b"data: oops\n\n", *HELLO]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    found = all_rules(pieces)

    assert found.count(rule) == 1
    assert set(found) <= {rule, CHAT_STOP_WITH_TOOL_CALLS}


def test_every_choice_needs_its_finish_reason() -> None:
    first, second = choice(0, "stop", content="a"), choice(1, None, content="b")

    dialect = folded([chunk(second), chunk(first)])
    assert not dialect.may_end
    assert dialect.message().parts == (Text("a"), Text("b"))
    assert folded([chunk(second), chunk(first), chunk(choice(1, "length"))]).may_end


@pytest.mark.parametrize(
    ("pieces", "position", "missing"),
    [
        ([], "before the first event", ("finish_reason", "usage", "[DONE]")),
        ([ROLE], "before the first token", ("finish_reason", "usage", "[DONE]")),
        (HELLO[:2], "in the text", ("finish_reason", "usage", "[DONE]")),
        (TOOL_USE[:2], "in the thinking", ("finish_reason", "usage", "[DONE]")),
        (TOOL_USE[:4], "in the tool arguments", ("finish_reason", "usage", "[DONE]")),
        (HELLO[:4], "after finish_reason, before [DONE]", ("[DONE]",)),
        (
            [chunk(choice(content="x"), usage=None), finish()],
            "after finish_reason, before [DONE]",
            ("usage", "[DONE]"),
        ),
        ([*HELLO[:2], usage()], "in the text", ("finish_reason", "[DONE]")),
        (HELLO, "after [DONE]", ()),
        ([*HELLO[:3], DONE], "after [DONE]", ("finish_reason",)),
        ([error()], "after the error", ()),
    ],
)
def test_it_knows_where_it_stands_and_what_is_due(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces)
    assert dialect.position == position
    assert dialect.missing == missing


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (ROLE, True),
        (data({"object": "chat.completion.chunk"}), True),
        (data({"choices": [{"delta": {}}]}), True),
        (data({"choices": [{"text": "x"}], "object": "text_completion"}), False),
        (data({"choices": "delta"}), False),
        (data({"type": "message_start"}), False),
        (DONE, False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


NAMES = (
    st.sampled_from(["choices", "delta", "content", "tool_calls", "function", "arguments", "id"])
    | st.sampled_from(["index", "error", "usage", "x_groq", "finish_reason", "message"])
    | st.sampled_from(["reasoning", "type", "thinking"])
)
ANYTHING = st.recursive(
    payloads | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=4), max_size=4))
def test_any_payloads_fold(found: list[object]) -> None:
    dialect = folded([data(payload) for payload in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
    assert isinstance(dialect.missing, tuple)
