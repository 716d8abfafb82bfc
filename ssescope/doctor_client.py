"""A client without an HTTP library: it reads one answer as it stands on the wire, and when."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic

from proxy.nasty_cases import Fields, Framing
from proxy.nasty_upstream import RUN_FIELD, RUN_PARAMETER, Run
from proxy.target import Upstream

MAX_BODY_SIZE = 64 * 1024 * 1024
MAX_HEAD_SIZE = 65536
MAX_PIECES = 200_000
MAX_INTERIM_HEADS = 20
READ_SIZE = 262_144
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 1.0
"""Seconds to wait for the close behind a whole answer, in case more bytes follow it."""

_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{1,16}")
_DECIMAL = re.compile(rb"[0-9]{1,18}")


class UnreachableError(Exception):
    """No connection could be made. The message says why, in our own words."""


class AnswerEnd(Enum):
    """How an answer ended, as the client saw it."""

    CLEAN = "a clean end"
    CUT = "a close without a clean end"
    RESET = "a reset"
    NO_ANSWER = "a close without an answer"
    GARBLED = "bytes that are not HTTP/1.1"
    TOO_LARGE = "more than the client keeps"
    LATE = "no end in time"
    UNREACHABLE = "no connection"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Body bytes that the client has read."""

    end: int
    """Body bytes read up to their end."""
    time: float
    """Seconds on the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a client can see of an answer."""

    end: AnswerEnd
    version: bytes = b""
    status: int | None = None
    """None where no response head came."""
    reason: bytes = b""
    fields: Fields = ()
    interim: tuple[int, ...] = ()
    """Statuses of the interim responses before the head."""
    framing: Framing = Framing.NONE
    body: bytes = b""
    chunks: tuple[int, ...] = ()
    """Sizes in bytes of the HTTP chunks, the last one as far as it came."""
    trailers: Fields = ()
    stray: int = 0
    """Bytes read behind the end of the answer."""
    arrivals: tuple[Arrival, ...] = ()


@dataclass(slots=True)
class _Collected:
    """The answer as it comes in. Mutable."""

    run: Run
    version: bytes = b""
    status: int | None = None
    reason: bytes = b""
    fields: Fields = ()
    interim: list[int] = field(default_factory=list)
    framing: Framing = Framing.NONE
    body: bytearray = field(default_factory=bytearray)
    chunks: list[int] = field(default_factory=list)
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    stray: int = 0
    arrivals: list[Arrival] = field(default_factory=list)

    def add(self, data: bytes) -> None:
        """Takes body bytes that have just arrived."""
        now = monotonic()
        if len(self.body) + len(data) > MAX_BODY_SIZE or len(self.arrivals) >= MAX_PIECES:
            raise _TooLargeError
        self.body += data
        self.arrivals.append(Arrival(len(self.body), now))
        self.run.client_has(len(self.body))

    def answer(self, end: AnswerEnd) -> Answer:
        """What has been collected, as a value."""
        return Answer(
            end,
            self.version,
            self.status,
            self.reason,
            self.fields,
            tuple(self.interim),
            self.framing,
            bytes(self.body),
            tuple(self.chunks),
            tuple(self.trailers),
            self.stray,
            tuple(self.arrivals),
        )


class _TooLargeError(Exception):
    pass


class _GarbledError(Exception):
    pass


class _CutError(Exception):
    pass


async def ask(server: Upstream, run: Run, seconds: float) -> Answer:
    """Asks a server for a run of a case, and reads the answer for at most this many seconds.

    Raises:
        UnreachableError: when no connection can be made.
    """
    reader, writer = await _connect(server)
    collected = _Collected(run)
    try:
        async with asyncio.timeout(seconds):
            writer.write(_request(server, run))
            await writer.drain()
            end = await _read(reader, collected)
    except TimeoutError:
        end = AnswerEnd.LATE
    except OSError:
        end = AnswerEnd.RESET
    finally:
        # An abort, as the other side may never read what a close would still have to send.
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
    return collected.answer(end)


async def _connect(server: Upstream) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    secure = ssl.create_default_context() if server.scheme == "https" else None
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await asyncio.open_connection(
                server.host, server.port, ssl=secure, limit=MAX_HEAD_SIZE
            )
    except TimeoutError:
        raise UnreachableError(f"no connection within {CONNECT_SECONDS:g} s") from None
    except ssl.SSLError as error:
        raise UnreachableError(f"the TLS handshake failed ({error.reason})") from None
    except OSError as error:
        raise UnreachableError(error.strerror or type(error).__name__) from None


def _request(server: Upstream, run: Run) -> bytes:
    # Once in the URL and once in a field: a gateway may drop either.
    body = b"" if run.case.method == "HEAD" else b'{"stream": true}'
    lines = [
        f"{run.case.method} {server.prefix or '/'}?{RUN_PARAMETER}={run.token} HTTP/1.1",
        f"Host: {server.authority}",
        f"{RUN_FIELD}: {run.token}",
        "Accept: text/event-stream",
        "Accept-Encoding: gzip, br, zstd",
        "Connection: close",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _read(reader: asyncio.StreamReader, collected: _Collected) -> AnswerEnd:
    try:
        await _read_head(reader, collected)
        collected.run.client_has_head()
        await _read_body(reader, collected)
    except _CutError:
        return AnswerEnd.NO_ANSWER if collected.status is None else AnswerEnd.CUT
    except (_GarbledError, asyncio.LimitOverrunError):
        return AnswerEnd.GARBLED
    except _TooLargeError:
        return AnswerEnd.TOO_LARGE
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(CLOSE_SECONDS):
            collected.stray = len(await reader.read(READ_SIZE))
    return AnswerEnd.CLEAN


async def _read_head(reader: asyncio.StreamReader, collected: _Collected) -> None:
    for _ in range(MAX_INTERIM_HEADS):
        head = await _until(reader, b"\r\n\r\n")
        status_line, *lines = head[:-4].split(b"\r\n")
        version, _, rest = status_line.partition(b" ")
        digits, _, reason = rest.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not _DECIMAL.fullmatch(digits):
            raise _GarbledError
        status = int(digits)
        if status >= 200 or status == 101:
            collected.version, collected.status, collected.reason = version, status, reason
            collected.fields = tuple(map(_field, lines))
            return
        collected.interim.append(status)
    raise _GarbledError


async def _read_body(reader: asyncio.StreamReader, collected: _Collected) -> None:
    coding = _value(collected.fields, b"transfer-encoding")
    length = _value(collected.fields, b"content-length")
    if collected.run.case.method == "HEAD" or collected.status in {101, 204, 304}:
        return
    if coding is not None and coding.lower().endswith(b"chunked"):
        collected.framing = Framing.CHUNKED
        await _read_chunks(reader, collected)
    elif length is not None:
        collected.framing = Framing.LENGTH
        if not _DECIMAL.fullmatch(length):
            raise _GarbledError
        await _read_exactly(reader, int(length), collected)
    else:
        collected.framing = Framing.CLOSE
        while data := await reader.read(READ_SIZE):
            collected.add(data)


async def _read_chunks(reader: asyncio.StreamReader, collected: _Collected) -> None:
    while True:
        digits = (await _until(reader, b"\r\n")).split(b";")[0].strip()
        if not _HEXADECIMAL.fullmatch(digits):
            raise _GarbledError
        if not int(digits, 16):
            break
        collected.chunks.append(0)
        await _read_exactly(reader, int(digits, 16), collected, in_chunk=True)
        if await _until(reader, b"\r\n") != b"\r\n":
            raise _GarbledError
    while (line := await _until(reader, b"\r\n")) != b"\r\n":
        collected.trailers.append(_field(line[:-2]))
        if len(collected.trailers) > MAX_INTERIM_HEADS:
            raise _GarbledError


async def _read_exactly(
    reader: asyncio.StreamReader, size: int, collected: _Collected, *, in_chunk: bool = False
) -> None:
    left = size
    while left:
        data = await reader.read(min(left, READ_SIZE))
        if not data:
            raise _CutError
        left -= len(data)
        if in_chunk:
            collected.chunks[-1] += len(data)
        collected.add(data)


async def _until(reader: asyncio.StreamReader, separator: bytes) -> bytes:
    try:
        return await reader.readuntil(separator)
    except asyncio.IncompleteReadError:
        raise _CutError from None


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value.strip(b" \t")


def _value(fields: Fields, wanted: bytes) -> bytes | None:
    return next((value for name, value in fields if name.lower() == wanted), None)
