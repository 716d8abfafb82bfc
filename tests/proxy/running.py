"""A running proxy with its capture folder, as tests of every kind need it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from captures.records import Chunk, Damage, End, Record, Request
from captures.redact import Redactor
from captures.store import captures_in, prepare_folder, read
from captures.writer import Writer
from proxy.server import RunningProxy, serve_proxy
from proxy.target import parse_mount
from tests.proxy.wire import (
    RawClient,
    Script,
    ScriptedUpstream,
    raw_client,
    scripted_upstream,
    until,
)


class ProxyUnderTest:
    """A proxy and what it has recorded."""

    def __init__(self, running: RunningProxy, folder: Path) -> None:
        self.running = running
        self.port = running.port
        self.origin = running.origin
        self.folder = folder

    def captures(self) -> list[Path]:
        return captures_in(self.folder)

    async def ended(self, count: int = 1) -> list[Path]:
        """The capture files, once this many have an end record on disk."""
        ended: set[Path] = set()

        def enough() -> bool:
            ended.update(path for path in self.captures() if path not in ended and has_ended(path))
            return len(ended) >= count

        await until(enough)
        return self.captures()


@asynccontextmanager
async def running_proxy(
    upstream: str, folder: Path, **settings: Any
) -> AsyncIterator[ProxyUnderTest]:
    """A proxy in front of an upstream, with a folder of its own."""
    key = prepare_folder(folder)
    writer = Writer(folder)
    try:
        mounts = (parse_mount(upstream),)
        async with serve_proxy(mounts, writer, Redactor(key), **settings) as running:
            yield ProxyUnderTest(running, folder)
    finally:
        await asyncio.to_thread(writer.close)


@asynccontextmanager
async def proxied(
    script: Script, folder: Path
) -> AsyncIterator[tuple[ScriptedUpstream, ProxyUnderTest, RawClient]]:
    """A scripted upstream, a proxy in front of it, and a connected client."""
    async with (
        scripted_upstream(script) as upstream,
        running_proxy(upstream.origin, folder) as proxy,
        raw_client(proxy.port) as client,
    ):
        yield upstream, proxy, client


def records_of(path: Path) -> list[Request | Record | Damage]:
    """Everything a capture holds now."""
    return list(read(path))


def has_ended(path: Path) -> bool:
    """Whether the capture's end record is on disk."""
    return b',"end",' in path.read_bytes()


def body_of(path: Path) -> bytes:
    """The recorded response body."""
    return b"".join(record.data for record in _chunks(path))


def pieces_of(path: Path) -> list[bytes]:
    """The recorded response pieces that hold bytes."""
    return [record.data for record in _chunks(path) if record.data]


def end_of(path: Path) -> End:
    """The end record."""
    return next(record for record in records_of(path) if isinstance(record, End))


def _chunks(path: Path) -> Iterator[Chunk]:
    return (record for record in records_of(path) if isinstance(record, Chunk))
