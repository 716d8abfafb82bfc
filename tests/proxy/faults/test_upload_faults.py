"""Uploads that are slow, broken off, too large, expected or encoded."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import suppress

import pytest

from captures.records import Ending, RequestChunk
from tests.proxy.faults.canary import with_length
from tests.proxy.faults.rows import sends
from tests.proxy.faults.stage import OpenStage, check_answer, notes_of
from tests.proxy.running import end_of, records_of
from tests.proxy.wire import UpstreamSide, until

MEBIBYTE = 1024 * 1024
MOST_GROWTH = 64 * MEBIBYTE
CHUNKED_UPLOAD = ("Transfer-Encoding: chunked",)


async def test_f52_a_slow_upload_is_passed_on_as_it_comes(open_stage: OpenStage) -> None:
    half_there = asyncio.Event()

    async def reading(side: UpstreamSide) -> None:
        await side.reader.readuntil(b"5\r\nfirst\r\n")
        half_there.set()
        await side.reader.readuntil(b"0\r\n\r\n")
        await side.send(with_length(b"thanks"))

    slow = open_stage(reading, reads_requests=False)
    async with slow as stage, stage.client() as client:
        await client.send(stage.request(body=b"", headers=CHUNKED_UPLOAD) + b"5\r\nfirst\r\n")
        await half_there.wait()
        await client.send(b"6\r\nsecond\r\n0\r\n\r\n")
        response = await client.read_response()
        (capture,) = await stage.landed()
    assert response.body == b"thanks"
    assert check_answer(response, capture).how is Ending.COMPLETE
    uploaded = [record.data for record in records_of(capture) if isinstance(record, RequestChunk)]
    assert uploaded == [b"first", b"second"]


@pytest.mark.parametrize(
    ("framing", "sent"),
    [("Content-Length: 1000", b"only this"), (CHUNKED_UPLOAD[0], b"9\r\nonly this\r\n")],
)
async def test_f53_an_upload_that_is_broken_off_never_looks_whole(
    framing: str, sent: bytes, open_stage: OpenStage
) -> None:
    received = bytearray()

    async def collecting(side: UpstreamSide) -> None:
        with suppress(ConnectionError):
            while data := await side.reader.read(65536):
                received.extend(data)
        side.client_closed.set()

    async with open_stage(collecting, reads_requests=False) as stage:
        async with stage.client() as client:
            await client.send(stage.request(body=b"", headers=(framing,)) + sent)
            await until(lambda: b"only this" in received)
        await until(stage.upstream.connections[0].client_closed.is_set)
        (capture,) = await stage.landed()
    assert bytes(received).partition(b"\r\n\r\n")[2] == sent
    assert end_of(capture).how is Ending.CLIENT_LEFT
    assert b'"request","only this"' in capture.read_bytes()


async def test_f54_an_early_refusal_of_an_upload_reaches_the_client(open_stage: OpenStage) -> None:
    refusal = with_length(b"too large", status=b"HTTP/1.1 413 Content Too Large")

    async def refusing(side: UpstreamSide) -> None:
        await side.reader.readexactly(MEBIBYTE)
        await side.send(refusal)
        await side.wait_for_close()

    async with open_stage(refusing, reads_requests=False) as stage:
        async with stage.client() as client:
            head = stage.request(body=b"", headers=(f"Content-Length: {64 * MEBIBYTE}",))
            await client.send(head)
            uploading = asyncio.create_task(_upload(client.writer, 64))
            response = await client.read_response()
            (capture,) = await stage.landed()
            uploading.cancel()
            await asyncio.gather(uploading, return_exceptions=True)
    assert (response.status, response.body) == (413, b"too large")
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert stage.watch.growth < MOST_GROWTH


async def test_f54_an_upload_of_64_mib_passes_in_bounded_memory(open_stage: OpenStage) -> None:
    size = 64 * MEBIBYTE

    async def swallowing(side: UpstreamSide) -> None:
        await side.reader.readuntil(b"\r\n\r\n")
        left = size
        while left:
            left -= len(await side.reader.read(65536))
        await side.send(with_length(b"thanks"))

    async with open_stage(swallowing, reads_requests=False) as stage, stage.client() as client:
        await client.send(stage.request(body=b"", headers=(f"Content-Length: {size}",)))
        await _upload(client.writer, 64)
        response = await client.read_response()
        (capture,) = await stage.landed(uploaded=size)
    assert response.body == b"thanks"
    assert check_answer(response, capture, uploaded=size).how is Ending.COMPLETE
    assert stage.watch.growth < MOST_GROWTH


async def _upload(writer: asyncio.StreamWriter, mebibytes: int) -> None:
    with suppress(ConnectionError):
        for _ in range(mebibytes * 16):
            writer.write(b"x" * (MEBIBYTE // 16))
            await writer.drain()


async def test_f55_an_expectation_is_met_here_and_an_upstream_that_ignores_it_does_no_harm(
    open_stage: OpenStage,
) -> None:
    async with open_stage(sends(with_length(b"ok"))) as stage, stage.client() as client:
        expecting = ("Expect: 100-continue", "Content-Length: 2")
        await client.send(stage.request(body=b"", headers=expecting))
        assert await client.read_head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"{}")
        response = await client.read_response()
        (capture,) = await stage.landed()
    assert response.body == b"ok"
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert b"expect" not in stage.upstream.requests[0].lower()


async def test_f56_a_gzipped_upload_keeps_its_bytes(open_stage: OpenStage) -> None:
    body = gzip.compress(b'{"stream": true}')
    async with open_stage(sends(with_length(b"ok"))) as stage:
        response = await stage.ask(body=body, headers=("Content-Encoding: gzip",))
        (capture,) = await stage.landed()
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert stage.upstream.requests[0].endswith(b"\r\n\r\n" + body)
    uploaded = [record.data for record in records_of(capture) if isinstance(record, RequestChunk)]
    assert b"".join(uploaded) == body
    assert notes_of(capture) == {}
