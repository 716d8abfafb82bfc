from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from inspector_tui.cells import row_text, row_width
from inspector_tui.filter_line import hint_row
from inspector_tui.list_filter import Filter, parse
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


def test_the_language_is_offered_while_one_types_and_the_count_is_always_there() -> None:
    row = row_text(hint_row(Filter(), 12, 100_000, 120, typing=True))
    assert "model:opus" in row
    assert "-not" in row
    assert row.endswith(" 12 of 100,000 ")
    row = row_text(hint_row(parse("opus"), 12, 100_000, 120, typing=False))
    assert "Esc shows all again" in row
    assert row.endswith(" 12 of 100,000 ")


def test_the_hint_fits_any_width_and_is_safe() -> None:
    for width in (1, 8, 20, 44, 80, 200):
        for text in ("", "opus", "status:\x1b[2J", "is:\u202enowhere"):
            row = hint_row(parse(text), 3, 11, width, typing=True)
            assert row_width(row) == width
            assert "\x1b" not in row_text(row)


async def test_what_is_wrong_with_a_filter_is_said_under_it(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.tool_use(tmp_path)
    async with inspecting(tmp_path, 120, 24) as running:
        running.screen.list_pane.start_filter()
        running.screen.list_pane.query_one("#filter", Input).value = "status:5xy"
        await running.tick(2)
        assert "? status:5xy: expected a status" in running.text()
        assert len(running.screen.list_pane.view.lines) == 2
        await running.press("backspace", "x")
        assert "expected" not in running.text()
        assert "0 of 2" in running.text()
