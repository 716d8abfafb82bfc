from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from inspector_tui.filter_terms import COMPARISONS, FIELD_NAMES, Present
from inspector_tui.list_filter import EXAMPLES, Filter, parse
from inspector_tui.summary import Summary, summary_of, unread
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import NOW, exchange_of

PRESENT = Present(NOW)
PIECES = st.sampled_from(
    ["-", '"', " ", ":", "x", "5", "5xx", "live", "s", "MB", "ANT", *COMPARISONS]
    + [f"{name}:" for name in FIELD_NAMES]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map("".join))


@pytest.fixture(scope="module")
def summaries(tmp_path_factory: pytest.TempPathFactory) -> list[Summary]:
    folder = tmp_path_factory.mktemp("captures")
    made = [given.complete, given.max_tokens, given.client_left, given.tool_use]
    paths = [make(folder) for make in (*made, given.upstream_cut, given.rate_limited)]
    return [*(summary_of(path, exchange_of(path)) for path in paths), unread(Path("later.jsonl"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6]),
        ("OPUS", [3]),
        ("client left", [2]),
        ('"left client"', []),
        ("status:429", [5]),
        ("status:4xx post", [5]),
        ("-status:2xx", [5, 6]),
        ("model:sonnet -is:complete", [1, 2, 4]),
        ("finding:error", [4, 5]),
        ("finding:any -finding:error", [1, 2]),
        ("finding:net", [2, 4, 5]),
        ("stop:max_tokens", [1]),
        ("path:/v1/messages >0.7s", [0, 3]),
        ("is:unread", [6]),
        ('model:"opus 4"', []),
    ],
)
def test_all_terms_must_hold(summaries: list[Summary], text: str, expected: list[int]) -> None:
    used = parse(text)
    assert used.problem == ""
    assert used.select(summaries, PRESENT) == [summaries[index] for index in expected]


def test_a_term_that_cannot_be_used_is_told_and_the_others_hold(summaries: list[Summary]) -> None:
    used = parse("status:abc opus is:liv")
    assert used.problem == "status:abc: expected a status such as 529 or 5xx"
    assert used.select(summaries, PRESENT) == [summaries[3]]


def test_a_name_that_is_no_field_is_a_word_and_that_is_told() -> None:
    used = parse("modle:opus")
    assert "modle: is no field and taken as a word" in used.problem
    assert "model:" in used.problem
    assert len(used.terms) == 1
    assert parse('"modle:opus"').problem == ""


def test_the_examples_are_of_the_language() -> None:
    used = parse(" ".join(EXAMPLES))
    assert used.problem == ""
    assert len(used.terms) == len(EXAMPLES)


@given_any(text=TEXTS)
def test_no_text_ever_raises_and_one_and_all_select_alike(
    summaries: list[Summary], text: str
) -> None:
    used = parse(text)
    matching = [summary for summary in summaries if used.matches(summary, PRESENT)]
    assert used.select(summaries, PRESENT) == matching
    later = [unread(Path(name)) for name in ("20251123T141111Z-3FA9C1.jsonl", "5xx", "")]
    not_read = [summary.file for summary in later if used.matches(summary, PRESENT)]
    assert used.select_unread([summary.file for summary in later], PRESENT) == not_read


@given_any(one=TEXTS, other=TEXTS)
def test_blanks_join_what_both_ask_for(summaries: list[Summary], one: str, other: str) -> None:
    one = one + '"' * (one.count('"') % 2)
    both = parse(f"{one} {other}").select(summaries, PRESENT)
    assert both == parse(other).select(parse(one).select(summaries, PRESENT), PRESENT)


@given_any(name=st.sampled_from(FIELD_NAMES), value=st.sampled_from(["5xx", "any", "live", "e"]))
def test_minus_turns_a_term_round(summaries: list[Summary], name: str, value: str) -> None:
    used, turned = parse(f"{name}:{value}"), parse(f"-{name}:{value}")
    for summary in summaries if used.terms else []:
        assert used.matches(summary, PRESENT) is not turned.matches(summary, PRESENT)
    assert isinstance(turned, Filter)
