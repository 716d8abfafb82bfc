from __future__ import annotations

from rich.segment import Segment
from textual.app import App, ComposeResult

from inspector_tui.row_bar import RowBar


class OneBar(App[None]):
    """An application with nothing but a bar."""

    def compose(self) -> ComposeResult:
        """The bar."""
        yield RowBar(id="bar")


async def test_a_bar_shows_its_rows_cut_and_padded_to_its_width() -> None:
    app = OneBar()
    async with app.run_test(size=(10, 3)) as pilot:
        bar = app.query_one(RowBar)
        bar.show([Segment("abc")], [Segment("second row that is too long")])
        await pilot.pause()
        assert bar.render_line(0).text == "abc       "
        assert bar.render_line(1).text == "second row"
        assert bar.render_line(2).text == " " * 10
