from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.pace import MAX_SPEED, Pace, Timetable

any_time = st.floats(allow_nan=True, allow_infinity=True)
any_speed = st.floats(min_value=1e-6, max_value=1e6) | st.just(MAX_SPEED)
any_seconds = st.none() | st.floats(min_value=0, max_value=1e6)


def schedule(times: Sequence[float], pace: Pace) -> list[float]:
    """When head, pieces and end are due that were recorded at these times."""
    timetable = Timetable(pace)
    parts: tuple[Callable[[float], float], ...] = (timetable.head, timetable.first_byte)
    return [
        (parts[number] if number < len(parts) else timetable.part)(time)
        for number, time in enumerate(times)
    ]


def test_recorded_speed_gives_the_recorded_times() -> None:
    assert schedule([0.25, 0.25, 1.5, 3.0], Pace()) == [0.25, 0.25, 1.5, 3.0]


def test_every_wait_is_scaled_the_first_one_too() -> None:
    assert schedule([0.5, 2.0], Pace(2.0)) == [0.25, 1.0]
    assert schedule([0.5, 2.0], Pace(0.5)) == [1.0, 4.0]


def test_maximum_speed_waits_for_nothing() -> None:
    assert schedule([0.5, 86400.0, math.inf], Pace(MAX_SPEED)) == [0.0, 0.0, 0.0]


def test_a_clock_that_ran_backwards_holds_nothing_up() -> None:
    assert schedule([-1.0, 2.0, 1.0, math.nan, math.inf, 3.0], Pace()) == [0, 2, 2, 2, 2, 3]


def test_no_wait_is_longer_than_the_longest_allowed() -> None:
    times = [10.0, 10.5, 100.0, 100.25, 200.0, 201.0]
    assert schedule(times, Pace(max_gap=2.0)) == [2.0, 2.5, 4.5, 4.75, 6.75, 7.75]
    assert schedule([1.0, 9.0], Pace(speed=2.0, max_gap=2.0)) == [0.5, 2.5]
    assert schedule([1.0, 9.0], Pace(max_gap=0.0)) == [0.0, 0.0]


def test_the_first_byte_comes_when_it_is_asked_for() -> None:
    assert schedule([0.5, 1.0, 1.5, 3.0], Pace(first_byte=4.0)) == [0.5, 4.0, 4.5, 6.0]
    assert schedule([0.5, 1.0, 1.5], Pace(first_byte=0.25)) == [0.25, 0.25, 0.75]
    assert schedule([0.5, 1.0, 2.0], Pace(speed=2.0, first_byte=3.0)) == [0.25, 3.0, 3.5]
    assert schedule([5.0, 9.0, 10.0], Pace(MAX_SPEED, first_byte=3.0)) == [0.0, 3.0, 3.0]
    assert schedule([5.0, 9.0, 50.0], Pace(max_gap=1.0, first_byte=3.0)) == [1.0, 3.0, 4.0]


@given(st.lists(any_time), any_speed, any_seconds, any_seconds)
def test_due_times_are_finite_and_never_run_backwards(
    times: list[float], speed: float, max_gap: float | None, first_byte: float | None
) -> None:
    due_times = schedule(times, Pace(speed, max_gap, first_byte))
    assert all(map(math.isfinite, due_times))
    assert due_times == sorted(due_times)
    assert not due_times or due_times[0] >= 0


@given(st.lists(any_time), any_speed, st.floats(min_value=0, max_value=100))
def test_a_longest_wait_holds_between_any_two(
    times: list[float], speed: float, max_gap: float
) -> None:
    due_times = [0.0, *schedule(times, Pace(speed, max_gap))]
    for before, after in pairwise(due_times):
        assert after - before <= max_gap + 1e-9 * max(1.0, after)


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, -math.inf])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed above 0"):
        Pace(speed)


@pytest.mark.parametrize("seconds", [-0.1, math.nan, math.inf])
def test_impossible_seconds_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="expected a number of seconds"):
        Pace(max_gap=seconds)
    with pytest.raises(ValueError, match="expected a number of seconds"):
        Pace(first_byte=seconds)
