"""Forwarding over real sockets: bytes, boundaries and heads."""

from __future__ import annotations

import asyncio
from pathlib import Path

from captures.records import Boundary, Chunk, Damage, Ending, Note, Request, RequestChunk
from tests.proxy.running import (
    end_of,
    pieces_of,
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
)


async def test_a_stream_arrives_byte_for_byte_and_chunk_for_chunk(tmp_path: Path) -> None:
    async with proxied(good_stream, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert response.pieces == EVENTS
    assert response.complete
    assert pieces_of(capture) == list(EVENTS)
    end = end_of(capture)
    assert end.how is Ending.COMPLETE
    assert end.upstream == end.client
    assert end.upstream.size == len(response.body)


async def test_the_times_of_a_capture_never_run_backwards(tmp_path: Path) -> None:
    async with proxied(good_stream, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        await client.read_response()
        (capture,) = await proxy.ended()
    times = [
        record.time for record in records_of(capture) if not isinstance(record, Request | Damage)
    ]
    assert times == sorted(times)


async def test_the_response_head_keeps_order_case_and_bytes_and_gains_nothing(
    tmp_path: Path,
) -> None:
    async with proxied(good_stream, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
    assert response.head == HEAD


async def test_the_request_reaches_the_upstream_as_sent(tmp_path: Path) -> None:
    target = "/v1/messages/%2e%2e/a%2Fb;x?beta=true&q=%zz"
    async with proxied(good_stream, tmp_path) as (upstream, proxy, client):
        await client.send(
            request_bytes(
                proxy.port,
                target,
                body=b'{"stream": true}',
                headers=("X-Api-Key: k", "x-A: 1", "X-a: 2", "Connection: x-drop", "X-Drop: 1"),
            )
        )
        await client.read_response()
    request = upstream.requests[0].decode("latin-1")
    head, _, body = request.partition("\r\n\r\n")
    assert head.splitlines() == [
        f"POST {target} HTTP/1.1",
        f"Host: 127.0.0.1:{upstream.port}",
        "X-Api-Key: k",
        "x-A: 1",
        "x-A: 2",
        "Content-Length: 16",
    ]
    assert body == '{"stream": true}'


async def test_a_chunked_request_body_keeps_its_chunks(tmp_path: Path) -> None:
    async with proxied(good_stream, tmp_path) as (upstream, proxy, client):
        head = request_bytes(proxy.port, body=b"", headers=("Transfer-Encoding: chunked",))
        await client.send(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        await client.read_response()
        (capture,) = await proxy.ended()
    assert upstream.requests[0].endswith(b"\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    sent = [record.data for record in records_of(capture) if isinstance(record, RequestChunk)]
    assert sent == [b"abc", b"de"]


async def test_a_gzip_upload_is_not_touched(tmp_path: Path) -> None:
    body = bytes.fromhex("1f8b0800000000000003abae050043bfa6a302000000")
    async with proxied(good_stream, tmp_path) as (upstream, proxy, client):
        await client.send(request_bytes(proxy.port, body=body, headers=("Content-Encoding: gzip",)))
        await client.read_response()
    assert upstream.requests[0].endswith(b"\r\n\r\n" + body)


async def test_secrets_never_enter_the_capture(tmp_path: Path) -> None:
    secret = "sk-canary-1234567890"
    async with proxied(good_stream, tmp_path) as (upstream, proxy, client):
        await client.send(
            request_bytes(
                proxy.port,
                f"/v1/messages?key={secret}",
                headers=(f"X-Api-Key: {secret}", f"Authorization: Bearer {secret}"),
            )
        )
        await client.read_response()
        (capture,) = await proxy.ended()
    assert secret.encode() in upstream.requests[0]
    assert secret.encode() not in capture.read_bytes()
    request = records_of(capture)[0]
    assert isinstance(request, Request)
    assert "Bearer [redacted len=20" in dict(request.headers)["Authorization"]


async def test_a_stale_pooled_connection_is_retried_once_and_recorded(tmp_path: Path) -> None:
    served = 0

    async def close_after_answer(side: UpstreamSide) -> None:
        nonlocal served
        served += 1
        if served == 2:
            side.writer.close()
            return
        await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with proxied(close_after_answer, tmp_path) as (upstream, proxy, client):
        for _ in range(2):
            await client.send(request_bytes(proxy.port, body=b'{"a":1}'))
            assert (await client.read_response()).body == b"ok"
        captures = await proxy.ended(2)
    assert len(upstream.requests) == 3
    notes = [record.about for record in records_of(captures[1]) if isinstance(record, Note)]
    assert notes == ["retried"]


async def test_the_retry_takes_no_other_stale_connection_out_of_the_pool(tmp_path: Path) -> None:
    both_are_open = asyncio.Event()

    async def serve_once(side: UpstreamSide) -> None:
        if len(upstream.connections) == 2:
            both_are_open.set()
        await both_are_open.wait()
        if len(upstream.requests) <= 2 or side is upstream.connections[-1]:
            await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        else:
            side.writer.close()

    async with scripted_upstream(serve_once) as upstream:
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            async with raw_client(proxy.port) as first, raw_client(proxy.port) as second:
                for client in (first, second):
                    await client.send(request_bytes(proxy.port))
                for client in (first, second):
                    assert (await client.read_response()).body == b"ok"
                await first.send(request_bytes(proxy.port))
                assert (await first.read_response()).body == b"ok"
    assert len(upstream.connections) == 3


async def test_a_fresh_connection_closed_without_an_answer_is_not_retried(tmp_path: Path) -> None:
    async def hang_up(side: UpstreamSide) -> None:
        side.writer.close()

    async with proxied(hang_up, tmp_path) as (upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert (response.status, len(upstream.requests)) == (502, 1)
    assert end_of(capture).how is Ending.UPSTREAM_CLOSED


async def test_redirects_and_cookies_are_passed_on_and_never_followed_or_kept(
    tmp_path: Path,
) -> None:
    async def redirect(side: UpstreamSide) -> None:
        await side.send(
            b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/x\r\n"
            b"Set-Cookie: a=canary-cookie\r\nContent-Length: 0\r\n\r\n"
        )

    async with proxied(redirect, tmp_path) as (upstream, proxy, client):
        for _ in range(2):
            await client.send(request_bytes(proxy.port))
            response = await client.read_response()
        captures = await proxy.ended(2)
    assert response.status == 307
    assert b"Set-Cookie: a=canary-cookie" in response.head
    assert b"cookie" not in upstream.requests[1].lower()
    assert b"canary-cookie" not in captures[0].read_bytes()


async def test_head_and_no_content_have_no_body(tmp_path: Path) -> None:
    async def answer(side: UpstreamSide) -> None:
        if side.request.startswith(b"HEAD"):
            await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        else:
            await side.send(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n")

    async with proxied(answer, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port, method="HEAD", body=b""))
        assert b"Content-Length: 999" in (await client.read_response(body=False)).head
        await client.send(request_bytes(proxy.port, method="DELETE", body=b""))
        head = (await client.read_response(body=False)).head
        await proxy.ended(2)
    assert head == b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"


async def test_expect_continue_is_answered_here_and_not_forwarded(tmp_path: Path) -> None:
    async with proxied(good_stream, tmp_path) as (upstream, proxy, client):
        expecting = ("Expect: 100-continue", "Content-Length: 2")
        await client.send(request_bytes(proxy.port, body=b"", headers=expecting))
        assert await client.read_head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"{}")
        assert (await client.read_response()).complete
    assert b"expect" not in upstream.requests[0].lower()


async def test_a_hostile_request_is_refused_and_asks_no_upstream(tmp_path: Path) -> None:
    hostile = (
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", 405),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://evil.example\r\n\r\n", 403),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nSec-Fetch-Site: cross-site\r\n\r\n", 403),
    )
    async with scripted_upstream(good_stream) as upstream:
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            for request, status in hostile:
                async with raw_client(proxy.port) as client:
                    await client.send(request.replace(b"%d", str(proxy.port).encode()))
                    response = await client.read_response()
                assert response.status == status
                assert b"access-control" not in response.head.lower()
            assert proxy.captures() == []
    assert upstream.connections == []


async def test_a_chunk_that_comes_in_several_reads_is_passed_on_as_it_arrives(
    tmp_path: Path,
) -> None:
    half_seen = asyncio.Event()

    async def slow_chunk(side: UpstreamSide) -> None:
        await side.send(HEAD + b"a\r\n12345")
        await half_seen.wait()
        await side.send(b"67890\r\n0\r\n\r\n")

    async with proxied(slow_chunk, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        await client.read_head()
        assert await client.read_chunk() == b"12345"
        half_seen.set()
        assert await client.read_chunk() == b"67890"
        (capture,) = await proxy.ended()
    chunks = [record for record in records_of(capture) if isinstance(record, Chunk)]
    assert [(chunk.data, chunk.boundary) for chunk in chunks] == [
        (b"12345", Boundary.READ),
        (b"67890", Boundary.CHUNK),
    ]
