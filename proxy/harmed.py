"""Relaying with faults: what the upstream sent passes through a harm on its way to the client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import aiohttp
from aiohttp.streams import EmptyStreamReader

from captures.faults.harm import AnswerHead, Ending, Harm
from captures.records import Headers
from proxy.deadlines import loop_time
from proxy.harming import AnswerHarm, Pieces, harmed_body
from proxy.headers import RawHeaders, as_text


def head_for(source: aiohttp.ClientResponse | None, harm: AnswerHarm) -> AnswerHead:
    """The head that the client gets; of what a fault gives in the upstream's place without one."""
    if source is None:
        return harm.head_for(200, ())
    return harm.head_for(source.status, as_text(source.raw_headers))


async def body_of(source: aiohttp.ClientResponse | None, head: AnswerHead) -> Pieces:
    """The body that the harm works on, as it comes.

    Raises:
        aiohttp.ClientError: the upstream broke off.
    """
    if source is None:
        yield loop_time(), head.body or b""
        return
    # aiohttp shares one reader among all empty bodies, and its readchunk() ends only once.
    while not isinstance(source.content, EmptyStreamReader):
        data, whole = await source.content.readchunk()
        if (data, whole) == (b"", False):
            return
        if data:
            yield loop_time(), data


def raw(headers: Headers) -> RawHeaders:
    """Header fields as they go over the wire."""
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)


async def relay_harmed(
    pieces: Pieces, harm: Harm, pass_on: Callable[[bytes], Awaitable[None]]
) -> Ending | None:
    """Passes a body on through a harm.

    Args:
        pieces: the body as it comes.
        harm: what is done to it.
        pass_on: sends a chunk to the client.

    Returns:
        How the harm ended the answer, or None if the body came to its own end.
    """
    made: AsyncGenerator[bytes | Ending, None] = harmed_body(pieces, harm)
    async with aclosing(made):
        async for chunk in made:
            if isinstance(chunk, Ending):
                return chunk
            await pass_on(chunk)
    return None
