from __future__ import annotations

import pytest

from captures.dialects.answer_dialect import MAX_SHOWN_DATA
from captures.dialects.base import EventKind
from captures.dialects.cohere_v2 import CohereDialect
from captures.findings.cohere import (
    COHERE_AFTER_END,
    COHERE_ARGUMENTS_INVALID,
    COHERE_CUT_BY_LIMIT,
    COHERE_ERROR,
    COHERE_NO_END,
    COHERE_STOPPED,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import StreamError, Usage
from tests.captures.answer_streams import COHERE, COHERE_CALL, DONE, cohere_end, named, typed
from tests.captures.dialects.folding import fold, rules

ERROR = named("error", error={"type": "overloaded", "message": "Too\nmuch"})


def folded(pieces: list[bytes]) -> CohereDialect:
    dialect = CohereDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = CohereDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (COHERE_NO_END, [*COHERE[:4], DONE]),
        (COHERE_NO_END, COHERE[:4]),
        (COHERE_ERROR, [*COHERE[:4], ERROR, DONE]),
        (COHERE_ERROR, [*COHERE[:4], ERROR, ERROR]),
        (COHERE_ERROR, [*COHERE[:4], cohere_end("ERROR", error="it broke"), DONE]),
        (COHERE_ERROR, [*COHERE, ERROR]),
        (COHERE_CUT_BY_LIMIT, [*COHERE[:4], cohere_end("MAX_TOKENS"), DONE]),
        (COHERE_STOPPED, [*COHERE[:4], cohere_end("TIMEOUT"), DONE]),
        (COHERE_AFTER_END, [*COHERE, DONE]),
        (COHERE_AFTER_END, [*COHERE[:-1], *COHERE[2:4], DONE]),
        (COHERE_ARGUMENTS_INVALID, [*COHERE_CALL[:4], cohere_end("TOOL_CALL")]),
        (DATA_NOT_JSON, [*COHERE[:2], b"data: oops\n\n", *COHERE[2:]]),
    ],
)
def test_one_cause_is_one_complaint(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


@pytest.mark.parametrize(
    ("pieces", "position", "missing"),
    [
        ([], "before the first event", ("finish_reason", "usage", "message-end")),
        (COHERE[:2], "before the first token", ("finish_reason", "usage", "message-end")),
        (COHERE[:4], "in the text", ("finish_reason", "usage", "message-end")),
        (COHERE_CALL[:2], "in the thinking", ("finish_reason", "usage", "message-end")),
        (COHERE_CALL[:4], "in the tool arguments", ("finish_reason", "usage", "message-end")),
        (COHERE[:8], "after message-end", ()),
        (COHERE, "after [DONE]", ()),
        ([*COHERE[:3], DONE], "after [DONE]", ("finish_reason",)),
        ([*COHERE[:3], ERROR], "after the error", ()),
    ],
)
def test_it_knows_where_it_stands(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    assert folded(pieces).position == position
    assert folded(pieces).missing == missing


def test_the_first_error_stands_and_is_one_line() -> None:
    dialect = CohereDialect()
    _, complaints = fold(dialect, [ERROR, named("error", error="another")])
    assert dialect.message().error == StreamError("overloaded", "Too\nmuch")
    assert [complaint.detail for complaint in complaints] == ["overloaded: Too much"]


def test_usage_comes_with_the_end() -> None:
    assert folded(COHERE[:4]).usage == Usage()
    assert folded(COHERE).usage == Usage(12, 30, cache_read_tokens=4)
    events, _ = fold(CohereDialect(), COHERE)
    assert (events[7].kind, events[7].text, events[7].stop_reason) == (
        EventKind.TERMINAL,
        "30 output tokens",
        "COMPLETE",
    )


def test_an_unknown_event_is_shown_in_bounds() -> None:
    events, _ = fold(CohereDialect(), [typed("new", text="x" * 2 * MAX_SHOWN_DATA)])
    assert (events[0].kind, events[0].type) == (EventKind.OTHER, "new")
    assert len(events[0].text) == MAX_SHOWN_DATA
