from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.asgi_server import AsgiServer, ConnectionCut, serve
from proxy.exact_stream import ExactStream

GET = b"GET / HTTP/1.1\r\nHost: sandbox\r\n\r\n"


def application(chunks: Callable[[], AsyncIterator[bytes]], status_code: int = 200) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-accel-buffering", "yes")]
        response = ExactStream(chunks(), status_code=status_code, headers=headers)
        await response(scope, receive, send)

    return answer


async def two_chunks() -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbfdata: \xff\x00"
    yield b"\r\n: not framed"


async def first_answer(server: AsgiServer, end: bytes = b"0\r\n\r\n") -> bytes:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        writer.write(GET)
        async with asyncio.timeout(10):
            return await reader.readuntil(end)
    finally:
        writer.close()
        await writer.wait_closed()


async def test_sends_the_given_headers_and_chunks_and_nothing_else() -> None:
    async with serve(application(two_chunks, status_code=203)) as server:
        answer = await first_answer(server)
    assert answer == (
        b"HTTP/1.1 203 Non-Authoritative Information\r\n"
        b"set-cookie: a=1\r\nset-cookie: b=2\r\nx-accel-buffering: yes\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
        b"b\r\n\xef\xbb\xbfdata: \xff\x00\r\n"
        b"e\r\n\r\n: not framed\r\n0\r\n\r\n"
    )


async def test_no_ping_is_ever_due() -> None:
    assert ExactStream(two_chunks()).ping_interval == 0


async def test_an_exit_flag_left_behind_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppStatus, "should_exit", True)

    async def with_a_pause() -> AsyncIterator[bytes]:
        yield b"before"
        for _ in range(10):
            await asyncio.sleep(0)
        yield b"after"

    async with serve(application(with_a_pause)) as server:
        assert (await first_answer(server)).endswith(b"5\r\nafter\r\n0\r\n\r\n")


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_no_task_outlives_the_server_in_any_of_several_loops(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def one_stream() -> bytes:
        async with serve(application(two_chunks)) as server:
            answer = await first_answer(server)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return answer

    for _ in range(3):
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            assert runner.run(one_stream()).endswith(b"not framed\r\n0\r\n\r\n")


async def test_the_iterator_is_cancelled_when_the_client_leaves() -> None:
    cancelled = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with serve(application(endless)) as server:
        await first_answer(server, end=b"first\r\n")
        async with asyncio.timeout(10):
            await cancelled.wait()


async def test_a_cut_leaves_the_final_chunk_out(caplog: pytest.LogCaptureFixture) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionCut

    async with serve(application(half)) as server:
        with pytest.raises(asyncio.IncompleteReadError) as caught:
            await first_answer(server)
    assert caught.value.partial.endswith(b"4\r\nhalf\r\n")
    assert caplog.records == []
