from __future__ import annotations

import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.pace import MAX_SPEED, RECORDED_SPEED, check_speed, due

any_time = st.floats(allow_nan=True, allow_infinity=True)
any_speed = st.floats(min_value=1e-6, max_value=1e6) | st.just(MAX_SPEED)


def schedule(times: list[float], speed: float) -> list[float]:
    return [*accumulate(times, lambda latest, time: due(time, speed, latest), initial=0.0)][1:]


def test_recorded_speed_gives_the_recorded_times() -> None:
    assert schedule([0.25, 0.25, 1.5, 3.0], RECORDED_SPEED) == [0.25, 0.25, 1.5, 3.0]


def test_every_wait_is_scaled_the_first_one_too() -> None:
    assert schedule([0.5, 2.0], 2.0) == [0.25, 1.0]
    assert schedule([0.5, 2.0], 0.5) == [1.0, 4.0]


def test_maximum_speed_waits_for_nothing() -> None:
    assert schedule([0.5, 86400.0, math.inf], MAX_SPEED) == [0.0, 0.0, 0.0]


def test_a_clock_that_ran_backwards_holds_nothing_up() -> None:
    assert schedule([-1.0, 2.0, 1.0, math.nan, math.inf, 3.0], 1.0) == [0, 2, 2, 2, 2, 3]


@given(st.lists(any_time), any_speed)
def test_due_times_are_finite_and_never_run_backwards(times: list[float], speed: float) -> None:
    due_times = schedule(times, speed)
    assert all(map(math.isfinite, due_times))
    assert due_times == sorted(due_times)
    assert not due_times or due_times[0] >= 0


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, -math.inf])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed above 0"):
        check_speed(speed)


@pytest.mark.parametrize("speed", [0.01, RECORDED_SPEED, 1000.0, MAX_SPEED])
def test_a_possible_speed_is_given_back(speed: float) -> None:
    assert check_speed(speed) == speed
