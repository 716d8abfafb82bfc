from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from captures.growing_text import GrowingText


@given(st.lists(st.text(max_size=5)), st.sets(st.integers(0, 20)))
def test_it_is_the_pieces_joined_whenever_it_is_read(pieces: list[str], reads: set[int]) -> None:
    growing = GrowingText()
    for count, piece in enumerate(pieces):
        growing.add(piece)
        if count in reads:
            assert growing.text == "".join(pieces[: count + 1])
    assert growing.text == "".join(pieces)
    assert bool(growing) == bool("".join(pieces))


def test_a_copy_grows_by_itself() -> None:
    growing = GrowingText("a")
    copied = copy.deepcopy(growing)
    copied.add("b")
    assert (growing.text, copied.text) == ("a", "ab")


def test_many_pieces_are_joined_before_anybody_reads_them() -> None:
    growing = GrowingText()
    pieces = [f"{number} " for number in range(3000)]
    for piece in pieces:
        growing.add(piece)
    assert growing.text == growing.text == "".join(pieces)
