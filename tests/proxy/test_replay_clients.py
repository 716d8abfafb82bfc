"""The providers' own clients read a replay as they read the stream it was recorded from."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from proxy.replay_miss import OnMiss
from tests.captures.cuts import at_random
from tests.captures.shared_material import needs_streams
from tests.proxy.client_readings import READERS, Reader
from tests.proxy.recorded import Recorded
from tests.proxy.recorded_streams import MOST_OF_A_KIND, original, recordings_for
from tests.proxy.replaying import replaying

PARTS = ("text", "tool_calls", "stop", "usage")


@needs_streams
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.protocol)
async def test_a_client_reads_the_replay_as_it_read_the_original(
    reader: Reader, tmp_path: Path
) -> None:
    recordings = recordings_for(reader.protocol)
    said: set[str] = set()
    for number, recording in enumerate(recordings):
        pieces = tuple(filter(None, at_random(recording.body, number)))
        async with original(pieces) as upstream:
            first = await asyncio.to_thread(reader.read, upstream.origin)
        for chunks in ("recorded", "1"):
            folder = tmp_path / f"{number}-{chunks}"
            exchange = Recorded(pieces)
            async with replaying(folder, exchange, chunks=chunks, on_miss=OnMiss.CLOSEST) as port:
                replayed = await asyncio.to_thread(reader.read, f"http://127.0.0.1:{port}")
            assert replayed == first, (recording.name, chunks)
        said |= {part for part in PARTS if getattr(first, part)}
    assert len(recordings) > MOST_OF_A_KIND
    assert said == {*PARTS}
