"""Recorded streams of the providers, a few of each kind, and a server that sends one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from tests.captures.shared_material import Recording, sse_recordings
from tests.proxy.situations import LAST_CHUNK, STREAM_HEAD
from tests.proxy.wire import ScriptedUpstream, UpstreamSide, scripted_upstream

MOST_BYTES = 6000
"""Byte by byte, a client takes its time."""
MOST_OF_A_KIND = 3


def recordings_for(protocol: str) -> list[Recording]:
    """Some recorded streams of a protocol, with tool calls, beyond ASCII, and others."""
    chosen: dict[str, list[Recording]] = {"tool": [], "text": [], "plain": []}
    for recording in sse_recordings():
        body = recording.body
        if recording.protocol != protocol or len(body) > MOST_BYTES:
            continue
        is_tool = any(word in body for word in (b"tool_use", b"tool_calls", b"function"))
        kind = "tool" if is_tool else "plain" if body.isascii() else "text"
        chosen[kind].append(recording)
    return [recording for kind in chosen.values() for recording in kind[:MOST_OF_A_KIND]]


def original(pieces: Sequence[bytes]) -> AbstractAsyncContextManager[ScriptedUpstream]:
    """A server that answers every request with these pieces, an HTTP chunk each."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)

    async def play(side: UpstreamSide) -> None:
        await side.send(STREAM_HEAD + framed + LAST_CHUNK)

    return scripted_upstream(play)
