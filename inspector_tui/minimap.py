"""The whole stream in one or two rows: how fast it was written, where it stalled, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message

from captures.dialects.base import EventKind
from captures.findings.rule import Level
from inspector_tui import palette
from inspector_tui.cells import Row
from inspector_tui.density import Density, Slice
from inspector_tui.row_bar import RowBar
from inspector_tui.rows import STALLED_SECONDS

_LEVELS = "▁▂▃▄▅▆▇█"
_NARROWEST = 10
_MARGIN = 1
_STEPS = 100
"""The map is drawn anew when the stream has grown by this part of itself: about a cell."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is on the screen, as times in seconds since the request."""

    start: float
    stop: float
    cursor: float


def minimap_rows(
    density: Density, window: Window | None, width: int, *, two_rows: bool
) -> list[Row]:
    """The map of a stream.

    Args:
        density: what came when.
        window: the stretch that is on the screen, and where its cursor is; None if there is none.
        width: cells of a row.
        two_rows: whether stalls, findings and cursor have a row of their own.
    """
    cells = width - 2 * _MARGIN
    slices = density.slices(cells) if cells >= _NARROWEST else []
    if not slices:
        return [[], []] if two_rows else [[]]
    highest = max(1, *(part.written for part in slices))
    most_events = max(part.events for part in slices)
    stop = density.stop
    first = last = cursor = -1
    if window is not None:
        times = (window.start, window.stop, window.cursor)
        first, last, cursor = (_cell(time, stop, cells) for time in times)
    above: Row = [Segment(" " * _MARGIN)]
    below: Row = [Segment(" " * _MARGIN)]
    for at, part in enumerate(slices):
        shown = _behind(palette.RAISED) if first <= at <= last else Style.null()
        rate = _rate(part, highest, most_events)
        sign = _sign(part)
        if not two_rows and at == cursor:
            rate = Segment("┃", palette.CURSOR_MARK)
        elif not two_rows and sign is not None:
            rate = sign
        above.append(Segment(rate.text, (rate.style or Style.null()) + shown))
        if at == cursor:
            sign = Segment("▲", palette.CURSOR_MARK)
        elif sign is None:
            sign = Segment("─" if first <= at <= last else " ", palette.FAINTER)
        below.append(Segment(sign.text, (sign.style or Style.null()) + shown))
    return [above, below] if two_rows else [above]


def _cell(time: float, stop: float, cells: int) -> int:
    return max(0, min(cells - 1, int(time / stop * cells))) if stop > 0 else 0


def _rate(part: Slice, highest: int, most_events: int) -> Segment:
    if not part.events:
        stalled = part.silence >= STALLED_SECONDS
        return Segment("╌", palette.ALARM if stalled else palette.RULE)
    if part.written:
        level = part.written * (len(_LEVELS) - 1) // highest
        return Segment(_LEVELS[level], _kind_style(part.kind))
    # A stream that no dialect reads has events, and nothing that is known to be written.
    level = part.events * (len(_LEVELS) // 2) // (2 * most_events)
    return Segment(_LEVELS[level], _kind_style(part.kind))


def _sign(part: Slice) -> Segment | None:
    if part.worst is None:
        return None
    return Segment("i" if part.worst is Level.INFO else "!", palette.LEVEL_STYLES[part.worst])


def _kind_style(kind: EventKind | None) -> Style:
    match kind:
        case EventKind.TEXT:
            return _coloured(palette.GREEN)
        case EventKind.THINKING:
            return _coloured(palette.VIOLET)
        case EventKind.TOOL:
            return _coloured(palette.TEAL)
        case EventKind.ERROR | EventKind.UNFINISHED:
            return _coloured(palette.RED)
        case EventKind.STOP_REASON | EventKind.TERMINAL:
            return _coloured(palette.ACCENT)
        case _:
            return _coloured(palette.FAINT)


@cache
def _coloured(colour: str) -> Style:
    return Style(color=colour)


@cache
def _behind(colour: str) -> Style:
    return Style(bgcolor=colour)


class Minimap(RowBar):
    """Draws the map; a click on it asks for the moment it stands for."""

    class Clicked(Message):
        """A moment was asked for."""

        def __init__(self, begin: float, end: float) -> None:
            super().__init__()
            self.begin = begin
            """Where the stretch under the mouse begins, in seconds since the request."""
            self.end = end

    def __init__(self) -> None:
        super().__init__(id="minimap")
        self._stop = 0.0
        self._drawn: object = None

    def draw(
        self, density: Density, window: Window | None, version: object, *, two_rows: bool
    ) -> None:
        """Shows the map, if it is another than before.

        Args:
            density: what came when.
            window: the stretch that is on the screen, if it is one.
            version: what else the map is drawn from: the number of findings, whether it ended.
            two_rows: whether it has room for a second row.
        """
        width, stop = self.size.width, density.stop
        grown = len(density) // max(1, len(density) // _STEPS)
        cells = None
        if window is not None:
            times = (window.start, window.stop, window.cursor)
            cells = [_cell(time, stop, width - 2 * _MARGIN) for time in times]
        state = (width, grown, cells, version, two_rows)
        if state == self._drawn:
            return
        self._drawn, self._stop = state, stop
        self.styles.height = 2 if two_rows else 1
        self.show(*minimap_rows(density, window, self.size.width, two_rows=two_rows))

    def on_click(self, event: events.Click) -> None:
        """Asks for the moment under the mouse."""
        cells = self.size.width - 2 * _MARGIN
        if self._stop > 0 and cells >= _NARROWEST:
            cell = max(0, min(cells - 1, event.x - _MARGIN))
            begin, end = (self._stop * edge / cells for edge in (cell, cell + 1))
            self.post_message(self.Clicked(begin, end))
