"""What a pane of an exchange does along the stream: its map, and the time cursor."""

from __future__ import annotations

import asyncio
from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message_pump import _MessagePumpMeta

from captures.exchange import Exchange
from inspector_tui.line_view import LineView
from inspector_tui.minimap import Minimap, Window
from inspector_tui.moment_lines import MomentLines
from inspector_tui.row_bar import RowBar
from inspector_tui.tabs import ALONG_THE_STREAM, Tab
from inspector_tui.time_cursor import TimeCursor
from inspector_tui.view_header import time_row
from inspector_tui.views import Views


class _AbstractWidget(_MessagePumpMeta, ABCMeta):
    """Lets a widget say what must be there in the classes that extend it."""


class StreamPane(Vertical, metaclass=_AbstractWidget):
    """Goes through the events of one exchange; who extends it composes the views."""

    DEFAULT_CSS = """
    StreamPane #time-bar { display: none; }
    StreamPane.-in-time #time-bar { display: block; background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "time", "Time cursor", show=False, id="time"),
        Binding("left", "step(-1)", "An event back", show=False, id="previous-event"),
        Binding("right", "step(1)", "An event on", show=False, id="next-event"),
        Binding(
            "shift+left,ctrl+left", "step(-10)", "Ten events back", show=False, id="ten-events-back"
        ),
        Binding(
            "shift+right,ctrl+right", "step(10)", "Ten events on", show=False, id="ten-events-on"
        ),
        Binding("space", "play", "Play, or pause", show=False, priority=True, id="play"),
        Binding("s", "speed", "Speed of playing", show=False, id="speed"),
        Binding("escape", "leave_time", "Back to now", show=False, id="leave-time"),
    ]

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(id="exchange-pane")
        self.exchange: Exchange | None = None
        """What has been read of the capture; None until its first line has."""
        self.tab = Tab.TIMELINE
        """The view that is shown."""
        self.views: Views | None = None
        """The rows under each tab; None as long as there is no exchange."""
        self.time = TimeCursor()
        """The moment that is shown, while the user goes through the stream."""
        self._clock = clock

    @abstractmethod
    def choose_tab(self, tab: Tab) -> None:
        """Shows another view of the exchange."""

    @abstractmethod
    def sync(self) -> None:
        """Pulls what is new."""

    @property
    def view(self) -> LineView:
        """The view that is shown."""
        return self.view_of(self.tab)

    @property
    def timeline(self) -> LineView:
        """The rows of the events."""
        return self.view_of(Tab.TIMELINE)

    @property
    def event(self) -> int:
        """The number of the event under the cursor of the timeline."""
        return self.views.events.event(self.timeline.cursor) if self.views is not None else 0

    def view_of(self, tab: Tab) -> LineView:
        """The view of a tab."""
        return self.query_one(f"#{tab.view_id}", LineView)

    def go_to(self, event: int) -> None:
        """Puts the cursor of the timeline on an event, or on the next one that is shown."""
        if self.views is not None:
            self.timeline.follow = False
            self.timeline.move_cursor(self.views.events.row_of(event))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Lets the keys of the time cursor pass while there is none, or where text is typed."""
        if action in {"step", "play", "speed", "leave_time"}:
            return self.time.is_on and isinstance(self.screen.focused, LineView)
        return super().check_action(action, parameters)

    def action_time(self) -> None:
        """Goes through the stream from the event under the cursor on, or back to now."""
        if self.time.is_on:
            self.action_leave_time()
        elif self.views is not None and self.views.events.count:
            if self.tab not in ALONG_THE_STREAM:
                self.choose_tab(Tab.TIMELINE)
            self.time.is_on = True
            self.go_to(self.event)
            self._show_message()

    def action_leave_time(self) -> None:
        """Shows again what there is now."""
        self.time.leave()
        self._show_message()

    def action_step(self, events: int) -> None:
        """Goes to another event."""
        self.time.pause()
        self.go_to(self.event + events)
        self.sync()

    def action_play(self) -> None:
        """Plays the stream as it came, from the cursor on, or pauses."""
        if self.time.is_playing or self.views is None:
            self.time.pause()
        else:
            self.time.play(self.views.density.time_of(self.event), self._clock())
        self.sync()

    def action_speed(self) -> None:
        """Takes the next speed."""
        if self.views is not None:
            self.time.next_speed(self.views.density.time_of(self.event), self._clock())
        self.sync()

    def on_minimap_clicked(self, message: Minimap.Clicked) -> None:
        """Goes to the moment that was clicked; over the message it is shown as it was then."""
        if self.views is None:
            return
        self.time.pause()
        self.go_to(self.views.density.event_between(message.begin, message.end))
        if self.tab is Tab.MESSAGE and not self.time.is_on:
            self.action_time()
        self.sync()

    def _show_message(self) -> None:
        """Shows the message of the moment, or of now."""
        self.set_class(self.time.is_on, "-in-time")
        if self.views is not None:
            lines = self.views.lines(Tab.MESSAGE, at_moment=self.time.is_on)
            self.view_of(Tab.MESSAGE).show(lines)
        self.sync()

    def sync_time(self) -> None:
        """Goes on playing, and asks for the message of the moment."""
        views, time = self.views, self.time
        if views is None or not time.is_on:
            self.remove_class("-in-time")
            return
        if time.is_playing:
            self.go_to(time.advance(views.density, self.event, self._clock()))
        bar = self.query_one("#time-bar", RowBar)
        bar.show(time_row(time, views, self.event, self.size.width))
        if self.tab is Tab.MESSAGE and views.moment.aim(self.event):
            self._approach(views.moment)

    @work(group="moment", exclusive=True)
    async def _approach(self, moment: MomentLines) -> None:
        """Folds to the moment in slices, so that keys are served in between."""
        is_there = False
        while not is_there:
            is_there = moment.approach()
            await asyncio.sleep(0)
        self.view_of(Tab.MESSAGE).sync()

    def sync_minimap(self) -> None:
        """Draws where in the stream the view is."""
        views, minimap = self.views, self.query_one(Minimap)
        along = views is not None and len(views.density) > 0 and self.tab in ALONG_THE_STREAM
        minimap.display = along
        if views is None or self.exchange is None or not along:
            return
        window = None
        if self.tab is Tab.TIMELINE or self.time.is_on:
            first, last = self.timeline.visible_rows
            if self.tab is Tab.MESSAGE:
                first = last = self.timeline.cursor
            rows = (first, last, self.timeline.cursor)
            window = Window(*(views.density.time_of(views.events.event(row)) for row in rows))
        short = self.screen.has_class("-short")
        version = (len(self.exchange.findings), self.exchange.live)
        minimap.draw(views.density, window, version, two_rows=not short)
