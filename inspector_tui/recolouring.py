"""Paints rows, which are made in the colours of the palette, in those of another theme."""

from __future__ import annotations

from functools import cache, lru_cache

from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Ground
from textual.filter import LineFilter

from inspector_tui import palette
from inspector_tui.themes import Look, look_named

_STRONG = frozenset({palette.ACCENT, palette.GREEN, palette.AMBER, palette.YELLOW, palette.RED})
"""Backgrounds that carry a text of the colour that lies behind everything."""


class Recolouring(LineFilter):
    """Puts the colours of a look in place of those of the palette; others stay."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._change = lru_cache(1024)(self._change_of)

    def apply(self, segments: list[Segment], background: Ground) -> list[Segment]:
        """The segments in their new colours."""
        del background
        return [
            segment
            if (change := self._of(segment.style)) is None
            else Segment(segment.text, (segment.style or Style.null()) + change, segment.control)
            for segment in segments
        ]

    def _of(self, style: Style | None) -> Style | None:
        if style is None or not (style.color or style.bgcolor):
            return None
        return self._change(style.color, style.bgcolor)

    def _change_of(self, color: Color | None, ground: Color | None) -> Style | None:
        if self._look.sixteen:
            return self._in_sixteen(_hex(color), _hex(ground))
        new, behind = (self._look.colours.get(_hex(found)) for found in (color, ground))
        return Style(color=new, bgcolor=behind) if new or behind else None

    def _in_sixteen(self, color: str, ground: str) -> Style | None:
        """What a background tells is told by reversing; all others are the terminal's own."""
        if ground in _STRONG:
            mine = self._look.colours.get(ground, "default")
            return Style(color=mine, bgcolor="default", reverse=True)
        if not (color or ground):
            return None
        return Style(
            color=self._look.colours.get(color, "default") if color else None,
            bgcolor="default" if ground else None,
            reverse=True if ground == palette.CURSOR_GROUND else None,
            dim=True if color == palette.FAINT else None,
        )


@cache
def recolouring(theme: str) -> Recolouring | None:
    """What paints in the colours of the theme of this name; None where nothing is to be done."""
    look = look_named(theme)
    return Recolouring(look) if look.colours else None


def _hex(color: Color | None) -> str:
    """An RGB colour as the palette writes it; empty for any other."""
    if color is None or color.type is not ColorType.TRUECOLOR or color.triplet is None:
        return ""
    return color.triplet.hex
