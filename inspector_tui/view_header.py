"""What stands over the rows of a view and does not scroll with them, and under them. Pure."""

from __future__ import annotations

from rich.segment import Segment

from captures.exchange import Exchange
from inspector_tui import palette
from inspector_tui.cells import Row, crop, join_fitting
from inspector_tui.chunk_rows import chunk_detail_rows, chunk_header, two_tracks
from inspector_tui.document_lines import DocumentLines
from inspector_tui.documents import event_rows
from inspector_tui.hex_rows import hex_header
from inspector_tui.numbers import count_text, size_text
from inspector_tui.raw_lines import raw_header
from inspector_tui.rows import event_header
from inspector_tui.tabs import Tab
from inspector_tui.time_cursor import TimeCursor
from inspector_tui.views import Views


def header_rows(
    tab: Tab, exchange: Exchange, views: Views, cursor: int, width: int, *, as_hex: bool
) -> list[Row]:
    """The names of a view's columns, and over the chunks also where the cursor is among them.

    Args:
        tab: the view.
        exchange: what is shown.
        views: its rows.
        cursor: the row the cursor is on.
        width: cells of a row.
        as_hex: whether the body is shown in hexadecimal.
    """
    match tab:
        case Tab.TIMELINE:
            return [event_header(width)]
        case Tab.CHUNKS:
            tracks = two_tracks(exchange, cursor, width)
            return [views.chunks.tally_row(width), *tracks, chunk_header(width)]
        case Tab.RAW:
            header = hex_header(width) if as_hex else raw_header(width)
            return [*_not_kept_rows(exchange, width), header]
        case _:
            return []


def _not_kept_rows(exchange: Exchange, width: int) -> list[Row]:
    """That the view ends before the body does, because the bytes had no room."""
    kept, size = exchange.body.kept_size, exchange.body.size
    if kept == size:
        return []
    words = (
        f" shows {size_text(kept)} of {size_text(size)}: no room for the rest; ssescope cat has it"
    )
    return [[Segment(crop(words, width), palette.WARNING)]]


def time_row(time: TimeCursor, views: Views, event: int, width: int) -> Row:
    """Where the time cursor is in the stream, and its keys."""
    density = views.density
    state = "▶ playing" if time.is_playing else "‖ paused"
    where: list[Row] = [
        [Segment(f"{state} {time.speed_words}", palette.KEY)],
        [
            Segment(f"{density.time_of(event):.3f}", palette.STRONG),
            Segment(f" of {density.stop:.3f} s", palette.DIM),
        ],
        [Segment(f"event {count_text(event)} of {count_text(len(density))}", palette.DIM)],
    ]
    for key, does in (("← →", "step"), ("space", "play"), ("Esc", "now"), ("s", "speed")):
        where.append([Segment(key, palette.KEY), Segment(f" {does}", palette.FAINTER)])
    return [Segment(" "), *join_fitting(where, Segment("  "), width - 2)]


def detail_lines(tab: Tab, exchange: Exchange, index: int) -> DocumentLines:
    """Everything about the event or the chunk of this number."""
    build = event_rows if tab is Tab.TIMELINE else chunk_detail_rows
    return DocumentLines(
        lambda width: build(exchange, index, width), lambda: len(exchange.findings)
    )
