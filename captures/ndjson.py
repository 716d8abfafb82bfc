"""The NDJSON framing: one JSON text a line.

After the ndjson specification: "The line separator is '\\n' […] '\\r\\n' is also supported". Blank
lines are ignored. A last line that nothing ends counts as a line, as readers of text files hold it.
"""

from __future__ import annotations

import orjson

from captures.findings.ndjson import LINE_CUT, LINE_OVERSIZED
from captures.findings.rule import Complaint
from captures.growing_frame import GrowingFrame
from captures.sse import Frame, FrameKind

LINE = "line"
"""The event type of every line: the framing tells none."""


class LineDecoder:
    """Turns the bytes of one body into frames, a line each. Mutable; never raises on any input."""

    name = "ndjson"

    def __init__(self, start: int = 0) -> None:
        self._frame = GrowingFrame(start, LINE_OVERSIZED)
        self._is_blank = True

    def feed(self, data: bytes, time: float) -> list[Frame]:
        """The frames that these bytes, arrived at this time in seconds, complete."""
        frames: list[Frame] = []
        begin = 0
        while (end := data.find(b"\n", begin) + 1) > 0:
            self._add(data[begin:end], time)
            frames.append(self._take_line())
            begin = end
        self._add(data[begin:], time)
        return frames

    def finish(self) -> list[Frame]:
        """The last line, where nothing ends it: an event if it is whole JSON."""
        if not self._frame.size:
            return []
        if self._is_blank or not self._frame.is_whole or _is_json(self._frame.text(bytes.strip)):
            return [self._take_line()]
        cut = Complaint(LINE_CUT, f"{self._frame.size} bytes of a line without its end")
        self._is_blank = True
        text = self._frame.text(bytes.strip)
        return [self._frame.take(FrameKind.UNFINISHED, data=text, cut=cut)]

    def _add(self, data: bytes, time: float) -> None:
        self._is_blank = self._is_blank and not data.strip()
        self._frame.add(data, time)

    def _take_line(self) -> Frame:
        blank, self._is_blank = self._is_blank, True
        if blank:
            return self._frame.take(FrameKind.BLANK)
        return self._frame.take_event(LINE, bytes.strip)


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
