from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segments
from textual.scrollbar import ScrollBarRender

from inspector_tui.grip import grip_of

SIZES = st.integers(1, 50_000)


@given(SIZES, st.integers(2, 40), st.data())
def test_a_grip_at_another_place_is_a_bar_that_looks_otherwise(
    rows: int, height: int, data: st.DataObject
) -> None:
    last = max(0, rows - height)
    one, other = data.draw(st.integers(0, last)), data.draw(st.integers(0, last))

    looks = [
        [(part.text, part.style) for part in _bar(rows, height, top).segments]
        for top in (one, other)
    ]

    if grip_of(rows, height, one) == grip_of(rows, height, other):
        assert looks[0] == looks[1]


def _bar(rows: int, height: int, top: int) -> Segments:
    window = height if height < rows else 0
    return ScrollBarRender.render_bar(height, rows, window, top)


def test_a_grip_goes_from_one_end_to_the_other() -> None:
    assert grip_of(100, 10, 0) == (0, 8)
    assert grip_of(100, 10, 90) == (72, 80)
    assert grip_of(10, 10, 0) == grip_of(5, 10, 0) == (0, 0)
