"""A running replay of made-up exchanges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from captures.cutting import parse_way
from captures.faults.catalogue import NO_FAULTS, Faults
from captures.pace import MAX_SPEED, Pace
from captures.request_body import IGNORED_FIELDS, parse_field
from proxy.replay import Manner, serve_replay
from proxy.replay_exchange import Told
from proxy.replay_library import Library
from proxy.replay_miss import OnMiss
from tests.proxy.recorded import Recorded, write_captures
from tests.proxy.wire import RawResponse, raw_client, request_bytes

AT_ONCE = Manner(Pace(MAX_SPEED), interval=0.0)


def library_of(path: Path, *ignored: str) -> Library:
    """What is served of a file or folder."""
    library = Library((path,), [*IGNORED_FIELDS, *map(parse_field, ignored)])
    library.load()
    return library


def lines_of(lines: list[str]) -> Callable[[Told], None]:
    """Keeps the lines that a replay tells."""
    return lambda told: lines.append(told.line)


@asynccontextmanager
async def replaying(
    folder: Path,
    *exchanges: Recorded,
    lines: list[str] | None = None,
    chunks: str = "recorded",
    on_miss: OnMiss = OnMiss.NOT_FOUND,
    ignored: tuple[str, ...] = (),
    faults: Faults = NO_FAULTS,
) -> AsyncIterator[int]:
    """A replay of these exchanges at maximum speed; gives its port and collects its lines."""
    write_captures(folder, *exchanges)
    served: list[str] = [] if lines is None else lines
    library = await asyncio.to_thread(library_of, folder, *ignored)
    manner = Manner(AT_ONCE.pace, parse_way(chunks), on_miss=on_miss, faults=faults)
    on_served = lines_of(served)
    async with serve_replay(library, manner=manner, on_served=on_served) as server:
        yield server.port


async def ask(
    port: int,
    target: str = "/v1/messages",
    *,
    method: str = "POST",
    body: bytes = b"{}",
    headers: tuple[str, ...] = (),
) -> RawResponse:
    """The answer to one request on a connection of its own."""
    async with raw_client(port) as client:
        await client.send(request_bytes(port, target, method=method, body=body, headers=headers))
        return await client.read_response(body=method != "HEAD")


def open_files_in(folder: Path) -> list[Path]:
    """The files of this folder that the process has open."""
    targets = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [target for target in targets if target.is_relative_to(folder)]
