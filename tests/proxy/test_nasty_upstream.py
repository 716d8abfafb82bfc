"""The nasty upstream over real sockets: bytes as told, on a handshake."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from proxy.nasty_cases import Case, Finish, Segment
from proxy.nasty_upstream import RUN_FIELD, NastyUpstream, Run, nasty_upstream
from tests.proxy.wire import RawClient, raw_client, request_bytes, until

TWO = (Segment((b"data: 1\n\n",)), Segment((b"data: 2\n\n",)))
FIRST = len(b"data: 1\n\n")
LONG = 20.0
SHORT = 0.05


async def asked(client: RawClient, upstream: NastyUpstream, run: Run) -> None:
    await client.send(request_bytes(upstream.port, headers=(f"{RUN_FIELD}: {run.token}",)))


async def test_it_waits_for_the_client_before_it_sends_on() -> None:
    async with nasty_upstream() as upstream, raw_client(upstream.port) as client:
        with upstream.playing(Case("two", "", TWO), LONG) as run:
            await asked(client, upstream, run)
            assert (await client.read_head()).startswith(b"HTTP/1.1 200 OK\r\n")
            assert await client.read_chunk() == b"data: 1\n\n"
            assert len(run.sent) == 1
            run.client_has(FIRST)
            assert await client.read_chunk() == b"data: 2\n\n"
            run.client_has(2 * FIRST)
            assert await client.read_chunk() is None
    assert [sent.end for sent in run.sent] == [FIRST, 2 * FIRST]
    assert (run.held, run.held_in_part, run.requests) == (None, None, 1)


async def test_what_is_not_confirmed_counts_as_held_and_the_rest_follows() -> None:
    async with nasty_upstream() as upstream, raw_client(upstream.port) as client:
        with upstream.playing(Case("two", "", TWO, waits_for_head=True), SHORT) as run:
            await asked(client, upstream, run)
            response = await client.read_response()
    assert response.pieces == (b"data: 1\n\n", b"data: 2\n\n")
    assert response.complete
    assert run.head_was_held
    assert run.held == 0


async def test_fewer_bytes_than_sent_are_told_from_none() -> None:
    async with nasty_upstream() as upstream, raw_client(upstream.port) as client:
        with upstream.playing(Case("two", "", TWO), SHORT) as run:
            await asked(client, upstream, run)
            await client.read_head()
            run.client_has(FIRST - 1)
            await until(lambda: len(run.sent) == 2)
            run.client_has(2 * FIRST - 1)
            while await client.read_chunk() is not None:
                pass
    assert run.held is None
    assert run.held_in_part == 0


@pytest.mark.parametrize("finish", [Finish.CUT, Finish.RESET])
async def test_it_can_break_off(finish: Finish) -> None:
    async with nasty_upstream() as upstream, raw_client(upstream.port) as client:
        with upstream.playing(Case("cut", "", TWO[:1], finish=finish), LONG) as run:
            await asked(client, upstream, run)
            await client.read_head()
            await client.read_chunk()
            run.client_has(FIRST)
            expected = ConnectionResetError if finish is Finish.RESET else EOFError
            with pytest.raises(expected):
                await client.read_chunk()


async def test_who_names_no_run_gets_a_404() -> None:
    async with nasty_upstream() as upstream, raw_client(upstream.port) as client:
        with upstream.playing(Case("two", "", TWO), LONG) as run:
            await client.send(request_bytes(upstream.port))
            assert (await client.read_response()).status == 404
    assert run.requests == 0


@pytest.mark.parametrize(
    "request_tail",
    [
        b"Content-Length: 99999999\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"X: " + b"x" * 200_000,
    ],
)
async def test_a_request_that_is_none_only_ends_its_connection(request_tail: bytes) -> None:
    async with nasty_upstream() as upstream, raw_client(upstream.port) as client:
        with suppress(ConnectionError):
            await client.send(b"POST / HTTP/1.1\r\n" + request_tail)
        with suppress(ConnectionError):
            assert await client.reader.read() == b""


async def test_a_chunked_request_is_read_to_its_end() -> None:
    async with nasty_upstream() as upstream, raw_client(upstream.port) as client:
        with upstream.playing(Case("two", "", TWO), SHORT) as run:
            head = f"POST /?x={run.token} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            await client.send(head.encode() + b"2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n")
            assert (await client.read_response()).complete


async def test_leaving_ends_what_is_under_way() -> None:
    async with nasty_upstream() as upstream:
        client_context = raw_client(upstream.port)
        client = await client_context.__aenter__()
        with upstream.playing(Case("two", "", TWO), LONG) as run:
            await asked(client, upstream, run)
            await client.read_head()
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await client.read_chunk()
        await client.read_chunk()
        pytest.fail("the answer went on")
    await client_context.__aexit__(None, None, None)
