"""What aiohttp does not tell: why a connection was lost, and what it had received by then.

It leans on private names of aiohttp, which pyproject.toml pins to one minor release and
tests/proxy/test_tap.py holds to what is expected of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import aiohttp
from aiohttp import web
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

from proxy.response_scanner import ResponseScanner


class UpstreamConnection(ResponseHandler):
    """A connection to the upstream that reads along and remembers why it was lost."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float]) -> None:
        super().__init__(loop)
        self.lost_because: BaseException | None = None
        self.scanner = ResponseScanner()
        self.requests = 0
        """How many requests went out on it; more than one means it came out of the pool."""
        self._clock = clock

    def set_response_params(self, **settings: Any) -> None:
        """Called by aiohttp before each response on the connection."""
        self.requests += 1
        self.scanner = ResponseScanner(without_body=settings.get("skip_payload", False))
        super().set_response_params(**settings)

    def data_received(self, data: bytes) -> None:
        """Called by the transport; an empty call only resumes aiohttp's parser."""
        if data:
            self.scanner.feed(data, self._clock())
        super().data_received(data)
        self._break_off_body()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Called by the transport, with the error of a reset or None after a clean close."""
        self.lost_because = exc
        super().connection_lost(exc)

    def _break_off_body(self) -> None:
        # aiohttp forgets to: after a framing error its reader would wait for ever.
        body = self._payload
        failed = self.exception() is not None
        if failed and body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError("the body's framing is broken"))


class ClientConnection(RequestHandler):
    """A client's connection that remembers whether and why it was lost."""

    __slots__ = ("lost", "lost_because")

    def __init__(self, manager: web.Server, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self.lost = False
        self.lost_because: BaseException | None = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """Called by the transport, with the error of a reset or None after a clean close."""
        self.lost = True
        self.lost_because = exc
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no HTTP. aiohttp's own would quote it, with the secrets in it."""
        if status < 500:
            return super().handle_error(request, status)
        return super().handle_error(request, status, exc, message)


class Server(web.Server):
    """aiohttp's low-level server over connections of ours."""

    def __init__(self, handler: Any, **settings: Any) -> None:
        super().__init__(handler, handler_cancellation=True, **settings)
        self._settings = settings

    def __call__(self) -> ClientConnection:
        """A protocol for a new connection."""
        return ClientConnection(self, loop=asyncio.get_running_loop(), **self._settings)


@dataclass(slots=True)
class Leg:
    """The way from the proxy to the upstream that one request took. Mutable."""

    connection: UpstreamConnection | None = None
    """None until the request goes out."""

    @property
    def was_pooled(self) -> bool:
        """Whether the connection had served another request before."""
        return self.connection is not None and self.connection.requests > 1

    @property
    def nothing_came(self) -> bool:
        """Whether not one byte of a response has arrived."""
        return self.connection is None or not self.connection.scanner.evidence

    @property
    def lost_because(self) -> BaseException | None:
        """The transport's reason for the loss of the connection, if it was not a clean close."""
        return self.connection.lost_because if self.connection is not None else None

    @property
    def reset_at_open_end(self) -> OSError | None:
        """The reset that ended a body which has no other end than that of its connection."""
        if self.scanner is None or not self.scanner.ends_with_connection:
            return None
        return self.lost_because if isinstance(self.lost_because, OSError) else None

    @property
    def scanner(self) -> ResponseScanner | None:
        """What has read along with the response."""
        return self.connection.scanner if self.connection is not None else None


_leg: ContextVar[Leg] = ContextVar("leg")


class TappedRequest(aiohttp.ClientRequest):
    """A request that tells its leg which connection it goes out on."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Called by aiohttp once the request has its connection."""
        if isinstance(conn.protocol, UpstreamConnection):
            _leg.get().connection = conn.protocol
        return await super().send(conn)


def begin_leg() -> Leg:
    """A leg for the next request that this task sends."""
    leg = Leg()
    _leg.set(leg)
    return leg


_NAMES_OF_A_READER = (
    "_buffer", "_cursor", "_exception", "_http_chunk_splits", "_read_nowait", "_read_nowait_chunk",
)  # fmt: skip
_NAMES_OF_A_CONNECTION = ("_payload", "set_response_params", "data_received", "connection_lost")


def missing_names() -> tuple[str, ...]:
    """What the tap needs of aiohttp and does not find there; without it forwarding still works.

    Call it within an event loop.
    """
    connection = ResponseHandler(asyncio.get_running_loop())
    reader = [name for name in _NAMES_OF_A_READER if not hasattr(StreamReader, name)]
    return (*reader, *(name for name in _NAMES_OF_A_CONNECTION if not hasattr(connection, name)))


def connect_through_tap(connector: aiohttp.TCPConnector, clock: Callable[[], float]) -> None:
    """Lets a connector make connections of ours; their arrivals are on this clock."""
    make = partial(UpstreamConnection, loop=asyncio.get_running_loop(), clock=clock)
    connector._factory = cast("partial[ResponseHandler]", make)  # noqa: SLF001


def received_before_failure(content: StreamReader) -> list[tuple[bytes, bool]]:
    """The pieces of a body that had arrived when it failed and were not read yet.

    aiohttp raises the failure at once and would drop them. Nothing where they cannot be had.
    """
    pieces: list[tuple[bytes, bool]] = []
    if any(not hasattr(StreamReader, name) for name in _NAMES_OF_A_READER):
        return pieces
    content._exception = None  # noqa: SLF001
    while content._buffer or content._http_chunk_splits:  # noqa: SLF001
        if content._http_chunk_splits:  # noqa: SLF001
            end = content._http_chunk_splits.popleft()  # noqa: SLF001
            size = end - content._cursor  # noqa: SLF001
            pieces.append((content._read_nowait(size) if size > 0 else b"", True))  # noqa: SLF001
        else:
            pieces.append((content._read_nowait_chunk(-1), False))  # noqa: SLF001
    return pieces
