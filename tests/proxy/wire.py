"""Both far sides of the proxy without any HTTP library: a scripted upstream and a raw client."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[["UpstreamSide"], Awaitable[None]]

DEADLINE = 20.0
"""Seconds after which a condition that never came true fails its test."""


class UpstreamSide:
    """One accepted connection, seen from the upstream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.client_closed = asyncio.Event()
        self.request = b""

    async def send(self, data: bytes) -> None:
        """Sends bytes in one write."""
        self.writer.write(data)
        await self.writer.drain()

    async def send_chunk(self, data: bytes) -> None:
        """Sends bytes as one HTTP chunk."""
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        linger = struct.pack("ii", 1, 0)
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(1, 13, linger)
        self.writer.transport.abort()

    async def wait_for_close(self) -> None:
        """Waits until the other side has closed."""
        with suppress(ConnectionError):
            while await self.reader.read(65536):
                pass
        self.client_closed.set()


@dataclass
class ScriptedUpstream:
    """A listening upstream and the requests it has read."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: list[UpstreamSide] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def scripted_upstream(
    script: Script,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    reads_requests: bool = True,
) -> AsyncIterator[ScriptedUpstream]:
    """Listens on loopback; reads a request and runs the script, on every connection.

    Where it does not read requests, the script begins with the connection and is run once.
    """
    upstream = ScriptedUpstream()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        side = UpstreamSide(reader, writer)
        upstream.connections.append(side)
        try:
            if not reads_requests:
                await script(side)
                return
            while (request := await read_request(reader)) is not None:
                upstream.requests.append(request)
                side.request = request
                await script(side)
                if writer.is_closing():
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(accept, host, port, limit=2**22, ssl=tls)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> bytes | None:
    """One whole request as it stood on the wire, or None when the connection ends."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    fields = head.lower()
    if b"transfer-encoding: chunked" in fields:
        body = b""
        while not body.endswith(b"0\r\n\r\n"):
            body += await reader.readuntil(b"\r\n")
        return head + body
    if b"content-length:" in fields:
        length = int(fields.split(b"content-length:")[1].split(b"\r\n")[0])
        return head + await reader.readexactly(length)
    return head


@dataclass(frozen=True)
class RawResponse:
    """What a client that knows nothing of HTTP but its framing has read."""

    head: bytes
    pieces: tuple[bytes, ...]
    """HTTP chunks, or for an unchunked body its bytes as one piece."""
    complete: bool
    """Whether the body ended as its framing demands."""

    @property
    def status(self) -> int:
        return int(self.head.split(b" ")[1])

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


class RawClient:
    """One connection of a client that parses only what it must."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def read_head(self) -> bytes:
        """The response head."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), DEADLINE)

    async def read_chunk(self) -> bytes | None:
        """The next HTTP chunk; None for the final one. Raises IncompleteReadError on a cut."""
        size = int(await asyncio.wait_for(self.reader.readuntil(b"\r\n"), DEADLINE), 16)
        data = await asyncio.wait_for(self.reader.readexactly(size + 2), DEADLINE)
        return data[:-2] if size else None

    async def read_response(self, *, body: bool = True) -> RawResponse:
        """A whole response, or as much of it as came."""
        head = await self.read_head()
        fields = head.lower()
        if not body:
            return RawResponse(head, (), complete=True)
        if b"transfer-encoding: chunked" in fields:
            return await self._read_chunked(head)
        if b"content-length:" in fields:
            length = int(fields.split(b"content-length:")[1].split(b"\r\n")[0])
            data = await self._read_at_most(length)
            return RawResponse(head, (data,), complete=len(data) == length)
        return RawResponse(head, (await self._read_at_most(2**40),), complete=True)

    async def _read_chunked(self, head: bytes) -> RawResponse:
        pieces: list[bytes] = []
        try:
            while (piece := await self.read_chunk()) is not None:
                pieces.append(piece)
        except (asyncio.IncompleteReadError, ConnectionError):
            return RawResponse(head, tuple(pieces), complete=False)
        return RawResponse(head, tuple(pieces), complete=True)

    async def _read_at_most(self, length: int) -> bytes:
        data = bytearray()
        with suppress(ConnectionError):
            while len(data) < length:
                piece = await asyncio.wait_for(self.reader.read(65536), DEADLINE)
                if not piece:
                    break
                data += piece
        return bytes(data)

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(1, 13, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@asynccontextmanager
async def raw_client(port: int, *, limit: int = 2**26) -> AsyncIterator[RawClient]:
    """A connection to a loopback port; it reads ahead by up to twice the limit."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def request_bytes(
    port: int,
    target: str = "/v1/messages",
    *,
    method: str = "POST",
    body: bytes = b"{}",
    headers: tuple[str, ...] = (),
) -> bytes:
    """A request as a plain client would send it."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def dechunked(body: bytes) -> tuple[list[bytes], bool]:
    """The HTTP chunks of a body read to the end of its connection, and whether it was whole."""
    pieces: list[bytes] = []
    position = 0
    while (line_end := body.find(b"\r\n", position)) >= 0:
        size = int(body[position:line_end], 16)
        if size == 0:
            return pieces, body[line_end:] == b"\r\n\r\n"
        start = line_end + 2
        pieces.append(body[start : start + size])
        position = start + size + 2
    return pieces, False


async def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition; fails the test when it never comes true."""
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.002)
