"""The framing of ``application/vnd.amazon.eventstream``: binary messages with checksums.

After AWS's "Event stream encoding". A message is a prelude (total length, length of the headers,
CRC32 of these eight bytes, each big-endian in four bytes), headers, payload, and the CRC32 of all
that comes before it. Lengths of a prelude whose checksum fails mean nothing: the bytes up to the
next prelude that holds are one damaged frame.
"""

from __future__ import annotations

import re
import struct
from binascii import crc32
from bisect import bisect_right
from dataclasses import replace

from captures.aws_message import MessageError, read_message
from captures.findings.aws import CHECKSUM_WRONG, MESSAGE_CUT, MESSAGE_IMPOSSIBLE
from captures.findings.rule import Complaint
from captures.sse import Frame, FrameKind

MAX_HEADERS_SIZE = 128 * 1024
"""Bytes of a message's headers, the provider's limit."""

OVERHEAD = 16
"""Bytes of a message without headers and payload."""

MAX_MESSAGE_SIZE = 16 * 1024 * 1024 + MAX_HEADERS_SIZE + OVERHEAD
"""Bytes of a message: the provider allows a payload of 16 MiB. More is damage."""

_PRELUDE = struct.Struct(">III")
_CHECKSUM = struct.Struct(">I")
# Lengths within the limits begin with zeros, so that few places need a checksum. They may overlap.
_MAYBE_PRELUDE = re.compile(
    rb"(?s)(?=(?:\x00(?!\x00\x00[\x00-\x0f]).{3}|\x01\x00[\x00-\x02].)\x00[\x00-\x02].{6})"
)


class MessageDecoder:
    """Turns the bytes of one body into frames. Mutable; never raises on any input."""

    name = "aws event stream"

    def __init__(self, start: int = 0) -> None:
        self._buffer = bytearray()
        self._start = start
        self._first_time = 0.0
        self._arrivals = _Arrivals(start)
        self._damage: Complaint | None = None
        self._damaged = 0
        """Bytes of the damage that have left the buffer."""

    def feed(self, data: bytes, time: float) -> list[Frame]:
        """The frames that these bytes, arrived at this time in seconds, complete."""
        frames: list[Frame] = []
        if not data:
            return frames
        if not self._buffer and not self._damaged:
            self._first_time = time
        self._buffer += data
        self._arrivals.add(len(data), time)
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def finish(self) -> list[Frame]:
        """What is left: damage without an end, or a message that was cut."""
        size = self._damaged + len(self._buffer)
        if not size:
            return []
        if self._damage is not None:
            return [self._take_damage(len(self._buffer))]
        cut = Complaint(MESSAGE_CUT, f"{size} bytes of a message without its end")
        return [replace(self._take(FrameKind.UNFINISHED, size), cut=cut)]

    def _next(self) -> Frame | None:
        """The next whole frame of the buffer."""
        if self._damage is None and len(self._buffer) >= _PRELUDE.size:
            self._damage = _wrong_with_prelude(self._buffer)
        if self._damage is not None:
            return self._end_of_damage()
        if len(self._buffer) < _PRELUDE.size:
            return None
        total = _PRELUDE.unpack_from(self._buffer)[0]
        return self._message(total) if len(self._buffer) >= total else None

    def _message(self, total: int) -> Frame | None:
        raw = bytes(self._buffer[:total])
        if crc32(raw[: -_CHECKSUM.size]) != _CHECKSUM.unpack(raw[-_CHECKSUM.size :])[0]:
            # Where bytes were lost, the next message begins before the end of this one.
            self._damage = Complaint(CHECKSUM_WRONG, f"a message of {total} bytes")
            return self._end_of_damage()
        headers_size = _PRELUDE.unpack_from(raw)[1]
        body = raw[_PRELUDE.size : -_CHECKSUM.size]
        try:
            message = read_message(body[:headers_size], body[headers_size:])
        except MessageError as error:
            complaint = Complaint(MESSAGE_IMPOSSIBLE, f"headers: {error}")
            return self._take(FrameKind.DAMAGED, total, complaint)
        frame = self._take(FrameKind.EVENT, total)
        return replace(frame, event=message.event, data=message.data, is_error=message.is_error)

    def _end_of_damage(self) -> Frame | None:
        """The damage up to the next prelude that holds; what was searched leaves the buffer."""
        place = _next_prelude(self._buffer, 0 if self._damaged else 1)
        if place is not None:
            return self._take_damage(place)
        searched = max(0, len(self._buffer) - _PRELUDE.size + 1)
        del self._buffer[:searched]
        self._damaged += searched
        self._arrivals.forget_before(self._start + self._damaged - 1)
        return None

    def _take_damage(self, size: int) -> Frame:
        complaint, self._damage = self._damage, None
        return self._take(FrameKind.DAMAGED, size, complaint)

    def _take(self, kind: FrameKind, size: int, complaint: Complaint | None = None) -> Frame:
        """Cuts a frame off the front of the buffer."""
        start, first_time = self._start, self._first_time
        self._start += self._damaged + size
        self._damaged = 0
        del self._buffer[:size]
        completed = self._arrivals.time_of(self._start - 1)
        if self._buffer:
            self._first_time = self._arrivals.time_of(self._start)
        self._arrivals.forget_before(self._start)
        complaints = () if complaint is None else (complaint,)
        return Frame(kind, start, self._start, first_time, completed, complaints=complaints)


class _Arrivals:
    """When the bytes came that a boundary may still be found between. Mutable."""

    def __init__(self, start: int) -> None:
        self._stop = start
        self._stops: list[int] = []
        self._times: list[float] = []

    def add(self, size: int, time: float) -> None:
        self._stop += size
        self._stops.append(self._stop)
        self._times.append(time)

    def time_of(self, offset: int) -> float:
        """When the byte at this offset of the body came."""
        return self._times[bisect_right(self._stops, offset)]

    def forget_before(self, offset: int) -> None:
        old = bisect_right(self._stops, offset)
        del self._stops[:old]
        del self._times[:old]


def _next_prelude(buffer: bytearray, begin: int) -> int | None:
    """Where the next message begins, as far as checksums tell."""
    for found in _MAYBE_PRELUDE.finditer(buffer, begin):
        place = found.start()
        if _wrong_with_prelude(buffer[place : place + _PRELUDE.size]) is None:
            return place
    return None


def _wrong_with_prelude(prelude: bytes | bytearray) -> Complaint | None:
    """What is wrong with the message that begins so."""
    total, headers_size, checksum = _PRELUDE.unpack_from(prelude)
    if crc32(prelude[:8]) != checksum:
        return Complaint(CHECKSUM_WRONG, "a message's prelude")
    if not OVERHEAD <= total <= MAX_MESSAGE_SIZE:
        return Complaint(MESSAGE_IMPOSSIBLE, f"a message of {total} bytes")
    if headers_size > min(MAX_HEADERS_SIZE, total - OVERHEAD):
        return Complaint(
            MESSAGE_IMPOSSIBLE, f"{headers_size} bytes of headers in a message of {total} bytes"
        )
    return None
