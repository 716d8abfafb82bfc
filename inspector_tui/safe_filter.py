"""The net under safe_text: control characters that reach the screen by any other way."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb]"
)


class SafeFilter(LineFilter):
    """Drops control, bidirectional and zero-width characters from every line that is drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without them; the very same list where there are none."""
        drawn = "".join([text for text, _, control in segments if not control])
        if not _CONTROL.search(drawn):
            return segments
        return [
            Segment(text if control else _CONTROL.sub("", text), style, control)
            for text, style, control in segments
        ]
