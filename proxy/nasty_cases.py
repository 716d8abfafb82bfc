"""What the nasty upstream sends: one case for each thing that proxies are known to get wrong.

Frozen values, told in bytes. `proxy.nasty_upstream` plays them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import brotli
import zstandard

Fields = tuple[tuple[bytes, bytes], ...]
"""Header field names and values, in wire order."""

MEBIBYTE = 2**20


class Framing(Enum):
    """How a body says where it ends (RFC 9112, section 6.3)."""

    CHUNKED = "chunked"
    LENGTH = "Content-Length"
    CLOSE = "until the connection closes"
    NONE = "no body"


class Finish(Enum):
    """What the upstream does after the last segment."""

    CLEAN = "clean"
    """It ends the body as its framing demands, then closes."""
    CUT = "cut"
    """It closes where it stands."""
    RESET = "reset"
    """It resets the connection (RST) where it stands."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What the upstream sends before it waits until the client has it."""

    pieces: tuple[bytes, ...]
    """Body bytes. Each piece is one HTTP chunk where the body is chunked."""
    repeat: int = 1
    """How often the bytes of each piece stand in its chunk."""
    missing: int = 0
    """Bytes that the last chunk announces and does not hold."""
    pause: float = 0.0
    """Seconds of silence before it."""

    @property
    def size(self) -> int:
        """Its body bytes."""
        return self.repeat * sum(len(piece) for piece in self.pieces)

    def body(self) -> Iterator[bytes]:
        """Its body bytes, in parts."""
        for piece in self.pieces:
            for _ in range(self.repeat):
                yield piece

    def wire(self, framing: Framing) -> Iterator[bytes]:
        """What goes over the wire, in parts; small pieces come in one part."""
        if framing is not Framing.CHUNKED:
            yield from self.body()
            return
        if self.repeat == 1 and not self.missing:
            yield b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in self.pieces)
            return
        for piece in self.pieces:
            yield b"%x\r\n" % (self.repeat * len(piece) + self.missing)
            for _ in range(self.repeat):
                yield piece
            if not self.missing:
                yield b"\r\n"


_STREAM: Fields = (
    (b"Date", b"Thu, 01 Jan 2026 00:00:00 GMT"),
    (b"Server", b"nasty"),
    (b"Content-Type", b"text/event-stream"),
    (b"Cache-Control", b"no-cache"),
)
_JSON: Fields = (*_STREAM[:2], (b"Content-Type", b"application/json"))


@dataclass(frozen=True, slots=True)
class Case:
    """One answer of the nasty upstream."""

    name: str
    description: str
    segments: tuple[Segment, ...] = ()
    method: str = "POST"
    status: int = 200
    reason: bytes = b"OK"
    fields: Fields = _STREAM
    """Without the fields of the framing, which follow from it."""
    framing: Framing = Framing.CHUNKED
    interim: bytes = b""
    """Interim responses, sent before the head."""
    trailers: Fields = ()
    missing: int = 0
    """Bytes that Content-Length announces and the body does not hold."""
    finish: Finish = Finish.CLEAN
    waits_for_head: bool = False
    """Whether nothing of the body is sent before the client has the head."""

    @property
    def size(self) -> int:
        """The body bytes it sends."""
        return sum(segment.size for segment in self.segments)

    @property
    def sends_whole_events(self) -> bool:
        """Whether each segment is one or more whole events, readable as they are."""
        ends = (b"\n\n", b"\r\r", b"\r\n\r\n")
        return bool(self.segments) and all(
            segment.pieces[-1].endswith(ends) for segment in self.segments
        )

    def body(self) -> Iterator[bytes]:
        """The body it sends, in parts."""
        for segment in self.segments:
            yield from segment.body()

    def head(self) -> bytes:
        """Interim responses, status line and header fields as they go over the wire."""
        framing: Fields = ((b"Connection", b"close"),)
        if self.framing is Framing.CHUNKED:
            framing = (*framing, (b"Transfer-Encoding", b"chunked"))
        elif self.framing is Framing.LENGTH:
            framing = (*framing, (b"Content-Length", b"%d" % (self.size + self.missing)))
        if self.trailers:
            names = b", ".join(name for name, _ in self.trailers)
            framing = (*framing, (b"Trailer", names))
        status_line = b"HTTP/1.1 %d %b\r\n" % (self.status, self.reason)
        return self.interim + status_line + _lines((*self.fields, *framing)) + b"\r\n"

    def end(self) -> bytes:
        """What stands after the body where it ends as its framing demands."""
        return b"0\r\n%b\r\n" % _lines(self.trailers) if self.framing is Framing.CHUNKED else b""


def _lines(fields: Fields) -> bytes:
    return b"".join(b"%b: %b\r\n" % field for field in fields)


def _each(*pieces: bytes) -> tuple[Segment, ...]:
    return tuple(Segment((piece,)) for piece in pieces)


_EVENTS = (
    b': the stream opens\nevent: start\nid: 1\nretry: 3000\ndata: {"n": 1}\n\n',
    b"event: delta\ndata: first line\ndata: second line\n\n",
    ": ping\nevent: delta\ndata: caf\u00e9 \u20ac \U0001f30a \u2028 \x85 end\n\n".encode(),
    b"event:delta\ndata:no blank after the colon\ndata\nunknown: field\n\n",
    b": ping\ndata: an event without a name\n\n",
    b"event: stop\ndata: [DONE]\n\n",
)
_TEXT = b"".join(_EVENTS)
_WAVES = ("data: " + "\U0001f30a\u20ac\u00e9" * 4 + "\n\n").encode() * 3


def _crlf(event: bytes) -> bytes:
    return event.replace(b"\n", b"\r\n")


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _after_each_cr(data: bytes) -> list[bytes]:
    return [part for part in data.replace(b"\r\n", b"\r|\n").split(b"|") if part]


def _gzip() -> tuple[bytes, ...]:
    compressor = zlib.compressobj(wbits=31)
    flushed = [compressor.compress(e) + compressor.flush(zlib.Z_SYNC_FLUSH) for e in _EVENTS]
    return (*flushed, compressor.flush())


def _brotli() -> tuple[bytes, ...]:
    compressor = brotli.Compressor()
    flushed = [compressor.process(event) + compressor.flush() for event in _EVENTS]
    return (*flushed, compressor.finish())


def _zstd() -> tuple[bytes, ...]:
    compressor = zstandard.ZstdCompressor().compressobj()
    block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    flushed = [compressor.compress(event) + compressor.flush(block) for event in _EVENTS]
    return (*flushed, compressor.flush())


def _coded(coding: bytes) -> Fields:
    return (*_STREAM, (b"Content-Encoding", coding))


_ODD_FIELDS: Fields = (
    *_STREAM,
    (b"X-ZULU-first", b"caf\xe9 \xa7 \xff"),
    (b"x-alpha", b"lower"),
    (b"X-Alpha", b"again, in another case"),
    (b"x-MiXeD-CaSe", b"a  b\tc"),
    (b"x-empty", b""),
)
_NO_TEXT = b"data: \x00\x01\x1b[31m \xff\xfe \xc3( \xed\xa0\x80\n\n"
_RATE_LIMITED = b'{"error": {"type": "rate_limit_error"}}'
_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
_LINE_PART = b"0123456789abcdef" * 4096

CASES: tuple[Case, ...] = (
    Case("LF", "events and comments with LF line ends", _each(*_EVENTS), waits_for_head=True),
    Case("CRLF", "the same with CRLF", _each(*map(_crlf, _EVENTS))),
    Case("CR only", "the same with CR", _each(*(e.replace(b"\n", b"\r") for e in _EVENTS))),
    Case("BOM", "a byte order mark first", _each(b"\xef\xbb\xbf" + _EVENTS[0], *_EVENTS[1:])),
    Case("NUL and bad UTF-8", "bytes that are no text", _each(_NO_TEXT, *_EVENTS)),
    Case("cut code points", "chunks that end within a character", _each(*_cut(_WAVES, 5))),
    Case("cut CR LF", "chunks that end between CR and LF", _each(*_after_each_cr(_crlf(_TEXT)))),
    Case("one-byte chunks", "every byte a chunk of its own", _each(*_cut(_WAVES, 1))),
    Case(
        "1,000 chunks at once",
        "1,000 chunks in one TCP segment",
        (Segment(tuple(b"data: %03d\n\n" % number for number in range(1000))),),
    ),
    Case(
        "40 MiB line",
        "one data line, in ten chunks of 4 MiB",
        (
            Segment((b"data: ",)),
            *(Segment((_LINE_PART,), repeat=4 * MEBIBYTE // len(_LINE_PART)) for _ in range(10)),
            Segment((b"\n\n",)),
        ),
    ),
    Case("gzip", "gzip, flushed after each event", _each(*_gzip()), fields=_coded(b"gzip")),
    Case("br", "Brotli, flushed after each event", _each(*_brotli()), fields=_coded(b"br")),
    Case("zstd", "Zstandard, flushed after each event", _each(*_zstd()), fields=_coded(b"zstd")),
    Case("Content-Length", "a stream of known length", _each(*_EVENTS), framing=Framing.LENGTH),
    Case("close-delimited", "a stream without framing", _each(*_EVENTS), framing=Framing.CLOSE),
    Case(
        "trailers",
        "fields after the body",
        _each(*_EVENTS),
        trailers=((b"X-Checksum", b"1234"), (b"X-Usage", b"56")),
    ),
    Case("103 early hints", "an interim response first", _each(*_EVENTS), interim=_HINTS),
    Case(
        "odd fields",
        "Latin-1 bytes, order, case and duplicates of header fields",
        _each(*_EVENTS),
        reason=b"Quite OK",
        fields=_ODD_FIELDS,
    ),
    Case("cut after a chunk", "closed, no final chunk", _each(*_EVENTS[:3]), finish=Finish.CUT),
    Case(
        "cut in a chunk",
        "closed in the middle of a chunk",
        (*_each(*_EVENTS[:2]), Segment((b"event: delta\nda",), missing=20)),
        finish=Finish.CUT,
    ),
    Case(
        "short body",
        "closed before Content-Length is reached",
        _each(*_EVENTS[:3]),
        framing=Framing.LENGTH,
        missing=100,
        finish=Finish.CUT,
    ),
    Case(
        "reset",
        "reset in the middle of an event",
        _each(*_EVENTS[:2], b"event: delta\nda"),
        finish=Finish.RESET,
    ),
    Case(
        "stall",
        "silence, then more",
        (*_each(*_EVENTS[:3]), Segment((_EVENTS[3],), pause=0.3), *_each(*_EVENTS[4:])),
        waits_for_head=True,
    ),
    Case(
        "429",
        "an error with retry-after",
        _each(_RATE_LIMITED),
        status=429,
        reason=b"Too Many Requests",
        fields=(*_JSON, (b"retry-after", b"7"), (b"x-should-retry", b"true")),
        framing=Framing.LENGTH,
    ),
    Case("204", "no content", status=204, reason=b"No Content", framing=Framing.NONE),
    Case(
        "HEAD",
        "the head of a body that never comes",
        method="HEAD",
        fields=(*_STREAM, (b"Content-Length", b"1234")),
        framing=Framing.NONE,
    ),
)
