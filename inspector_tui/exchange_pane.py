"""One exchange: its head, its views by number, the detail of one event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from captures.comparison import compare
from inspector_tui.cells import Row
from inspector_tui.comparing import Comparing, Pair
from inspector_tui.event_detail import EventDetail
from inspector_tui.event_search import EventSearch
from inspector_tui.exchange_head import ExchangeHead
from inspector_tui.focusing import focus_at_once
from inspector_tui.library import Library
from inspector_tui.line_view import LineView
from inspector_tui.lines import FixedLines
from inspector_tui.message_lines import MessageLines
from inspector_tui.minimap import Minimap
from inspector_tui.raw_lines import RawLines
from inspector_tui.row_bar import RowBar
from inspector_tui.stream_pane import StreamPane
from inspector_tui.tabs import GROWING, Tab
from inspector_tui.view_header import detail_lines, header_rows
from inspector_tui.views import Views

_DIVIDE_SECONDS = 0.005
"""Pause between two goes at a large text; keys are served in it."""


class ExchangePane(StreamPane):
    """Shows one capture of a library."""

    DEFAULT_CSS = """
    ExchangePane .view { display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ampersand", "choose_types", "Only some event types", show=False, id="types"),
        Binding("p", "toggle_pings", "With or without pings", show=False, id="pings"),
        Binding("x", "toggle_hex", "Lines or hexadecimal", show=False, id="hex"),
    ]

    def __init__(self, library: Library, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(clock)
        self.path: Path | None = None
        """The capture that is shown."""
        self._as_hex = False
        self._comparing = Comparing(library)
        self._library = library
        self._catching_up = False
        self._detail_asked = False

    def compose(self) -> ComposeResult:
        """The head, the views, the detail, the search."""
        yield ExchangeHead()
        yield Minimap()
        yield RowBar(id="time-bar")
        yield RowBar(id="view-header")
        for tab in Tab:
            view = LineView(id=tab.view_id)
            view.add_class("view")
            yield view
        yield EventDetail()
        yield EventSearch()

    def on_mount(self) -> None:
        """Shows the first view."""
        self.choose_tab(Tab.TIMELINE)

    @property
    def search(self) -> EventSearch:
        """The input lines under the timeline."""
        return self.query_one(EventSearch)

    @property
    def detail(self) -> EventDetail:
        """The detail of the event under the cursor."""
        return self.query_one(EventDetail)

    def open(self, path: Path | None) -> None:
        """Shows another capture, from its beginning or, while it runs, at its end."""
        if path == self.path:
            return
        self._comparing.leave(self.path)
        self.path = path
        self.exchange = None
        self.time.leave()
        self._detail_asked = False
        if path is not None:
            self._library.open(path)
        self._take_exchange()
        self.sync()

    def choose_tab(self, tab: Tab) -> None:
        """Shows another view of the exchange."""
        focused = self.view.has_focus or self.detail.view.has_focus
        self.tab = tab
        for other in Tab:
            self.view_of(other).display = other is tab
        if focused:
            focus_at_once(self.view)
        self.sync()

    def sync(self) -> None:
        """Pulls what is new."""
        if self.exchange is None:
            self._take_exchange()
        path = self.path
        reading = path is not None and self._library.is_reading(path)
        if self._catching_up and not reading:
            self._catching_up = False
            self._follow_if_live()
        summary = self._library.summary(path) if path is not None else None
        now = self._library.now()
        head = self.query_one(ExchangeHead)
        gone = path is not None and path.name not in self._library
        head.show(self.exchange, summary, self.tab, now, reading=reading, gone=gone)
        if self.tab is Tab.DIFF and (pair := self._comparing.due(path, self.exchange)):
            self._compare(pair)
        self.sync_time()
        self.view.sync()
        if self._divides:
            self._divide()
        self._sync_header()
        self.sync_minimap()
        self.sync_detail()

    @property
    def _divides(self) -> bool:
        """Whether a large text is shown, and rows of it are still to be found."""
        lines = self.view.lines
        return isinstance(lines, RawLines | MessageLines) and lines.is_behind

    @work(group="divide", exclusive=True)
    async def _divide(self) -> None:
        """Finds the rows of a large text faster than the screen is drawn; keys are served."""
        while self._divides:
            await asyncio.sleep(_DIVIDE_SECONDS)
            self.view.sync()

    def _sync_header(self) -> None:
        header: list[Row] = []
        if self.exchange is not None and self.views is not None:
            view = self.view
            header = header_rows(
                self.tab,
                self.exchange,
                self.views,
                view.cursor,
                view.row_width,
                as_hex=self._as_hex,
            )
        bar = self.query_one("#view-header", RowBar)
        bar.display = bool(header)
        bar.styles.height = max(1, len(header))
        bar.show(*([Segment(" "), *row] for row in header))

    def compare_with(self, path: Path | None) -> None:
        """Compares with a marked capture; with None again with the one before."""
        self._comparing.mark(path)

    @work(thread=True, group="compare", exclusive=True)
    def _compare(self, pair: Pair) -> None:
        found = compare(*pair)
        self.app.call_from_thread(self._comparing.take, pair, found)

    @property
    def has_detail(self) -> bool:
        """Whether the view that is shown tells more of what is under its cursor."""
        return self.tab in {Tab.TIMELINE, Tab.CHUNKS}

    def sync_detail(self) -> None:
        """Shows what is under the cursor, where there is room or the user asked for it."""
        roomy = self._detail_asked or self.screen.has_class("-roomy")
        self.detail.display = roomy and self.has_detail and self.exchange is not None
        if self.detail.display:
            self._show_detail()

    def _show_detail(self) -> None:
        exchange, tab = self.exchange, self.tab
        index = self.event if tab is Tab.TIMELINE else self.view.cursor
        if exchange is None or not 0 <= self.view.cursor < len(self.view.lines):
            self.detail.show(None, lambda: FixedLines([]))
        else:
            what = (id(exchange), tab, index)
            self.detail.show(what, lambda: detail_lines(tab, exchange, index))

    def enter_detail(self) -> None:
        """Opens the detail of what is under the cursor and goes there."""
        self._detail_asked = True
        self.sync_detail()
        focus_at_once(self.detail.view)

    def leave_detail(self) -> None:
        """Goes back from the detail to the timeline."""
        self._detail_asked = False
        focus_at_once(self.view)
        self.sync_detail()

    def jump_to(self, event: int) -> None:
        """Shows an event in the timeline."""
        self.choose_tab(Tab.TIMELINE)
        self.go_to(event)
        focus_at_once(self.timeline)

    def go_to(self, event: int) -> None:
        """Puts the cursor of the timeline on an event, and shows its detail."""
        super().go_to(event)
        self.sync_detail()

    def next_finding(self, step: int) -> int | None:
        """The next event with a finding in this direction, if there is one."""
        return self.views.events.marked(self.event, step) if self.views else None

    def finding_event(self) -> int | None:
        """The event that the finding under the cursor speaks of."""
        cursor = self.view_of(Tab.FINDINGS).cursor
        return self.views.findings.event(cursor) if self.views else None

    def action_toggle_hex(self) -> None:
        """Shows the body as lines of text, or as bytes in hexadecimal."""
        self._as_hex = not self._as_hex
        if self.views is not None:
            self.view_of(Tab.RAW).show(self.views.lines(Tab.RAW, as_hex=self._as_hex))
        self.choose_tab(Tab.RAW)

    def start_search(self) -> None:
        """Opens the input line of the search."""
        self.choose_tab(Tab.TIMELINE)
        self.search.start(self.event)

    def end_search(self, *, keep: bool) -> None:
        """Goes back to the events; what was searched for stays highlighted, or is forgotten."""
        self.search.end(keep=keep)

    def find_next(self, step: int) -> None:
        """Goes to the next match in this direction."""
        if self.search.needle:
            self.choose_tab(Tab.TIMELINE)
            self.search.find(self.event + step, step)

    def action_choose_types(self) -> None:
        """Opens the input line for the types of events that are shown."""
        self.choose_tab(Tab.TIMELINE)
        self.search.choose_types()

    def action_toggle_pings(self) -> None:
        """Leaves out what only shows that the connection is alive, or shows it again."""
        if self.views is not None:
            self.views.events.hides_pings = not self.views.events.hides_pings
            self._refilter()

    def on_event_search_changed(self) -> None:
        """Highlights other words, and shows other events."""
        self.timeline.needle = self.search.needle
        if self.views is not None:
            self.views.events.needle = self.search.needle.lower()
            self.views.events.types = self.search.types
        self._refilter()

    def on_event_search_found(self, message: EventSearch.Found) -> None:
        """Goes to an event that was searched for."""
        self.go_to(message.event)

    def on_event_search_left(self) -> None:
        """Goes back to the events."""
        focus_at_once(self.timeline)
        self.timeline.sync()

    def _refilter(self) -> None:
        """Shows the events that pass now; the cursor stays on its event, or goes to the next."""
        event = self.event
        self.timeline.sync()
        if self.views is not None and not self.timeline.follow:
            self.timeline.move_cursor(self.views.events.row_of(event))
        self.sync_detail()

    def _take_exchange(self) -> None:
        """Gives the views the exchange as soon as its first line has been read."""
        if self.path is not None:
            self.exchange = self._library.exchange(self.path)
        exchange = self.exchange
        if exchange is None or self.path is None:
            self.views = self.search.events = None
            for tab in Tab:
                self.view_of(tab).show(FixedLines([]))
            return
        self.views = Views(exchange, self._comparing.lines)
        self.search.events = self.views.events
        for tab in Tab:
            self.view_of(tab).show(self.views.lines(tab, as_hex=self._as_hex))
        self._catching_up = self._library.is_reading(self.path)
        if not self._catching_up:
            self._follow_if_live()

    def _follow_if_live(self) -> None:
        """Goes to the end of a running exchange, unless the reader has gone elsewhere already."""
        if self.exchange is not None and self.exchange.live and self.timeline.cursor == 0:
            for tab in GROWING:
                self.view_of(tab).start_following()
