"""The one scrolling widget: under the list, the timeline, the raw bytes and every text.

It draws only the rows on the screen and pulls what is new when it is told to (`sync`), so that
its cost does not depend on how fast rows come. What is new never moves the viewport or the
cursor, unless the view follows.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollTo, ScrollUp
from textual.strip import Strip
from textual.widget import Widget

from inspector_tui import palette
from inspector_tui.cells import highlighted
from inspector_tui.grip import grip_of
from inspector_tui.lines import FixedLines, Lines

WHEEL_ROWS = 3


class LineView(ScrollView, can_focus=True):
    """Rows of a `Lines` source, with a cursor row where the source has one."""

    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        height: 1fr;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "One row up", show=False, id="up"),
        Binding("down,j", "move(1)", "One row down", show=False, id="down"),
        Binding("pageup,ctrl+b", "move_pages(-1.0)", "One page up", show=False, id="page-up"),
        Binding(
            "pagedown,ctrl+f,space", "move_pages(1.0)", "One page down", show=False, id="page-down"
        ),
        Binding("ctrl+u", "move_pages(-0.5)", "Half a page up", show=False, id="half-page-up"),
        Binding("ctrl+d", "move_pages(0.5)", "Half a page down", show=False, id="half-page-down"),
        Binding("home,g", "go_first", "First row", show=False, id="first"),
        Binding("end,G", "go_last", "Last row", show=False, id="last"),
        Binding("enter", "choose", "Open what is there", show=False, id="open"),
    ]

    class CursorMoved(Message):
        """The cursor stands on another row, by the user's will."""

        def __init__(self, view: LineView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> LineView:
            """The view it happened in."""
            return self.view

    class Chosen(CursorMoved):
        """The user asks for what the cursor row stands for."""

    def __init__(self, lines: Lines | None = None, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines: Lines = FixedLines([]) if lines is None else lines
        self.cursor = 0
        self.follow = False
        self.newest_first = False
        """Whether new rows come at the top, so that following means standing there."""
        self.newest_row = 0
        """Where the newest stands where it comes at the top: below what it belongs to."""
        self.needle = ""
        """Text that is highlighted wherever it stands."""
        self.newer = 0
        """Rows that came since the view stopped following."""
        self._count = 0
        self._drawn: list[Hashable] = []
        self._grip = (0, 0)
        self._strips: LRUCache[Hashable, Strip] = LRUCache(1024)

    @property
    def row_width(self) -> int:
        """Cells a row has: the first cell is the cursor's."""
        return max(1, self._viewport.width - 1)

    @property
    def visible_rows(self) -> tuple[int, int]:
        """The first and the last row of the viewport."""
        top = round(self.scroll_y)
        return top, max(top, min(self._count, top + self._viewport.height) - 1)

    def show(self, lines: Lines, *, follow: bool = False, cursor: int = 0, top: int = 0) -> None:
        """Shows another source from this row on."""
        self.lines = lines
        self.follow = follow
        self.newer = 0
        self.cursor = cursor
        self._strips.clear()
        self._pull()
        self._scroll(top)
        self._settle()
        self.refresh()

    def sync(self, rows_above: int = 0, cursor: int | None = None) -> None:
        """Pulls what is new and redraws what changed.

        Args:
            rows_above: how many rows came in above the old ones; the viewport and the cursor
                stay on the rows they were on.
            cursor: where the row under the cursor stands now, if it did not move with those in
                the viewport.
        """
        before = self._count
        self._pull()
        if not self.follow:
            self.cursor = self.cursor + rows_above if cursor is None else cursor
            self._scroll(round(self.scroll_y) + rows_above)
        self.newer = 0 if self.follow else self.newer + max(0, self._count - before)
        if self._count != before or rows_above or self.follow:
            self._settle()
        self._refresh_changed()

    def move_cursor(self, row: int) -> None:
        """Puts the cursor on a row and brings it into view; tells nobody."""
        self.cursor = max(0, min(row, self._count - 1))
        height = self._viewport.height
        top = round(self.scroll_y)
        if self.cursor < top:
            self._scroll(self.cursor)
        elif self.cursor >= top + height:
            self._scroll(self.cursor - height + 1)
        self._refresh_changed()

    def start_following(self) -> None:
        """Goes to where new rows come, and stays there."""
        self.follow = True
        self._settle()
        self._refresh_changed()

    def action_move(self, rows: int) -> None:
        """Moves the cursor, or scrolls where there is none."""
        if rows < 0 or self.newest_first:
            self.follow = False
        if not self.lines.has_cursor:
            self._scroll(round(self.scroll_y) + rows)
            return
        before = self.cursor
        self.move_cursor(self.cursor + rows)
        if self.cursor != before:
            self.post_message(self.CursorMoved(self))

    def action_move_pages(self, pages: float) -> None:
        """Moves by a part of the view's height."""
        self.action_move(round(pages * max(2, self._viewport.height - 1)))

    def action_go_first(self) -> None:
        """Goes to the first row; follows, if new rows come there."""
        self.follow = self.newest_first and not self.newest_row
        self._scroll(0)
        if self.lines.has_cursor:
            self.go_to(0)

    def action_go_last(self) -> None:
        """Goes to the last row; follows, if new rows come there."""
        self.follow = not self.newest_first
        self._scroll(self._count)
        if self.lines.has_cursor:
            self.go_to(self._count - 1)

    def action_choose(self) -> None:
        """Asks for what the cursor row stands for."""
        if self._count and self.lines.has_cursor:
            self.post_message(self.Chosen(self))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the viewport.

        A view has neither border nor padding, and keeps its rows as they are drawn: what Textual
        does anew for each line of any widget takes longer than making a row.
        """
        paint = self._paint()
        strips = [self._line(y, paint) for y in crop.line_range]
        if crop.column_span == (0, self.region.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the viewport."""
        return self._line(y, self._paint())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolls as Textual does, which would draw the scrollbar anew for every new row."""
        self._fit_bar()
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)

    def notify_style_update(self) -> None:
        """Forgets rows that were drawn in other colours."""
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Keeps the cursor in view, and the end of a followed source."""
        self._strips.clear()
        self._pull()
        self._settle()
        if self.lines.has_cursor and not self.follow:
            self.move_cursor(self.cursor)
        self.refresh()

    def on_focus(self) -> None:
        """Draws the cursor as the one that moves."""
        self._refresh_changed()

    def on_blur(self) -> None:
        """Draws the cursor as one that rests."""
        self._refresh_changed()

    def on_click(self, event: events.Click) -> None:
        """Puts the cursor on the row; a second click asks for it."""
        index = round(self.scroll_y) + event.y
        if not self.lines.has_cursor or not 0 <= index < self._count:
            return
        if event.chain > 1:
            self.action_choose()
            return
        self.follow = False
        self.go_to(index)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scrolls without moving the cursor."""
        self._scroll_by_wheel(event, -WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scrolls without moving the cursor."""
        self._scroll_by_wheel(event, WHEEL_ROWS)

    def on_scroll_to(self, message: ScrollTo) -> None:
        """The scrollbar is dragged: the reader chooses the place."""
        self.follow = False

    def on_scroll_up(self, message: ScrollUp) -> None:
        """The scrollbar is clicked above its grip."""
        self.follow = False

    def _scroll_by_wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        if (rows < 0) is not self.newest_first:
            self.follow = False
        self._scroll(round(self.scroll_y) + rows)

    def go_to(self, row: int) -> None:
        """Puts the cursor on a row by the user's will."""
        before = self.cursor
        self.move_cursor(row)
        if self.cursor != before:
            self.post_message(self.CursorMoved(self))

    def _pull(self) -> None:
        """Asks the source for what is new and fits the scrollbar to it, without a new layout."""
        if self._viewport.width:
            self.lines.update(self.row_width)
        self._count = len(self.lines)
        size = Size(self._viewport.width, self._count)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)

    def _fit_bar(self) -> None:
        """Tells the scrollbar of rows and place; it is drawn again only if it looks otherwise."""
        bar, top, height = self.vertical_scrollbar, self.scroll_y, self._viewport.height
        bar.set_reactive(ScrollBar.window_virtual_size, self._count)
        bar.set_reactive(ScrollBar.window_size, height)
        bar.set_reactive(ScrollBar.position, top)
        grip = grip_of(self._count, height, round(top))
        if grip != self._grip:
            self._grip = grip
            bar.refresh()

    def _settle(self) -> None:
        """Puts viewport and cursor where they belong after the number of rows changed."""
        self.cursor = max(0, min(self.cursor, self._count - 1))
        if self.follow:
            newest = self.newest_row if self.newest_first else self._count
            self.cursor = max(0, min(newest, self._count - 1))
            self._scroll(newest - self._viewport.height + 1)
        elif self.scroll_y > self._last_top:
            self._scroll(self._last_top)
        self._fit_bar()

    @property
    def _viewport(self) -> Size:
        """The cells rows are drawn in: without the scrollbar."""
        return self.scrollable_content_region.size

    @property
    def _last_top(self) -> int:
        return max(0, self._count - self._viewport.height)

    def _scroll(self, top: int) -> None:
        top = max(0, min(top, self._last_top))
        if top != self.scroll_y:
            self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def _key(self, index: int) -> Hashable:
        on_cursor = self.lines.has_cursor and index == self.cursor
        state = (on_cursor, on_cursor and self.has_focus, self.needle)
        return (index, state, self.lines.key(index))

    def _refresh_changed(self) -> None:
        """Asks for those rows of the viewport to be drawn again whose key is another now."""
        top, height = round(self.scroll_y), self._viewport.height
        keys = [
            self._key(index) if index < self._count else None for index in range(top, top + height)
        ]
        drawn, self._drawn = self._drawn, keys
        if len(drawn) != len(keys):
            self.refresh()
            return
        changed = [y for y, key in enumerate(keys) if key != drawn[y]]
        if len(changed) > height // 2:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self._viewport.width, 1) for y in changed))

    def _paint(self) -> _Paint:
        background = self.background_colors[1]
        filters = tuple(self.get_line_filters())
        return _Paint(self.region.width, self.rich_style, background, filters)

    def _line(self, y: int, paint: _Paint) -> Strip:
        index = round(self.scroll_y) + y
        if not 0 <= index < self._count:
            return Strip.blank(paint.width, paint.base)
        key = (paint.width, self._key(index))
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._strip(index, paint)
        return strip

    def _strip(self, index: int, paint: _Paint) -> Strip:
        on_cursor = self.lines.has_cursor and index == self.cursor
        row = highlighted(self.lines.row(index), self.needle, palette.FOUND)
        mark = Segment(" ")
        over: Style | None = None
        if on_cursor:
            over = palette.CURSOR if self.has_focus else palette.CURSOR_UNFOCUSED
            mark_style = palette.CURSOR_MARK if self.has_focus else palette.CURSOR_MARK_UNFOCUSED
            mark = Segment("▌", mark_style)
        line = Segment.adjust_line_length([mark, *row], self._viewport.width)
        base = paint.base
        segments = [Segment(text, base + _under_cursor(own, over)) for text, own, _ in line]
        # The scrollbar is drawn over what is beside the viewport.
        segments.append(Segment(" " * (paint.width - self._viewport.width), base))
        for line_filter in paint.filters:
            segments = line_filter.apply(segments, paint.background)
        return Strip(segments, paint.width)


@dataclass(frozen=True, slots=True)
class _Paint:
    """What all rows of a view are drawn with."""

    width: int
    """Cells of the widget, its scrollbar included."""
    base: Style
    background: Color
    filters: tuple[LineFilter, ...]


def _under_cursor(own: Style | None, cursor: Style | None) -> Style:
    """A style on the cursor row; a background of its own carries meaning and stays."""
    own = own or Style.null()
    return own if cursor is None or own.bgcolor is not None else own + cursor
