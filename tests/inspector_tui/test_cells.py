from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from inspector_tui.cells import (
    crop,
    fit,
    highlighted,
    join_fitting,
    right,
    row_text,
    row_width,
    spread,
    wrapped,
)
from inspector_tui.safe import safe_text

BOLD = Style(bold=True)


def test_fit_pads_and_cuts_with_an_ellipsis() -> None:
    assert fit("abc", 5) == "abc  "
    assert fit("abcdef", 5) == "abcd…"
    assert fit("東京都", 5) == "東京…"
    assert fit("x", 0) == ""


def test_crop_does_not_pad() -> None:
    assert crop("abc", 5) == "abc"
    assert crop("abcdefg", 5) == "abcd…"


@given(st.text(max_size=40), st.integers(1, 30))
def test_fit_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width


def test_right_puts_numbers_at_the_right() -> None:
    assert right("12 ms", 7) == "  12 ms"
    assert right("x", 0) == ""


def test_spread_lets_the_left_part_give_way() -> None:
    row = spread([Segment("left part")], [Segment("right")], 10)
    assert row_text(row) == "left right"
    assert row_text(spread([Segment("left")], [Segment("too wide")], 3)) == "too"


def test_join_fitting_leaves_out_what_does_not_fit_whole() -> None:
    pieces = [[Segment("one")], [Segment("two")], [Segment("three")]]
    assert row_text(join_fitting(pieces, Segment("·"), 8)) == "one·two"
    assert join_fitting(pieces, Segment("·"), 2) == []


def test_wrapping_breaks_at_spaces_line_feeds_and_else_anywhere() -> None:
    assert list(wrapped("one two three", 7)) == ["one two", "three"]
    assert list(wrapped("a\n\nb", 9)) == ["a", "", "b"]
    assert list(wrapped("abcdefgh", 3)) == ["abc", "def", "gh"]
    assert list(wrapped("東京東京", 5)) == ["東京", "東京"]
    assert list(wrapped("", 5)) == [""]


@given(st.text(max_size=60), st.integers(2, 20))
def test_wrapped_rows_fit_and_lose_only_breaks(text: str, width: int) -> None:
    shown = safe_text(text, newline="\n")
    rows = list(wrapped(shown, width))
    assert all(cell_len(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == shown.replace("\n", "").replace(" ", "")


def test_highlighting_styles_every_place_and_keeps_the_text() -> None:
    row = [Segment("Stop at the stop", None), Segment("ping")]
    found = highlighted(row, "STOP", BOLD)
    assert row_text(found) == row_text(row)
    assert [segment.text for segment in found if segment.style == BOLD] == ["Stop", "stop"]
    assert highlighted(row, "", BOLD) is row


def test_a_letter_whose_lower_case_is_longer_is_left_alone() -> None:
    row = [Segment("İx")]
    assert row_width(highlighted(row, "x", BOLD)) == row_width(row)
