"""Where the grip of a scrollbar is, as fine as a terminal shows it. Pure."""

from __future__ import annotations

from math import ceil

_EIGHTHS = 8
"""Steps in a cell that a scrollbar can show."""


def grip_of(rows: int, height: int, top: int) -> tuple[int, int]:
    """The first and the last step of the grip: as long as they are the same, so is the bar.

    Args:
        rows: how many rows there are.
        height: how many of them are on the screen.
        top: the first of those.
    """
    if rows <= height or not height:
        return 0, 0
    size = max(1.0, height * height / rows)
    start = int((height - size) * top / (rows - height) * _EIGHTHS)
    return start, start + ceil(size * _EIGHTHS)
