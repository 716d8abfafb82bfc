from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import runs as runs_module
from captures.runs import Run, runs

letters = st.lists(st.sampled_from("abc"), max_size=20)


@given(letters, letters, st.integers(1, 5))
def test_runs_cover_both_in_order_and_equal_ones_are_equal(
    before: list[str], after: list[str], smallest: int
) -> None:
    found = runs(before, after, smallest)
    assert [element for run in found for element in before[slice(*run.before)]] == before
    assert [element for run in found for element in after[slice(*run.after)]] == after
    for run in found:
        if run.equal:
            assert before[slice(*run.before)] == after[slice(*run.after)]
    assert all(not (one.equal is other.equal is False) for one, other in pairwise(found))


@given(letters)
def test_the_same_is_one_equal_run(elements: list[str]) -> None:
    assert all(run.equal for run in runs(elements, elements))


def test_what_is_shared_between_differences_is_found() -> None:
    assert runs("xabcx", "yabcy") == [
        Run(False, (0, 1), (0, 1)),
        Run(True, (1, 4), (1, 4)),
        Run(False, (4, 5), (4, 5)),
    ]


def test_an_equal_run_by_chance_joins_its_neighbours() -> None:
    assert runs("xax", "yay", 2) == [Run(False, (0, 3), (0, 3))]
    assert runs("axa", "aya", 2) == [
        Run(True, (0, 1), (0, 1)),
        Run(False, (1, 2), (1, 2)),
        Run(True, (2, 3), (2, 3)),
    ]


def test_a_middle_that_is_too_long_to_compare_is_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "MAX_COMPARED", 8)
    assert runs("=abc=", "=bcd=") == [
        Run(True, (0, 1), (0, 1)),
        Run(False, (1, 4), (1, 4)),
        Run(True, (4, 5), (4, 5)),
    ]
