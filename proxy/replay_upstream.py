"""Asks the upstream for what a replay does not have, through a proxy of ours that records it.

The proxy listens on a port of its own in the same process; a relayed answer keeps its status,
its fields, its chunks and its ending, as everything does that passes the proxy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.streams import EmptyStreamReader
from starlette.requests import ClientDisconnect
from starlette.types import Receive
from yarl import URL

from captures.records import Ending, Headers
from proxy.asgi_server import ConnectionCut
from proxy.flight import Landed
from proxy.headers import NO_AUTOMATIC_FIELDS, TOKEN_FIELD, RawHeaders, as_text, end_to_end
from proxy.tap import received_before_failure

_READ_SIZE = 65536
FIRST_ERROR_STATUS = 400


class RelayedAnswer:
    """The upstream's answer, its body still to come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.headers: Headers = as_text(end_to_end(response.raw_headers))
        self._response = response

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body in its chunks.

        Raises:
            ConnectionCut: the upstream's body broke off.
        """
        content = self._response.content
        # aiohttp shares one reader among all empty bodies, and it ends only once.
        if isinstance(content, EmptyStreamReader):
            return
        try:
            async for data, _ in content.iter_chunks():
                if data:
                    yield data
        except (aiohttp.ClientError, OSError):
            for data, _ in received_before_failure(content):
                if data:
                    yield data
            raise ConnectionCut from None


class Relay:
    """Sends requests on to the recording proxy at an origin."""

    def __init__(self, origin: str, session: aiohttp.ClientSession) -> None:
        self._origin = origin
        self._session = session

    @asynccontextmanager
    async def ask(
        self,
        method: str,
        target: str,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
        receive: Receive,
    ) -> AsyncIterator[RelayedAnswer]:
        """The answer as soon as its head is there; leaving the block gives up the rest.

        Raises:
            ClientDisconnect: the client left before.
            ConnectionCut: the proxy was stopped meanwhile.
        """
        request = self._session.request(
            method,
            URL(f"{self._origin}{target}", encoded=True),
            headers=_forwarded(tuple(headers)),
            data=body or None,
            allow_redirects=False,
            skip_auto_headers=NO_AUTOMATIC_FIELDS,
        )
        asking = asyncio.ensure_future(request)
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise ClientDisconnect
            response = await asking
        except (aiohttp.ClientError, OSError):
            raise ConnectionCut from None
        finally:
            asking.cancel()
            leaving.cancel()
            await asyncio.gather(asking, leaving, return_exceptions=True)
        try:
            yield RelayedAnswer(response)
        finally:
            response.close()


@asynccontextmanager
async def relay_to(origin: str) -> AsyncIterator[Relay]:
    """A relay to the recording proxy at this origin."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=_READ_SIZE,
    )
    async with session:
        yield Relay(origin, session)


def is_worth_serving(landed: Landed) -> bool:
    """Whether what was recorded answers the same request next time, and not a second try."""
    return (
        landed.how is Ending.COMPLETE
        and landed.status is not None
        and landed.status < FIRST_ERROR_STATUS
    )


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _forwarded(raw: RawHeaders) -> list[tuple[str, str]]:
    """The client's fields but those that speak of its own connection to the replay."""
    return [
        (name, value)
        for name, value in as_text(end_to_end(raw))
        if name.lower() not in {"host", "expect", "content-length", TOKEN_FIELD}
    ]
