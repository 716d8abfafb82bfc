"""Forwarding over real sockets: bytes, boundaries, endings, and who is to blame."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from captures.records import Boundary, Chunk, Ending, Head, Note, Request, RequestChunk
from tests.proxy.running import body_of, end_of, pieces_of, records_of, running_proxy
from tests.proxy.wire import (
    UpstreamSide,
    raw_client,
    request_bytes,
    scripted_upstream,
    until,
)

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Case-KEPT: caf\xe9\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
EVENTS = (b"event: a\ndata: 1\n\n", b"data: \xf0\x9f", b"\x8c\x8a\n\n", b"data: [DONE]\n\n")


async def good_stream(side: UpstreamSide) -> None:
    await side.send(HEAD)
    for event in EVENTS:
        await side.send_chunk(event)
    await side.send(b"0\r\n\r\n")


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


async def test_a_stream_arrives_byte_for_byte_and_chunk_for_chunk(tmp_path: Path) -> None:
    async with scripted_upstream(good_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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


async def test_the_response_head_keeps_order_case_and_bytes_and_gains_nothing(
    tmp_path: Path,
) -> None:
    async with scripted_upstream(good_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
            await client.send(request_bytes(proxy.port))
            response = await client.read_response()
    assert response.head == HEAD


async def test_the_request_reaches_the_upstream_as_sent(tmp_path: Path) -> None:
    target = "/v1/messages/%2e%2e/a%2Fb;x?beta=true&q=%zz"
    async with scripted_upstream(good_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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
    async with scripted_upstream(good_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
            head = request_bytes(proxy.port, body=b"", headers=("Transfer-Encoding: chunked",))
            await client.send(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            await client.read_response()
            (capture,) = await proxy.ended()
    assert upstream.requests[0].endswith(b"\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    sent = [record.data for record in records_of(capture) if isinstance(record, RequestChunk)]
    assert sent == [b"abc", b"de"]


async def test_a_gzip_upload_is_not_touched(tmp_path: Path) -> None:
    body = bytes.fromhex("1f8b0800000000000003abae050043bfa6a302000000")
    async with scripted_upstream(good_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
            await client.send(
                request_bytes(proxy.port, body=body, headers=("Content-Encoding: gzip",))
            )
            await client.read_response()
    assert upstream.requests[0].endswith(b"\r\n\r\n" + body)


async def test_secrets_never_enter_the_capture(tmp_path: Path) -> None:
    secret = "sk-canary-1234567890"
    async with scripted_upstream(good_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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


async def test_a_cut_upstream_cuts_the_client(tmp_path: Path) -> None:
    async with scripted_upstream(cut_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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

    async with scripted_upstream(short) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
            await client.send(request_bytes(proxy.port))
            response = await client.read_response()
            (capture,) = await proxy.ended()
    assert b"Content-Length: 50" in response.head
    assert (response.body, response.complete) == (b"123456789", False)
    assert end_of(capture).how is Ending.UPSTREAM_TRUNCATED


async def test_a_reset_upstream_cuts_the_client_and_is_told_from_a_close(tmp_path: Path) -> None:
    async with scripted_upstream(reset_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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

    async with scripted_upstream(flood_then_reset) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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

    async with scripted_upstream(endless) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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


async def test_a_stale_pooled_connection_is_retried_once_and_recorded(tmp_path: Path) -> None:
    served = 0

    async def close_after_answer(side: UpstreamSide) -> None:
        nonlocal served
        served += 1
        if served == 2:
            side.writer.close()
            return
        await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with scripted_upstream(close_after_answer) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
            for _ in range(2):
                await client.send(request_bytes(proxy.port, body=b'{"a":1}'))
                assert (await client.read_response()).body == b"ok"
            captures = await proxy.ended(2)
    assert len(upstream.requests) == 3
    notes = [record.about for record in records_of(captures[1]) if isinstance(record, Note)]
    assert notes == ["retried"]


async def test_a_fresh_connection_closed_without_an_answer_is_not_retried(tmp_path: Path) -> None:
    async def hang_up(side: UpstreamSide) -> None:
        side.writer.close()

    async with scripted_upstream(hang_up) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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

    async with scripted_upstream(redirect) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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
        if upstream.requests[-1].startswith(b"HEAD"):
            await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        else:
            await side.send(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n")

    async with scripted_upstream(answer) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
            await client.send(request_bytes(proxy.port, method="HEAD", body=b""))
            assert b"Content-Length: 999" in (await client.read_response(body=False)).head
            await client.send(request_bytes(proxy.port, method="DELETE", body=b""))
            head = (await client.read_response(body=False)).head
            await proxy.ended(2)
    assert head == b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"


async def test_expect_continue_is_answered_here_and_not_forwarded(tmp_path: Path) -> None:
    async with scripted_upstream(good_stream) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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


async def test_a_chunk_that_comes_in_several_reads_is_passed_on_as_it_arrives(
    tmp_path: Path,
) -> None:
    half_seen = asyncio.Event()

    async def slow_chunk(side: UpstreamSide) -> None:
        await side.send(HEAD + b"a\r\n12345")
        await half_seen.wait()
        await side.send(b"67890\r\n0\r\n\r\n")

    async with scripted_upstream(slow_chunk) as upstream:
        async with (
            running_proxy(upstream.origin, tmp_path) as proxy,
            raw_client(proxy.port) as client,
        ):
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
