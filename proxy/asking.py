"""Asks the upstream: the request as the client sends it, once more where that is safe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

from proxy.flight import Flight
from proxy.headers import NO_AUTOMATIC_FIELDS, for_upstream
from proxy.tap import begin_leg
from proxy.target import authority_of


@dataclass(frozen=True, slots=True)
class Sessions:
    """The two ways of connecting to an upstream."""

    pooled: aiohttp.ClientSession
    """Keeps connections for the next request."""
    fresh: aiohttp.ClientSession
    """Makes a new connection for every request."""


class Asker:
    """Sends the requests of one proxy port."""

    def __init__(self, sessions: Sessions, via: str | None) -> None:
        self._sessions = sessions
        self._via = via

    async def ask(
        self, request: web.BaseRequest, url: URL, flight: Flight
    ) -> aiohttp.ClientResponse:
        """The upstream's response, its body unread.

        A pooled connection that the upstream has closed meanwhile says nothing about the
        upstream: where nothing was lost, the request is sent once more on a fresh connection.
        """
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._request_body(request, flight) if request.body_exists else None
        try:
            return await self._send(self._sessions.pooled, request, url, body, flight)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            sent = flight.replayable_body
            whole = not request.body_exists or request.content.at_eof()
            if not (flight.leg.was_pooled and flight.leg.nothing_came and whole) or sent is None:
                raise
        flight.note("retried", "a pooled connection was stale; sent again on a fresh one")
        again = sent if request.body_exists else None
        return await self._send(self._sessions.fresh, request, url, again, flight)

    async def _send(
        self,
        session: aiohttp.ClientSession,
        request: web.BaseRequest,
        url: URL,
        body: AsyncIterator[bytes] | bytes | None,
        flight: Flight,
    ) -> aiohttp.ClientResponse:
        flight.leg = begin_leg()
        headers = for_upstream(request.raw_headers, authority_of(url))
        if flight.is_harmed:
            # Faults work on text.
            headers = [field for field in headers if field[0].lower() != "accept-encoding"]
        return await session.request(
            request.method,
            url,
            headers=headers,
            proxy=self._via,
            data=body,
            allow_redirects=False,
            skip_auto_headers=NO_AUTOMATIC_FIELDS,
        )

    async def _request_body(self, request: web.BaseRequest, flight: Flight) -> AsyncIterator[bytes]:
        chunks = request.content.iter_chunks()
        while True:
            try:
                data, _ = await anext(chunks)
            except StopAsyncIteration:
                return
            except Exception:
                flight.upload_broken = True
                raise
            if data:
                await flight.room(len(data))
                flight.request_chunk(data)
                yield data
