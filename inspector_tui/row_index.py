"""Where the rows of a body begin that is shown as text: found once, kept for one row in sixteen."""

from __future__ import annotations

from array import array

from rich.cells import cell_len

from captures.body import Body
from inspector_tui.safe import safe_text

BYTES_AT_ONCE = 512 * 1024
"""Bytes of the body that are divided into rows at once: about ten milliseconds of work."""

HARD_ROWS_AT_ONCE = 500
"""Rows with more than ASCII, whose width must be looked up, at once: as much work. It may not be
less than ROWS_A_MARK."""

ROWS_A_MARK = 16
"""Of so many rows the place of the first is kept; the others are found again from there."""

_OPEN_GROUPS = 16


def shown_bytes(data: bytes) -> str:
    """Bytes as one line of safe text: line ends visible, what is no UTF-8 as ``\\xNN``."""
    return safe_text(data.decode("utf-8", "backslashreplace"))


class RowIndex:
    """The rows of one body for one width. Mutable: it grows with the body.

    A row ends behind its line feed, or where it is full. Its end depends on no byte that is more
    than a row's width behind its beginning: rows before that are settled, the last are not.
    """

    def __init__(self, body: Body, width: int) -> None:
        self._body = body
        self._width = width
        self._marks = array("Q")
        self._settled = 0
        self._settled_stop = 0
        self._loose: list[int] = []
        self._stop = 0
        self._open: dict[tuple[int, int], list[int]] = {}

    @property
    def is_behind(self) -> bool:
        """Whether the body goes on behind the last row."""
        return self._stop < self._body.kept_size

    def extend(self) -> None:
        """Takes in what is new, a bounded amount of it."""
        if not self.is_behind:
            return
        data = self._body.bytes_between(self._settled_stop, self._settled_stop + BYTES_AT_ONCE)
        starts, stop = settled_rows(data, self._width)
        first = -self._settled % ROWS_A_MARK
        self._marks.extend(self._settled_stop + start for start in starts[first::ROWS_A_MARK])
        self._settled += len(starts)
        self._settled_stop += stop
        self._stop = self._settled_stop
        rest = data[stop:]
        if self._settled_stop + len(rest) == self._body.kept_size and len(rest) <= 4 * self._width:
            self._loose = [self._settled_stop + start for start in all_rows(rest, self._width)]
            self._stop += len(rest)
        else:
            self._loose = []

    def __len__(self) -> int:
        return self._settled + len(self._loose)

    def span(self, row: int) -> tuple[int, int]:
        """Where a row begins and ends in the body."""
        return self._start(row), self._stop if row + 1 == len(self) else self._start(row + 1)

    def _start(self, row: int) -> int:
        if row >= self._settled:
            return self._loose[row - self._settled]
        group, place = divmod(row, ROWS_A_MARK)
        return self._group(group)[place]

    def _group(self, group: int) -> list[int]:
        is_last = group + 1 == len(self._marks)
        begin = self._marks[group]
        end = self._settled_stop if is_last else self._marks[group + 1]
        starts = self._open.get((group, end))
        if starts is None:
            data = self._body.bytes_between(begin, end + self._width + 1)
            found, _ = settled_rows(data, self._width)
            starts = [begin + start for start in found if begin + start < end]
            if len(self._open) == _OPEN_GROUPS:
                self._open.clear()
            self._open[group, end] = starts
        return starts


def settled_rows(data: bytes, width: int) -> tuple[list[int], int]:
    """Where rows begin that no further byte could change, and where the last of them ends.

    Args:
        data: bytes from the beginning of a row on.
        width: cells that a row has room for.
    """
    starts: list[int] = []
    start, hard_rows = 0, 0
    while start < len(data) and hard_rows < HARD_ROWS_AT_ONCE:
        end = data.find(b"\n", start) + 1
        line_stop = end or max(start, len(data) - width)
        if data[start : end or len(data)].isascii():
            # Of ASCII each byte has one cell, whatever stands for it.
            starts.extend(range(start, line_stop, width))
            full_rows = (line_stop - start + width - 1) // width
            start = end or start + full_rows * width
        else:
            while start < line_stop and hard_rows < HARD_ROWS_AT_ONCE:
                starts.append(start)
                hard_rows += 1
                start = _row_stop(data, start, width)
        if not end:
            break
    return starts, start


def all_rows(data: bytes, width: int) -> list[int]:
    """Where all rows begin, the last of which may go on with what comes."""
    starts, start = [], 0
    while start < len(data):
        starts.append(start)
        start = _row_stop(data, start, width)
    return starts


def _row_stop(data: bytes, start: int, width: int) -> int:
    """Where the row ends that begins here."""
    line_end = data.find(b"\n", start, start + width) + 1
    stop = line_end or min(len(data), start + width)
    while stop - start > 1 and cell_len(shown_bytes(data[start:stop])) > width:
        stop = start + (stop - start) // 2
    if stop == line_end:
        return stop
    while stop - start > 1 and stop < len(data) and data[stop] & 0xC0 == 0x80:
        stop -= 1
    return stop
