"""A proxy between a scripted upstream and raw clients, held to the invariants."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import socket
import sys
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from captures.records import Chunk, End, Note
from proxy.server import Outbound
from tests.proxy.faults.canary import SECRET_FIELDS, TARGET
from tests.proxy.faults.invariants import Watch, check_capture, check_ends_alike, watched
from tests.proxy.running import ProxyUnderTest, records_of, running_proxy
from tests.proxy.wire import (
    RawClient,
    RawResponse,
    Script,
    ScriptedUpstream,
    UpstreamSide,
    raw_client,
    request_bytes,
    scripted_upstream,
    until,
)

_WITHOUT_LIMITS = Outbound()

OpenStage = Callable[..., "AbstractAsyncContextManager[Stage]"]


@dataclass(frozen=True)
class Stage:
    """What a fault is played on."""

    upstream: ScriptedUpstream
    proxy: ProxyUnderTest
    watch: Watch

    def client(self, *, limit: int = 2**26) -> AbstractAsyncContextManager[RawClient]:
        """A new connection to the proxy, which reads ahead by up to twice the limit."""
        return raw_client(self.proxy.port, limit=limit)

    def request(
        self,
        *,
        target: str = TARGET,
        method: str = "POST",
        body: bytes = b"{}",
        headers: tuple[str, ...] = (),
    ) -> bytes:
        """A request full of secrets."""
        fields = (*SECRET_FIELDS, *headers)
        return request_bytes(self.proxy.port, target, method=method, body=body, headers=fields)

    async def ask(self, *, reads_body: bool = True, **request: Any) -> RawResponse:
        """The answer to one request on a connection of its own."""
        async with self.client() as client:
            await client.send(self.request(**request))
            return await client.read_response(body=reads_body)

    async def landed(self, count: int = 1, *, uploaded: int | None = None) -> list[Path]:
        """The captures once all of the exchanges have ended, each checked in itself."""
        await until(lambda: self.proxy.running.under_way == 0)
        captures = await self.proxy.ended(count)
        assert len(captures) == count
        for capture in captures:
            check_capture(capture, uploaded=uploaded)
        return captures


@asynccontextmanager
async def staged(
    script: Script,
    folder: Path,
    logs: pytest.LogCaptureFixture,
    output: pytest.CaptureFixture[str],
    *,
    origin: str = "http://127.0.0.1:{port}",
    outbound: Outbound = _WITHOUT_LIMITS,
    **upstream_settings: Any,
) -> AsyncIterator[Stage]:
    """Plays a script as the upstream; checks the invariants once all has been closed."""
    loop = asyncio.get_running_loop()

    def clock() -> float:
        # Looked up each time, because a TimeMachine may replace it.
        return loop.time()

    async with (
        watched(folder, logs, output) as watch,
        scripted_upstream(script, **upstream_settings) as upstream,
        running_proxy(
            origin.format(port=upstream.port), folder, outbound=outbound, clock=clock
        ) as proxy,
    ):
        yield Stage(upstream, proxy, watch)


async def taken(side: UpstreamSide) -> None:
    """Waits until the proxy has read all that this side has sent."""
    await until(lambda: not side.writer.transport.get_write_buffer_size() and not _unread(side))


def _unread(side: UpstreamSide) -> int:
    """Bytes that wait at the other end of a connection, which is in this process too."""
    if side.writer.transport.is_closing():
        return 0
    own = side.writer.get_extra_info("socket")
    ends = (own.getpeername(), own.getsockname())
    for entry in filter(Path.is_socket, Path("/proc/self/fd").iterdir()):
        with (
            suppress(OSError),
            socket.fromfd(int(entry.name), socket.AF_INET, socket.SOCK_STREAM) as other,
        ):
            if (other.getsockname(), other.getpeername()) == ends:
                return int.from_bytes(fcntl.ioctl(other, termios.FIONREAD, bytes(4)), sys.byteorder)
    return 0


async def jammed(side: UpstreamSide) -> None:
    """Waits until nothing this side sends gets any further, since nobody reads it."""
    seen = [0] * 25

    def stands_still() -> bool:
        seen.append(_unread(side))
        del seen[0]
        return min(seen) == max(seen) > 0

    await until(stands_still)


def stall(client: RawClient) -> None:
    """Stops reading."""
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]


def go_on(client: RawClient) -> None:
    """Reads again."""
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]


class TimeMachine:
    """Lets the event loop believe that time has passed: what was due by then is run at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._loop = asyncio.get_running_loop()
        self._real = self._loop.time
        self._ahead = 0.0
        monkeypatch.setattr(self._loop, "time", lambda: self._real() + self._ahead)

    async def pass_by(self, seconds: float) -> None:
        """Moves on by this much; every timer that is due has been run afterwards."""
        self._ahead += seconds
        done = asyncio.Event()
        self._loop.call_soon(self._loop.call_later, 0, done.set)
        await done.wait()
        await asyncio.sleep(0)


def check_answer(response: RawResponse, capture: Path, *, uploaded: int | None = None) -> End:
    """The capture's end, held against what the client got."""
    end = check_capture(capture, uploaded=uploaded)
    check_ends_alike(response, end)
    if b"x-ssescope-error" not in response.head.lower():
        got = hashlib.sha256(response.body).hexdigest()
        assert (len(response.body), got) == (end.upstream.size, end.upstream.sha256)
    return end


def notes_of(capture: Path) -> dict[str, str]:
    """What a capture notes beside the bytes."""
    return {record.about: record.text for record in records_of(capture) if isinstance(record, Note)}


def chunks_of(capture: Path) -> list[Chunk]:
    """The recorded pieces of the response body."""
    return [record for record in records_of(capture) if isinstance(record, Chunk)]
