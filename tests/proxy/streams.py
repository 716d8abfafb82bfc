"""Streams that a scripted upstream plays."""

from __future__ import annotations

from tests.proxy.wire import UpstreamSide

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Case-KEPT: caf\xe9\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
EVENTS = (b"event: a\ndata: 1\n\n", b"data: \xf0\x9f", b"\x8c\x8a\n\n", b"data: [DONE]\n\n")


async def good_stream(side: UpstreamSide) -> None:
    await side.send(HEAD)
    for event in EVENTS:
        await side.send_chunk(event)
    await side.send(b"0\r\n\r\n")
