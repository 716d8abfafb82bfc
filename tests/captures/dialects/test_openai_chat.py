from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.openai_chat import OpenAIChatDialect, recognises
from captures.dialects.openai_chat_message import CHUNK
from captures.findings.openai_chat import (
    CHAT_AFTER_DONE,
    CHAT_ARGUMENTS_INVALID,
    CHAT_ARGUMENTS_NOT_TEXT,
    CHAT_CALL_INDEX_JUMPS,
    CHAT_CALL_WITHOUT_INDEX,
    CHAT_CONTENT_AFTER_FINISH_REASON,
    CHAT_CONTENT_IS_A_LIST,
    CHAT_CONTENT_WITH_FINISH_REASON,
    CHAT_CUT_BY_LIMIT,
    CHAT_EMPTY_FINISH_REASON,
    CHAT_ERROR,
    CHAT_NO_CALL,
    CHAT_NO_CHOICES,
    CHAT_NO_END,
    CHAT_NO_FINISH_REASON,
    CHAT_REFUSED,
    CHAT_SECOND_CALL_ON_INDEX,
    CHAT_SPLICED,
    CHAT_STOP_WITH_TOOL_CALLS,
    CHAT_STOPPED,
    CHAT_TWO_FINISH_REASONS,
    CHAT_USAGE_SHRINKS,
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


MERGED = [call("{}", "a", id="1"), call("{}", "b", id="2")]
NO_INDEX = [call("{}", "a", id="1", index=None), finish("tool_calls"), DONE]
ANOTHER = chunk(choice(role="assistant", content=""), id="chatcmpl-2")


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (CHAT_NO_FINISH_REASON, [*HELLO[:3], DONE]),
        (CHAT_NO_END, HELLO[:3]),
        (CHAT_CUT_BY_LIMIT, stopped_by("length")),
        (CHAT_STOPPED, stopped_by("content_filter")),
        (CHAT_ARGUMENTS_INVALID, [*TOOL_USE[:4], *TOOL_USE[5:]]),
        (CHAT_ARGUMENTS_INVALID, [*TOOL_USE[:4], TOOL_USE[5]]),
        (CHAT_AFTER_DONE, [*HELLO, text("late"), text("later")]),
        (CHAT_AFTER_DONE, [*HELLO, DONE, DONE]),
        (CHAT_AFTER_DONE, [*HELLO, ANOTHER, *HELLO[1:]]),
        (CHAT_STOP_WITH_TOOL_CALLS, [*TOOL_USE[:5], finish("stop"), DONE]),
        (CHAT_EMPTY_FINISH_REASON, [finish("", content="a"), finish("", content="b"), *HELLO]),
        (CHAT_SECOND_CALL_ON_INDEX, [*MERGED, finish("tool_calls"), DONE]),
        (CHAT_SPLICED, [*HELLO[:2], ANOTHER, *HELLO[1:]]),
        (CHAT_SPLICED, [*HELLO[:4], ANOTHER, *HELLO[1:]]),
        (CHAT_CONTENT_AFTER_FINISH_REASON, [*HELLO[:4], text("late"), text("later"), DONE]),
        (CHAT_CONTENT_AFTER_FINISH_REASON, [*HELLO[:4], finish(content="late"), DONE]),
        (CHAT_TWO_FINISH_REASONS, [*TOOL_USE[:6], finish("function_call"), DONE]),
        (CHAT_CONTENT_WITH_FINISH_REASON, [*HELLO[:2], finish(content="end"), DONE]),
        (CHAT_CALL_WITHOUT_INDEX, NO_INDEX),
        (CHAT_ARGUMENTS_NOT_TEXT, [call(None, "a", id="1"), finish("tool_calls"), DONE]),
        (CHAT_NO_CALL, stopped_by("tool_calls")),
        (CHAT_USAGE_SHRINKS, [*HELLO[:4], usage(12, 30), usage(12, 9), DONE]),
        (CHAT_REFUSED, [chunk(choice(refusal="I ")), chunk(choice(refusal="won't")), finish()]),
        (
            CHAT_CONTENT_IS_A_LIST,
            [chunk(choice(content=[{"type": "text", "text": "a"}])), finish(), DONE],
        ),
        (CHAT_CALL_INDEX_JUMPS, [call("{}", "a", id="1", index=1), finish("tool_calls"), DONE]),
        (CHAT_NO_CHOICES, [data({"object": CHUNK}), *HELLO]),
        (CHAT_NO_CHOICES, [data({"object": CHUNK, "choices": None}), *HELLO]),
        (DATA_NOT_JSON, [b"data: oops\n\n", *HELLO]),
    ],
)
def test_one_cause_is_one_finding(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(
            [chunk(choice(content=str(n)), id=f"chunk-{n}") for n in range(5)] + [finish(), DONE],
            id="an id for each chunk",
        ),
        pytest.param(
            [
                chunk(choice(role="assistant")),
                *(
                    chunk(choice(role="assistant", content=word), id="gen-2")
                    for word in ("a", "b", "c")
                ),
                chunk(choice(finish_reason="stop"), id="gen-2"),
                DONE,
            ],
            id="a gateway's own first chunk, and the role in each",
        ),
        pytest.param(
            [data({"choices": [], "id": "", "prompt_filter_results": []}), *HELLO],
            id="a filter's first chunk",
        ),
        pytest.param([*HELLO[:4], usage(12, 30), usage(12, 31), DONE], id="usage that grows"),
    ],
)
def test_habits_of_vendors_are_no_splice(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).earlier == ()


def test_spliced_completions_are_kept_apart() -> None:
    dialect = folded([*HELLO[:2], ANOTHER, *HELLO[2:]])

    assert [(message.id, message.text) for message in (*dialect.earlier, dialect.message())] == [
        ("chatcmpl-1", "Hello, "),
        ("chatcmpl-2", "wörld 👋"),
    ]


def test_error_that_is_no_json_is_an_error() -> None:
    dialect = OpenAIChatDialect()

    _, complaints = fold(dialect, [*HELLO[:2], b"event: error\ndata: overloaded\n\n"])

    assert [(found.rule, found.detail) for found in complaints] == [
        (CHAT_ERROR, "error: overloaded")
    ]
    assert dialect.finished


def test_every_choice_needs_its_finish_reason() -> None:
    first, second = choice(0, "stop", content="a"), choice(1, None, content="b")

    dialect = folded([chunk(second), chunk(first)])
    assert not dialect.may_end
    assert dialect.message().parts == (Text("a"),)
    assert [other.parts for other in dialect.message().alternatives] == [(Text("b"),)]
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
