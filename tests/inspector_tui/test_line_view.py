from __future__ import annotations

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from inspector_tui import palette
from inspector_tui.cells import Row
from inspector_tui.line_view import LineView

HEIGHT = 10


class Growing:
    """A source whose rows are texts in a list."""

    has_cursor = True

    def __init__(self, count: int) -> None:
        self.rows = [f"row {number}" for number in range(count)]

    def update(self, width: int) -> None:
        """The list is the truth."""

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> Hashable:
        """A row is its text."""
        return self.rows[index]

    def row(self, index: int) -> Row:
        """The text."""
        return [Segment(self.rows[index])]


class OneView(App[None]):
    """An application with nothing but a view."""

    def __init__(self, lines: Growing) -> None:
        super().__init__()
        self.view = LineView(lines)
        self.moved: list[int] = []
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        """The view."""
        yield self.view

    def on_line_view_cursor_moved(self, message: LineView.CursorMoved) -> None:
        """Keeps where the cursor went."""
        self.moved.append(message.control.cursor)

    def on_line_view_chosen(self, message: LineView.Chosen) -> None:
        """Keeps what was chosen."""
        self.chosen.append(message.view.cursor)


@asynccontextmanager
async def showing(lines: Growing) -> AsyncIterator[tuple[OneView, Pilot[None]]]:
    app = OneView(lines)
    async with app.run_test(size=(30, HEIGHT)) as pilot:
        app.view.focus()
        app.view.sync()
        await pilot.pause()
        yield app, pilot


def follows(app: OneView) -> bool:
    return app.view.follow


def shown(app: OneView) -> list[str]:
    return [app.view.render_line(y).text.strip(" ▌") for y in range(HEIGHT)]


async def test_keys_move_the_cursor_and_the_viewport_comes_along() -> None:
    async with showing(Growing(100)) as (app, pilot):
        view = app.view
        for key, row in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("pagedown", 9), ("ctrl+d", 13),
            ("ctrl+u", 9), ("G", 99), ("pageup", 90), ("g", 0), ("end", 99), ("home", 0),
            ("space", 9), ("ctrl+b", 0), ("ctrl+f", 9),
        ):  # fmt: skip
            await pilot.press(key)
            assert view.cursor == row, key
            assert f"row {row}" in shown(app)
        assert app.moved[-1] == 9


async def test_new_rows_move_nothing_unless_following() -> None:
    lines = Growing(50)
    async with showing(lines) as (app, pilot):
        await pilot.press("pagedown", "j")
        before, cursor = shown(app), app.view.cursor
        lines.rows += [f"new {number}" for number in range(40)]
        app.view.sync()
        await pilot.pause()
        assert shown(app) == before
        assert app.view.cursor == cursor
        assert app.view.newer == 40


async def test_following_stays_at_the_end_until_the_reader_goes_up() -> None:
    lines = Growing(50)
    async with showing(lines) as (app, pilot):
        app.view.start_following()
        lines.rows.append("newest")
        app.view.sync()
        await pilot.pause()
        assert shown(app)[-1] == "newest"
        assert app.view.cursor == 50
        await pilot.press("k")
        assert not follows(app)
        lines.rows.append("later")
        app.view.sync()
        await pilot.pause()
        assert "later" not in shown(app)
        assert app.view.newer == 1
        await pilot.press("G")
        assert follows(app)
        assert shown(app)[-1] == "later"


async def test_rows_that_come_above_leave_cursor_and_viewport_on_their_rows() -> None:
    lines = Growing(50)
    async with showing(lines) as (app, pilot):
        app.view.newest_first = True
        await pilot.press("pagedown", "pagedown")
        before, row = shown(app), lines.rows[app.view.cursor]
        lines.rows[:0] = ["newer", "newest"]
        app.view.sync(rows_above=2)
        await pilot.pause()
        assert shown(app) == before
        assert lines.rows[app.view.cursor] == row


async def test_newest_first_follows_at_the_top() -> None:
    lines = Growing(50)
    async with showing(lines) as (app, pilot):
        app.view.newest_first = True
        app.view.start_following()
        lines.rows.insert(0, "newest")
        app.view.sync(rows_above=1)
        await pilot.pause()
        assert shown(app)[0] == "newest"
        assert app.view.cursor == 0
        await pilot.press("j")
        assert not follows(app)
        await pilot.press("g")
        assert follows(app)


async def test_without_a_cursor_the_keys_scroll() -> None:
    lines = Growing(50)
    lines.has_cursor = False
    async with showing(lines) as (app, pilot):
        await pilot.press("j", "j", "enter")
        assert shown(app)[0] == "row 2"
        assert app.view.cursor == 0
        assert app.chosen == []
        await pilot.press("G")
        assert shown(app)[-1] == "row 49"
        await pilot.press("g")
        assert shown(app)[0] == "row 0"


async def test_enter_and_a_second_click_choose() -> None:
    async with showing(Growing(50)) as (app, pilot):
        await pilot.press("j", "enter")
        assert app.chosen == [1]
        await pilot.click(LineView, offset=(3, 4))
        assert app.view.cursor == 4
        await pilot.click(LineView, offset=(3, 6), times=2)
        assert app.chosen == [1, 6]


async def test_the_wheel_scrolls_without_the_cursor_and_stops_following() -> None:
    async with showing(Growing(50)) as (app, pilot):
        app.view.start_following()
        await pilot.pause()
        wheel = MouseScrollUp(app.view, 3, 3, 0, 0, 0, shift=False, meta=False, ctrl=False)
        app.view.post_message(wheel)
        await pilot.pause()
        assert shown(app)[-1] == "row 46"
        assert app.view.cursor == 49
        assert not follows(app)


async def test_a_smaller_window_keeps_the_followed_end_and_the_cursor() -> None:
    async with showing(Growing(50)) as (app, pilot):
        app.view.start_following()
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert app.view.render_line(5).text.strip(" ▌") == "row 49"
        await pilot.press("home", "pagedown")
        await pilot.resize_terminal(40, 4)
        await pilot.pause()
        top = round(app.view.scroll_y)
        assert top <= app.view.cursor < top + 4


async def test_the_cursor_row_has_a_mark_and_found_text_stands_out() -> None:
    async with showing(Growing(5)) as (app, pilot):
        app.view.needle = "ROW"
        app.view.sync()
        await pilot.pause()
        strip = app.view.render_line(0)
        assert strip.text.startswith("▌row 0")
        found = next(segment for segment in strip if segment.text == "row")
        assert found.style is not None
        assert found.style.bgcolor == palette.FOUND.bgcolor


async def test_rows_that_go_away_take_cursor_and_viewport_with_them() -> None:
    lines = Growing(50)
    async with showing(lines) as (app, pilot):
        await pilot.press("end")
        app.view.follow = False
        del lines.rows[5:]
        app.view.sync()
        await pilot.pause()
        assert app.view.cursor == 4
        assert shown(app)[0] == "row 0"
        lines.rows.clear()
        app.view.sync()
        await pilot.press("j", "enter")
        assert app.chosen == []
