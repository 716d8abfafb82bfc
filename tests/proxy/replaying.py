"""A running replay of made-up exchanges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from captures.cutting import parse_way
from captures.pace import MAX_SPEED, Pace
from proxy.replay import serve_replay
from proxy.replay_source import load_recordings
from tests.proxy.recorded import Recorded, write_captures
from tests.proxy.wire import RawResponse, raw_client, request_bytes


@asynccontextmanager
async def replaying(
    folder: Path,
    *exchanges: Recorded,
    lines: list[str] | None = None,
    chunks: str = "recorded",
) -> AsyncIterator[int]:
    """A replay of these exchanges at maximum speed; gives its port and collects its lines."""
    write_captures(folder, *exchanges)
    served: list[str] = [] if lines is None else lines
    recordings = await asyncio.to_thread(load_recordings, folder)
    async with serve_replay(
        recordings, pace=Pace(MAX_SPEED), chunks=parse_way(chunks), on_served=served.append
    ) as server:
        yield server.port


async def ask(
    port: int,
    target: str = "/v1/messages",
    *,
    method: str = "POST",
    body: bytes = b"{}",
) -> RawResponse:
    """The answer to one request on a connection of its own."""
    async with raw_client(port) as client:
        await client.send(request_bytes(port, target, method=method, body=body))
        return await client.read_response(body=method != "HEAD")


def open_files_in(folder: Path) -> list[Path]:
    """The files of this folder that the process has open."""
    targets = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [target for target in targets if target.is_relative_to(folder)]
