"""The proxy as a server: its listening sockets, its client session, its shutdown."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import aiohttp
from aiohttp import web

from captures.faults.catalogue import NO_FAULTS, Faults
from captures.redact import Redactor
from captures.writer import Writer
from proxy.asking import Sessions
from proxy.flight import Landed
from proxy.forward import Forwarder
from proxy.guard import allowed_hosts
from proxy.library import require_fit_aiohttp
from proxy.listen import LOCAL_REACH, ListenHost, Reach, listen, origin_of
from proxy.tap import Server, TappedRequest, connect_through_tap, missing_names
from proxy.target import Mount

MAX_HEADER_SIZE = 65536
MAX_HEADERS = 512
CONNECT_SECONDS = 10.0
IDLE_CLIENT_SECONDS = 75.0
IDLE_UPSTREAM_SECONDS = 15.0
READ_SIZE = 65536
MOST_EXCHANGES = 10_000

_logger = logging.getLogger("ssescope.proxy")
_logger.addHandler(logging.NullHandler())
_logger.propagate = False


@dataclass(frozen=True, slots=True)
class RunningProxy:
    """A proxy that is listening on one port."""

    host: ListenHost
    port: int
    mounts: tuple[Mount, ...]
    forwarder: Forwarder
    runner: web.ServerRunner
    missing_names: tuple[str, ...] = ()
    """What aiohttp lacks, so that captures have a reduced fidelity."""

    @property
    def origin(self) -> str:
        """What a client's base URL begins with."""
        return origin_of(self.host.addresses[0], self.port)

    @property
    def under_way(self) -> int:
        """How many exchanges are running."""
        return self.forwarder.under_way

    async def stop_accepting(self) -> None:
        """Stops listening and closes idle connections; what is under way goes on."""
        for site in self.runner.sites:
            await site.stop()
        if self.runner.server is not None:
            self.runner.server.pre_shutdown()

    async def landed(self) -> None:
        """Waits until nothing is under way."""
        await self.forwarder.landed()


@dataclass(frozen=True, slots=True)
class Outbound:
    """How the upstream is reached."""

    idle_timeout: float | None = None
    """Seconds of silence after which the upstream is given up; None waits for ever."""
    via: str | None = None
    """URL of a forward proxy to go through."""
    tls: ssl.SSLContext | None = None
    """What certificates are trusted; None means those of the system."""


@asynccontextmanager
async def serve_proxy(
    mounts: tuple[Mount, ...],
    writer: Writer,
    redactor: Redactor,
    *,
    port: int = 0,
    outbound: Outbound = Outbound(),
    most_exchanges: int = MOST_EXCHANGES,
    reach: Reach = LOCAL_REACH,
    faults: Faults = NO_FAULTS,
    clock: Callable[[], float] = monotonic,
    on_landed: Callable[[Landed], None] = lambda _landed: None,
) -> AsyncIterator[RunningProxy]:
    """Listens and forwards to the upstreams until the block is left.

    Leaving the block cuts the streams that are still running. on_landed is told of every
    exchange that has ended; a request beyond most_exchanges at once is answered with 503.

    Raises:
        OSError: when the port cannot be bound.
        UnfitLibraryError: when the installed aiohttp is not one to rely on.
    """
    require_fit_aiohttp()
    missing = missing_names()
    sockets = listen(reach.host, port)
    async with _sessions(outbound, None if missing else clock) as sessions:
        forwarder = Forwarder(
            mounts,
            sessions,
            writer=writer,
            redactor=redactor,
            clock=clock,
            on_landed=on_landed,
            via=outbound.via,
            most_exchanges=most_exchanges,
            access=reach.access,
            faults=faults,
        )
        bound = sockets[0].getsockname()[1]
        forwarder.hosts = allowed_hosts(bound, *reach.host.addresses)
        runner = _runner(forwarder)
        await runner.setup()
        try:
            for listener in sockets:
                await web.SockSite(runner, listener).start()
            yield RunningProxy(reach.host, bound, mounts, forwarder, runner, missing)
        finally:
            await forwarder.cut_all()
            await runner.cleanup()


def _runner(forwarder: Forwarder) -> web.ServerRunner:
    server = Server(
        forwarder.handle,
        logger=_logger,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=IDLE_CLIENT_SECONDS,
        max_line_size=MAX_HEADER_SIZE,
        max_field_size=MAX_HEADER_SIZE,
        max_headers=MAX_HEADERS,
        read_bufsize=READ_SIZE,
    )
    return web.ServerRunner(server, shutdown_timeout=1.0)


@asynccontextmanager
async def _sessions(outbound: Outbound, tap: Callable[[], float] | None) -> AsyncIterator[Sessions]:
    async with (
        _session(outbound, tap, keep=True) as pooled,
        _session(outbound, tap, keep=False) as fresh,
    ):
        yield Sessions(pooled, fresh)


def _session(
    outbound: Outbound, tap: Callable[[], float] | None, *, keep: bool
) -> aiohttp.ClientSession:
    """A client that adds, follows, stores and decodes nothing, and waits as long as it takes.

    It reads along, with arrivals on the clock given as tap, if there is one.
    """
    connector = aiohttp.TCPConnector(
        limit=0,
        ttl_dns_cache=10,
        keepalive_timeout=IDLE_UPSTREAM_SECONDS if keep else None,
        force_close=not keep,
        ssl=outbound.tls if outbound.tls is not None else True,
    )
    if tap is not None:
        connect_through_tap(connector, tap)
    session = aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=outbound.idle_timeout
        ),
        read_bufsize=READ_SIZE,
        max_line_size=MAX_HEADER_SIZE,
        max_field_size=MAX_HEADER_SIZE,
        max_headers=MAX_HEADERS,
        request_class=TappedRequest,
    )
    # aiohttp would silently send GET, PUT and DELETE twice; the forwarder has a rule of its own.
    session._retry_connection = False  # noqa: SLF001
    return session
