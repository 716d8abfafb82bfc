"""How exchanges end over real sockets, and who is to blame."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from captures.records import Ending, Head
from tests.proxy.running import (
    body_of,
    end_of,
    proxied,
    records_of,
    running_proxy,
)
from tests.proxy.streams import EVENTS, HEAD, good_stream
from tests.proxy.wire import (
    UpstreamSide,
    raw_client,
    request_bytes,
    scripted_upstream,
    until,
)


async def cut_stream(side: UpstreamSide) -> None:
    await side.send(HEAD)
    await side.send_chunk(EVENTS[0])
    side.writer.close()


async def reset_stream(side: UpstreamSide) -> None:
    await side.send(HEAD)
    await side.send_chunk(EVENTS[0])
    # A reset throws away what is still in flight, so the test's next step waits for it.
    await side.reader.read(1)
    side.reset()


async def test_a_cut_upstream_cuts_the_client(tmp_path: Path) -> None:
    async with proxied(cut_stream, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert response.pieces == EVENTS[:1]
    assert not response.complete
    assert end_of(capture).how is Ending.UPSTREAM_TRUNCATED
    assert body_of(capture) == EVENTS[0]


async def test_a_short_content_length_cuts_the_client(tmp_path: Path) -> None:
    async def short(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n123456789")
        side.writer.close()

    async with proxied(short, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert b"Content-Length: 50" in response.head
    assert (response.body, response.complete) == (b"123456789", False)
    assert end_of(capture).how is Ending.UPSTREAM_TRUNCATED


async def test_a_reset_upstream_cuts_the_client_and_is_told_from_a_close(tmp_path: Path) -> None:
    async with proxied(reset_stream, tmp_path) as (upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        await client.read_head()
        assert await client.read_chunk() == EVENTS[0]
        upstream.connections[0].reader.feed_data(b"!")
        with pytest.raises(asyncio.IncompleteReadError):
            await client.read_chunk()
        (capture,) = await proxy.ended()
    assert end_of(capture).how is Ending.UPSTREAM_RESET


async def test_what_had_arrived_before_a_reset_still_reaches_a_slow_client(tmp_path: Path) -> None:
    pieces = [bytes([65 + i % 26]) * 20_000 for i in range(60)]
    sent = asyncio.Event()

    async def flood_then_reset(side: UpstreamSide) -> None:
        await side.send(HEAD)
        for piece in pieces:
            side.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await side.writer.drain()
        sent.set()
        await side.reader.read(1)

    async with proxied(flood_then_reset, tmp_path) as (upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        await sent.wait()
        upstream.connections[0].writer.close()
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert response.body == b"".join(pieces)
    assert not response.complete
    assert body_of(capture) == response.body


async def test_a_client_that_leaves_closes_the_upstream_at_once(tmp_path: Path) -> None:
    async def endless(side: UpstreamSide) -> None:
        await side.send(HEAD)
        await side.send_chunk(EVENTS[0])
        await side.wait_for_close()

    async with scripted_upstream(endless) as upstream:
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            async with raw_client(proxy.port) as client:
                await client.send(request_bytes(proxy.port))
                await client.read_head()
                await client.read_chunk()
            await until(upstream.connections[0].client_closed.is_set)
            (capture,) = await proxy.ended()
    assert end_of(capture).how is Ending.CLIENT_LEFT
    assert body_of(capture) == EVENTS[0]


async def test_a_client_that_leaves_before_the_head_closes_the_upstream(tmp_path: Path) -> None:
    async def silent(side: UpstreamSide) -> None:
        await side.wait_for_close()

    async with scripted_upstream(silent) as upstream:
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            async with raw_client(proxy.port) as client:
                await client.send(request_bytes(proxy.port))
                await until(lambda: bool(upstream.requests))
            await until(upstream.connections[0].client_closed.is_set)
            (capture,) = await proxy.ended()
    assert end_of(capture).how is Ending.CLIENT_LEFT
    assert not any(isinstance(record, Head) for record in records_of(capture))


async def test_a_client_that_resets_is_told_from_one_that_closes(tmp_path: Path) -> None:
    async def endless(side: UpstreamSide) -> None:
        await side.send(HEAD)
        await side.wait_for_close()

    async with proxied(endless, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        await client.read_head()
        client.reset()
        (capture,) = await proxy.ended()
    assert end_of(capture).how is Ending.CLIENT_RESET


async def test_an_aborted_upload_is_the_clients_fault_and_never_looks_whole(tmp_path: Path) -> None:
    async with scripted_upstream(good_stream) as upstream:
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            async with raw_client(proxy.port) as client:
                head = request_bytes(proxy.port, body=b"", headers=("Content-Length: 1000",))
                await client.send(head + b"only this")
                await until(lambda: bool(upstream.connections))
            (capture,) = await proxy.ended()
    assert end_of(capture).how is Ending.CLIENT_LEFT
    assert upstream.requests == []


async def test_a_refused_connection_is_answered_in_the_proxys_name(tmp_path: Path) -> None:
    async with scripted_upstream(good_stream) as upstream:
        closed_port = upstream.port
    async with running_proxy(f"http://127.0.0.1:{closed_port}", tmp_path) as proxy:
        async with raw_client(proxy.port) as client:
            await client.send(request_bytes(proxy.port))
            response = await client.read_response()
        (capture,) = await proxy.ended()
    assert response.status == 502
    assert b'"type": "proxy_error", "code": "upstream_refused"' in response.body
    assert b"X-Ssescope-Error: upstream_refused" in response.head
    assert end_of(capture).how is Ending.UPSTREAM_REFUSED


async def test_an_unknown_name_and_a_tls_mismatch_are_named(tmp_path: Path) -> None:
    async def not_tls(side: UpstreamSide) -> None:
        side.writer.close()

    async with scripted_upstream(not_tls) as upstream:
        cases = (
            ("http://no-such-host.invalid", Ending.UPSTREAM_DNS),
            (f"https://127.0.0.1:{upstream.port}", Ending.UPSTREAM_TLS),
        )
        for number, (origin, how) in enumerate(cases):
            async with running_proxy(origin, tmp_path / str(number)) as proxy:
                async with raw_client(proxy.port) as client:
                    await client.send(request_bytes(proxy.port))
                    if how is Ending.UPSTREAM_TLS:
                        await until(lambda: bool(upstream.connections))
                        await upstream.connections[-1].send(b"HTTP/1.1 400 Bad\r\n\r\n")
                    response = await client.read_response()
                (capture,) = await proxy.ended()
            assert response.status == 502
            assert end_of(capture).how is how


async def test_stopping_the_proxy_cuts_streams_and_says_so(tmp_path: Path) -> None:
    async def endless(side: UpstreamSide) -> None:
        await side.send(HEAD)
        await side.wait_for_close()

    async with scripted_upstream(endless) as upstream:
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            client_context = raw_client(proxy.port)
            client = await client_context.__aenter__()
            await client.send(request_bytes(proxy.port))
            await client.read_head()
        with pytest.raises(asyncio.IncompleteReadError):
            await client.read_chunk()
        await client_context.__aexit__(None, None, None)
        (capture,) = await proxy.ended()
    assert end_of(capture).how is Ending.PROXY_SHUTDOWN
