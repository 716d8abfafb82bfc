"""Streams of unusual size, shape or pace, and what they must not cost."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import socket

import pytest
from aiohttp.streams import StreamReader

from captures.loading import load
from captures.records import Ending
from proxy import forward
from proxy.listen import ListenHost, listen
from proxy.tap import received_before_failure
from tests.proxy.faults.canary import CANARY, CHUNKED, LAST, chunk, with_length
from tests.proxy.faults.invariants import check_ends_alike
from tests.proxy.faults.relayed_rows import EVENT
from tests.proxy.faults.rows import sends
from tests.proxy.faults.stage import (
    OpenStage,
    TimeMachine,
    check_answer,
    chunks_of,
    go_on,
    stall,
    taken,
)
from tests.proxy.running import body_of, end_of, pieces_of
from tests.proxy.wire import (
    DEADLINE,
    RawClient,
    RawResponse,
    UpstreamSide,
    dechunked,
    request_bytes,
    scripted_upstream,
)

MEBIBYTE = 1024 * 1024
READ_AHEAD = 2**18
MOST_GROWTH = 64 * MEBIBYTE
"""What the two far sides, the proxy and its capture queue may take together."""


def with_small_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the kernel hold little of what the proxy has written to a client."""

    def listen_with_small_buffers(host: ListenHost, port: int) -> list[socket.socket]:
        listeners = listen(host, port)
        for listener in listeners:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return listeners

    monkeypatch.setattr("proxy.server.listen", listen_with_small_buffers)


async def test_f16_what_the_proxy_had_read_before_a_reset_reaches_a_stalled_client(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_small_buffers(monkeypatch)
    salvaged: list[int] = []

    def counted(content: StreamReader) -> list[tuple[bytes, bool]]:
        pieces = received_before_failure(content)
        salvaged.append(sum(len(data) for data, _ in pieces))
        return pieces

    monkeypatch.setattr(forward, "received_before_failure", counted)
    pieces = [bytes([65 + number]) * 10_000 for number in range(24)]
    was_reset = asyncio.Event()

    async def flood_then_reset(side: UpstreamSide) -> None:
        await side.send(CHUNKED + b"".join(map(chunk, pieces)))
        await taken(side)
        side.reset()
        was_reset.set()

    async with open_stage(flood_then_reset) as stage, stage.client() as client:
        stall(client)
        await client.send(stage.request())
        await was_reset.wait()
        go_on(client)
        response = await client.read_response()
        (capture,) = await stage.landed()
    assert response.body == b"".join(pieces)
    assert check_answer(response, capture).how is Ending.UPSTREAM_RESET
    assert salvaged
    assert salvaged[0] > 0


async def test_f30_a_redirect_to_another_host_is_passed_on_and_not_followed(
    open_stage: OpenStage,
) -> None:
    async with scripted_upstream(sends(with_length(b"gotcha"))) as evil:
        location = f"Location: http://127.0.0.1:{evil.port}/steal?key={CANARY}".encode()
        redirect = with_length(b"", location, status=b"HTTP/1.1 307 Temporary Redirect")
        async with open_stage(sends(redirect)) as stage:
            response = await stage.ask()
            (capture,) = await stage.landed()
    assert (response.status, check_answer(response, capture).how) == (307, Ending.COMPLETE)
    assert location in response.head
    assert f"http://127.0.0.1:{evil.port}/steal?key=[redacted".encode() in capture.read_bytes()
    assert evil.connections == []


async def test_f32_what_cannot_be_inflated_is_passed_on_and_found(open_stage: OpenStage) -> None:
    garbage = with_length(b"never zipped", b"Content-Encoding: gzip")
    async with open_stage(sends(garbage)) as stage:
        response = await stage.ask()
        (capture,) = await stage.landed()
    assert response.body == b"never zipped"
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert "NET008" in [finding.rule.code for finding in load(capture).findings]


async def test_f33_a_gzip_bomb_costs_its_zipped_size(open_stage: OpenStage) -> None:
    bomb = gzip.compress(bytes(256 * MEBIBYTE), compresslevel=1)
    async with open_stage(sends(with_length(bomb, b"Content-Encoding: gzip"))) as stage:
        response = await stage.ask()
        (capture,) = await stage.landed()
    assert response.body == bomb
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert stage.watch.growth < MOST_GROWTH


async def test_f34_a_line_of_32_mib_passes_in_bounded_memory(open_stage: OpenStage) -> None:
    size = 32 * MEBIBYTE
    piece = b"x" * 65536

    async def one_line(side: UpstreamSide) -> None:
        await side.send(CHUNKED + b"%x\r\n" % (size + 6) + b"data: ")
        for _ in range(size // len(piece)):
            await side.send(piece)
        await side.send(b"\r\n" + LAST)

    async with open_stage(one_line) as stage:
        async with stage.client(limit=READ_AHEAD) as client:
            await client.send(stage.request())
            response_head = await client.read_head()
            digest, received = await _digest_of_chunks(client)
        (capture,) = await stage.landed()
    end = end_of(capture)
    assert b"chunked" in response_head
    assert (received, digest) == (size + 6, end.upstream.sha256)
    assert (end.how, end.upstream.size) == (Ending.COMPLETE, size + 6)
    assert digest == hashlib.sha256(b"data: " + piece * (size // len(piece))).hexdigest()
    assert stage.watch.growth < MOST_GROWTH


async def _digest_of_chunks(client: RawClient) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    while (data := await client.read_chunk()) is not None:
        digest.update(data)
        size += len(data)
    return digest.hexdigest(), size


async def test_f35_50_000_chunks_of_one_byte_in_one_segment_are_all_kept(
    open_stage: OpenStage,
) -> None:
    count = 50_000
    one_segment = open_stage(sends(CHUNKED + chunk(b"x") * count + LAST))
    async with one_segment as stage, stage.client() as client:
        await client.send(stage.request())
        response_head = await client.read_head()
        body = await asyncio.wait_for(client.reader.readuntil(LAST), DEADLINE)
        (capture,) = await stage.landed()
    pieces, complete = dechunked(body)
    response = RawResponse(response_head, tuple(pieces), complete)
    assert pieces == [b"x"] * count
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert pieces_of(capture) == [b"x"] * count


async def test_f36_an_endless_stream_costs_no_more_memory_the_longer_it_runs(
    open_stage: OpenStage,
) -> None:
    event = b"data: " + b"x" * 16_000 + b"\n\n"

    async def endless(side: UpstreamSide) -> None:
        await side.send(CHUNKED)
        while True:
            await side.send_chunk(event)
            await asyncio.sleep(0)

    async with open_stage(endless) as stage:
        async with stage.client(limit=READ_AHEAD) as client:
            await client.send(stage.request())
            await client.read_head()
            received = 0
            while received < 32 * MEBIBYTE:
                received += len(await client.read_chunk() or b"")
        (capture,) = await stage.landed()
    # The kernel closes with a reset where something was left unread.
    assert end_of(capture).how in {Ending.CLIENT_LEFT, Ending.CLIENT_RESET}
    assert end_of(capture).client.size >= received
    assert stage.watch.growth < MOST_GROWTH


async def test_f37_half_an_hour_of_silence_is_waited_out_and_shows_in_the_times(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)
    silence_over = asyncio.Event()

    async def pausing(side: UpstreamSide) -> None:
        await side.send(CHUNKED + chunk(EVENT))
        await silence_over.wait()
        await side.send(chunk(EVENT) + LAST)

    async with open_stage(pausing) as stage, stage.client() as client:
        await client.send(stage.request())
        await client.read_head()
        assert await client.read_chunk() == EVENT
        await machine.pass_by(1800)
        silence_over.set()
        assert await client.read_chunk() == EVENT
        assert await client.read_chunk() is None
        (capture,) = await stage.landed()
    assert end_of(capture).how is Ending.COMPLETE
    first, second = chunks_of(capture)
    assert second.time - first.time >= 1800


async def test_f42_a_cookie_of_one_client_is_not_sent_for_another(open_stage: OpenStage) -> None:
    async with open_stage(sends(with_length(b"ok"))) as stage:
        for _ in range(2):
            async with stage.client() as client:
                await client.send(request_bytes(stage.proxy.port))
                response = await client.read_response()
                assert b"Set-Cookie: session=" + CANARY.encode() in response.head
        for capture in await stage.landed(2):
            check_ends_alike(response, end_of(capture))
            assert body_of(capture) == b"ok"
    assert len(stage.upstream.requests) == 2
    assert not any(b"cookie" in request.lower() for request in stage.upstream.requests)
