"""The rows of the timeline, one an event. Pure: values in, a styled row out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from captures.dialects.base import Event, EventKind
from captures.findings.rule import Level
from captures.stop_reasons import CUT_OFF_KINDS, stop_kind
from inspector_tui import palette
from inspector_tui.cells import Row, crop, fit, right
from inspector_tui.numbers import BAR_CELLS, gap_bar, seconds_text

SLOW_SECONDS = 0.2
STALLED_SECONDS = 1.0

BAR_AND_SPACE = BAR_CELLS + 1
"""Cells of the bar of a gap."""

_TYPE_WIDTH = 19
_LABELS = {EventKind.THINKING: "thinking ", EventKind.TOOL: "tool "}


def event_header(width: int) -> Row:
    """The names over the columns of the timeline."""
    columns = _EventColumns(width)
    names = f"  {right('#', columns.index)} {right('time', 7)} {right('gap', 7)} "
    names += " " * columns.bar + f"{'event':<{_TYPE_WIDTH}}  payload"
    return [Segment(fit(names, width), palette.FAINTER)]


def event_row(
    event: Event,
    index: int,
    previous: float | None,
    mark: Level | None,
    width: int,
    *,
    tie: str = " ",
    found: Sequence[tuple[int, int]] = (),
) -> Row:
    """One event in the timeline.

    Args:
        event: the event.
        index: its number in the exchange, from 0.
        previous: arrival of the event before it, in seconds; None for the first.
        mark: the worst level among the findings that speak of it.
        width: cells of the row.
        tie: a sign for how it shares its network chunk with its neighbours.
        found: stretches of its text that are highlighted.
    """
    columns = _EventColumns(width)
    time = event.frame.last_time
    gap = None if previous is None else time - previous
    quiet = event.kind in {EventKind.PING, EventKind.COMMENT, EventKind.NOTHING}
    row = [
        level_mark(mark),
        Segment(tie, palette.TIE),
        Segment(f"{index:>{columns.index}} ", palette.FAINTER),
        Segment(f"{time:>7.3f} ", palette.FAINTER if quiet else palette.DIM),
        *gap_cells(gap, columns.bar),
    ]
    room = width - columns.fixed
    type_ = f"{fit(event.type, _TYPE_WIDTH)}  "
    if event.stop_reason is not None and stop_reason_label(event.stop_reason).cell_length > room:
        # The label must be readable before the payloads need be in line.
        type_ = f"{crop(event.type, _TYPE_WIDTH)} "
        room += _TYPE_WIDTH + 2 - cell_len(type_)
    return [*row, Segment(type_, _type_style(event)), *_payload(event, room, found)]


def stop_reason_label(reason: str) -> Segment:
    """The one label that must not be overlooked."""
    style = palette.STOPPED_BY_LIMIT if stop_kind(reason) in CUT_OFF_KINDS else palette.STOPPED
    return Segment(f" stop_reason: {crop(reason, 40)} ", style)


def gap_cells(gap: float | None, bar: int) -> Row:
    """A wait in words and, where there is room, as a bar of this many cells."""
    if gap is None:
        return [Segment(" " * (8 + bar))]
    style = palette.FAINTER
    if gap >= STALLED_SECONDS:
        style = palette.ALARM
    elif gap >= SLOW_SECONDS:
        style = palette.WARNING
    row = [Segment(f"{right(seconds_text(gap), 7)} ", style)]
    if bar:
        row.append(Segment(f"{gap_bar(gap):<{bar}}", style))
    return row


class _EventColumns:
    """The widths of the timeline's columns in a row of some width. The payload has the rest."""

    def __init__(self, width: int) -> None:
        self.index = 5 if width >= 90 else 4
        self.bar = BAR_AND_SPACE if width >= 68 else 0
        self.fixed = 2 + self.index + 1 + 8 + 8 + self.bar + _TYPE_WIDTH + 2


def level_mark(level: Level | None) -> Segment:
    """One cell for the worst level among some findings."""
    if level is None:
        return Segment(" ")
    return Segment("i" if level is Level.INFO else "!", palette.LEVEL_STYLES[level])


def _type_style(event: Event) -> Style:
    match event.kind:
        case EventKind.ERROR | EventKind.UNFINISHED:
            return palette.ALARM
        case EventKind.START | EventKind.STOP_REASON | EventKind.TERMINAL | EventKind.OTHER:
            return palette.PLAIN
        case EventKind.PING | EventKind.COMMENT | EventKind.NOTHING:
            return palette.FAINTER
        case _:
            return palette.DIM


def _payload(event: Event, room: int, found: Sequence[tuple[int, int]]) -> Row:
    if room <= 0:
        return []
    style = palette.KIND_STYLES[event.kind]
    if event.stop_reason is not None:
        label = stop_reason_label(event.stop_reason)
        if label.cell_length > room:
            return [Segment(fit(label.text, room), label.style)]
        account = crop(f" {event.text}", room - label.cell_length)
        return [label, Segment(account, style)]
    label_text = _LABELS.get(event.kind, "")
    row = [Segment(label_text, palette.FAINTER)] if label_text else []
    room -= len(label_text)
    if not found:
        return [*row, Segment(crop(event.text, room), style)]
    return [*row, *_with_found(event.text, found, room, style)]


def _with_found(text: str, found: Sequence[tuple[int, int]], room: int, style: Style) -> Row:
    """A text of which some stretches, in their order, are highlighted."""
    row: Row = []
    edges = [0, *(edge for span in found for edge in span), len(text)]
    for place, (start, stop) in enumerate(pairwise(edges)):
        shown = crop(text[start:stop], room)
        row.append(Segment(shown, style + palette.FOUND if place % 2 else style))
        room -= cell_len(shown)
    return row
