"""Streams whose pieces say when they were sent, so that what a client waited can be told.

Upstream and client live in one process and share one monotonic clock. What a busy machine does to
both falls on a control stream too, which goes past the proxy and is fed at the same moments.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from array import array
from asyncio.subprocess import PIPE, Process
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

_STAMP_SIZE = len(b"data: 000000000000 0000000000.000000 ")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def stamped(number: int, size: int) -> bytes:
    """The piece of this number: one event of so many bytes that says when it was made."""
    return (b"data: %012d %017.6f " % (number, monotonic())).ljust(size - 2, b".") + b"\n\n"


def stamp_of(piece: bytes) -> tuple[int, float]:
    """The number of a piece and the time of its sending."""
    _, number, sent, _ = piece[:_STAMP_SIZE].split(b" ")
    return int(number), float(sent)


class Source:
    """An upstream stream of one pace that goes to several clients at the same moments. Mutable."""

    def __init__(self, name: str, size: int, pieces_a_second: int) -> None:
        self.name = name
        self.size = size
        """Bytes of a piece."""
        self.sent = 0
        """Pieces sent to each client."""
        self._pieces_a_second = pieces_a_second
        self._writers: list[asyncio.StreamWriter] = []

    def join(self, writer: asyncio.StreamWriter) -> None:
        """Takes another client, before the stream begins."""
        self._writers.append(writer)

    async def run(self, clients: int, stop: asyncio.Event) -> None:
        """Waits for so many clients, sends at the pace until told to stop, and ends the streams."""
        while len(self._writers) < clients and not stop.is_set():  # noqa: ASYNC110 - nothing to wake
            await asyncio.sleep(0.01)
        started = monotonic()
        while not stop.is_set():
            piece = stamped(self.sent, self.size)
            for writer in self._writers:
                if not writer.is_closing():
                    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.sent += 1
            due = started + self.sent / self._pieces_a_second
            await asyncio.sleep(max(0.0, due - monotonic()))
        for writer in self._writers:
            if not writer.is_closing():
                writer.write(b"0\r\n\r\n")
            writer.close()


class Upstream:
    """Serves sources by name: a request for ``/NAME`` joins the source of that name."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = {source.name: source for source in sources}

    async def listen(self) -> asyncio.Server:
        """Listens on a free loopback port."""
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
        writer.write(_HEAD)
        self._sources[target.decode().removeprefix("/")].join(writer)


@dataclass(slots=True)
class Received:
    """What one client got. Mutable."""

    size: int
    """Bytes of a piece."""
    waits: array[float] = field(default_factory=lambda: array("d"))
    """Seconds from the sending of each whole piece to the arrival of its last byte."""
    sent_at: array[float] = field(default_factory=lambda: array("d"))
    """When each was sent."""
    total: int = 0
    """Body bytes."""
    complete: bool = False
    """Whether the body had a clean end."""
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _rest: bytearray = field(default_factory=bytearray)

    @property
    def sha256(self) -> str:
        """Of the whole body, in hex."""
        return self._hash.hexdigest()

    async def receive(self, port: int, name: str) -> None:
        """Asks for a source and reads until the body ends or the connection breaks."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with closing(writer):
                writer.write(f"GET /{name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                await reader.readuntil(b"\r\n\r\n")
                while size := int(await reader.readuntil(b"\r\n"), 16):
                    self._take((await reader.readexactly(size + 2))[:size])
                self.complete = True

    def _take(self, data: bytes) -> None:
        now = monotonic()
        self.total += len(data)
        self._hash.update(data)
        self._rest += data
        while len(self._rest) >= self.size:
            number, sent = stamp_of(bytes(self._rest[: self.size]))
            assert number == len(self.waits), "the client got another piece than the next"
            self.waits.append(now - sent)
            self.sent_at.append(sent)
            del self._rest[: self.size]


def percentile(seconds: array[float], share: float) -> float:
    """The value below which this share of all lies."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def waits_in_words(seconds: array[float]) -> str:
    """Percentiles in milliseconds."""
    shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "max": 1.0}
    return ", ".join(f"{k} {percentile(seconds, v) * 1000:.1f}" for k, v in shares.items()) + " ms"


async def start_proxy(
    port: int, captures: Path, *, stderr: int, code: str = "", **extra: str
) -> tuple[Process, int]:
    """A proxy to this port in a process of its own, by other code if need be, and its port."""
    start = ["-c", code] if code else ["-m", "ssescope"]
    command = ["proxy", f"http://127.0.0.1:{port}", "--port", "0", "--captures", str(captures)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *start, *command, stdout=PIPE, stderr=stderr, env={**os.environ, **extra}
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    return process, int(line.partition("127.0.0.1:")[2].partition("/")[0].partition(" ")[0])
