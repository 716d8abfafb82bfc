"""What we lean on in aiohttp's private parts, held to what is expected of it."""

from __future__ import annotations

import asyncio
from time import monotonic
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader

from proxy import tap
from proxy.tap import (
    ClientConnection,
    Server,
    TappedRequest,
    begin_leg,
    connect_through_tap,
    missing_names,
    received_before_failure,
)
from tests.proxy.wire import DEADLINE, UpstreamSide, scripted_upstream, until


async def _nothing(_request: object) -> None:
    """A handler that is never asked."""


async def test_a_connector_makes_connections_that_remember_why_they_were_lost() -> None:
    async def answer_then_reset(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234")
        await release.wait()
        side.reset()

    release = asyncio.Event()
    async with scripted_upstream(answer_then_reset) as upstream:
        connector = aiohttp.TCPConnector()
        connect_through_tap(connector, monotonic)
        leg = begin_leg()
        async with (
            aiohttp.ClientSession(connector=connector, request_class=TappedRequest) as session,
            session.get(upstream.origin) as response,
        ):
            was_lost_early = leg.lost_because is not None
            assert not was_lost_early
            assert leg.scanner is not None
            assert leg.scanner.evidence.startswith(b"HTTP/1.1 200 OK")
            release.set()
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
            assert isinstance(leg.lost_because, ConnectionResetError)
            assert not leg.was_pooled


async def test_a_leg_knows_whether_its_connection_came_out_of_the_pool() -> None:
    async def answer(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with scripted_upstream(answer) as upstream:
        connector = aiohttp.TCPConnector()
        connect_through_tap(connector, monotonic)
        async with aiohttp.ClientSession(
            connector=connector, request_class=TappedRequest
        ) as session:
            pooled = []
            for _ in range(2):
                leg = begin_leg()
                assert leg.nothing_came
                async with session.get(upstream.origin) as response:
                    assert await response.read() == b"ok"
                pooled.append(leg.was_pooled)
                assert not leg.nothing_came
    assert pooled == [False, True]


async def test_a_server_makes_connections_that_remember_why_they_were_lost() -> None:
    server = Server(_nothing, access_log=None)
    for reason in (None, ConnectionResetError()):
        connection = server()
        assert isinstance(connection, ClientConnection)
        connection.connection_made(Mock(spec=asyncio.Transport))
        connection.connection_lost(reason)
        assert connection.lost
        assert connection.lost_because is reason
    await until(lambda: not server.connections)


async def test_what_had_arrived_is_found_in_its_pieces_after_a_failure() -> None:
    protocol = Mock(spec=BaseProtocol)
    content = StreamReader(protocol, 2**16, loop=asyncio.get_running_loop())
    content.begin_http_chunk_receiving()
    content.feed_data(b"first")
    content.end_http_chunk_receiving()
    content.begin_http_chunk_receiving()
    content.feed_data(b"sec")
    content.feed_data(b"ond")
    content.end_http_chunk_receiving()
    content.begin_http_chunk_receiving()
    content.feed_data(b"torn")
    content.set_exception(aiohttp.ClientPayloadError("not completed"))
    assert received_before_failure(content) == [
        (b"first", True),
        (b"second", True),
        (b"torn", False),
    ]
    assert received_before_failure(content) == []


async def test_a_body_whose_framing_breaks_is_broken_off() -> None:
    async def break_the_framing(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await head_read.wait()
        await side.send(b"4\r\ngood\r\nno number\r\n")

    head_read = asyncio.Event()
    async with scripted_upstream(break_the_framing) as upstream:
        connector = aiohttp.TCPConnector()
        connect_through_tap(connector, monotonic)
        begin_leg()
        async with (
            aiohttp.ClientSession(connector=connector, request_class=TappedRequest) as session,
            session.get(upstream.origin) as response,
        ):
            head_read.set()
            with pytest.raises(aiohttp.ClientPayloadError):
                await asyncio.wait_for(response.read(), DEADLINE)


@pytest.mark.parametrize(("head", "open_end"), [("", True), ("Content-Length: 4\r\n", False)])
async def test_a_leg_knows_the_reset_that_ended_a_body_without_an_end(
    head: str, open_end: bool
) -> None:
    async def answer_then_reset(side: UpstreamSide) -> None:
        await side.send(f"HTTP/1.1 200 OK\r\n{head}\r\nbody".encode())
        await head_read.wait()
        side.reset()

    head_read = asyncio.Event()
    async with scripted_upstream(answer_then_reset) as upstream:
        connector = aiohttp.TCPConnector()
        connect_through_tap(connector, monotonic)
        leg = begin_leg()
        async with (
            aiohttp.ClientSession(connector=connector, request_class=TappedRequest) as session,
            session.get(upstream.origin) as response,
        ):
            assert await response.content.readexactly(4) == b"body"
            head_read.set()
            await until(lambda: leg.lost_because is not None)
            assert (leg.reset_at_open_end is not None) is open_end


async def test_what_is_no_http_is_answered_without_being_quoted() -> None:
    answer = Server(_nothing, access_log=None)().handle_error(
        Mock(remote="here", writer=Mock(output_size=0)), 400, ValueError("secret"), "secret"
    )
    assert isinstance(answer, web.Response)
    assert (answer.status, answer.text) == (400, None)


async def test_aiohttp_has_every_name_the_tap_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing_names() == ()
    monkeypatch.setattr(tap, "_NAMES_OF_A_CONNECTION", ("_payload", "_gone"))
    assert missing_names() == ("_gone",)
