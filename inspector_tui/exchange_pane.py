"""One exchange: its head, its views by number, the detail of one event."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from captures.exchange import Exchange
from inspector_tui.cells import Row
from inspector_tui.document_lines import DocumentLines, FindingLines
from inspector_tui.documents import request_rows, response_rows
from inspector_tui.event_detail import EventDetail
from inspector_tui.event_lines import EventLines
from inspector_tui.exchange_head import ExchangeHead
from inspector_tui.library import Library
from inspector_tui.line_view import LineView
from inspector_tui.lines import FixedLines, Lines
from inspector_tui.message_lines import MessageLines
from inspector_tui.overview import Tab
from inspector_tui.raw_lines import RawLines, raw_header
from inspector_tui.row_bar import RowBar
from inspector_tui.rows import event_header

GROWING = (Tab.TIMELINE, Tab.MESSAGE, Tab.RAW)
"""The views that follow a running exchange."""


class ExchangePane(Vertical):
    """Shows one capture of a library."""

    DEFAULT_CSS = """
    ExchangePane .view { display: none; }
    ExchangePane #search { display: none; }
    ExchangePane.-searching #search { display: block; }
    """

    def __init__(self, library: Library) -> None:
        super().__init__(id="exchange-pane")
        self.path: Path | None = None
        """The capture that is shown."""
        self.exchange: Exchange | None = None
        """What has been read of it; None until its first line has."""
        self.tab = Tab.TIMELINE
        self.events: EventLines | None = None
        """The rows of the timeline."""
        self._library = library
        self._findings: FindingLines | None = None
        self._catching_up = False
        self._detail_asked = False
        self._search_from = 0

    def compose(self) -> ComposeResult:
        """The head, the views, the detail, the search."""
        yield ExchangeHead()
        yield RowBar(id="view-header")
        for tab in Tab:
            view = LineView(id=tab.value.lower())
            view.add_class("view")
            yield view
        yield EventDetail()
        yield Input(placeholder="search in the events", id="search", compact=True)

    def on_mount(self) -> None:
        """Shows the first view."""
        self.choose_tab(Tab.TIMELINE)

    @property
    def view(self) -> LineView:
        """The view that is shown."""
        return self.view_of(self.tab)

    @property
    def timeline(self) -> LineView:
        """The rows of the events."""
        return self.view_of(Tab.TIMELINE)

    @property
    def detail(self) -> EventDetail:
        """The detail of the event under the cursor."""
        return self.query_one(EventDetail)

    def view_of(self, tab: Tab) -> LineView:
        """The view of a tab."""
        return self.query_one(f"#{tab.value.lower()}", LineView)

    def open(self, path: Path | None) -> None:
        """Shows another capture, from its beginning or, while it runs, at its end."""
        if path == self.path:
            return
        self.path = path
        self.exchange = None
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
            self.view.focus()
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
        head.show(self.exchange, summary, self.tab, now, reading=reading)
        header = self._header(self.view.row_width)
        bar = self.query_one("#view-header", RowBar)
        bar.display = bool(header)
        bar.show([Segment(" "), *header])
        self.view.sync()
        self.sync_detail()

    def sync_detail(self) -> None:
        """Shows the event under the cursor, where there is room or the user asked for it."""
        roomy = self._detail_asked or self.screen.has_class("-roomy")
        self.detail.display = roomy and self.tab is Tab.TIMELINE and self.exchange is not None
        if self.detail.display:
            self.detail.show(self.exchange, self.timeline.cursor)

    def enter_detail(self) -> None:
        """Opens the detail of the event under the cursor and goes there."""
        self._detail_asked = True
        self.sync_detail()
        self.detail.view.focus()

    def leave_detail(self) -> None:
        """Goes back from the detail to the timeline."""
        self._detail_asked = False
        self.view.focus()
        self.sync_detail()

    def jump_to(self, event: int) -> None:
        """Shows an event in the timeline."""
        self.choose_tab(Tab.TIMELINE)
        self.timeline.follow = False
        self.timeline.move_cursor(event)
        self.timeline.focus()
        self.sync_detail()

    def next_finding(self, step: int) -> int | None:
        """The next event with a finding in this direction, if there is one."""
        return self.events.marked(self.timeline.cursor, step) if self.events else None

    def finding_event(self) -> int | None:
        """The event that the finding under the cursor speaks of."""
        cursor = self.view_of(Tab.FINDINGS).cursor
        return self._findings.event(cursor) if self._findings else None

    def raw_event(self) -> str:
        """The event under the cursor as it came; empty if there is none."""
        exchange, index = self.exchange, self.timeline.cursor
        if exchange is None or not index < len(exchange.events):
            return ""
        return exchange.raw(exchange.events[index].frame).decode("utf-8", "backslashreplace")

    def start_search(self) -> None:
        """Opens the input line of the search."""
        self.choose_tab(Tab.TIMELINE)
        self._search_from = self.timeline.cursor
        self.add_class("-searching")
        self.query_one("#search", Input).focus()

    def end_search(self, *, keep: bool) -> None:
        """Goes back to the events; the matches stay highlighted, or are forgotten."""
        entry = self.query_one("#search", Input)
        if not keep:
            entry.value = self.timeline.needle = ""
        self.set_class(bool(entry.value), "-searching")
        self.timeline.focus()
        self.timeline.sync()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Searches as the user types, from where the search began."""
        event.stop()
        self.timeline.needle = event.value
        self.timeline.sync()
        if event.value:
            self._start_finding(self._search_from, 1)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keeps the search."""
        event.stop()
        self.end_search(keep=True)

    def find_next(self, step: int) -> None:
        """Goes to the next match in this direction."""
        if self.timeline.needle:
            self.choose_tab(Tab.TIMELINE)
            self._start_finding(self.timeline.cursor + step, step)

    def _start_finding(self, start: int, step: int) -> None:
        self.run_worker(self._find(start, step), group="search", exclusive=True)

    async def _find(self, start: int, step: int) -> None:
        """Looks through the events in slices, so that keys are served in between."""
        events, needle = self.events, self.timeline.needle.lower()
        while events is not None and 0 <= start < len(events):
            found, start = events.find(needle, start, step)
            if found is not None:
                self.timeline.follow = False
                self.timeline.move_cursor(found)
                self.sync_detail()
                return
            await asyncio.sleep(0)
        where = "further down" if step > 0 else "further up"
        self.notify(f"No match {where}", markup=False, timeout=2)

    def _take_exchange(self) -> None:
        """Gives the views the exchange as soon as its first line has been read."""
        if self.path is not None:
            self.exchange = self._library.exchange(self.path)
        exchange = self.exchange
        if exchange is None or self.path is None:
            self.events = self._findings = None
            for tab in Tab:
                self.view_of(tab).show(FixedLines([]))
            return
        self.events, self._findings = EventLines(exchange), FindingLines(exchange)
        sources: tuple[Lines, ...] = (
            self.events,
            MessageLines(exchange),
            RawLines(exchange),
            DocumentLines(
                lambda width: request_rows(exchange, width), lambda: exchange.request_size
            ),
            DocumentLines(
                lambda width: response_rows(exchange, width),
                lambda: (exchange.head is None, exchange.end is None, len(exchange.notes)),
            ),
            self._findings,
        )
        for tab, lines in zip(Tab, sources, strict=True):
            self.view_of(tab).show(lines)
        self._catching_up = self._library.is_reading(self.path)
        if not self._catching_up:
            self._follow_if_live()

    def _follow_if_live(self) -> None:
        """Goes to the end of a running exchange, unless the reader has gone elsewhere already."""
        if self.exchange is not None and self.exchange.live and self.timeline.cursor == 0:
            for tab in GROWING:
                self.view_of(tab).start_following()

    def _header(self, width: int) -> Row:
        if self.exchange is None:
            return []
        if self.tab is Tab.TIMELINE:
            return event_header(width)
        return raw_header(width) if self.tab is Tab.RAW else []
