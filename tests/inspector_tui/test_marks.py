from __future__ import annotations

import pytest

from inspector_tui.marks import pair_to_compare


@pytest.mark.parametrize(
    ("marks", "current", "expected"),
    [
        ("ab", "c", ("a", "b")),
        ("ab", None, ("a", "b")),
        ("ab", "a", ("b", "a")),
        ("a", "c", ("a", "c")),
    ],
)
def test_two_marks_are_compared_or_one_with_where_the_user_is(
    marks: str, current: str | None, expected: tuple[str, str]
) -> None:
    assert pair_to_compare(set(marks), current) == expected


@pytest.mark.parametrize(
    ("marks", "current", "expected"),
    [
        ("", "a", "Nothing is marked"),
        ("a", "a", "This exchange alone is marked"),
        ("a", None, "This exchange alone is marked"),
        ("abc", "a", "3 exchanges are marked"),
        ("abc", "d", "3 exchanges are marked"),
    ],
)
def test_where_there_are_not_two_it_says_so(marks: str, current: str | None, expected: str) -> None:
    said = pair_to_compare(set(marks), current)
    assert isinstance(said, str)
    assert said.startswith(expected)
