"""Real recordings through the proxy: whole, byte by byte and cut at random."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from captures.exchange import Exchange
from captures.loading import load
from captures.records import Ending, Request
from tests.captures.cuts import at_random, byte_by_byte
from tests.captures.shared_material import Recording, needs_streams, sse_recordings
from tests.proxy.running import body_of, end_of, pieces_of, running_proxy
from tests.proxy.wire import UpstreamSide, dechunked, raw_client, request_bytes, scripted_upstream

Cut = Callable[[bytes], Sequence[bytes]]

SINGLE_BYTES = 8192
"""Bytes of a recording that come one by one; the rest of a long one would add time alone."""


def _byte_by_byte(body: bytes) -> list[bytes]:
    rest = body[SINGLE_BYTES:]
    return [*byte_by_byte(body[:SINGLE_BYTES]), *([rest] if rest else [])]


CUTS: dict[str, Cut] = {
    "whole": lambda body: [body],
    "byte by byte": _byte_by_byte,
    "at random": lambda body: [piece for piece in at_random(body, len(body)) if piece],
}

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)


@needs_streams
@pytest.mark.parametrize("cut", CUTS)
async def test_every_recording_arrives_and_is_captured_byte_for_byte(
    cut: str, tmp_path: Path
) -> None:
    recordings = sse_recordings()
    waiting: list[Sequence[bytes]] = []

    async def play(side: UpstreamSide) -> None:
        pieces = waiting.pop()
        framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        await side.send(HEAD + framed + b"0\r\n\r\n")
        side.writer.close()

    async with scripted_upstream(play) as upstream:
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            for number, recording in enumerate(recordings, start=1):
                pieces = CUTS[cut](recording.body)
                waiting.append(pieces)
                got, complete = await _ask(proxy.port, recording)
                assert complete, recording.name
                assert b"".join(got) == recording.body, recording.name
                assert got == list(pieces), recording.name
                capture = (await proxy.ended(number))[-1]
                assert body_of(capture) == recording.body, recording.name
                assert pieces_of(capture) == list(pieces), recording.name
                assert end_of(capture).how is Ending.COMPLETE, recording.name
                _assert_folds(load(capture), recording)


async def _ask(port: int, recording: Recording) -> tuple[list[bytes], bool]:
    # Some recordings had their path blanked out.
    target = recording.target if recording.target.startswith("/") else "/"
    async with raw_client(port) as client:
        await client.send(request_bytes(port, target, headers=("Connection: close",)))
        await client.read_head()
        async with asyncio.timeout(60):
            return dechunked(await client.reader.read())


def _assert_folds(exchange: Exchange, recording: Recording) -> None:
    assert isinstance(exchange.request, Request)
    assert b"".join(exchange.raw(event.frame) for event in exchange.events) == recording.body
