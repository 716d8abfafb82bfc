"""Relaying with faults: what the upstream sent passes through a harm on its way to the client."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import aiohttp
from aiohttp import web
from aiohttp.streams import EmptyStreamReader

from captures.faults.catalogue import Faults
from captures.faults.harm import AnswerHead, Ending, Harm, Send, Step
from captures.records import Headers
from proxy.headers import RawHeaders, as_text

FAULT_FIELD = "x-ssescope-fault"
"""Response header that says what was done to an answer."""

RESET_PAUSE = 0.05
"""Seconds between the last bytes and a reset."""

_NO_LINGER = struct.pack("ii", 1, 0)
_LOST_BY_HARM = ("content-length", "content-md5", "digest", "repr-digest", "content-digest")
"""Fields that speak of the bytes as they were."""


def harmed_head(harm: Harm, status: int, headers: Headers, words: str) -> AnswerHead:
    """The head that the client gets.

    Args:
        harm: what is done to the answer.
        status: of the real answer.
        headers: of the real answer.
        words: what is said of the harm in the head.
    """
    head = harm.head(AnswerHead(status, headers))
    for name in _LOST_BY_HARM:
        head = head.without_header(name)
    return head.with_header(FAULT_FIELD, words)


class AnswerHarm:
    """The harm done to one answer, with its words. Mutable: serves one answer."""

    def __init__(self, faults: Faults, number: int) -> None:
        self.harm = faults.begin(number)
        self.words = faults.words(number)
        """Which faults, in a form fit for a header field."""
        replaced = harmed_head(self.harm, 200, (), self.words)
        self.replacement = replaced if replaced.body is not None else None
        """The whole answer, where a fault gives it in the upstream's place."""

    def head_for(self, source: aiohttp.ClientResponse | None) -> AnswerHead:
        """The head that the client gets."""
        if source is None:
            assert self.replacement is not None  # noqa: S101 - else there is a source
            return self.replacement
        return harmed_head(self.harm, source.status, as_text(source.raw_headers), self.words)

    async def body_of(self, source: aiohttp.ClientResponse | None) -> AsyncIterator[bytes]:
        """The body that the harm works on.

        Raises:
            aiohttp.ClientError: the upstream broke off.
        """
        if source is None:
            if self.replacement is not None and self.replacement.body:
                yield self.replacement.body
            return
        # aiohttp shares one reader among all empty bodies, and its readchunk() ends only once.
        while not isinstance(source.content, EmptyStreamReader):
            data, whole = await source.content.readchunk()
            if (data, whole) == (b"", False):
                return
            if data:
                yield data


def raw(headers: Headers) -> RawHeaders:
    """Header fields as they go over the wire."""
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)


async def relay_harmed(
    pieces: AsyncIterator[bytes], harm: Harm, pass_on: Callable[[bytes], Awaitable[None]]
) -> Ending | None:
    """Passes a body on through a harm.

    Args:
        pieces: the body as it comes.
        harm: what is done to it.
        pass_on: sends a chunk to the client.

    Returns:
        How the harm ended the answer, or None if the body came to its own end.
    """
    expiry = harm.expires
    try:
        async with asyncio.timeout(expiry.seconds if expiry else None) as timer:
            async for data in pieces:
                ending = await _take(harm.feed(data), pass_on)
                if ending is not None:
                    return ending
            return await _take(harm.finish(), pass_on)
    except TimeoutError:
        if expiry is None or not timer.expired():
            raise
        return expiry.ending


async def _take(
    steps: Iterable[Step], pass_on: Callable[[bytes], Awaitable[None]]
) -> Ending | None:
    for step in steps:
        if step.delay:
            await asyncio.sleep(step.delay)
        if not isinstance(step, Send):
            return step.ending
        if step.data:
            await pass_on(step.data)
    return None


async def reset_client(request: web.BaseRequest) -> None:
    """Resets the client's connection: it gets RST in place of FIN.

    A reset throws away what was sent and not yet read, so the client is given a moment first.
    """
    await asyncio.sleep(RESET_PAUSE)
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
