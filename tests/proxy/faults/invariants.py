"""What holds after every fault, whatever it was."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, thread_time

import pytest

from captures.records import Chunk, Damage, End, Ending, Gap, RequestChunk
from captures.store import read
from tests.proxy.faults.canary import CANARY
from tests.proxy.wire import RawResponse, until

MOST_WORK = 1.0
"""Seconds of its processor that the event loop may work in one go, whatever runs beside it."""
MOST_LAG = 10.0
"""Seconds that it may be held up in all. Far above what is promised: machines are shared."""
TICK_SECONDS = 0.002
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class OpenThings:
    """What a finished exchange must not leave behind."""

    descriptors: int
    threads: int
    tasks: int

    @classmethod
    def now(cls) -> OpenThings:
        # The event loop keeps the threads of its executor.
        own = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        return cls(descriptors, len(own), len(asyncio.all_tasks()))

    def within(self, base: OpenThings) -> bool:
        """Whether there is no more of anything than there was."""
        return (
            self.descriptors <= base.descriptors
            and self.threads <= base.threads
            and self.tasks <= base.tasks
        )


@dataclass
class Watch:
    """How the event loop and the memory fared."""

    lags: list[float] = field(default_factory=list)
    most_work: float = 0.0
    resident_before: int = 0
    resident_peak: int = 0

    @property
    def growth(self) -> int:
        """Bytes by which the resident memory grew at most."""
        return self.resident_peak - self.resident_before

    async def tick(self) -> None:
        """Measures until it is cancelled."""
        self.resident_before = self.resident_peak = resident_size()
        while True:
            started, worked = perf_counter(), thread_time()
            await asyncio.sleep(TICK_SECONDS)
            self.lags.append(max(0.0, perf_counter() - started - TICK_SECONDS))
            self.most_work = max(self.most_work, thread_time() - worked)
            self.resident_peak = max(self.resident_peak, resident_size())


ALL_LAGS: list[float] = []
"""The lags of every fault that was played in this process, for the summary."""


def resident_size() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


@asynccontextmanager
async def watched(
    folder: Path, logs: pytest.LogCaptureFixture, output: pytest.CaptureFixture[str]
) -> AsyncIterator[Watch]:
    """Checks after the block that nothing is left behind, leaked or was held up."""
    base = OpenThings.now()
    watch = Watch()
    logger = logging.getLogger("ssescope.proxy")
    logger.addHandler(logs.handler)
    ticking = asyncio.create_task(watch.tick())
    try:
        yield watch
    finally:
        logger.removeHandler(logs.handler)
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
    await until(lambda: OpenThings.now().within(base))
    ALL_LAGS.extend(watch.lags)
    assert watch.most_work < MOST_WORK
    assert max(watch.lags, default=0.0) < MOST_LAG
    assert files_with_the_canary(folder) == []
    assert CANARY not in logs.text
    assert CANARY not in "".join(output.readouterr())


def files_with_the_canary(folder: Path) -> list[Path]:
    """Files in which the secret stands in clear."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and CANARY.encode() in path.read_bytes()
    ]


def check_capture(capture: Path, *, uploaded: int | None = None) -> End:
    """Holds a capture's bytes and declared losses against its own tally of the upstream.

    Args:
        capture: a capture that has ended.
        uploaded: bytes of the request body, where some of them may have been lost too.
    """
    size = upload = lost = 0
    digest = hashlib.sha256()
    end: End | None = None
    for record in read(capture):
        assert not isinstance(record, Damage)
        assert end is None, "a record stands behind the end"
        match record:
            case Chunk():
                size += len(record.data)
                digest.update(record.data)
            case RequestChunk():
                upload += len(record.data)
            case Gap():
                lost += record.size
            case End():
                end = record
    assert end is not None
    missing_upload = uploaded - upload if uploaded is not None else 0
    assert size + lost == end.upstream.size + missing_upload
    if size == end.upstream.size:
        assert digest.hexdigest() == end.upstream.sha256
    assert end.client.size <= end.upstream.size
    if end.how is Ending.COMPLETE:
        assert end.client == end.upstream
    return end


def check_ends_alike(response: RawResponse, end: End) -> None:
    """Holds the end the client saw against how the upstream's response ended."""
    if b"x-ssescope-error" not in response.head.lower():
        assert response.complete == (end.how is Ending.COMPLETE)
