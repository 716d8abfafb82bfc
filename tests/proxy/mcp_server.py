"""An MCP server with tools that need a stream, over both of the protocol's HTTP transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import JSONRPCMessage
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.asgi_server import serve

RETRY_MILLISECONDS = 5
"""How long the server asks its clients to wait before they come back to a closed stream."""


@dataclass(frozen=True)
class SeenRequest:
    """A request as it reached the server."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


@dataclass
class McpUpstream:
    """A running MCP server and what it has seen. Mutable."""

    origin: str = ""
    requests: list[SeenRequest] = field(default_factory=list)
    tool_waits: asyncio.Event = field(default_factory=asyncio.Event)
    """The tool `wait` has been called."""
    tool_cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    """The tool `wait` has been cancelled."""

    def values(self, name: str) -> set[str]:
        """The values of a header field over all requests."""
        return {request.headers[name] for request in self.requests if name in request.headers}


class EventsInMemory(EventStore):
    """Keeps every event of every stream; the number of an event is its identifier."""

    def __init__(self) -> None:
        self._events: list[tuple[str, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        self._events.append((stream_id, message))
        return str(len(self._events))

    async def replay_events_after(
        self, last_event_id: str, send_callback: EventCallback
    ) -> str | None:
        stream_id, _ = self._events[int(last_event_id) - 1]
        for number, (of_stream, message) in enumerate(self._events, start=1):
            if number > int(last_event_id) and of_stream == stream_id and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream_id


@asynccontextmanager
async def streamable_http_server() -> AsyncIterator[McpUpstream]:
    """A server of Streamable HTTP at /mcp, with sessions and a memory of their events."""
    upstream = McpUpstream()
    security = TransportSecuritySettings()
    application = _server(upstream).streamable_http_app(
        event_store=EventsInMemory(),
        retry_interval=RETRY_MILLISECONDS,
        transport_security=security,
    )
    async with _running(application, upstream, security):
        yield upstream


@asynccontextmanager
async def http_and_sse_server() -> AsyncIterator[McpUpstream]:
    """A server of the transport of 2024-11-05: events at /sse, requests at /messages/."""
    upstream = McpUpstream()
    security = TransportSecuritySettings()
    application = _server(upstream).sse_app(transport_security=security)
    async with _running(application, upstream, security):
        yield upstream


def _server(upstream: McpUpstream) -> MCPServer[None]:
    server: MCPServer[None] = MCPServer("sandbox")

    @server.tool()
    async def count(to: int, ctx: Context) -> str:
        for number in range(1, to + 1):
            await ctx.report_progress(number, to, f"at {number}")
        return f"counted to {to}"

    @server.tool()
    async def hang_up_and_count(to: int, ctx: Context) -> str:
        await ctx.report_progress(0, to, "hanging up")
        await ctx.close_sse_stream()
        return await count(to, ctx)

    @server.tool()
    async def wait(ctx: Context) -> str:
        await ctx.report_progress(0, 1, "waiting")
        upstream.tool_waits.set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            upstream.tool_cancelled.set()
            raise
        return "never"

    return server


@asynccontextmanager
async def _running(
    application: Starlette, upstream: McpUpstream, security: TransportSecuritySettings
) -> AsyncIterator[None]:
    # The server knows no lifespan messages, so the sessions' task group is entered here.
    async with (
        application.router.lifespan_context(application),
        serve(_seen_by(upstream, application)) as server,
    ):
        upstream.origin = server.origin
        # Only its own name: a request that names the proxy is refused.
        security.allowed_hosts.append(server.origin.removeprefix("http://"))
        yield


def _seen_by(upstream: McpUpstream, application: ASGIApp) -> ASGIApp:
    async def seen(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        upstream.requests.append(SeenRequest(scope["method"], scope["path"], query, headers))
        await application(scope, receive, send)

    return seen
