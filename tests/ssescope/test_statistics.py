from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.plain_body import exchange_of_body
from captures.verdict import Outcome
from ssescope.statistics import Group, collect, percentile
from tests.captures.anthropic_stream import HELLO, stopped_by
from tests.captures.by_hand import streamed


@pytest.mark.parametrize(
    ("rank", "expected"), [(50, 5.0), (95, 10.0), (99, 10.0), (10, 1.0), (11, 2.0)]
)
def test_a_percentile_is_the_nearest_rank(rank: int, expected: float) -> None:
    assert percentile([float(value) for value in range(1, 11)], rank) == expected


@given(st.lists(st.floats(0, 100), min_size=1), st.integers(1, 100))
def test_enough_values_do_not_exceed_a_percentile(values: list[float], rank: int) -> None:
    values.sort()
    found = percentile(values, rank)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= rank * len(values)


def test_groups_are_told_apart_by_model_and_upstream() -> None:
    exchanges = [streamed(HELLO), streamed(HELLO), streamed(stopped_by("max_tokens"))]
    groups = collect(exchanges)
    (group,) = groups
    figures = groups[group]
    assert group == Group("api.example.com", "claude-made-up")
    assert figures.exchanges == 3
    assert figures.outcomes == {Outcome.COMPLETE: 2, Outcome.CUT_OFF: 1}
    assert figures.stop_reasons == {"end_turn": 2, "max_tokens": 1}
    assert figures.findings == {"ANT004": 1}
    assert list(collect(exchanges, by_model=False, by_upstream=False)) == [Group()]


def test_times_are_those_of_the_exchanges() -> None:
    (figures,) = collect([streamed(HELLO)] * 4).values()
    spread = figures.spread("head")
    assert spread is not None
    assert (spread.count, spread.p50, spread.p99, spread.maximum) == (4, 0.5, 0.5, 0.5)
    assert figures.spread("first_text") is not None
    assert figures.spread("nothing") is None


def test_a_body_without_times_counts_and_has_no_measures() -> None:
    saved = exchange_of_body("a.sse", "text/event-stream", [b"".join(HELLO)])
    (figures,) = collect([saved]).values()
    assert figures.exchanges == 1
    assert figures.measures == ()
