from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.text_generation import TextGenerationDialect, recognises, whole_message
from captures.findings.other_protocols import OTHER_CUT_BY_LIMIT
from captures.message import Message, StreamError, Text, Usage
from tests.captures.answer_streams import data, token
from tests.captures.dialects.folding import fold, frames, rules

DETAILS = {"finish_reason": "length", "generated_tokens": 2}


def test_special_tokens_are_no_text() -> None:
    dialect = TextGenerationDialect()
    pieces = [token("<s>", special=True), token("a"), token("</s>", special=True)]
    events, _ = fold(dialect, pieces)
    assert [(event.kind, event.text) for event in events] == [
        (EventKind.OTHER, ""),
        (EventKind.TEXT, "a"),
        (EventKind.OTHER, ""),
    ]
    assert dialect.message() == Message(parts=(Text("a"),))


def test_last_token_may_be_text_and_carries_the_end() -> None:
    dialect = TextGenerationDialect()
    pieces = [token("a"), token("b", generated_text="ab", details=DETAILS)]
    events, complaints = fold(dialect, pieces)
    assert (events[1].kind, events[1].text, events[1].stop_reason) == (
        EventKind.TEXT,
        "b",
        "length",
    )
    assert rules(complaints) == [OTHER_CUT_BY_LIMIT]
    assert dialect.usage == Usage(output_tokens=2)


def test_details_may_be_missing() -> None:
    dialect = TextGenerationDialect()
    fold(dialect, [token("a", generated_text="a")])
    assert dialect.may_end
    assert dialect.message().stop_reason is None


def test_an_error_has_its_type() -> None:
    dialect = TextGenerationDialect()
    fold(dialect, [data(error="too long", error_type="validation")])
    assert dialect.message().error == StreamError("validation", "too long")


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (token("a"), True),
        (data(token="a", generated_text=None), False),
        (data(token={}), False),
        (data(generated_text="a"), False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


@pytest.mark.parametrize(
    "payload",
    [
        {"generated_text": "a", "details": DETAILS},
        [{"generated_text": "a", "details": DETAILS}],
    ],
)
def test_whole_text_is_read(payload: object) -> None:
    assert whole_message(payload) == Message(
        parts=(Text("a"),), stop_reason="length", usage=Usage(output_tokens=2)
    )


@pytest.mark.parametrize("payload", [[], [1], {}, {"generated_text": 1}, None])
def test_other_answers_are_none(payload: object) -> None:
    assert whole_message(payload) is None
