"""The SSE decoder: bytes cut anywhere into frames that tile the body.

After the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream". A frame is a block:
everything up to and including the blank line that ends it. Blocks that dispatch nothing
(comments, a lone ``retry``, a spare blank line) are frames too, since a debugger must show them.

A block that ends in a lone CR is held until the next byte or the end of the stream tells whether
an LF belongs to it ("CRLF split over two reads"), so that frames do not depend on the cuts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from sys import intern

from captures.findings.rule import Complaint
from captures.findings.sse import OVERSIZED_EVENT, UNFINISHED_EVENT
from captures.grammar import Grammar

MAX_FRAME_SIZE = 32 * 1024 * 1024
"""Bytes of one block that are kept for parsing; a longer block becomes an OVERSIZED frame."""

BYTE_ORDER_MARK = "\ufeff"

_NEVER_A_FIELD = (b"{", b"[", b"<")
"""How bodies of JSON and HTML begin."""
_RETRY_VALUE = re.compile(r"[0-9]{1,4000}")


class FrameKind(StrEnum):
    """What a block of the stream comes to."""

    EVENT = "event"
    """It dispatches an event."""
    COMMENT = "comment"
    """It holds comment lines alone."""
    SILENT = "silent"
    """It holds fields and dispatches nothing, because it has no data."""
    BLANK = "blank"
    """A spare blank line."""
    UNFINISHED = "unfinished"
    """The stream ended before its blank line: the standard says to discard it."""
    OVERSIZED = "oversized"
    """It is longer than MAX_FRAME_SIZE and was not parsed."""
    DAMAGED = "damaged"
    """Its bytes break the framing: no event can be read from them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One block of an event stream."""

    kind: FrameKind
    start: int
    """Offset of its first byte in the decoded body."""
    stop: int
    """Offset behind its last byte. The next frame starts here."""
    first_time: float
    """Arrival of its first byte, in seconds since the request."""
    last_time: float
    """Arrival of the byte that completed it, in seconds since the request."""
    event: str = ""
    """Event type: of an EVENT ``message`` unless an ``event`` field said otherwise."""
    data: str = ""
    last_event_id: str = ""
    """The last id that this block or one before it set."""
    sets_id: bool = False
    """Whether this block has an id field that counts."""
    retry: int | None = None
    """Reconnection time in milliseconds, where this block sets it."""
    comments: tuple[str, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    """What is wrong with its framing, before a dialect has seen it."""
    cut: Complaint | None = None
    """What it means that an UNFINISHED one has no end, where the upstream ended the body."""
    is_error: bool = False
    """Whether the framing itself says that it is an error."""

    @property
    def size(self) -> int:
        """Bytes of the block, its blank line included."""
        return self.stop - self.start


class Decoder:
    """Turns the bytes of one event stream into frames.

    Feed it the body in pieces of any size, then call finish(). It never raises on any input.
    """

    name = "sse"

    def __init__(self, start: int = 0) -> None:
        self._buffer = bytearray()
        self._start = start
        self._origin = start
        self._line_start = 0
        self._scan = 0
        self._discarded = 0
        self._first_time = 0.0
        self._last_time = 0.0
        self._last_event_id = ""
        self._grammar = Grammar()

    def feed(self, data: bytes, time: float) -> list[Frame]:
        """The frames that these bytes, arrived at this time in seconds, complete."""
        frames: list[Frame] = []
        if not data:
            return frames
        if not self._buffer and not self._discarded:
            self._first_time = time
        held_since = self._last_time
        arrived = len(self._buffer)
        self._buffer += data
        self._last_time = time
        while (blank_line := self._end_of_block()) >= 0:
            completed = held_since if blank_line < arrived else time
            frames.append(self._take_block(completed))
            self._first_time = time
            arrived = 0
        self._bound_buffer()
        return frames

    def finish(self) -> list[Frame]:
        """The frames left when the stream has ended: a held CR's, then an unfinished block."""
        frames: list[Frame] = []
        if self._buffer.endswith(b"\r") and len(self._buffer) - 1 == self._line_start:
            self._line_start = self._scan = len(self._buffer)
            frames.append(self._take_block(self._last_time, is_whole=False))
        elif self._buffer or self._discarded:
            frames.append(self._unfinished())
        return frames

    def _end_of_block(self) -> int:
        """Where the blank line begins that ends the block; -1 if it has not come whole.

        Line ends are sought with find(), which on long lines is many times faster than a pattern.
        """
        buffer, line_start, scan = self._buffer, self._line_start, self._scan
        size = len(buffer)
        while True:
            lf = buffer.find(b"\n", scan)
            cr = buffer.find(b"\r", scan, size if lf < 0 else lf)
            end = lf if cr < 0 else cr
            if end < 0 or cr + 1 == size:
                # No line end, or a CR of which nobody knows yet whether it is half of one.
                self._line_start, self._scan = line_start, size if end < 0 else cr
                return -1
            scan = lf + 1 if lf in (cr + 1, end) else cr + 1
            if end == line_start:
                self._line_start = self._scan = scan
                return end
            line_start = scan

    def _take_block(self, completed: float, *, is_whole: bool = True) -> Frame:
        block = bytes(self._buffer[: self._line_start])
        del self._buffer[: self._line_start]
        start, oversized = self._start, self._discarded
        self._start += oversized + len(block)
        self._line_start = self._scan = self._discarded = 0
        span = (start, self._start, self._first_time, completed)
        if oversized or len(block) > MAX_FRAME_SIZE:
            complaint = Complaint(OVERSIZED_EVENT, f"{self._start - start} bytes")
            return Frame(FrameKind.OVERSIZED, *span, complaints=(complaint,))
        # Of a held CR nobody knows whether it was meant to be CR LF.
        judged = block if is_whole else block[:-1]
        return self._interpret(block, judged, span)

    def _unfinished(self) -> Frame:
        size = self._discarded + len(self._buffer)
        text = "" if self._discarded else self._buffer.decode("utf-8", "replace")
        lines = _lines(text)
        # The standard acts on a comment at once: nothing of it is discarded.
        only_comments = bool(lines) and all(line.startswith(":") for line in lines)
        complaint = Complaint(UNFINISHED_EVENT, f"{size} bytes of an event without its end")
        frame = Frame(
            FrameKind.COMMENT if only_comments else FrameKind.UNFINISHED,
            self._start,
            self._start + size,
            self._first_time,
            self._last_time,
            data="" if only_comments else text,
            last_event_id=self._last_event_id,
            comments=tuple(line[1:] for line in lines) if only_comments else (),
            complaints=() if self._discarded else self._judge_unfinished(),
            cut=None if only_comments else complaint,
        )
        self._buffer.clear()
        self._start += size
        self._line_start = self._scan = self._discarded = 0
        return frame

    def _judge_unfinished(self) -> tuple[Complaint, ...]:
        """The last line may be torn, and is judged only if it never was one of an event stream."""
        torn = bytes(self._buffer[self._line_start : self._line_start + 1])
        size = len(self._buffer) if torn in _NEVER_A_FIELD else self._line_start
        raw = bytes(self._buffer[:size])
        return self._grammar.look_at(raw, at_start=self._start == self._origin == 0)

    def _bound_buffer(self) -> None:
        """Forgets the text of a block that outgrew the limit, keeping its size and its end."""
        if len(self._buffer) <= MAX_FRAME_SIZE and not self._discarded:
            return
        keep_from = min(self._line_start, self._scan)
        if self._line_start < self._scan:
            # The line has begun: one of its bytes must stay, or its end would look like a blank.
            keep_from = self._scan - 1
        self._discarded += keep_from
        del self._buffer[:keep_from]
        self._line_start = 0
        self._scan -= keep_from

    def _interpret(self, block: bytes, judged: bytes, span: tuple[int, int, float, float]) -> Frame:
        """The fields of one block, after the standard's section 9.2.6."""
        at_start = span[0] == self._origin == 0
        text = block.decode("utf-8", "replace")
        if at_start:
            text = text.removeprefix(BYTE_ORDER_MARK)
        event, retry = "", None
        data: list[str] = []
        comments: list[str] = []
        is_odd = lacks_space = has_fields = sets_id = False
        for line in _lines(text):
            name, _, value = line.partition(":")
            if not name:
                comments.append(value)
                continue
            has_fields = True
            # "If value starts with a U+0020 SPACE character, remove it from value."
            if value.startswith(" "):
                value = value[1:]
            elif value:
                lacks_space = True
            if name == "data":
                data.append(value)
            elif name == "event":
                is_odd |= event != ""
                event = value
            elif name == "id" and "\0" not in value:
                self._last_event_id = value
                sets_id = True
            elif name == "retry" and _RETRY_VALUE.fullmatch(value):
                retry = int(value)
            else:
                is_odd = True
        is_odd |= len(data) > 1
        complaints = self._grammar.judge(
            judged, text, at_start=at_start, is_odd=is_odd, lacks_space=lacks_space
        )
        return Frame(
            _kind_of(data, comments, has_fields=has_fields),
            *span,
            event=intern(event) or ("message" if data else ""),
            data="\n".join(data),
            last_event_id=self._last_event_id,
            sets_id=sets_id,
            retry=retry,
            comments=tuple(comments),
            complaints=complaints,
        )


def _kind_of(data: list[str], comments: list[str], *, has_fields: bool) -> FrameKind:
    if data:
        return FrameKind.EVENT
    if has_fields:
        return FrameKind.SILENT
    return FrameKind.COMMENT if comments else FrameKind.BLANK


def _lines(text: str) -> list[str]:
    """The lines of a text but for blank ones.

    They end in "a U+000D U+000A pair, a single U+000A, or a single U+000D".
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [line for line in text.split("\n") if line]
