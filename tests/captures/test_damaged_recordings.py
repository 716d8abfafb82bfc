"""Healthy recordings of every dialect, damaged in the ways streams are: a finding tells of each."""

from __future__ import annotations

from functools import cache

import pytest

from tests.captures.damage_matrix import UNTOLD, Trial, trials_of
from tests.captures.shared_material import needs_streams
from tests.captures.stream_damage import specimens


@cache
def trials(dialect: str) -> list[Trial]:
    return [trial for specimen in specimens()[dialect] for trial in trials_of(specimen)]


@needs_streams
@pytest.mark.parametrize("dialect", specimens())
def test_the_right_finding_tells_of_damage(dialect: str) -> None:
    missed = [
        (trial.mutation, [place.kind.value for place in trial.mutant.touched[:3]], trial.found)
        for trial in trials(dialect)
        if not trial.told and trial.excuse is None
    ]

    assert missed == []


@needs_streams
def test_every_excuse_is_needed() -> None:
    needed = {
        trial.excuse for dialect in specimens() for trial in trials(dialect) if not trial.told
    }

    assert set(UNTOLD) <= needed
