"""Rows of styled text measured in terminal cells: fitting, wrapping, highlighting. All pure."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.segment import Segment
from rich.style import Style

from inspector_tui.safe import ELLIPSIS, safe_text

Row = list[Segment]
"""One line of the screen, left to right. Its texts are safe for a terminal."""


def fit(text: str, width: int) -> str:
    """Any text made safe and exactly this many cells wide, cut with an ellipsis if need be."""
    if width <= 0:
        return ""
    # A character is at least one cell wide, but for the few marks that may stand on it.
    shown = safe_text(text, max_length=4 * width + 4)
    if cell_len(shown) <= width:
        return set_cell_size(shown, width)
    return set_cell_size(shown, width - 1) + ELLIPSIS


def crop(text: str, width: int) -> str:
    """Any text made safe and at most this many cells wide, cut with an ellipsis if need be."""
    return fit(text, width).rstrip(" ") if cell_len(safe_text(text)) > width else safe_text(text)


def right(text: str, width: int) -> str:
    """A short safe text at the right of this many cells."""
    return text.rjust(width)[-width:] if width > 0 else ""


def row_text(row: Row) -> str:
    """The characters of a row."""
    return "".join(segment.text for segment in row)


def row_width(row: Row) -> int:
    """Cells a row takes."""
    return sum(segment.cell_length for segment in row)


def spread(left: Row, at_right: Row, width: int) -> Row:
    """One row with parts at both ends; the left part gives way, then the right."""
    room = width - row_width(at_right)
    if room <= 0:
        return Segment.adjust_line_length(at_right, width)
    return [*Segment.adjust_line_length(left, room), *at_right]


def join_fitting(pieces: list[Row], separator: Segment, width: int) -> Row:
    """The pieces in order, as many as fit this width whole."""
    row: Row = []
    used = 0
    for piece in pieces:
        needed = row_width(piece) + (separator.cell_length if row else 0)
        if used + needed > width:
            break
        row += [separator, *piece] if row else piece
        used += needed
    return row


def next_row(text: str, start: int, width: int) -> tuple[int, int]:
    """Where the row that begins at this place of a wrapped text stops, and the next begins.

    Breaks at line feeds, else behind the last space that fits, else anywhere.
    """
    window = text[start : start + width + 1]
    if not window.isascii():
        window = window[: _characters_within(window, width) + 1]
    line_end = window.find("\n")
    if line_end >= 0:
        return start + line_end, start + line_end + 1
    if start + len(window) >= len(text) and cell_len(window) <= width:
        return len(text), len(text)
    space = window.rfind(" ", 1)
    if space > 0:
        return start + space, start + space + 1
    stop = start + max(1, len(window) - 1)
    return stop, stop


def wrapped(text: str, width: int) -> Iterator[str]:
    """The rows of a safe text, wrapped at this many cells; an empty text has one row."""
    start = 0
    while True:
        stop, following = next_row(text, start, max(1, width))
        yield text[start:stop]
        if following >= len(text):
            break
        start = following


def highlighted(row: Row, needle: str, style: Style) -> Row:
    """The row with each place of the needle within one segment styled, letter case ignored."""
    if not needle:
        return row
    needle = needle.lower()
    result: Row = []
    for segment in row:
        text, lower, start = segment.text, segment.text.lower(), 0
        if len(lower) != len(text):
            result.append(segment)
            continue
        while (found := lower.find(needle, start)) >= 0:
            if found > start:
                result.append(Segment(text[start:found], segment.style))
            start = found + len(needle)
            base = segment.style or Style.null()
            result.append(Segment(text[found:start], base + style))
        if start < len(text):
            result.append(Segment(text[start:], segment.style))
    return result


def _characters_within(text: str, width: int) -> int:
    """How many characters of a text fit this many cells."""
    used = 0
    for index, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > width:
            return index
    return len(text)
