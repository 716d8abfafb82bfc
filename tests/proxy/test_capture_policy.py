"""A stream that waits for the disk, and one that does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from captures import writer as writer_module
from captures.redact import Redactor
from captures.store import captures_in
from captures.writer import Writer
from proxy.server import serve_proxy
from proxy.target import parse_mount
from tests.captures.failing_disk import HungDisk
from tests.proxy.running import body_of, end_of, has_ended
from tests.proxy.wire import (
    RawClient,
    UpstreamSide,
    raw_client,
    request_bytes,
    scripted_upstream,
    until,
)

PIECE = b"data: x\n\n" * 100
PIECES = 40
MAX_QUEUED = 10 * len(PIECE)


@pytest.fixture
def hung_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[HungDisk]:
    monkeypatch.setattr(writer_module, "MAX_QUEUED_BYTES", MAX_QUEUED)
    disk = HungDisk(monkeypatch)
    yield disk
    disk.release()


async def answer(side: UpstreamSide) -> None:
    await side.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(PIECES):
        await side.send_chunk(PIECE)
    await side.send(b"0\r\n\r\n")


@asynccontextmanager
async def streaming(writer: Writer) -> AsyncIterator[RawClient]:
    """A client that has sent its request through a proxy with this writer."""
    async with scripted_upstream(answer) as upstream:
        mounts = (parse_mount(upstream.origin),)
        async with (
            serve_proxy(mounts, writer, Redactor(b"key")) as running,
            raw_client(running.port) as client,
        ):
            await client.send(request_bytes(running.port))
            yield client


async def test_f67_hung_disk_does_not_hold_a_stream_up_and_the_loss_is_exact(
    tmp_path: Path, hung_disk: HungDisk
) -> None:
    hung_disk.hang()
    writer = Writer(tmp_path)
    async with streaming(writer) as client:
        response = await client.read_response()
        await until(hung_disk.is_hung.is_set)
        assert (response.complete, response.body) == (True, PIECE * PIECES)
        assert writer.status().queued_bytes <= MAX_QUEUED
    hung_disk.release()
    status = await asyncio.to_thread(writer.close)
    (path,) = captures_in(tmp_path)
    assert len(body_of(path)) + status.lost_bytes == end_of(path).upstream.size
    assert status.lost_bytes > 0


async def test_blocked_stream_waits_for_the_disk_and_loses_nothing(
    tmp_path: Path, hung_disk: HungDisk
) -> None:
    hung_disk.hang()
    writer = Writer(tmp_path, waits=True)
    async with streaming(writer) as client:
        await client.read_head()
        for _ in range(MAX_QUEUED // len(PIECE) - 1):
            assert await client.read_chunk() == PIECE
        await until(lambda: writer.status().queued_bytes > MAX_QUEUED - 2 * len(PIECE))
        reading = asyncio.create_task(client._read_chunked(b""))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not reading.done()
        hung_disk.release()
        rest = await reading
        assert rest.complete
        assert len(rest.body) == len(PIECE) * (PIECES + 1) - MAX_QUEUED
        (path,) = captures_in(tmp_path)
        await until(lambda: has_ended(path))
    status = await asyncio.to_thread(writer.close)
    assert status.is_complete
    assert body_of(path) == PIECE * PIECES


async def test_stream_that_waits_can_be_cut(tmp_path: Path, hung_disk: HungDisk) -> None:
    hung_disk.hang()
    writer = Writer(tmp_path, waits=True)
    async with streaming(writer) as client:
        await client.read_head()
        await until(lambda: writer.status().queued_bytes > MAX_QUEUED - 2 * len(PIECE))
    hung_disk.release()
    status = await asyncio.to_thread(writer.close)
    assert status.is_complete
    (path,) = captures_in(tmp_path)
    assert end_of(path).how == "proxy_shutdown"
