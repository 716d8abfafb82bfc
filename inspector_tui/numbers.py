"""Times, sizes and counts as short words of a steady width."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

BAR_CELLS = 8
_EIGHTHS = "▏▎▍▌▋▊▉█"
_SHORTEST_GAP = 0.001
_DECADES = 4
"""The bar spans 1 ms to 10 s."""


def seconds_text(seconds: float | None) -> str:
    """A duration in at most 7 cells: ``–``, ``4 ms``, ``0.81 s``, ``12.3 s``, ``4m 05s``."""
    if seconds is None:
        return "–"
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 100:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m" if hours < 100 else f"{hours // 24} d"


def size_text(size: int) -> str:
    """A number of bytes: ``312 B``, ``4.1 kB``, ``12 MB``."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 9.95:
            return f"{value:.1f} {unit}"
        if value < 999.5 or unit == "GB":
            break
    return f"{value:.0f} {unit}"


def count_text(count: int) -> str:
    """A whole number with separators between its thousands."""
    return f"{count:,}"


def plural(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count_text(count)} {noun}" if count == 1 else f"{count_text(count)} {noun}s"


def clock_text(time: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """The local time of a capture: of today ``14:02:11``, of another day ``11-23 14:02``."""
    if time is None:
        return ""
    local, today = time.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%m-%d %H:%M}"


def gap_bar(seconds: float, cells: int = BAR_CELLS) -> str:
    """A bar for a wait, on a logarithmic scale from 1 ms to 10 s."""
    if seconds < _SHORTEST_GAP:
        return ""
    return share_bar(math.log10(seconds / _SHORTEST_GAP) / _DECADES, cells) or _EIGHTHS[0]


def share_bar(share: float, cells: int) -> str:
    """A bar that fills this share, from 0 to 1, of so many cells; a sliver for any share at all."""
    if share <= 0 or cells <= 0:
        return ""
    eighths = max(1, round(min(1.0, share) * cells * 8))
    rest = _EIGHTHS[eighths % 8 - 1] if eighths % 8 else ""
    return "█" * (eighths // 8) + rest
