from __future__ import annotations

import click
import pytest

from ssescope.sizes import Size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1500", 1500),
        ("500M", 500 << 20),
        ("2GiB", 2 << 30),
        ("1.5 kb", 1536),
        ("1T", 1 << 40),
        ("none", None),
    ],
)
def test_a_size_is_bytes_in_units_of_1024(text: str, size: int | None) -> None:
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "-1", "2X", "1e9", "NaN", "٣", "G"])
def test_anything_else_is_told_with_what_was_expected(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a size such as 500M, 2GiB or none"):
        Size().convert(text, None, None)
