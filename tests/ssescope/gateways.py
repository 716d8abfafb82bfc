"""Gateways that do what gateways do: each forwards to one origin and changes one thing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
from aiohttp import web

Passing = Callable[[aiohttp.ClientResponse, web.StreamResponse], Awaitable[None]]

HOP_BY_HOP = frozenset({"transfer-encoding", "connection", "trailer"})
COMMENT_OR_EVENT_LINE = re.compile(rb"^(?::|event:)[^\n]*\n", re.MULTILINE)


async def as_it_comes(source: aiohttp.ClientResponse, answer: web.StreamResponse) -> None:
    """Passes HTTP chunks on, and a cut as a cut."""
    # Neither iter_chunks() nor readchunk() ends on an empty body.
    while not source.content.at_eof():
        data, _ = await source.content.readchunk()
        await answer.write(data)


async def joined(source: aiohttp.ClientResponse, answer: web.StreamResponse) -> None:
    """Passes on whatever one read gives."""
    async for data in source.content.iter_any():
        await answer.write(data)


async def stripped(source: aiohttp.ClientResponse, answer: web.StreamResponse) -> None:
    """Drops comments and event lines."""
    async for data in source.content.iter_any():
        await answer.write(COMMENT_OR_EVENT_LINE.sub(b"", data))


async def swallowing(source: aiohttp.ClientResponse, answer: web.StreamResponse) -> None:
    """Takes a cut for an end."""
    with suppress(aiohttp.ClientError):
        await as_it_comes(source, answer)


@asynccontextmanager
async def gateway(
    origin: str, passing: Passing = as_it_comes, *, buffers: bool = False, **added: str
) -> AsyncIterator[str]:
    """A gateway in front of an origin, and its URL.

    Args:
        origin: where it forwards to.
        passing: what it does with the body.
        buffers: whether it waits for the whole body before it answers.
        added: header fields it adds.
    """
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def forward(request: web.BaseRequest) -> web.StreamResponse:
            async with session.request(
                request.method, origin + request.path_qs, data=await request.read()
            ) as source:
                answer = web.StreamResponse(status=source.status, reason=source.reason)
                for name, value in [*source.headers.items(), *added.items()]:
                    if name.lower() not in HOP_BY_HOP:
                        answer.headers.add(name, value)
                whole = await source.read() if buffers else b""
                await answer.prepare(request)
                await passing(source, answer)
                await answer.write_eof(whole)
                return answer

        runner = web.ServerRunner(web.Server(forward, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            assert runner.addresses
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
