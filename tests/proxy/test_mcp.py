"""The real MCP client and server, with the proxy between them.

The installed package speaks two eras. Handshake revisions (up to 2025-11-25) have sessions, a
standing GET stream and resumption with Last-Event-ID. Revision 2026-07-28 has none of them: it
is stateless, and closing the response is how a request is cancelled. Resumption is therefore
tested in the handshake era, with an event store of our own since the package brings none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.sse import sse_client
from mcp.types import TextContent

from captures.records import Ending, Head, Request
from tests.proxy.mcp_server import (
    McpUpstream,
    SeenRequest,
    http_and_sse_server,
    streamable_http_server,
)
from tests.proxy.running import ProxyUnderTest, body_of, end_of, records_of, running_proxy
from tests.proxy.wire import until

HANDSHAKE = "legacy"
STATELESS = "2026-07-28"


@asynccontextmanager
async def proxied_server(folder: Path) -> AsyncIterator[tuple[McpUpstream, ProxyUnderTest]]:
    async with (
        streamable_http_server() as upstream,
        running_proxy(upstream.origin, folder) as proxy,
    ):
        yield upstream, proxy


async def called(client: Client, tool: str, **arguments: object) -> tuple[str, list[str]]:
    """The text a tool gives back, and the messages of its progress."""
    heard: list[str] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    result = await client.call_tool(tool, arguments, progress_callback=on_progress)
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text, heard


@pytest.mark.parametrize("mode", [HANDSHAKE, STATELESS])
async def test_a_tool_reports_progress_as_without_the_proxy(mode: str, tmp_path: Path) -> None:
    seen: list[list[SeenRequest]] = []
    async with proxied_server(tmp_path) as (upstream, proxy):
        for origin in (upstream.origin, proxy.origin):
            async with Client(f"{origin}/mcp", mode=mode) as client:
                assert await called(client, "count", to=3) == (
                    "counted to 3",
                    ["at 1", "at 2", "at 3"],
                )
                if mode == HANDSHAKE:
                    await until(
                        lambda: any(request.method == "GET" for request in upstream.requests)
                    )
            seen.append(upstream.requests.copy())
            upstream.requests.clear()
        captures = await proxy.ended(len(seen[1]))
    assert in_order(seen[1]) == in_order(seen[0])
    streams = [path for path in captures if b"notifications/progress" in body_of(path)]
    assert [media_type(path) for path in streams] == ["text/event-stream"]
    assert end_of(streams[0]).how is Ending.COMPLETE


async def test_a_stream_the_server_hung_up_is_resumed(tmp_path: Path) -> None:
    async with proxied_server(tmp_path) as (upstream, proxy):
        async with Client(f"{proxy.origin}/mcp", mode=HANDSHAKE) as client:
            answer = await called(client, "hang_up_and_count", to=2)
        captures = await proxy.ended(len(upstream.requests))
    assert answer == ("counted to 2", ["hanging up", "at 1", "at 2"])
    (last_event_id,) = upstream.values("last-event-id")
    (resumed,) = [path for path in captures if recorded(path, "last-event-id") == last_event_id]
    assert b'"counted to 2"' in body_of(resumed)
    (hung_up,) = [path for path in captures if f"id: {last_event_id}\r".encode() in body_of(path)]
    assert end_of(hung_up).how is Ending.COMPLETE
    assert b'"counted to 2"' not in body_of(hung_up)


async def test_a_session_works_and_its_id_stays_out_of_the_captures(tmp_path: Path) -> None:
    async with proxied_server(tmp_path) as (upstream, proxy):
        async with Client(f"{proxy.origin}/mcp", mode=HANDSHAKE) as client:
            await called(client, "hang_up_and_count", to=1)
            version = client.protocol_version
        captures = await proxy.ended(len(upstream.requests))
    (session,) = upstream.values("mcp-session-id")
    (last_event_id,) = upstream.values("last-event-id")
    assert upstream.values("mcp-protocol-version") == {version}
    assert upstream.values("host") == {upstream.origin.removeprefix("http://")}
    assert {recorded(path, "last-event-id") for path in captures} == {"", last_event_id}
    assert {recorded(path, "mcp-protocol-version") for path in captures} == {"", version}
    assert any(recorded(path, "mcp-session-id").startswith("[redacted") for path in captures)
    assert files_with(session, tmp_path) == []


@pytest.mark.parametrize(
    ("mode", "how"), [(STATELESS, Ending.CLIENT_LEFT), (HANDSHAKE, Ending.COMPLETE)]
)
async def test_cancelling_a_call_cancels_the_tool(mode: str, how: Ending, tmp_path: Path) -> None:
    """The stateless client closes the response; the other one posts a notification."""
    heard = asyncio.Event()

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.set()

    async with proxied_server(tmp_path) as (upstream, proxy):
        async with Client(f"{proxy.origin}/mcp", mode=mode) as client:
            calling = asyncio.create_task(
                client.call_tool("wait", {}, progress_callback=on_progress)
            )
            await until(heard.is_set)
            assert not upstream.tool_cancelled.is_set()
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
            await until(upstream.tool_cancelled.is_set)
        captures = await proxy.ended(len(upstream.requests))
    (call,) = [path for path in captures if b"notifications/progress" in body_of(path)]
    assert end_of(call).how is how
    assert (b"notifications/cancelled" in everything(captures)) is (mode == HANDSHAKE)


async def test_the_older_transport_finds_its_endpoint_behind_the_proxy(tmp_path: Path) -> None:
    async with (
        http_and_sse_server() as upstream,
        running_proxy(upstream.origin, tmp_path) as proxy,
    ):
        answers = []
        for origin in (upstream.origin, proxy.origin):
            upstream.requests.clear()
            async with Client(sse_client(f"{origin}/sse"), mode=HANDSHAKE) as client:
                answers.append(await called(client, "count", to=2))
        captures = await proxy.ended(len(upstream.requests))
    assert answers[1] == answers[0] == ("counted to 2", ["at 1", "at 2"])
    (stream,) = [path for path in captures if asked(path).path == "/sse"]
    (query,) = {request.query for request in upstream.requests if request.query}
    assert body_of(stream).startswith(f"event: endpoint\r\ndata: /messages/?{query}\r\n".encode())
    assert b'"counted to 2"' in body_of(stream)
    assert end_of(stream).how is Ending.CLIENT_LEFT
    posts = [asked(path).path for path in captures if path != stream]
    assert len(posts) >= 3
    assert all(path.startswith("/messages/?session_id=[redacted len=32 ") for path in posts)


def in_order(requests: list[SeenRequest]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What requests tell the server, but for the session they belong to; some come side by side."""
    return sorted(
        (
            request.method,
            request.path,
            sorted(
                (name, value)
                for name, value in request.headers.items()
                if name not in {"connection", "mcp-session-id"}
                # aiohttp tells the length of an empty body.
                and (name, value) != ("content-length", "0")
            ),
        )
        for request in requests
    )


def asked(capture: Path) -> Request:
    request = records_of(capture)[0]
    assert isinstance(request, Request)
    return request


def recorded(capture: Path, name: str) -> str:
    """A header field of the recorded request, empty when there is none."""
    return {key.lower(): value for key, value in asked(capture).headers}.get(name, "")


def media_type(capture: Path) -> str:
    (head,) = [record for record in records_of(capture) if isinstance(record, Head)]
    return {key.lower(): value for key, value in head.headers}["content-type"].partition(";")[0]


def everything(captures: list[Path]) -> bytes:
    return b"".join(path.read_bytes() for path in captures)


def files_with(secret: str, folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
