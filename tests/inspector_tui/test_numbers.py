from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inspector_tui.numbers import (
    clock_text,
    count_text,
    gap_bar,
    plural,
    seconds_text,
    size_text,
)

NOON = datetime(2025, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.0994, "99 ms"),
        (0.1, "0.10 s"),
        (9.994, "9.99 s"),
        (12.34, "12.3 s"),
        (245, "4m 05s"),
        (7265, "2h 01m"),
        (400_000, "4 d"),
    ],
)
def test_a_duration_in_few_cells(seconds: float | None, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize("exponent", range(-4, 8))
def test_a_duration_never_needs_more_than_seven_cells(exponent: int) -> None:
    assert all(len(seconds_text(digit * 10.0**exponent)) <= 7 for digit in range(1, 10))


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (4096, "4.1 kB"), (48_213, "48 kB"), (12_000_000, "12 MB")],
)
def test_a_size(size: int, text: str) -> None:
    assert size_text(size) == text


def test_counts() -> None:
    assert count_text(12345) == "12,345"
    assert plural(1, "event") == "1 event"
    assert plural(0, "event") == "0 events"


def test_a_capture_of_another_day_shows_its_date() -> None:
    assert clock_text(NOON, NOON, UTC) == "12:00:00"
    assert clock_text(NOON - timedelta(days=2), NOON, UTC) == "11-21 12:00"
    assert clock_text(None, NOON, UTC) == ""


@pytest.mark.parametrize(
    ("seconds", "bar"),
    [
        (0, ""),
        (0.001, "▏"),
        (0.01, "██"),
        (0.1, "████"),
        (1, "██████"),
        (10, "████████"),
        (99, "████████"),
    ],
)
def test_the_gap_bar_is_logarithmic(seconds: float, bar: str) -> None:
    assert gap_bar(seconds) == bar


def test_the_gap_bar_grows_by_eighths() -> None:
    assert gap_bar(0.012) == "██▏"
