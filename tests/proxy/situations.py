"""What can happen to a client's stream, as scripts for a raw upstream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.proxy.provider_streams import RETRY_AFTER, ProviderStream
from tests.proxy.wire import Script, UpstreamSide

STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Cues:
    """What the upstream and the client wait for of each other. Made within the event loop."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    client_heard: asyncio.Event = field(default_factory=asyncio.Event)
    """The client has read the first text."""
    answer_now: asyncio.Event = field(default_factory=asyncio.Event)
    """The upstream may send its first byte."""

    def hear(self) -> None:
        """Tells that the client has read the first text. For any thread."""
        self.loop.call_soon_threadsafe(self.client_heard.set)


Play = Callable[[UpstreamSide, ProviderStream, Cues], Awaitable[None]]


def script(situation: str, stream: ProviderStream, cues: Cues) -> Script:
    """The upstream's part in a situation."""
    play = SITUATIONS[situation]

    async def played(side: UpstreamSide) -> None:
        await play(side, stream, cues)

    return played


async def _good(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await side.send(STREAM_HEAD)
    await side.send_chunk(stream.opening)
    # In one write: a client may close at the terminal event, and must not come first.
    await side.send(b"%x\r\n%b\r\n%b" % (len(stream.rest), stream.rest, LAST_CHUNK))


async def _ends_early(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await side.send(STREAM_HEAD)
    await side.send_chunk(stream.opening)
    await side.send(LAST_CHUNK)


async def _truncated(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await side.send(STREAM_HEAD)
    await side.send_chunk(stream.opening)
    side.writer.close()


async def _cut_mid_event(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await side.send(STREAM_HEAD)
    await side.send_chunk(stream.opening + stream.half_event())
    side.writer.close()


async def _reset_mid_event(side: UpstreamSide, stream: ProviderStream, cues: Cues) -> None:
    await side.send(STREAM_HEAD)
    await side.send_chunk(stream.opening + stream.half_event())
    # A reset throws away what the other side has not read yet.
    await cues.client_heard.wait()
    side.reset()


async def _error_in_stream(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await side.send(STREAM_HEAD)
    await side.send_chunk(stream.opening)
    event = stream.error_event
    await side.send(b"%x\r\n%b\r\n%b" % (len(event), event, LAST_CHUNK))


async def _rate_limited(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await _answer_with_error(side, stream, 429, b"Too Many Requests")


async def _overloaded(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await _answer_with_error(side, stream, 529, b"Overloaded")


async def _answer_with_error(
    side: UpstreamSide, stream: ProviderStream, status: int, reason: bytes
) -> None:
    body = stream.error_bodies[status]
    await side.send(
        b"HTTP/1.1 %d %b\r\nContent-Type: application/json\r\nRetry-After: %b\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (status, reason, RETRY_AFTER.encode(), len(body), body)
    )


async def _slow_first_byte(side: UpstreamSide, stream: ProviderStream, cues: Cues) -> None:
    await cues.answer_now.wait()
    await _good(side, stream, cues)


async def _client_leaves(side: UpstreamSide, stream: ProviderStream, _cues: Cues) -> None:
    await side.send(STREAM_HEAD)
    await side.send_chunk(stream.opening)
    await side.wait_for_close()


SITUATIONS: dict[str, Play] = {
    "good": _good,
    "ends early": _ends_early,
    "truncated": _truncated,
    "cut mid-event": _cut_mid_event,
    "reset mid-event": _reset_mid_event,
    "error in the stream": _error_in_stream,
    "429": _rate_limited,
    "529": _overloaded,
    "slow first byte": _slow_first_byte,
    "client breaks out": _client_leaves,
    "client is cancelled": _client_leaves,
}
