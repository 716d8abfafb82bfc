from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from captures.verdict import Outcome, Verdict
from inspector_tui.filter_terms import Present, UnfinishedTermError, comparison, named, word
from inspector_tui.summary import Summary, unread
from tests.inspector_tui.inspector_for_tests import NOW

WHOLE = Summary(
    Path("/captures"),
    "a.jsonl",
    verdict=Verdict(Outcome.COMPLETE, "complete · end_turn"),
    started=NOW - timedelta(seconds=60),
    method="POST",
    target="/v1/messages",
    model="claude-Opus-4-1",
    status=200,
    duration=2.5,
    size=1_500_000,
    events=150,
    stop_reason="end_turn",
    words="post /v1/messages claude-opus-4-1 complete · end_turn",
)
PRESENT = Present(NOW)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (">2s", True), (">2.5s", False), (">=2.5s", True), ("<2600ms", True), ("took>1m", False),
        (">1mb", True), ("<1.5mb", False), ("size=1500000", True), ("<=2gb", True),
        ("events>100", True), ("events<100", False), ("status>=500", False), ("status<300", True),
    ],
)  # fmt: skip
def test_comparisons(text: str, holds: bool) -> None:
    test = comparison(text)
    assert test is not None
    assert test(WHOLE, PRESENT) is holds


def test_what_was_not_read_yet_is_neither_more_nor_less() -> None:
    for text in (">0s", "<9s", "events<9", "size<9mb", "status<999"):
        test = comparison(text)
        assert test is not None
        assert not test(unread(Path("b.jsonl")), PRESENT)


def test_a_live_exchange_lasts_until_now() -> None:
    live = replace(WHOLE, verdict=Verdict(Outcome.LIVE, "streaming"))
    test = comparison(">59s")
    assert test is not None
    assert test(live, PRESENT)
    assert not test(WHOLE, PRESENT)


@pytest.mark.parametrize("text", ["opus", "a>b", "http://x", "5s", "", "->5s"])
def test_what_is_no_comparison(text: str) -> None:
    assert comparison(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [(">", "unit"), (">5", "unit"), (">5x", "unit"), ("events>", "number"), ("took<5mb", "time")],
)
def test_an_unfinished_comparison_says_what_is_expected(text: str, expected: str) -> None:
    with pytest.raises(UnfinishedTermError, match=expected):
        comparison(text)


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("model", "opus", True), ("model", "", True), ("model", "haiku", False),
        ("path", "/v1/", True), ("method", "po", True), ("method", "ost", False),
        ("status", "2", True), ("status", "20", True), ("status", "2xx", True),
        ("status", "20x", True), ("status", "5xx", False), ("stop", "end", True),
        ("is", "complete", True), ("is", "live", False), ("is", "unread", False),
        ("live", "", False), ("finding", "any", False), ("finding", "error", False),
    ],
)  # fmt: skip
def test_fields(name: str, value: str, holds: bool) -> None:
    assert named(name, value)(WHOLE, PRESENT) is holds


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", ""), ("status", "abc"), ("status", "5x5"), ("finding", ""), ("is", "liv")],
)
def test_a_value_that_a_field_cannot_have_says_what_is_expected(name: str, value: str) -> None:
    with pytest.raises(UnfinishedTermError):
        named(name, value)


def test_marks_and_words() -> None:
    assert named("is", "marked")(WHOLE, Present(NOW, {WHOLE.file}))
    assert not named("is", "marked")(WHOLE, PRESENT)
    assert word("end_turn")(WHOLE, PRESENT)
    assert word("a.json")(WHOLE, PRESENT)
    with pytest.raises(KeyError):
        named("nothing", "x")
