"""What aiohttp does not tell: why a connection was lost, and what it had received by then.

It leans on private names of aiohttp, which pyproject.toml pins to one minor release and
tests/proxy/test_tap.py holds to what is expected of them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

import aiohttp
from aiohttp import web
from aiohttp.client_proto import ResponseHandler
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler


class UpstreamConnection(ResponseHandler):
    """A connection to the upstream that remembers why it was lost."""

    lost_because: BaseException | None = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """Called by the transport, with the error of a reset or None after a clean close."""
        self.lost_because = exc
        super().connection_lost(exc)


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


class Server(web.Server):
    """aiohttp's low-level server over connections of ours."""

    def __init__(self, handler: Any, **settings: Any) -> None:
        super().__init__(handler, handler_cancellation=True, **settings)
        self._settings = settings

    def __call__(self) -> ClientConnection:
        """A protocol for a new connection."""
        return ClientConnection(self, loop=asyncio.get_running_loop(), **self._settings)


def connect_through_tap(connector: aiohttp.TCPConnector) -> None:
    """Lets a connector make connections of ours."""
    make = partial(UpstreamConnection, loop=asyncio.get_running_loop())
    connector._factory = cast("partial[ResponseHandler]", make)  # noqa: SLF001


def received_before_failure(content: StreamReader) -> list[tuple[bytes, bool]]:
    """The pieces of a body that had arrived when it failed and were not read yet.

    aiohttp raises the failure at once and would drop them.
    """
    pieces: list[tuple[bytes, bool]] = []
    content._exception = None  # noqa: SLF001
    while content._buffer or content._http_chunk_splits:  # noqa: SLF001
        if content._http_chunk_splits:  # noqa: SLF001
            end = content._http_chunk_splits.popleft()  # noqa: SLF001
            size = end - content._cursor  # noqa: SLF001
            pieces.append((content._read_nowait(size) if size > 0 else b"", True))  # noqa: SLF001
        else:
            pieces.append((content._read_nowait_chunk(-1), False))  # noqa: SLF001
    return pieces
