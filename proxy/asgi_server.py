"""Runs an ASGI application under uvicorn's HTTP/1.1 protocol, inside a running event loop.

uvicorn's `Server` is left out on purpose: it takes over signals, starts by polling, stops by
sleeping, and sse-starlette patches its exit handler for the whole process. Its protocol class
alone has none of this, so servers can start and stop side by side and one after another.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from proxy.harming import reset_connection
from proxy.listen import bound_socket, origin_of

BACKLOG = 128
KEEP_ALIVE_SECONDS = 75
STOP_SECONDS = 2.0

logger = logging.getLogger(__name__)
# uvicorn warns about whatever a peer sends wrong; only a failing application is worth a line.
logger.setLevel(logging.ERROR)


class ConnectionCut(Exception):  # noqa: N818 - a wanted ending, not an error
    """Raised by an application to end its connection where it stands.

    What was sent before still reaches the client; no final chunk does, and nothing is logged.
    """


class ConnectionReset(ConnectionCut):
    """The same, and the client's connection is reset."""


@dataclass(frozen=True, slots=True)
class AsgiServer:
    """A server that listens. It is stopped by leaving the `serve` block that gave it.

    Attributes:
        host: the numeric address it listens on.
        port: the port it listens on, never 0.
    """

    host: str
    port: int

    @property
    def origin(self) -> str:
        """What a base URL begins with, such as `http://127.0.0.1:8123`."""
        return origin_of(self.host, self.port)

    async def serve_forever(self) -> None:
        """Waits until it is cancelled; the server serves with or without it."""
        await asyncio.get_running_loop().create_future()


@contextlib.asynccontextmanager
async def serve(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, remote: bool = False
) -> AsyncIterator[AsgiServer]:
    """Serves an application for as long as the block runs, then cuts what is still going on.

    Lifespan messages are not sent, WebSockets are not spoken, no header is added but those of
    the HTTP framing, and no signal handler is installed.

    Args:
        app: the ASGI application.
        host: a numeric address.
        port: the port to listen on; 0 lets the system choose a free one.
        remote: whether the address may be one that other machines reach.

    Raises:
        ValueError: the host is no numeric address, or one that other machines reach.
        OSError: the address cannot be bound, for instance because the port is taken.
    """
    config = _config(app)
    state = _State()
    listening_socket = _listening_socket(host, port, remote=remote)
    loop = asyncio.get_running_loop()
    try:
        listener = await loop.create_server(
            lambda: _Connection(config=config, server_state=state, app_state={}, _loop=loop),
            sock=listening_socket,
            backlog=BACKLOG,
        )
    except BaseException:
        listening_socket.close()
        raise
    try:
        yield AsgiServer(host, listening_socket.getsockname()[1])
    finally:
        await _stop(listener, state)


def _listening_socket(host: str, port: int, *, remote: bool) -> socket.socket:
    if not remote and not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"expected a loopback address such as 127.0.0.1, got {host}")
    listening_socket = bound_socket(host, port)
    try:
        listening_socket.setblocking(False)
        # With SO_REUSEADDR a taken port may be noticed by listen() only.
        listening_socket.listen(BACKLOG)
    except BaseException:
        listening_socket.close()
        raise
    return listening_socket


def _config(app: ASGIApp) -> Config:
    config = Config(
        app,
        http=_Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        workers=1,
        log_config=None,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    config.load()
    return config


async def _stop(listener: asyncio.Server, state: _State) -> None:
    state.stopping = True
    listener.close()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            # A connection that was being accepted may join while the others leave.
            while connections := [c for c in state.connections if isinstance(c, _Connection)]:
                for connection in connections:
                    connection.transport.abort()
                for connection in connections:
                    await connection.lost.wait()
            for task in state.tasks:
                task.cancel()
            while state.tasks:
                await asyncio.wait([*state.tasks])
            await listener.wait_closed()
    except TimeoutError:
        logger.error("requests still running after %g s: %d", STOP_SECONDS, len(state.tasks))  # noqa: TRY400


class _State(ServerState):
    """The connections and tasks of one server, and whether it is on its way out."""

    stopping = False


class _Connection(H11Protocol):
    """One client's connection."""

    server_state: _State

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.logger = logger
        self.access_log = False
        self.lost = asyncio.Event()
        self._application: Any = self.app
        self.app = self._answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.server_state.stopping:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.lost.set()

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._answer_or_cut(scope, receive, send)
        except asyncio.CancelledError:
            if not self.server_state.stopping:
                raise

    async def _answer_or_cut(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._application(scope, receive, send)
        except (ConnectionCut, ClientDisconnect) as ending:
            # uvicorn logs a traceback for any exception, and an error for a response left
            # unfinished, unless the client has left by then: so close first, return after.
            if isinstance(ending, ConnectionReset):
                await reset_connection(self.transport)
            else:
                self.transport.close()
            await self.lost.wait()
