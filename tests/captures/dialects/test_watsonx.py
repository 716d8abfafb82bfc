from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.watsonx import WatsonxDialect, recognises, whole_message
from captures.findings.other_protocols import OTHER_CUT_BY_LIMIT
from captures.message import Message, StreamError, Text, Usage
from tests.captures.answer_streams import named, result
from tests.captures.dialects.folding import fold, frames, rules


def test_counts_are_running_totals() -> None:
    dialect = WatsonxDialect()
    fold(dialect, [result("", 0), result("a", 1), result("b", 2, "eos_token")])
    assert dialect.message() == Message(
        model="made-up", parts=(Text("ab"),), stop_reason="eos_token", usage=Usage(12, 2)
    )


@pytest.mark.parametrize("word", ["not_finished", "NOT_FINISHED", ""])
def test_no_stop_reason_has_its_words(word: str) -> None:
    dialect = WatsonxDialect()
    events, _ = fold(dialect, [result("a", 1, word)])
    assert (events[0].kind, events[0].stop_reason) == (EventKind.TEXT, None)
    assert not dialect.may_end


def test_a_limit_is_told() -> None:
    events, complaints = fold(WatsonxDialect(), [result("a", 1), result("", 2, "max_tokens")])
    assert rules(complaints) == [OTHER_CUT_BY_LIMIT]
    assert (events[1].kind, events[1].text) == (EventKind.TERMINAL, "2 output tokens")


@pytest.mark.parametrize(
    ("piece", "error"),
    [
        (named("error", errors=[{"code": "c", "message": "m"}]), StreamError("c", "m")),
        (named("message", errors=[{"code": "c", "message": "m"}]), StreamError("c", "m")),
        (named("error", code="c", message="m"), StreamError("c", "m")),
    ],
)
def test_errors_come_in_a_list(piece: bytes, error: StreamError) -> None:
    dialect = WatsonxDialect()
    fold(dialect, [piece])
    assert dialect.message().error == error


def test_it_is_recognised_by_its_results() -> None:
    assert recognises(frames([result("", 0)])[0])
    assert not recognises(frames([named("message", results=[{"label": "a"}])])[0])
    assert not recognises(frames([named("message", results="a")])[0])


def test_whole_text_is_read() -> None:
    found = {
        "generated_text": "a",
        "stop_reason": "eos_token",
        "input_token_count": 1,
        "generated_token_count": 2,
    }
    assert whole_message({"model_id": "m", "results": [found]}) == Message(
        model="m", parts=(Text("a"),), stop_reason="eos_token", usage=Usage(1, 2)
    )
    assert whole_message({"results": []}) is None
