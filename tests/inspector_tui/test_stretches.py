from __future__ import annotations

import pytest
from rich.segment import Segment

from inspector_tui import palette
from inspector_tui.cells import row_text
from inspector_tui.flow import Flow
from inspector_tui.stretches import Stretches


def stretches_with(text: str, revision: int = 1) -> Stretches:
    flow = Flow(8)
    flow.feed(text)
    rows = Stretches(2, 0, revision)
    rows.add([[Segment("title")]])
    rows.add([])
    rows.add_text(flow, palette.PLAIN)
    rows.add([[], [Segment("end")]])
    return rows


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one two three", ["title", "  one two", "  three", "", "end"]),
        ("", ["title", "", "end"]),
    ],
)
def test_rows_stand_in_their_order(text: str, shown: list[str]) -> None:
    rows = stretches_with(text)

    assert [row_text(rows.row(index)) for index in range(len(rows))] == shown


def test_a_row_of_a_text_stays_and_one_that_was_made_may_be_another() -> None:
    flow = Flow(8)
    flow.feed("one two three")
    before, after = Stretches(2, 0, 1), Stretches(2, 0, 2)
    for rows in (before, after):
        rows.add([[Segment("title")]])
        rows.add_text(flow, palette.PLAIN)

    assert before.key(0) != after.key(0)
    assert before.key(1) == after.key(1)
