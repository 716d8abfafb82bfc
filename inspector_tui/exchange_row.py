"""The row of one exchange in the list, and the header over it. Pure: values in, styled rows out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from captures.verdict import Outcome
from inspector_tui import palette
from inspector_tui.cells import Row, crop, fit, right, row_width
from inspector_tui.list_order import NEWEST_FIRST, Column, Order
from inspector_tui.numbers import clock_text, count_text, seconds_text, size_text
from inspector_tui.rows import level_mark
from inspector_tui.summary import Summary

MEASURE_WIDTH = 7
STOP_WIDTH = 12
MARK = "*"

_MODEL_PREFIX = "claude-"
_MODEL_DATE = re.compile(r"-20\d{6}$")
_MEASURES = (Column.TOOK, Column.SIZE, Column.EVENTS, Column.SPEED)


@dataclass(frozen=True, slots=True)
class Around:
    """What a row is drawn from beside its exchange."""

    now: datetime
    """The present, which tells today's captures and how long a live one runs."""
    order: Order = NEWEST_FIRST
    dated: bool = False
    """Whether the time column has room for the date."""
    marked: bool = False
    branch: str = ""
    """How it hangs on the exchange above it, such as ``├ retry 2``; empty where it does not."""


def short_model(model: str) -> str:
    """A model's name without vendor prefix and date, for a narrow column."""
    return _MODEL_DATE.sub("", model.removeprefix(_MODEL_PREFIX))


def exchange_header(
    width: int, order: Order, *, dated: bool = False, notes: Sequence[str] = ()
) -> Row:
    """The names over the columns of the list, with ▼ or ▲ at the one it is sorted by.

    Args:
        width: cells of the row.
        order: what the list is sorted by.
        dated: whether the time column has room for the date.
        notes: what else is to be known of what is listed, in a word or two each.
    """
    columns = _Columns(width, dated, order)
    row: Row = [Segment("   "), _name("time", columns.time, order)]
    if columns.status:
        row.append(Segment(" " * columns.status))
    if columns.path:
        row.append(_name("path", columns.path, order))
    row.append(_name("model", columns.model, order))
    row += [_name(measure, MEASURE_WIDTH, order, at_right=True) for measure in columns.measures]
    if columns.stop:
        row.append(_name("stop reason", columns.stop, order))
    sorting = f"by {order.column} {order.sign}"
    if order.column in {Column.STATUS, Column.FINDINGS}:
        notes = (sorting, *notes)
    row.append(Segment("" if notes else " verdict", palette.FAINTER))
    row += [Segment(f" {note}", palette.KEY) for note in notes]
    if notes and row_width(row) > width:
        # How the list is sorted and what is left out must be readable; the columns speak for
        # themselves.
        words = " · ".join(dict.fromkeys((sorting, *notes)))
        row = [Segment(f"   {words}", palette.KEY)]
    return Segment.adjust_line_length(row, width)


def exchange_row(summary: Summary, width: int, around: Around) -> Row:
    """One exchange in the list.

    Args:
        summary: what is known of it.
        width: cells of the row.
        around: what else it is drawn from.
    """
    columns = _Columns(width, around.dated, around.order)
    mark = Segment(MARK, palette.HEADING) if around.marked else Segment(" ")
    if summary.verdict is None:
        return _row_without_verdict(summary, width, mark)
    outcome = palette.OUTCOME_STYLES[summary.verdict.outcome]
    row = [Segment(summary.verdict.sign, outcome), level_mark(summary.worst), mark]
    time = clock_text(summary.started, around.now)
    row.append(Segment(f"{time:<{columns.time}} ", palette.DIM))
    if columns.status:
        row.append(_status(summary.status))
    row += _what(summary, columns, around.branch)
    style = outcome if summary.live else palette.DIM
    for measure in columns.measures:
        words = _MEASURED[measure](summary, around.now)
        row.append(Segment(f"{right(words, MEASURE_WIDTH)} ", style))
        style = palette.FAINTER
    if columns.stop:
        row.append(Segment(f"{fit(summary.stop_reason or '–', columns.stop)} ", palette.DIM))
    calm = summary.verdict.outcome is Outcome.COMPLETE
    style = palette.DIM if calm else Style(color=outcome.color)
    words = short_verdict(summary, has_stop_reason=bool(columns.stop))
    pen = " ✎" if summary.annotation else ""
    row.append(Segment(pen, palette.WARNING))
    row.append(Segment(" " + crop(words, width - columns.fixed - 1 - len(pen)), style))
    return row


def exchange_key(summary: Summary, around: Around) -> tuple[object, ...]:
    """What a row of the list is drawn from: the same key, the same row."""
    ticks = round(summary.lasting(around.now), 1) if summary.live else 0
    drawn = (around.order, around.dated, around.marked, around.branch)
    return (summary, ticks, around.now.date(), *drawn)


def short_verdict(summary: Summary, *, has_stop_reason: bool) -> str:
    """The verdict in a few words.

    Args:
        summary: of the exchange.
        has_stop_reason: whether that stands in a column of its own; otherwise it says more than
            what the sign says already.
    """
    if summary.verdict is None:
        return ""
    if has_stop_reason and summary.verdict.outcome in {Outcome.COMPLETE, Outcome.CUT_OFF}:
        return summary.verdict.outcome.value
    return summary.verdict.headline.removeprefix("complete · ").removeprefix("CUT OFF · ")


class _Columns:
    """The widths of the columns in a row of some width. The verdict has the rest."""

    def __init__(self, width: int, dated: bool, order: Order) -> None:
        self.time = 11 if dated else 8
        self.status = 4 if width >= 52 else 0
        self.measures = _measures(width, order.column)
        self.stop = STOP_WIDTH if width >= 92 else 0
        self.path = 24 if width >= 110 else 0
        taken = 3 + self.time + 1 + self.status + len(self.measures) * (MEASURE_WIDTH + 1)
        taken += sum(each + 1 for each in (self.stop, self.path) if each)
        room = width - taken - 1
        self.model = max(6, min(22, room // 2))
        self.fixed = taken + 1 + self.model


def _measures(width: int, sorted_by: Column) -> tuple[Column, ...]:
    """The numbers there is room for; what the list is sorted by is among them."""
    count = 4 if width >= 124 else 2 if width >= 60 else 1
    shown = _MEASURES[:count]
    if sorted_by in _MEASURES and sorted_by not in shown:
        shown = (*shown[:-1], sorted_by)
    return shown


def _took(summary: Summary, now: datetime) -> str:
    return seconds_text(summary.lasting(now))


def _size(summary: Summary, _: datetime) -> str:
    return size_text(summary.size)


def _events(summary: Summary, _: datetime) -> str:
    return count_text(summary.events)


def _speed(summary: Summary, _: datetime) -> str:
    speed = summary.tokens_per_second
    return "–" if speed is None else f"{speed:.1f}"


_MEASURED: dict[Column, Callable[[Summary, datetime], str]] = {
    Column.TOOK: _took,
    Column.SIZE: _size,
    Column.EVENTS: _events,
    Column.SPEED: _speed,
}


def _name(name: str, width: int, order: Order, *, at_right: bool = False) -> Segment:
    """A column's name and the blank behind it."""
    is_sorted = order.column == name
    shown = f"{name}{order.sign}" if is_sorted else name
    shown = right(shown, width) if at_right else fit(shown, width)
    return Segment(f"{shown} ", palette.KEY if is_sorted else palette.FAINTER)


def _what(summary: Summary, columns: _Columns, branch: str) -> Row:
    """The model, or where there is none method and path; both where there is room."""
    asked = f"{summary.method} {summary.target}"
    model = short_model(summary.model)
    row: Row = []
    room = columns.model
    if branch:
        shown = crop(branch, max(1, room - 1))
        row.append(Segment(f"{shown} ", palette.KEY))
        room -= cell_len(shown) + 1
    if columns.path:
        row.insert(0, Segment(f"{fit(asked, columns.path)} ", palette.DIM))
        return [*row, Segment(f"{fit(model or '–', room)} ", palette.PLAIN)]
    style = palette.PLAIN if model else palette.DIM
    return [*row, Segment(f"{fit(model or asked, room)} ", style)]


def _row_without_verdict(summary: Summary, width: int, mark: Segment) -> Row:
    if not summary.problem:
        sign = Segment("· ", palette.FAINTER)
        return [sign, mark, Segment(fit(summary.name, width - 3))]
    name = crop(summary.file, max(12, width // 2))
    row = [Segment("✗!", palette.ALARM), mark, Segment(f"{name} ", palette.PLAIN)]
    return [*row, Segment(crop(summary.problem, width - 4 - cell_len(name)), palette.WARNING)]


def _status(status: int | None) -> Segment:
    if status is None:
        return Segment("··· ", palette.FAINTER)
    return Segment(f"{status:<3} "[:4], palette.ALARM if status >= 400 else palette.FAINTER)
