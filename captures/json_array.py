"""The JSON array framing: the elements of one array that arrives as a stream.

This is how Gemini streams without ``alt=sse``: ``[{…}``, then ``\\n,\\r\\n{…}`` for every further
response, then ``\\n]``. An error may come as an object instead of the array. A frame is an element
with what divides it from the one before.

Bytes that break the array are one frame up to the next divider as Gemini writes it, which no
element holds: a line end before the comma.
"""

from __future__ import annotations

import re
from enum import StrEnum

from captures.findings.gemini import ARRAY_CUT, ARRAY_DAMAGED, ELEMENT_OVERSIZED
from captures.findings.rule import Complaint
from captures.growing_frame import GrowingFrame
from captures.sse import Frame, FrameKind

ELEMENT = "element"
"""The event type of every element: the framing tells none."""

ARRAY_END = "]"
"""The event type of the frame that closes the array. It dispatches nothing."""

_BLANKS = b" \t\r\n"
_BLANK = re.compile(rb"[ \t\r\n]*")
# Possessive: nothing is gone back to, and no place is remembered to go back to.
_STRING_CONTENT = rb'(?:[^"\\]++|\\.)*+'
_IN_STRING = re.compile(_STRING_CONTENT, re.DOTALL)
_BETWEEN_BRACKETS = re.compile(rb'(?:[^"{}\[\]]++|"' + _STRING_CONTENT + rb'")*+', re.DOTALL)
_DIVIDER = b"\n,\r\n"
_QUOTE, _BACKSLASH = b'"\\'
_OPENING = b"{["


class _Place(StrEnum):
    """Where in the body the next byte stands."""

    START = "before the array"
    FIRST = "before the first element"
    ELEMENT = "in an element"
    BEHIND = "behind an element"
    NEXT = "behind a comma"
    END = "behind the array"
    DAMAGE = "in bytes that break the array"


_MARKS: dict[_Place, dict[int, _Place]] = {
    _Place.START: {ord("["): _Place.FIRST, ord("{"): _Place.ELEMENT},
    _Place.FIRST: {ord("{"): _Place.ELEMENT, ord("]"): _Place.END},
    _Place.BEHIND: {ord(","): _Place.NEXT, ord("]"): _Place.END},
    _Place.NEXT: {ord("{"): _Place.ELEMENT},
    _Place.END: {},
}
"""What may come, blanks aside, and where it leads."""


class ArrayDecoder:
    """Turns the bytes of one body into frames. Mutable; never raises on any input."""

    name = "json array"

    def __init__(self, start: int = 0) -> None:
        self._frame = GrowingFrame(start, ELEMENT_OVERSIZED)
        # The rest of a body begins in the middle of an element.
        self._place = _Place.DAMAGE if start else _Place.START
        self._in_array = bool(start)
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._divider_seen = 0

    def feed(self, data: bytes, time: float) -> list[Frame]:
        """The frames that these bytes, arrived at this time in seconds, complete."""
        frames: list[Frame] = []
        begin = position = 0
        while position < len(data):
            before = self._place
            position = self._step(data, position)
            kind = self._completed(before)
            if kind is not None:
                self._frame.add(data[begin:position], time)
                frames.append(self._take(kind))
                begin = position
        self._frame.add(data[begin:], time)
        return frames

    def finish(self) -> list[Frame]:
        """The frame left: blanks behind the end, damage, or an array that nothing closes."""
        place, self._place = self._place, _Place.START
        self._depth, self._in_string, self._escaped = 0, False, False
        if place in {_Place.START, _Place.END}:
            return [self._frame.take(FrameKind.BLANK)] if self._frame.size else []
        if place is _Place.DAMAGE:
            return [self._take(FrameKind.DAMAGED)] if self._frame.size else []
        cut = Complaint(ARRAY_CUT, f"the body ends {place}")
        text = self._frame.text(_element) if place is _Place.ELEMENT else ""
        return [self._frame.take(FrameKind.UNFINISHED, data=text, cut=cut)]

    def _step(self, data: bytes, position: int) -> int:
        """Goes on to the next place, or to the end of these bytes."""
        if self._place is _Place.ELEMENT:
            return self._through_element(data, position)
        if self._place is _Place.DAMAGE:
            return self._through_damage(data, position)
        blank = _BLANK.match(data, position)
        position = blank.end() if blank else position
        if position == len(data):
            return position
        self._place = _MARKS[self._place].get(data[position], _Place.DAMAGE)
        if self._place is _Place.ELEMENT:
            return position
        if self._place is _Place.DAMAGE:
            self._divider_seen = 0
        self._in_array |= self._place is _Place.FIRST
        return position + 1

    def _completed(self, before: _Place) -> FrameKind | None:
        """What the step that led here from another place has completed."""
        if before is self._place:
            return None
        if before is _Place.ELEMENT:
            return FrameKind.EVENT
        if before is _Place.DAMAGE:
            return FrameKind.DAMAGED
        return FrameKind.SILENT if self._place is _Place.END else None

    def _take(self, kind: FrameKind) -> Frame:
        if kind is FrameKind.EVENT:
            return self._frame.take_event(ELEMENT, _element)
        if kind is FrameKind.SILENT:
            return self._frame.take(kind, ARRAY_END)
        complaint = Complaint(ARRAY_DAMAGED, f"{self._frame.size} bytes that are no element")
        return self._frame.take(kind, complaint=complaint)

    def _through_element(self, data: bytes, position: int) -> int:
        """To behind the element's last brace: its depth is counted, its strings are skipped."""
        if self._escaped:
            self._escaped = False
            position += 1
        while position < len(data):
            skipped = (_IN_STRING if self._in_string else _BETWEEN_BRACKETS).match(data, position)
            position = skipped.end() if skipped else position
            if position == len(data):
                break
            mark = data[position]
            position += 1
            if mark == _QUOTE:
                self._in_string = not self._in_string
            elif mark == _BACKSLASH:
                self._escaped = True
            else:
                self._depth += 1 if mark in _OPENING else -1
                if self._depth == 0:
                    self._place = _Place.BEHIND if self._in_array else _Place.END
                    break
        return position

    def _through_damage(self, data: bytes, position: int) -> int:
        """To behind the next divider."""
        while position < len(data):
            if self._divider_seen == 0:
                position = data.find(_DIVIDER[:1], position)
                if position < 0:
                    return len(data)
            if data[position] == _DIVIDER[self._divider_seen]:
                self._divider_seen += 1
            else:
                self._divider_seen = int(data[position] == _DIVIDER[0])
            position += 1
            if self._divider_seen == len(_DIVIDER):
                self._divider_seen = 0
                self._in_array = True
                self._place = _Place.NEXT
                break
        return position


def _element(data: bytes) -> bytes:
    """An element without what divides it from the one before."""
    return data[max(0, data.find(b"{")) :]
