"""A raw HTTP/1.1 server that plays the cases of `proxy.nasty_cases` on a handshake.

It waits after each segment until the client, in this same process, says that it has it. So
nothing depends on the clock, and whoever stands between them cannot hide that it buffers.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from proxy.nasty_cases import Case, Finish

MAX_REQUEST_SIZE = 65536
PLAY_SECONDS = 60.0
"""Seconds after which an answer is given up."""
RUN_FIELD = "X-Ssescope-Doctor"
RUN_PARAMETER = "ssescope-doctor"

_NOT_OURS = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Sent:
    """A segment that was handed to the socket."""

    end: int
    """Body bytes sent up to its end."""
    time: float
    """Seconds on the monotonic clock, taken before it was written."""


class Run:
    """One playing of a case, and what its two sides tell each other. Mutable."""

    def __init__(self, case: Case, patience: float) -> None:
        self.case = case
        self.patience = patience
        """Seconds that the upstream waits for the client to have a segment."""
        self.token = secrets.token_hex(8)
        """Stands in the request, so that the upstream knows which run it is asked for."""
        self.requests = 0
        self.sent: list[Sent] = []
        self.head_was_held = False
        """Whether the client had no head although the upstream waited for it."""
        self.held: int | None = None
        """Index of the first segment of which nothing arrived while the upstream waited."""
        self.held_in_part: int | None = None
        """Index of the first segment of which fewer bytes arrived than were sent."""
        self._has_head = False
        self._received = 0
        self._news = asyncio.Event()

    def client_has_head(self) -> None:
        """Told by the client: it has read the response head."""
        self._has_head = True
        self._news.set()

    def client_has(self, size: int) -> None:
        """Told by the client: it has read this many body bytes by now."""
        self._received = size
        self._news.set()

    def begin(self) -> None:
        """Told by the upstream: a request has come. A repeated one starts from the beginning."""
        self.requests += 1
        self.sent.clear()

    async def send_head(self, write: Callable[[bytes], None]) -> None:
        """Sends the head, and waits for the client where the case says so."""
        write(self.case.head())
        if self.case.waits_for_head:
            self.head_was_held = not await self._until(lambda: self._has_head)

    async def send_segment(self, index: int, writer: asyncio.StreamWriter) -> None:
        """Sends a segment and waits until the client has it, unless one was held before."""
        segment = self.case.segments[index]
        await asyncio.sleep(segment.pause)
        before = self._received
        end = (self.sent[-1].end if self.sent else 0) + segment.size
        self.sent.append(Sent(end, monotonic()))
        for part in segment.wire(self.case.framing):
            writer.write(part)
            await writer.drain()
        if self.held is not None:
            return
        # Where bytes are dropped on the way, the full count is never reached: then any news do.
        if self.held_in_part is not None:
            arrived = await self._until(lambda: self._received > before)
        else:
            arrived = await self._until(lambda: self._received >= end)
        if arrived:
            return
        if self._received > before:
            self.held_in_part = index
        else:
            self.held = index

    async def _until(self, reached: Callable[[], bool]) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                while not reached():
                    self._news.clear()
                    await self._news.wait()
        return reached()


class NastyUpstream:
    """A listening server and the runs that it may be asked for."""

    def __init__(self) -> None:
        self.port = 0
        self._runs: dict[bytes, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def origin(self) -> str:
        """What a URL of it begins with."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def playing(self, case: Case, patience: float) -> Iterator[Run]:
        """A run of this case, answered for as long as the block runs."""
        run = Run(case, patience)
        token = run.token.encode()
        self._runs[token] = run
        try:
            yield run
        finally:
            del self._runs[token]

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection: one request, one answer."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a callback of start_server runs in a task
        self._tasks.add(task)
        try:
            async with asyncio.timeout(PLAY_SECONDS):
                await self._answer(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError):
            # Whoever asks may send anything and leave at any time; the client tells what it saw.
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def stop(self) -> None:
        """Ends every connection that is still open."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        # Unread bytes would turn the close at the end into a reset.
        await _read_request_body(reader, head)
        run = next((run for token, run in self._runs.items() if token in head), None)
        if run is None:
            writer.write(_NOT_OURS)
            await writer.drain()
            return
        run.begin()
        await run.send_head(writer.write)
        for index in range(len(run.case.segments)):
            await run.send_segment(index, writer)
        if run.case.finish is Finish.CLEAN:
            writer.write(run.case.end())
            await writer.drain()
        elif run.case.finish is Finish.RESET:
            _reset(writer)


@asynccontextmanager
async def nasty_upstream(port: int = 0) -> AsyncIterator[NastyUpstream]:
    """Serves on 127.0.0.1 until the block is left; port 0 takes any free one.

    Raises:
        OSError: when the port cannot be bound.
    """
    upstream = NastyUpstream()
    server = await asyncio.start_server(upstream.accept, "127.0.0.1", port, limit=MAX_REQUEST_SIZE)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        await upstream.stop()
        await server.wait_closed()


async def _read_request_body(reader: asyncio.StreamReader, head: bytes) -> None:
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    if b"transfer-encoding" in fields:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await _skip(reader, size + 2)
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
    else:
        await _skip(reader, int(fields.get(b"content-length", b"0")))


async def _skip(reader: asyncio.StreamReader, size: int) -> None:
    if not 0 <= size <= MAX_REQUEST_SIZE:
        raise ValueError("the request body is not one of ours")
    await reader.readexactly(size)


def _reset(writer: asyncio.StreamWriter) -> None:
    linger_for_zero_seconds = struct.pack("ii", 1, 0)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_zero_seconds)
    writer.transport.abort()
