from __future__ import annotations

import click
import pytest

from ssescope.durations import Duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("12H", 43_200), ("7d", 604_800), ("1.5 w", 907_200), ("0d", 0)],
)
def test_a_duration_is_in_seconds(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "7", "-7d", "d", "1e9d", "7 days", "٣d", "inf"])
def test_anything_else_is_told_with_what_was_expected(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a time such as 90s, 30m, 12h or 7d"):
        Duration().convert(text, None, None)
