"""Reads along with the bytes of one response: what aiohttp's parser does not tell. Pure.

It follows RFC 9112: interim heads, the head, then the framing of the body. It decides nothing;
the forwarding goes by aiohttp's parser, which is strict where this one only takes notes. When
the two do not agree, or the bytes make no sense, it stops and says so.
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum

MAX_EVIDENCE_SIZE = 64 * 1024
"""Bytes from the start of a response that are kept in case it is refused."""
MAX_HEAD_SIZE = 1024 * 1024
MAX_LINE_SIZE = 16 * 1024
MAX_NOTED = 20

_STATUS_LINE = re.compile(rb"HTTP/\d\.\d (\d{3})(?: |$)")
_WHOLE_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(;.*)?")


class _Part(Enum):
    HEAD = "head"
    BODY = "body"
    CHUNK_SIZE = "chunk size"
    CHUNK_DATA = "chunk data"
    CHUNK_END = "chunk end"
    TRAILERS = "trailers"
    DONE = "done"
    LOST = "lost"


class ResponseScanner:
    """Fed with every byte of a connection from one request on. Mutable; never raises."""

    def __init__(self, *, without_body: bool = False) -> None:
        self.interim_statuses: list[int] = []
        """Statuses of 1xx responses before the final one."""
        self.extensions: list[bytes] = []
        """Chunk extensions, at most MAX_NOTED of them."""
        self.trailers: list[bytes] = []
        """Names of the trailer fields, at most MAX_NOTED of them."""
        self.head_arrival: float | None = None
        """When the end of the final head arrived."""
        self.extra_size = 0
        """Bytes behind the end of the response."""
        self.evidence = bytearray()
        """The response as it stood on the wire, up to MAX_EVIDENCE_SIZE."""
        self._without_body = without_body
        self._part = _Part.HEAD
        self._line = bytearray()
        self._left: int | None = 0
        self._body_size = 0
        self._taken = 0
        self._arrivals: deque[tuple[int, float]] = deque()

    @property
    def lost(self) -> bool:
        """Whether it could not follow the response any further."""
        return self._part is _Part.LOST

    @property
    def ends_with_connection(self) -> bool:
        """Whether the body it is in has neither length nor chunks to tell where it ends."""
        return self._part is _Part.BODY and self._left is None

    def feed(self, data: bytes, time: float) -> None:
        """Takes the next bytes of the connection, arrived at this time in seconds."""
        self.evidence += data[: MAX_EVIDENCE_SIZE - len(self.evidence)]
        before = self._body_size
        had_head = self._part is not _Part.HEAD
        position = 0
        while position < len(data) and self._part is not _Part.LOST:
            position = self._step(data, position)
        if not had_head and self._part is not _Part.HEAD:
            self.head_arrival = time
        if self._body_size > before:
            self._arrivals.append((self._body_size, time))

    def arrival(self, size: int) -> float | None:
        """When the last of the next this many body bytes arrived; None if that is not known.

        Body bytes are asked for in order, and each only once.
        """
        self._taken += size
        while self._arrivals and self._arrivals[0][0] < self._taken:
            self._arrivals.popleft()
        return self._arrivals[0][1] if self._arrivals else None

    def _step(self, data: bytes, position: int) -> int:
        match self._part:
            case _Part.BODY | _Part.CHUNK_DATA:
                return self._take_body(data, position)
            case _Part.DONE:
                self.extra_size += len(data) - position
                return len(data)
            case _Part.CHUNK_SIZE if end := self._take_whole_chunk(data, position):
                return end
            case _:
                return self._take_line(data, position)

    def _take_body(self, data: bytes, position: int) -> int:
        size = len(data) - position
        if self._left is not None:
            size = min(size, self._left)
            self._left -= size
        self._body_size += size
        if self._left == 0:
            self._part = _Part.CHUNK_END if self._part is _Part.CHUNK_DATA else _Part.DONE
        return position + size

    def _take_whole_chunk(self, data: bytes, position: int) -> int:
        """Takes the chunk that begins here, if all of it is there; returns its end, or 0.

        It does nothing that the other steps would not do: it spares time where thousands of
        small chunks come at once.
        """
        found = None if self._line else _WHOLE_SIZE_LINE.match(data, position)
        if found is None:
            return 0
        size = int(found[1], 16)
        end = found.end() + size
        if not size or data[end : end + 2] != b"\r\n":
            return 0
        self._body_size += size
        return end + 2

    def _take_line(self, data: bytes, position: int) -> int:
        """Collects one line, or the whole head, and acts on it once it is complete."""
        is_head = self._part is _Part.HEAD
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._line += data[position:stop]
        if len(self._line) > (MAX_HEAD_SIZE if is_head else MAX_LINE_SIZE):
            self._part = _Part.LOST
        elif is_head:
            if self._line.endswith((b"\r\n\r\n", b"\n\n")):
                self._take_head(bytes(self._line))
                self._line.clear()
        elif end >= 0:
            line = bytes(self._line).rstrip(b"\r\n")
            self._line.clear()
            self._act_on_line(line)
        return stop

    def _take_head(self, head: bytes) -> None:
        lines = head.splitlines()
        status_line = _STATUS_LINE.match(lines[0])
        if status_line is None:
            self._part = _Part.LOST
            return
        status = int(status_line[1])
        if 100 <= status < 200 and status != 101:
            self.interim_statuses.append(status)
            return
        fields = [line.partition(b":") for line in lines[1:]]
        named = {name.strip().lower(): value.strip().lower() for name, _, value in fields}
        if self._without_body or status in {101, 204, 304}:
            self._part = _Part.DONE
        elif b"chunked" in named.get(b"transfer-encoding", b""):
            self._part = _Part.CHUNK_SIZE
        else:
            length = named.get(b"content-length", b"")
            self._left = int(length) if length.isdigit() else None
            self._part = _Part.DONE if self._left == 0 else _Part.BODY

    def _act_on_line(self, line: bytes) -> None:
        match self._part:
            case _Part.CHUNK_SIZE:
                self._take_chunk_size(line)
            case _Part.CHUNK_END if not line:
                self._part = _Part.CHUNK_SIZE
            case _Part.TRAILERS if not line:
                self._part = _Part.DONE
            case _Part.TRAILERS:
                self._note(self.trailers, line.partition(b":")[0])
            case _:
                self._part = _Part.LOST

    def _take_chunk_size(self, line: bytes) -> None:
        found = _CHUNK_SIZE.fullmatch(line)
        if found is None or len(found[1]) > 16:
            self._part = _Part.LOST
            return
        if found[2]:
            self._note(self.extensions, found[2])
        self._left = int(found[1], 16)
        self._part = _Part.CHUNK_DATA if self._left else _Part.TRAILERS

    @staticmethod
    def _note(noted: list[bytes], what: bytes) -> None:
        if len(noted) < MAX_NOTED:
            noted.append(what)
