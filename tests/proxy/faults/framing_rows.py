"""Requests that are not framed as HTTP/1.1 demands, each with another one hidden behind it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.proxy.faults.canary import SECRET_LINES, TARGET

HOST = b"%HOST%"
"""Stands for the proxy's own host and port."""
_START = b"POST " + TARGET.encode() + b" HTTP/1.1\r\nHost: %HOST%\r\n" + SECRET_LINES
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: %HOST%\r\n\r\n"


@dataclass(frozen=True, slots=True)
class FramingRow:
    """A request that must be refused before anything is asked of the upstream."""

    what: str
    request: bytes
    statuses: tuple[int, ...] = (400,)

    def __str__(self) -> str:
        return f"F57 {self.what}".replace(" ", "-")


def _fields(*lines: bytes, body: bytes = b"") -> bytes:
    return _START + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


_CHUNKED = b"Transfer-Encoding: chunked"
_LAST = b"0\r\n\r\n"

FRAMING_ROWS = (
    FramingRow("length and chunks", _fields(b"Content-Length: 5", _CHUNKED, body=_LAST)),
    FramingRow("chunks and length", _fields(_CHUNKED, b"Content-Length: 5", body=_LAST)),
    FramingRow("two lengths", _fields(b"Content-Length: 2", b"Content-Length: 3", body=b"{}")),
    FramingRow("the same length twice", _fields(*[b"Content-Length: 2"] * 2, body=b"{}")),
    FramingRow("a list of lengths", _fields(b"Content-Length: 2, 2", body=b"{}")),
    FramingRow("a length with a plus", _fields(b"Content-Length: +2", body=b"{}")),
    FramingRow("a length in hexadecimal", _fields(b"Content-Length: 0x2", body=b"{}")),
    FramingRow("a negative length", _fields(b"Content-Length: -1", body=b"{}")),
    FramingRow("a huge length", _fields(b"Content-Length: 1" + b"0" * 30, body=b"{}")),
    FramingRow("a length in blanks", _fields(b"Content-Length: 2 2", body=b"{}")),
    FramingRow(
        "a coding that ends like chunked", _fields(b"Transfer-Encoding: xchunked", body=_LAST)
    ),
    FramingRow(
        "chunked before another coding",
        _fields(b"Transfer-Encoding: chunked, identity", body=_LAST),
    ),
    FramingRow("two codings", _fields(_CHUNKED, _CHUNKED, body=_LAST)),
    FramingRow("a coding behind a control", _fields(b"Transfer-Encoding: \x0bchunked", body=_LAST)),
    FramingRow("a blank before the colon", _fields(b"Transfer-Encoding : chunked", body=_LAST)),
    FramingRow("line feeds alone", _fields().replace(b"\r\n", b"\n")),
    FramingRow("a carriage return alone", _fields(b"X-A: 1\rX-B: 2")),
    FramingRow("a folded line", _fields(b"X-A: 1", b" 2")),
    FramingRow("a NUL in a value", _fields(b"X-A: 1\x002")),
    FramingRow("an escape in a value", _fields(b"X-A: \x1b[2J")),
    FramingRow("an empty name", _fields(b": 1")),
    FramingRow("a blank in a name", _fields(b"X A: 1")),
    FramingRow("a line without a colon", _fields(b"X-A")),
    FramingRow("no host", b"GET / HTTP/1.1\r\n" + SECRET_LINES + b"\r\n", (400, 421)),
    FramingRow("two hosts", _fields(b"Host: %HOST%"), (400, 421)),
    FramingRow("a chunk size that is no number", _fields(_CHUNKED, body=b"zz\r\nab\r\n" + _LAST)),
    FramingRow("a negative chunk size", _fields(_CHUNKED, body=b"-1\r\nab\r\n" + _LAST)),
    FramingRow("a chunk size with 0x", _fields(_CHUNKED, body=b"0x2\r\nab\r\n" + _LAST)),
    FramingRow("a huge chunk size", _fields(_CHUNKED, body=b"f" * 17 + b"\r\nab\r\n" + _LAST)),
    FramingRow("chunks with line feeds alone", _fields(_CHUNKED, body=b"2\nab\n0\n\n")),
    FramingRow("a chunk longer than its size", _fields(_CHUNKED, body=b"2\r\nabc\r\n" + _LAST)),
    FramingRow("a line of 70 KB", b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: %HOST%\r\n\r\n"),
    FramingRow("a field of 70 KB", _fields(b"X-A: " + b"a" * 70_000)),
    FramingRow("600 fields", _fields(*[b"X-%d: 1" % number for number in range(600)])),
    FramingRow("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 40),
    FramingRow("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 405, 505)),
    FramingRow("a version there is not", b"GET / HTTP/1.2\r\nHost: %HOST%\r\n\r\n"),
    FramingRow("an unknown method", b"FOO / HTTP/1.1\r\nHost: %HOST%\r\n\r\n"),
)
