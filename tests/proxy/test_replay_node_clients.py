"""The providers' Node clients read a replay as they read the stream it was recorded from."""

from __future__ import annotations

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from proxy.replay_miss import OnMiss
from tests.captures.cuts import at_random
from tests.captures.shared_material import needs_streams
from tests.proxy.recorded import Recorded
from tests.proxy.recorded_streams import MOST_OF_A_KIND, original, recordings_for
from tests.proxy.replaying import replaying

NODE = shutil.which("node")
CLIENTS = Path(__file__).parents[1] / "node"
DEADLINE = 120
PROTOCOLS = {
    "anthropic": "anthropic.messages",
    "chat": "openai.chat",
    "responses": "openai.responses",
}

needs_node = pytest.mark.skipif(
    NODE is None or not (CLIENTS / "node_modules").is_dir(),
    reason=f"no node, or its packages are missing: run npm install in {CLIENTS}",
)


async def read_with_node(client: str, origins: list[str]) -> list[dict[str, Any]]:
    """What a Node client gets from each of these origins."""
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        NODE, str(CLIENTS / "read.mjs"), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    asked = json.dumps([{"client": client, "origin": origin} for origin in origins])
    async with asyncio.timeout(DEADLINE):
        out, err = await process.communicate(asked.encode())
    assert process.returncode == 0, err.decode()
    heard: list[dict[str, Any]] = json.loads(out)
    return heard


@needs_streams
@needs_node
@pytest.mark.parametrize("client", PROTOCOLS)
async def test_a_node_client_reads_the_replay_as_it_read_the_original(
    client: str, tmp_path: Path
) -> None:
    recordings = recordings_for(PROTOCOLS[client])
    said: set[str] = set()
    async with AsyncExitStack() as servers:
        origins: list[str] = []
        for number, recording in enumerate(recordings):
            pieces = tuple(filter(None, at_random(recording.body, number)))
            origins.append((await servers.enter_async_context(original(pieces))).origin)
            for chunks in ("recorded", "1"):
                replay = replaying(
                    tmp_path / f"{number}-{chunks}",
                    Recorded(pieces),
                    chunks=chunks,
                    on_miss=OnMiss.CLOSEST,
                )
                origins.append(f"http://127.0.0.1:{await servers.enter_async_context(replay)}")
        heard = await read_with_node(client, origins)
    for number, recording in enumerate(recordings):
        first, replayed, byte_by_byte = heard[3 * number : 3 * number + 3]
        assert replayed == first, recording.name
        assert byte_by_byte == first, recording.name
        said |= {part for part in ("text", "tools", "stop", "usage") if first[part]}
    assert len(recordings) > MOST_OF_A_KIND
    assert said == {"text", "tools", "stop", "usage"}
