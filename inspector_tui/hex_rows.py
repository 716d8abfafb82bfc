"""Bytes as rows of hexadecimal beside their text. Pure."""

from __future__ import annotations

from collections.abc import Container, Hashable

from rich.segment import Segment

from captures.body import Body
from inspector_tui import palette
from inspector_tui.cells import Row

CHUNK_MARK = "┃"
_OFFSET_WIDTH = 8
_WIDE = 16
_NARROW = 8


def bytes_a_row(width: int) -> int:
    """How many bytes a row of this many cells shows."""
    return _WIDE if width >= _OFFSET_WIDTH + 2 + 4 * _WIDE + 3 else _NARROW


def hex_header(width: int) -> Row:
    """The names over the columns."""
    names = f" {'byte':>{_OFFSET_WIDTH}} {'hexadecimal':<{3 * bytes_a_row(width) + 2}} text"
    names += f"   {CHUNK_MARK} begins a network chunk"
    return [Segment(names[:width], palette.FAINTER)]


def hex_row(data: bytes, start: int, columns: int, begins: Container[int] = ()) -> Row:
    """One row of bytes.

    Args:
        data: the bytes, as many as there are columns at most.
        start: the offset of the first of them.
        columns: for how many bytes the row has room.
        begins: offsets at which a network chunk begins.
    """
    row = [Segment(f"{start:>{_OFFSET_WIDTH}} ", palette.FAINTER)]
    for place, byte in enumerate(data):
        if start + place in begins:
            row.append(Segment(CHUNK_MARK, palette.CURSOR_MARK))
        else:
            row.append(Segment(" "))
        row.append(Segment(f"{byte:02x}", palette.PLAIN if _is_shown(byte) else palette.DIM))
    row.append(Segment("   " * (columns - len(data)) + "  "))
    text = "".join(chr(byte) if _is_shown(byte) else "·" for byte in data)
    return [*row, Segment(text, palette.JSON_STRING)]


class HexLines:
    """The decoded body of one exchange as rows of bytes."""

    has_cursor = False

    def __init__(self, body: Body) -> None:
        self._body = body
        self._columns = _WIDE
        self._size = 0

    def update(self, width: int) -> None:
        """Takes in what the body has gained."""
        self._columns, self._size = bytes_a_row(width), self._body.kept_size

    def __len__(self) -> int:
        return (self._size + self._columns - 1) // self._columns

    def key(self, index: int) -> Hashable:
        """A row changes as long as it is not full."""
        return self._columns, min(self._size, (index + 1) * self._columns)

    def row(self, index: int) -> Row:
        """The bytes at this place."""
        start = index * self._columns
        stop = min(self._size, start + self._columns)
        chunks = self._body.chunks
        begins = {chunks.starts[chunk] for chunk in self._body.chunks_between(start, stop)}
        return hex_row(self._body.bytes_between(start, stop), start, self._columns, begins)


def _is_shown(byte: int) -> bool:
    return 0x20 <= byte < 0x7F
