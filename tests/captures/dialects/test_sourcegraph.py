from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.sourcegraph import SourcegraphDialect, recognises
from captures.findings.other_protocols import OTHER_CUT_BY_LIMIT
from captures.message import Message, StreamError, Text
from tests.captures.answer_streams import completion, named
from tests.captures.dialects.folding import fold, frames, rules


def test_deltas_add_up() -> None:
    dialect = SourcegraphDialect()
    events, _ = fold(dialect, [named("completion", deltaText=text) for text in ("a", "b")])
    assert [(event.kind, event.text) for event in events] == [
        (EventKind.TEXT, "a"),
        (EventKind.TEXT, "b"),
    ]
    assert dialect.message().parts == (Text("ab"),)


def test_a_completion_that_is_whole_every_time_is_cut_into_its_news() -> None:
    dialect = SourcegraphDialect()
    wholes = ["a", "ab", "ab", "c"]
    events, _ = fold(dialect, [named("completion", completion=text) for text in wholes])
    assert [event.text for event in events] == ["a", "b", "", "c"]
    assert dialect.message() == Message(parts=(Text("c"),))


def test_a_limit_is_told_once() -> None:
    pieces = [named("completion", deltaText="a", stopReason="max_tokens"), named("done")]
    events, complaints = fold(SourcegraphDialect(), pieces)
    assert rules(complaints) == [OTHER_CUT_BY_LIMIT]
    assert events[-1].stop_reason == "max_tokens"


def test_an_error_is_a_text() -> None:
    dialect = SourcegraphDialect()
    fold(dialect, [named("error", error="it is empty"), named("done")])
    assert dialect.message().error == StreamError("error", "it is empty")


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (named("completion", deltaText="a"), True),
        (named("completion", completion="a", stopReason=""), True),
        (completion("a"), False),
        (named("message", completion="a"), False),
        (named("completion"), False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised
