from __future__ import annotations

from pathlib import Path

import click
import pytest

from ssescope.commands.options import Speed, folder_or_default


@pytest.mark.parametrize(
    ("given", "expected"), [("2", 2.0), ("0.25", 0.25), ("max", float("inf")), ("1e3", 1000.0)]
)
def test_a_speed_is_a_factor_or_max(given: str, expected: float) -> None:
    assert Speed().convert(given, None, None) == expected


@pytest.mark.parametrize("given", ["0", "-1", "nan", "fast", ""])
def test_any_other_speed_is_refused_with_what_was_expected(given: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a factor above 0, or max"):
        Speed().convert(given, None, None)


def test_a_folder_that_was_named_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSESCOPE_CAPTURES", str(tmp_path / "default"))
    assert folder_or_default(tmp_path) == tmp_path
    assert folder_or_default(None) == tmp_path / "default"
