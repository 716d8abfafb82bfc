from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.gemini import GeminiDialect, recognises
from captures.findings.gemini import (
    ARRAY_DAMAGED,
    CALL_NOT_ENDED,
    GEMINI_AFTER_END,
    GEMINI_CUT_BY_LIMIT,
    GEMINI_ERROR,
    GEMINI_FAILED,
    GEMINI_FILTERED,
    GEMINI_NO_END,
    GEMINI_NO_USAGE,
    GEMINI_SPLICED,
    GEMINI_USAGE_SHRANK,
    PROMPT_BLOCKED,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.json_array import ArrayDecoder
from captures.message import StreamError, Text, ToolCall, Usage
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.gemini_stream import (
    BLOCKED,
    HELLO,
    STREAMED_CALL,
    TOOL_USE,
    array,
    call,
    candidate,
    data,
    error,
    finish,
    payload,
    response,
    text,
    thought,
)
from tests.captures.strategies import payloads

BARE: dict[str, Any] = {"usageMetadata": None}
CODE_ASSIST = [data({"response": payload(candidate({"text": "x"}, finishReason="STOP"))})]


def folded(pieces: list[bytes]) -> GeminiDialect:
    dialect = GeminiDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = GeminiDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(TOOL_USE, id="thinking and a call that ends in STOP"),
        pytest.param(STREAMED_CALL, id="streamed arguments"),
        pytest.param([finish(words="a"), finish(words="b"), finish(words="c")], id="STOP repeated"),
        pytest.param([call("STOP", name="f"), text("a"), finish(words="b")], id="on behind STOP"),
        pytest.param([text("a"), finish(), response(output=9)], id="counts behind the end"),
        pytest.param([finish(1, "a")], id="enumerations as numbers"),
        pytest.param([text("a"), finish("A_REASON_OF_TOMORROW")], id="an unknown reason"),
        pytest.param([text("a", **BARE), finish()], id="counts at the end alone"),
        pytest.param(CODE_ASSIST, id="Code Assist"),
        pytest.param(
            [text("a", output=20), text("b", output=2), finish(output=22)],
            id="counts of each turn where the server called a tool",
        ),
        pytest.param(
            [response(candidate({"text": "a"}), promptFeedback={"safetyRatings": []}), finish()],
            id="feedback without a block",
        ),
    ],
)
def test_healthy_stream_raises_no_complaint_and_may_end(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    dialect = folded(pieces)
    assert dialect.may_end
    assert dialect.missing == ()


def test_events_say_what_they_are() -> None:
    pieces = [response(candidate()), *TOOL_USE, *HELLO, response(output=9), *STREAMED_CALL[:2]]
    events, _ = fold(GeminiDialect(), pieces)

    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "response", "gemini-made-up"),
        (EventKind.THINKING, "thought", "Which city?"),
        (EventKind.TOOL, "functionCall", '{"city":"Genève"}'),
        (EventKind.TEXT, "text", "Hello, "),
        (EventKind.TEXT, "text", "wörld 👋"),
        (EventKind.OTHER, "usageMetadata", "9 output tokens"),
        (EventKind.STRUCTURE, "functionCall", "weather"),
        (EventKind.TOOL, "functionCall", "Gen"),
    ]
    assert [event.stop_reason for event in events] == [
        None,
        None,
        "STOP",
        None,
        "STOP",
        *[None] * 3,
    ]


def test_a_reason_alone_and_a_blocked_prompt_are_rows_of_their_own() -> None:
    [end], _ = fold(GeminiDialect(), [finish("MAX_TOKENS")])
    [blocked], _ = fold(GeminiDialect(), BLOCKED)
    assert (end.kind, end.type, end.text, end.stop_reason) == (
        EventKind.STOP_REASON,
        "finishReason",
        "9 output tokens",
        "MAX_TOKENS",
    )
    assert (blocked.kind, blocked.type, blocked.stop_reason) == (
        EventKind.STOP_REASON,
        "promptFeedback",
        "SAFETY",
    )


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (GEMINI_ERROR, [*HELLO[:1], error()]),
        (GEMINI_NO_END, HELLO[:1]),
        (GEMINI_NO_END, []),
        (GEMINI_NO_END, [data({"promptFeedback": {"safetyRatings": []}})]),
        (GEMINI_NO_END, [text("a"), response(candidate({"text": "b"}, index=1)), finish()]),
        (GEMINI_CUT_BY_LIMIT, [text("a"), finish("MAX_TOKENS")]),
        (PROMPT_BLOCKED, BLOCKED),
        (PROMPT_BLOCKED, [*BLOCKED, *BLOCKED]),
        (GEMINI_FILTERED, [text("a"), finish("SAFETY")]),
        (GEMINI_FILTERED, [text("a"), finish("RECITATION"), finish("RECITATION")]),
        (GEMINI_FAILED, [finish("MALFORMED_FUNCTION_CALL")]),
        (GEMINI_FAILED, [finish("UNEXPECTED_TOOL_CALL")]),
        (GEMINI_AFTER_END, [finish(words="a"), text("b", output=9)]),
        (GEMINI_SPLICED, [*HELLO, text("x", responseId="resp-2"), finish(responseId="resp-2")][:3]),
        (GEMINI_USAGE_SHRANK, [text("a", output=9), finish(output=4)]),
        (GEMINI_NO_USAGE, [response(candidate({"text": "a"}, finishReason="STOP"), **BARE)]),
        (CALL_NOT_ENDED, [*STREAMED_CALL[:2], finish()]),
        (DATA_NOT_JSON, [b"data: oops\r\n\r\n", *HELLO]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    found = all_rules(pieces)
    assert found.count(rule) == 1
    assert set(found) <= {rule, GEMINI_NO_END}
    assert len(found) == 1 or rule is GEMINI_SPLICED


def test_content_behind_another_reason_than_stop_is_told_though_a_reason_follows() -> None:
    pieces = [finish("MAX_TOKENS", "a"), finish("MAX_TOKENS", "b")]
    assert all_rules(pieces) == [GEMINI_CUT_BY_LIMIT, GEMINI_AFTER_END]


def test_the_reason_is_told_with_the_providers_words() -> None:
    _, [complaint] = fold(
        GeminiDialect(), [finish("MALFORMED_FUNCTION_CALL", finishMessage="Malformed: f(\nx")]
    )
    assert complaint.detail == "finishReason is MALFORMED_FUNCTION_CALL: Malformed: f( x"


def test_an_error_ends_the_stream_and_nothing_more_is_due() -> None:
    dialect = GeminiDialect()
    events, complaints = fold(dialect, [*HELLO[:1], error()])
    assert (events[1].kind, events[1].text) == (EventKind.ERROR, "UNAVAILABLE: Overloaded")
    assert rules(complaints) == [GEMINI_ERROR]
    assert dialect.finish() == ()
    assert dialect.message().error == StreamError("UNAVAILABLE", "Overloaded")
    assert dialect.missing == ()


def test_answers_that_were_spliced_are_kept_apart() -> None:
    second = response(candidate({"text": "two"}, finishReason="STOP"), responseId="resp-2")
    dialect = folded([HELLO[0], second])
    [first] = dialect.earlier
    assert (first.id, first.text) == ("resp-1", "Hello, ")
    assert (dialect.message().id, dialect.message().text) == ("resp-2", "two")
    assert dialect.may_end


def test_elements_of_an_array_are_read_like_events() -> None:
    body = array(payload(candidate({"text": "a"})), payload(candidate(finishReason="STOP")))
    dialect = GeminiDialect()
    _, complaints = fold(dialect, [body], ArrayDecoder)
    assert (complaints, dialect.finish()) == ([], ())
    assert dialect.message().text == "a"


def test_an_element_that_is_no_json_is_told_of_by_the_arrays_rule() -> None:
    _, complaints = fold(GeminiDialect(), [b"[{oops}]"], ArrayDecoder)
    assert rules(complaints) == [ARRAY_DAMAGED]


def test_message_adds_up() -> None:
    message = folded([*STREAMED_CALL[:4], call("STOP"), text("x"), finish()]).message()
    assert message.parts == (
        ToolCall("", "weather", '{"city":"Genève","days":[2]}', finished=True),
        Text("x"),
    )
    assert (message.id, message.model) == ("resp-1", "gemini-made-up")
    assert (message.stop_reason, message.usage) == ("STOP", Usage(12, 9))


@pytest.mark.parametrize(
    ("pieces", "position", "finished"),
    [
        ([], "before the first event", False),
        ([response(candidate())], "before the first token", False),
        (HELLO[:1], "in the text", False),
        ([thought("a")], "in the thinking", False),
        ([call(name="f", args={"a": 1})], "after a tool call", False),
        (STREAMED_CALL[:2], "in the tool arguments", False),
        ([response(candidate({"executableCode": {}}))], "in the answer", False),
        (HELLO, "after finishReason", True),
        ([finish(words="a"), text("b")], "in the text", False),
        ([finish(words="a"), finish(words="b")], "after finishReason", False),
        (BLOCKED, "after blockReason", True),
        ([error()], "after the error", True),
    ],
)
def test_it_knows_where_it_stands(pieces: list[bytes], position: str, finished: bool) -> None:
    dialect = folded(pieces)
    assert (dialect.position, dialect.finished) == (position, finished)
    assert dialect.missing == (
        ()
        if position.startswith("after") and dialect.may_end
        else (
            "finishReason",
            "usage",
        )
    )


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (HELLO[0], True),
        (BLOCKED[0], True),
        (CODE_ASSIST[0], True),
        (data({"usageMetadata": {}, "modelVersion": "m"}), True),
        (data({"candidates": "x"}), False),
        (data({"usageMetadata": {}}), False),
        (data({"choices": [{"delta": {}}]}), False),
        (b"data: [DONE]\n\n", False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


NAMES = (
    st.sampled_from(["candidates", "content", "parts", "text", "thought", "functionCall", "index"])
    | st.sampled_from(["partialArgs", "jsonPath", "stringValue", "finishReason", "usageMetadata"])
    | st.sampled_from(["promptFeedback", "blockReason", "error", "inlineData", "args", "response"])
)
ANYTHING = st.recursive(
    payloads | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=4), max_size=4))
def test_any_payloads_fold(found: list[object]) -> None:
    dialect = folded([data(entry) for entry in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
    assert isinstance(dialect.missing, tuple)
