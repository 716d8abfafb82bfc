from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.replicate import ReplicateDialect, recognises
from captures.findings.other_protocols import OTHER_STOPPED
from captures.message import Message, StreamError, Text
from tests.captures.answer_streams import named, output
from tests.captures.dialects.folding import fold, frames, rules


@pytest.mark.parametrize("text", ["plain", "two\nlines", "17", "[DONE]", '{"a": 1}', "  indented"])
def test_output_is_text_whatever_it_looks_like(text: str) -> None:
    dialect = ReplicateDialect()
    events, complaints = fold(dialect, [output(text), named("done")])
    assert (events[0].kind, events[0].text) == (EventKind.TEXT, text)
    assert dialect.message() == Message(parts=(Text(text),))
    assert complaints == []


def test_logs_are_rows_and_no_text() -> None:
    dialect = ReplicateDialect()
    events, _ = fold(dialect, [b"event: logs\ndata: loading\n\n"])
    assert (events[0].kind, events[0].type, events[0].text) == (EventKind.OTHER, "logs", "loading")
    assert dialect.message() == Message()


def test_a_cancelled_prediction_is_told() -> None:
    dialect = ReplicateDialect()
    _, complaints = fold(dialect, [output("a"), named("done", reason="canceled")])
    assert rules(complaints) == [OTHER_STOPPED]
    assert dialect.message().cut_off


def test_an_error_has_its_detail() -> None:
    dialect = ReplicateDialect()
    fold(dialect, [named("error", detail="Out of memory"), named("done", reason="error")])
    assert dialect.message().error == StreamError("error", "Out of memory")


def test_it_is_recognised_by_name_and_id() -> None:
    assert recognises(frames([output("a")])[0])
    assert not recognises(frames([b"event: output\ndata: a\n\n"])[0])
    assert not recognises(frames([b"id: 1\ndata: a\n\n"])[0])
