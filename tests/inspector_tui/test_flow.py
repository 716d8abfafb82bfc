from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_tui import flow as module
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


def test_a_long_text_is_wrapped_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"word {number} " for number in range(60))
    whole, parts = Flow(30), Flow(30)
    whole.feed(text)
    monkeypatch.setattr(module, "CHARACTERS_AT_ONCE", 100)
    feeds = 0
    while not feeds or parts.is_behind:
        parts.feed(text)
        feeds += 1

    assert feeds == -(-len(text) // 100)
    assert rows(parts) == rows(whole)
    assert not whole.is_behind
