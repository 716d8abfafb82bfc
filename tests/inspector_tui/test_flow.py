from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector_tui.flow import Flow


def rows(flow: Flow) -> list[str]:
    return [flow.row(index) for index in range(len(flow))]


@given(st.text("ab \n東", max_size=60), st.lists(st.integers(0, 60)), st.integers(2, 12))
def test_a_text_fed_in_pieces_wraps_like_the_whole(text: str, cuts: list[int], width: int) -> None:
    whole, pieces = Flow(width), Flow(width)
    whole.feed(text)
    for cut in sorted(cut for cut in cuts if cut < len(text)):
        pieces.feed(text[:cut])
    pieces.feed(text)
    assert rows(pieces) == rows(whole)


def test_rows_before_the_last_stay_as_they_are() -> None:
    flow = Flow(10)
    flow.feed("one two three four")
    first = flow.span(0)
    flow.feed("one two three four five six")
    assert flow.span(0) == first
    assert rows(flow) == ["one two", "three four", "five six"]


def test_captured_text_is_made_safe_across_pieces() -> None:
    flow = Flow(20)
    text = "e"
    for _ in range(6):
        text += "\u0300"
        flow.feed(text)
    flow.feed(text + "\x1b[2J")
    assert rows(flow) == ["e\u0300\u0300\u0300␛[2J"]
