"""The body as it came: its lines with their byte offsets, and every network chunk boundary.

A mark stands where a network chunk begins, so that an event, a line or a character that was cut
in two can be seen. Bytes that are no UTF-8 by themselves are shown as ``\\xNN``.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise

from rich.segment import Segment

from captures.exchange import Exchange
from inspector_tui import palette
from inspector_tui.cells import Row
from inspector_tui.row_index import RowIndex, shown_bytes

CHUNK_MARK = "┃"
_OFFSET_WIDTH = 8
_CHUNK_WIDTH = 7
_GUTTER = _OFFSET_WIDTH + _CHUNK_WIDTH + 2
_NARROWEST = 16
_LONGEST_FIELD = 8
"""Bytes in which the name of an SSE field and its colon are looked for."""


def raw_header(width: int) -> Row:
    """The names over the columns."""
    names = f" {'byte':>{_OFFSET_WIDTH}} {'chunk':>{_CHUNK_WIDTH}}  body"
    names += f"   {CHUNK_MARK} begins a network chunk"
    return [Segment(names[:width], palette.FAINTER)]


class RawLines:
    """The decoded body of one exchange as rows."""

    has_cursor = False

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._width = 0
        self._rows = RowIndex(exchange.body, _NARROWEST)

    @property
    def is_behind(self) -> bool:
        """Whether not all of the body has been divided into rows."""
        return self._rows.is_behind

    def update(self, width: int) -> None:
        """Divides what is new into rows, a bounded number of bytes at once."""
        if width != self._width:
            self._width = width
            self._rows = RowIndex(self._exchange.body, max(_NARROWEST, width - _GUTTER))
        self._rows.extend()

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> Hashable:
        """A row is its span of bytes; the chunk boundaries in it came with them."""
        return self._rows.span(index)

    def row(self, index: int) -> Row:
        """The bytes at this place."""
        start, stop = self._rows.span(index)
        chunks = self._exchange.body.chunks_between(start, stop)
        begins = {self._exchange.body.chunks.starts[chunk] for chunk in chunks}
        number = f"{chunks[0]}" if chunks else ""
        row = [
            Segment(f"{start:>{_OFFSET_WIDTH}} {number:>{_CHUNK_WIDTH}} ", palette.FAINTER),
        ]
        value = self._value_start(start, stop)
        places = sorted({start, value, stop} | begins)
        for place, following in pairwise(places):
            if place in begins:
                row.append(Segment(CHUNK_MARK, palette.CURSOR_MARK))
            data = self._exchange.body.bytes_between(place, following)
            style = palette.JSON_NAME if place < value else palette.PLAIN
            row.append(Segment(shown_bytes(data), style))
        return row

    def _value_start(self, start: int, stop: int) -> int:
        """Where the value of the field begins, in a row that begins a line with one."""
        body = self._exchange.body
        if self._exchange.framing != "sse":
            return start
        if start and body.bytes_between(start - 1, start) != b"\n":
            return start
        colon = body.bytes_between(start, min(stop, start + _LONGEST_FIELD)).find(b":")
        return start if colon < 0 else start + colon + 1
