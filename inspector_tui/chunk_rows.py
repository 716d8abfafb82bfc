"""The network's chunks against the stream's events, as rows. Pure: an exchange in, rows out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style

from captures.chunk_map import Cut, cut_before
from captures.cut_kinds import CutKind
from captures.exchange import Exchange
from captures.records import Boundary
from inspector_tui import palette
from inspector_tui.cells import Row, crop, fit, right, row_width
from inspector_tui.hex_rows import bytes_a_row, hex_row
from inspector_tui.numbers import count_text, plural, size_text
from inspector_tui.rows import BAR_AND_SPACE, gap_cells
from inspector_tui.safe import safe_text

MAX_SHOWN_CHUNK = 16 * 1024
"""Bytes of one chunk that are shown in hexadecimal."""

_TREACHEROUS = frozenset({CutKind.CODE_POINT, CutKind.CR_LF, CutKind.FIELD})
_FLAG_WIDTH = 19
_NARROWEST_RIBBON = 8
_WIDEST_RIBBON = 48


@dataclass(frozen=True, slots=True)
class ChunkSpan:
    """One chunk and the events it brings bytes of."""

    start: int
    """Offset in the decoded body."""
    stop: int
    events: range
    """Indices of the events it brings bytes of."""
    begins_inside: bool
    """Whether the first of them began in an earlier chunk."""
    stops_inside: bool
    """Whether it ends in the middle of an event, which may not have come whole yet."""


def span_of(exchange: Exchange, chunk: int) -> ChunkSpan:
    """Where a chunk lies in the body, and against the events."""
    chunks, events = exchange.body.chunks, exchange.events
    start = chunks.starts[chunk]
    stop = chunks.starts[chunk + 1] if chunk + 1 < len(chunks) else exchange.body.size
    first = max(0, bisect_right(events.starts, start) - 1)
    if first < len(events) and events.stops[first] <= start:
        first += 1
    behind = max(first, bisect_left(events.starts, stop))
    touched = range(first, behind) if stop > start else range(first, first)
    if not touched:
        return ChunkSpan(start, stop, touched, False, stop > start and exchange.is_stream)
    return ChunkSpan(
        start,
        stop,
        touched,
        begins_inside=events.starts[first] < start,
        stops_inside=events.stops[behind - 1] != stop,
    )


def chunk_header(width: int) -> Row:
    """The names over the columns of the chunks."""
    columns = _Columns(width)
    names = f"{right('#', 6)} {right('time', 7)} {right('gap', 7)} " + " " * columns.bar
    names += f"{right('bytes', 7)} {'events':<{columns.events}} "
    names += f"{fit('▏ its events', columns.ribbon)}  begins in"
    return [Segment(fit(names, width), palette.FAINTER)]


def chunk_row(exchange: Exchange, chunk: int, width: int) -> Row:
    """One network chunk: when it came, how large, which events it brings, into what it cuts."""
    columns, mark = _Columns(width), exchange.body.chunks[chunk]
    span = span_of(exchange, chunk)
    gap = mark.time - exchange.body.chunks.times[chunk - 1] if chunk else None
    row = [
        Segment(f"{chunk:>6} ", palette.FAINTER),
        Segment(f"{mark.time:>7.3f} ", palette.DIM),
        *gap_cells(gap, columns.bar),
        Segment(f"{right(size_text(mark.size), 7)} ", palette.DIM),
        Segment(f"{fit(events_words(span), columns.events)} ", palette.PLAIN),
        *ribbon(exchange, span, columns.ribbon),
        Segment("  "),
    ]
    words, style = _flag(span, cut_before(exchange, chunk), mark.boundary)
    return [*row, Segment(crop(words, width - row_width(row)), style)]


def events_words(span: ChunkSpan) -> str:
    """The events of a chunk by number, an ellipsis where one goes on beyond the chunk."""
    if not span.events:
        return "…" if span.stops_inside else ""
    first, last = span.events[0], span.events[-1]
    words = f"{first}" if first == last else f"{first}-{last}"
    return f"{'…' if span.begins_inside else ''}{words}{'…' if span.stops_inside else ''}"


def ribbon(exchange: Exchange, span: ChunkSpan, cells: int) -> Row:
    """The bytes of one chunk on a line: whole events solid, those cut by its ends dashed."""
    events, size = exchange.events, span.stop - span.start
    drawn = min(cells, size)
    if not exchange.is_stream:
        return [Segment("─" * drawn + " " * (cells - drawn), palette.FAINTER)]
    edges = [span.start + size * cell // max(1, drawn) for cell in range(drawn + 1)]
    row: Row = []
    for start, stop in pairwise(edges):
        index = bisect_right(events.starts, start) - 1
        begins = bisect_left(events.starts, start) < bisect_left(events.starts, stop)
        ends = bisect_right(events.stops, start) < bisect_right(events.stops, stop)
        begun_here = index >= 0 and span.start <= events.starts[index]
        whole = begun_here and events.stops[index] <= span.stop
        line = "━" if whole else "╍"
        character = "╋" if begins and ends else "┣" if begins else "┫" if ends else line
        row.append(Segment(character, palette.GOOD if whole else palette.WARNING))
    return [*row, Segment(" " * (cells - drawn))]


def two_tracks(exchange: Exchange, chunk: int, width: int) -> list[Row]:
    """The stretch of the body around one chunk: its chunks above, its events below, to scale."""
    chunks, events, body = exchange.body.chunks, exchange.events, exchange.body
    if not 0 <= chunk < len(chunks) or width < 30 or not body.size:
        return [[], []]
    span = span_of(exchange, chunk)
    around = max(span.stop - span.start, 120)
    start, stop = max(0, span.start - around), min(body.size, span.stop + around)
    first = max(0, body.chunk_at(start))
    behind = bisect_left(chunks.starts, stop)
    first_event = max(0, bisect_right(events.starts, start) - 1)
    behind_event = bisect_left(events.starts, stop)
    window, cells = (start, stop), width - 9
    return [
        [
            Segment(" chunks ", palette.FAINTER),
            *_track([(at, chunks.starts[at]) for at in range(first, behind)], window, cells, chunk),
        ],
        [
            Segment(" events ", palette.FAINTER),
            *_track(
                [(at, events.starts[at]) for at in range(first_event, behind_event)],
                window,
                cells,
                None,
            ),
        ],
    ]


def chunk_detail_rows(exchange: Exchange, chunk: int, width: int) -> list[Row]:
    """Everything about one chunk: times, sizes, what it cuts, its bytes."""
    mark, span = exchange.body.chunks[chunk], span_of(exchange, chunk)
    size = span.stop - span.start
    decoded = "" if size == mark.size else f" · decoded {plural(size, 'byte')}"
    words = f"{plural(mark.size, 'byte')} on the wire{decoded} · from byte {count_text(span.start)}"
    kind = "network chunk" if mark.boundary is Boundary.CHUNK else "socket read"
    rows: list[Row] = [
        [
            Segment(f" {kind} {chunk} ", palette.HEADING),
            Segment(f"· arrived at {mark.time:.6f} s", palette.DIM),
        ],
        [Segment(f" {crop(words, width - 1)}", palette.PLAIN)],
    ]
    if (cut := cut_before(exchange, chunk)) is not None:
        rows.append([Segment(f" it begins {_INTO[cut.kind]} of event {cut.event}", _style(cut))])
    names = [f"{index} {exchange.events.type(index)}" for index in span.events[:8]]
    if names:
        shown = safe_text(" · ".join(names)) + (" · …" if len(span.events) > 8 else "")
        rows.append([Segment(f" events {crop(shown, width - 8)}", palette.DIM)])
    rows.append([])
    columns = bytes_a_row(width)
    shown_stop = min(span.stop, span.start + MAX_SHOWN_CHUNK)
    for start in range(span.start, shown_stop, columns):
        data = exchange.body.bytes_between(start, min(shown_stop, start + columns))
        rows.append(hex_row(data, start, columns))
    if shown_stop < span.stop:
        rest = f" … {count_text(span.stop - shown_stop)} more bytes of this chunk"
        rows.append([Segment(rest, palette.WARNING)])
    return rows


class _Columns:
    """The widths of the columns in a row of some width. The ribbon has what is left."""

    def __init__(self, width: int) -> None:
        self.bar = BAR_AND_SPACE if width >= 96 else 0
        self.events = 12 if width >= 70 else 9
        room = width - (7 + 8 + 8 + self.bar + 8 + self.events + 1) - 2 - _FLAG_WIDTH
        self.ribbon = max(_NARROWEST_RIBBON, min(_WIDEST_RIBBON, room))


_INTO = {
    CutKind.CODE_POINT: "in the middle of a UTF-8 character",
    CutKind.CR_LF: "between CR and LF",
    CutKind.FIELD: "in a field name",
    CutKind.JSON_STRING: "in a JSON string",
    CutKind.LINES: "between the lines",
    CutKind.OTHER: "in a line",
}


def _style(cut: Cut) -> Style:
    return palette.ALARM if cut.kind in _TREACHEROUS else palette.WARNING


def _flag(span: ChunkSpan, cut: Cut | None, boundary: Boundary) -> tuple[str, Style]:
    if span.start == span.stop:
        return "decodes to nothing", palette.DIM
    if cut is not None:
        return f"✂ {cut.kind.value}", _style(cut)
    return ("" if boundary is Boundary.CHUNK else "socket read"), palette.FAINTER


def _track(
    starts: Sequence[tuple[int, int]], window: tuple[int, int], cells: int, chosen: int | None
) -> Row:
    """Numbered pieces of a stretch of bytes, to scale.

    Args:
        starts: number and first byte of each piece, ascending.
        window: the stretch: its first byte, and the one behind its last.
        cells: for how many cells.
        chosen: the number of the piece that is marked.
    """
    begin, end = window

    def cell(offset: int) -> int:
        return max(0, min(cells, (offset - begin) * cells // (end - begin)))

    row: Row = []
    for place, (number, start) in enumerate(starts):
        at = cell(start)
        stop = cell(starts[place + 1][1]) if place + 1 < len(starts) else cells
        if stop <= at:
            continue
        border = "│" if start >= begin else "…"
        label = fit(f"{border}{number}", stop - at) if stop - at > len(str(number)) else border
        style = palette.TRACKS[place % 2] if number != chosen else palette.CHOSEN_TRACK
        row.append(Segment(f"{label:<{stop - at}}"[: stop - at], style))
    return row
