from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from captures.body import Body
from captures.records import Boundary
from inspector_tui import row_index
from inspector_tui.row_index import RowIndex, all_rows, shown_bytes

PIECES = st.lists(
    st.sampled_from(
        [b"a", b"data: words\n", b"\n", b"x" * 70, "é".encode() * 9, "日本".encode(), b"\xe2\x82",
         b"\xac", b"\x00\x1b[m", b"\xff" * 12, "👩\u200d👩".encode(), b"\r\n"]
    ),
    max_size=30,
)  # fmt: skip
WIDTHS = st.integers(16, 40)


def body_of(data: bytes) -> Body:
    body = Body()
    body.add(0.0, len(data), data, Boundary.CHUNK)
    return body


def spans_of(index: RowIndex) -> list[tuple[int, int]]:
    return [index.span(row) for row in range(len(index))]


def caught_up(index: RowIndex) -> RowIndex:
    while index.is_behind:
        index.extend()
    return index


@given(PIECES, WIDTHS)
def test_rows_tile_the_body_and_fit(pieces: list[bytes], width: int) -> None:
    data = b"".join(pieces)
    spans = spans_of(caught_up(RowIndex(body_of(data), width)))

    assert b"".join(data[start:stop] for start, stop in spans) == data
    for start, stop in spans:
        assert stop - start == 1 or cell_len(shown_bytes(data[start:stop])) <= width
        assert b"\n" not in data[start : stop - 1]


@given(PIECES, WIDTHS, st.integers(42, 90), st.integers(3, 6), st.integers(0, 40))
def test_how_much_is_taken_at_once_changes_nothing(
    pieces: list[bytes], width: int, at_once: int, hard: int, look: int
) -> None:
    """However the body grows, whatever is asked in between, and few rows share a mark."""
    data = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_index, "BYTES_AT_ONCE", at_once)
        patch.setattr(row_index, "HARD_ROWS_AT_ONCE", hard)
        patch.setattr(row_index, "ROWS_A_MARK", 3)
        body = Body()
        index = RowIndex(body, width)
        for piece in pieces:
            body.add(0.0, len(piece), piece, Boundary.CHUNK)
            index.extend()
            if look < len(index):
                index.span(look)
        spans = spans_of(caught_up(index))

    starts = all_rows(data, width)
    assert spans == list(zip(starts, [*starts[1:], len(data)], strict=False))


def test_a_body_of_one_line_is_divided_in_a_few_steps() -> None:
    index = RowIndex(body_of(b"x" * 4_000_000), 100)
    steps = 0
    while index.is_behind:
        index.extend()
        steps += 1

    assert (steps, len(index), index.span(39_999)) == (8, 40_000, (3_999_900, 4_000_000))


def test_of_hard_rows_few_are_divided_at_once() -> None:
    index = RowIndex(body_of("日".encode() * 100_000), 100)
    index.extend()

    assert 0 < len(index) <= row_index.HARD_ROWS_AT_ONCE
    assert index.is_behind
