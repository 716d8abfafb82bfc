from __future__ import annotations

import click
import pytest

from ssescope.durations import Age, Duration, Interval


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2s", 2.0), ("1.5", 1.5), ("30ms", 0.03), (" 1 m ", 60.0), ("0", 0.0)],
)
def test_a_duration_is_seconds(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("20/s", 0.05), ("0.5/s", 2.0), ("30ms", 0.03)])
def test_an_interval_is_a_duration_or_a_rate(text: str, seconds: float) -> None:
    assert Interval().convert(text, None, None) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "-1s", "2h", "1e9", "NaN", "inf", "٣", "s"])
def test_anything_else_is_told_with_what_was_expected(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"expected a time such as 2s, 1\.5s or 30ms"):
        Duration().convert(text, None, None)
    with pytest.raises(click.BadParameter, match="expected a pace such as 20/s or 30ms"):
        Interval().convert(text, None, None)


def test_no_rate_is_zero() -> None:
    with pytest.raises(click.BadParameter, match="expected a pace"):
        Interval().convert("0/s", None, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("1.5 w", 907_200), ("0d", 0)],
)
def test_an_age_is_in_seconds(text: str, seconds: float) -> None:
    assert Age().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "7", "-7d", "d", "1e9d", "7 days", "7ms", "٣d", "inf"])
def test_an_age_has_a_unit(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a time such as 90s, 30m, 12h or 7d"):
        Age().convert(text, None, None)
