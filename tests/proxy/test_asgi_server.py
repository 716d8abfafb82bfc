from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from starlette.requests import Request
from starlette.types import ASGIApp

from proxy import asgi_server
from proxy.asgi_server import AsgiServer, ConnectionCut, serve

GET = b"GET / HTTP/1.1\r\nHost: sandbox\r\n\r\n"
HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]}


def body(chunk: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


async def hello(_scope: Any, _receive: Any, send: Any) -> None:
    await send(HEAD)
    await send(body(b"hello", more=True))
    await send(body(b"", more=False))


async def endless(_scope: Any, _receive: Any, send: Any) -> None:
    await send(HEAD)
    await send(body(b"first", more=True))
    await asyncio.Event().wait()


async def exchange(server: AsgiServer, request: bytes = GET) -> bytes:
    """All that the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def no_other_task() -> None:
    """Waits until the running task is the loop's only one."""
    async with asyncio.timeout(10):
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


async def test_sends_the_applications_headers_and_none_besides_the_framing() -> None:
    async with serve(hello) as server:
        answer = await exchange(server, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer == (
        b"HTTP/1.1 200 OK\r\nx-own: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"5\r\nhello\r\n0\r\n\r\n"
    )


async def test_neither_requests_nor_what_a_peer_does_wrong_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with serve(hello) as server:
        await exchange(server, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert (await exchange(server, b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
    assert caplog.records == []


async def test_one_connection_serves_request_after_request() -> None:
    async with serve(hello) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        for _ in range(3):
            writer.write(GET)
            answer = await reader.readuntil(b"0\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()
        await writer.wait_closed()


async def test_the_origin_is_where_it_listens() -> None:
    async with serve(hello) as server:
        assert server.port != 0
        assert server.origin == f"http://127.0.0.1:{server.port}"
    assert AsgiServer("::1", 80).origin == "http://[::1]:80"


async def test_a_taken_port_is_an_os_error_at_entry() -> None:
    async with serve(hello) as server:
        with pytest.raises(OSError, match="in use") as caught:
            async with serve(hello, port=server.port):
                pytest.fail("two servers listen on one port")
        assert caught.value.errno == errno.EADDRINUSE
        assert (await exchange(server, b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost"])  # noqa: S104
async def test_only_a_numeric_loopback_address_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match=host):
        async with serve(hello, host=host):
            pytest.fail("it listens")


@pytest.mark.parametrize("app", [hello, endless])
async def test_leaving_stops_at_once_and_leaves_nothing_behind(
    app: ASGIApp, caplog: pytest.LogCaptureFixture
) -> None:
    threads = threading.enumerate()
    async with serve(app) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(GET)
        await reader.readuntil(b"\r\n5\r\n")
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert threading.enumerate() == threads
    assert caplog.records == []
    received = await reader.read()
    assert received.endswith(b"0\r\n\r\n") == (app is hello)
    writer.close()
    await writer.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(server.host, server.port)
    async with serve(hello, port=server.port) as successor:
        assert successor.port == server.port


async def test_the_block_ends_by_an_exception_as_it_does_without_one() -> None:
    with pytest.raises(RuntimeError, match="of the block"):
        async with serve(endless) as server:
            raise RuntimeError("of the block")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(server.host, server.port)


async def test_a_client_that_reads_nothing_does_not_hold_up_the_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flooded = asyncio.Event()

    async def flood(_scope: Any, _receive: Any, send: Any) -> None:
        await send(HEAD)
        await send(body(b"x" * 32 * 1024 * 1024, more=True))
        flooded.set()
        raise ConnectionCut

    async with serve(flood) as server:
        _reader, writer = await asyncio.open_connection(server.host, server.port, limit=1024)
        writer.write(GET)
        await flooded.wait()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert caplog.records == []
    writer.transport.abort()


async def test_a_request_that_will_not_end_is_given_up_and_reported(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi_server, "STOP_SECONDS", 0.05)
    begun, released = asyncio.Event(), asyncio.Event()

    async def stubborn(_scope: Any, _receive: Any, _send: Any) -> None:
        begun.set()
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    async with serve(stubborn) as server:
        _reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(GET)
        await begun.wait()
    assert caplog.messages == ["requests still running after 0.05 s: 1"]
    released.set()
    await no_other_task()
    writer.close()


async def test_a_cut_keeps_what_was_sent_back_no_final_chunk_and_no_line_in_the_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def cut(_scope: Any, _receive: Any, send: Any) -> None:
        await send(HEAD)
        await send(body(b"half", more=True))
        raise ConnectionCut

    async with serve(cut) as server:
        answer = await exchange(server)
    assert answer.endswith(b"\r\n\r\n4\r\nhalf\r\n")
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


async def test_a_cut_before_the_answer_sends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def cut(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ConnectionCut

    async with serve(cut) as server:
        assert await exchange(server) == b""
    assert caplog.records == []


async def test_a_failing_application_answers_500_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(_scope: Any, _receive: Any, _send: Any) -> None:
        raise LookupError("our own mistake")

    async with serve(fail) as server:
        assert (await exchange(server)).startswith(b"HTTP/1.1 500 ")
    (record,) = caplog.records
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "our own mistake"


async def test_a_client_that_leaves_in_mid_upload_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun = asyncio.Event()

    async def upload(scope: Any, receive: Any, _send: Any) -> None:
        async for _ in Request(scope, receive).stream():
            begun.set()

    async with serve(upload) as server:
        _reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 9\r\n\r\nhalf")
        await begun.wait()
        writer.close()
        await no_other_task()
    assert caplog.records == []


async def test_signal_handlers_stay_as_they_are() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with serve(hello):
        during = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert before == during == after


async def test_serving_forever_lasts_until_cancelled() -> None:
    async with serve(hello) as server:
        forever = asyncio.create_task(server.serve_forever())
        await exchange(server, b"nonsense\r\n\r\n")
        assert not forever.done()
        forever.cancel()
        with pytest.raises(asyncio.CancelledError):
            await forever


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_servers_start_and_stop_side_by_side_and_loop_after_loop(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def two_servers() -> list[bytes]:
        close = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        async with serve(hello) as one, serve(hello) as other:
            answers = [await exchange(server, close) for server in (one, other)]
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return answers

    for _ in range(3):
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            answers = runner.run(two_servers())
        assert all(answer.endswith(b"hello\r\n0\r\n\r\n") for answer in answers)


async def test_ipv6_is_listened_on_where_there_is_one() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"no IPv6 loopback: {error}")
    async with serve(hello, host="::1") as server:
        assert (await exchange(server, b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_small_chunks_are_not_held_back_to_be_sent_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: list[int] = []
    connection_made = asgi_server._Connection.connection_made

    def note(self: asgi_server._Connection, transport: asyncio.Transport) -> None:
        accepted = transport.get_extra_info("socket")
        options.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        connection_made(self, transport)

    monkeypatch.setattr(asgi_server._Connection, "connection_made", note)
    async with serve(hello) as server:
        await exchange(server, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert options == [1]
