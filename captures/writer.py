"""The writer: captures leave the event loop through a bounded queue to one thread.

The loop's side makes no system call, takes no await and never raises, so that a slow or hung
disk cannot delay a stream. The thread groups what came within 10 ms into one write a file.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from time import monotonic

from captures.capture_file import CaptureFile
from captures.losses import Losses
from captures.quota import DEFAULT_LIMITS, Limits, Quota
from captures.record_lines import encode_request
from captures.records import (
    Boundary,
    Chunk,
    End,
    Ending,
    Gap,
    Head,
    Headers,
    Latency,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
)

MAX_QUEUED_BYTES = 64 * 1024 * 1024
MAX_QUEUED_BYTES_A_CAPTURE = 16 * 1024 * 1024
MAX_QUEUED_RECORDS = 200_000
BATCH_SECONDS = 0.005
"""Pause between two batches. With the write itself a record is on its way within 10 ms."""
SYNC_SECONDS = 1.0
MAX_BATCH_RECORDS = 2000
CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """How the writer is doing."""

    queued_records: int
    queued_bytes: int
    lost_records: int
    lost_bytes: int
    failure: str
    """The newest reason for which something could not be written; empty if there was none."""
    failed_syncs: int
    """How often the disk did not confirm that it keeps what was written."""
    stalled_seconds: float
    """How long the disk has been at the write that is under way."""

    @property
    def is_complete(self) -> bool:
        """Whether everything so far has been kept, or can still be."""
        return not self.lost_records and not self.failed_syncs


class _Order(Enum):
    """What is queued beside records."""

    OPEN = "open"
    CLOSE = "close"


class _Capture:
    """What loop and thread share of one capture. Each counter has one side that writes it."""

    def __init__(self, file: CaptureFile, refused: str) -> None:
        self.file = file
        self.refused = refused
        """Why no file is made for it; empty if one is."""
        self.bytes_in = 0
        self.bytes_out = 0
        self.ended = False


@dataclass(slots=True)
class _Batch:
    """What one write appends to one file."""

    capture: _Capture
    records: list[Record] = field(default_factory=list)
    size: int = 0


class Recording:
    """The loop's side of one capture. Its methods only append to the queue."""

    def __init__(self, writer: Writer, capture: _Capture, capture_id: str) -> None:
        self.id = capture_id
        self._writer = writer
        self._capture = capture
        self._seq = 0
        self._dropped: Gap | None = None
        self._noted_quota = False

    @property
    def path(self) -> Path:
        """Where the capture file is, or will be."""
        return self._capture.file.path

    def must_wait(self, size: int) -> bool:
        """Whether the stream is to wait before this many body bytes are recorded."""
        fitting = min(size, MAX_QUEUED_BYTES_A_CAPTURE)
        return self._writer.waits and not self._writer.has_room(self._capture, fitting)

    def request_chunk(self, time: float, data: bytes) -> None:
        """A piece of the request body, at this many seconds since the request."""
        if self._may_keep(time, len(data)):
            self._put(RequestChunk(self._next(), time, data), len(data))

    def chunk(self, time: float, data: bytes, boundary: Boundary) -> None:
        """A piece of the response body as it arrived."""
        if self._may_keep(time, len(data)):
            self._put(Chunk(self._next(), time, data, boundary), len(data))

    def head(self, time: float, version: str, status: int, reason: str, headers: Headers) -> None:
        """The response head, its secrets already redacted."""
        self._put(Head(self._next(), time, version, status, reason, headers))

    def note(self, time: float, about: str, text: str) -> None:
        """Something worth telling that is not a byte of a body."""
        self._put(Note(self._next(), time, about, text))

    def end(
        self,
        time: float,
        how: Ending,
        why: str,
        upstream: Tally,
        client: Tally,
        *,
        latency: Latency | None = None,
    ) -> None:
        """The last record; closes the capture."""
        self._put(End(self._next(), time, how, why, upstream, client, latency))
        self._writer.enqueue(self._capture, _Order.CLOSE, 0)

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _put(self, record: Record, size: int = 0) -> None:
        self._declare_gap()
        self._writer.enqueue(self._capture, record, size)

    def _may_keep(self, time: float, size: int) -> bool:
        """Whether body bytes can be kept; otherwise they become part of a gap."""
        why = self._writer.quota.reached
        if why and not self._noted_quota:
            self._noted_quota = True
            self.note(time, "quota_reached", why)
        if not why and not self._writer.has_room(self._capture, size):
            why = "queue full"
        if why:
            seq = self._next()
            first, lost = (self._dropped.first, self._dropped.size) if self._dropped else (seq, 0)
            self._dropped = Gap(seq, time, first, seq, lost + size, why)
            self._writer.count_dropped(size, why)
        return not why

    def _declare_gap(self) -> None:
        if self._dropped is not None:
            gap, self._dropped = self._dropped, None
            self._writer.enqueue(self._capture, gap, 0)


class Writer:
    """Writes the captures of one process into one folder. Close it when done."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        limits: Limits = DEFAULT_LIMITS,
        *,
        waits: bool = False,
    ) -> None:
        self.waits = waits
        """Whether streams are to wait while the queue is full; otherwise bytes are dropped."""
        self.quota = Quota(folder, limits)
        self._folder = folder
        self._clock = clock
        self._now = now
        self._run = secrets.token_hex(3)
        self._count = 0
        self._queue: deque[tuple[_Capture, Record | _Order, int]] = deque()
        self._records_in = 0
        self._records_out = 0
        self._bytes_in = 0
        self._bytes_out = 0
        self._dropped_records = 0
        self._dropped_bytes = 0
        self._dropped_because = ""
        self._losses = Losses()
        self._open: dict[int, _Capture] = {}
        self._closing = False
        self._busy_since: float | None = None
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run_thread, name="captures", daemon=True)
        self._thread.start()

    def record(
        self,
        *,
        upstream: str,
        method: str,
        path: str,
        version: str,
        headers: Headers,
        mount: str = "",
    ) -> Recording:
        """Begins a capture. All values must be redacted already."""
        self._count += 1
        started = self._now()
        milliseconds = started.microsecond // 1000
        time = f"{started:%Y%m%dT%H%M%S}.{milliseconds:03d}Z"
        capture_id = f"{time}-{self._run}-{self._count:06d}"
        request = Request(
            id=capture_id,
            started=started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            upstream=upstream,
            method=method,
            path=path,
            version=version,
            headers=headers,
            mount=mount,
        )
        file_path = self._folder / f"{capture_id}.jsonl"
        file = CaptureFile(file_path, encode_request(request), self._losses)
        capture = _Capture(file, self.quota.reached)
        self.enqueue(capture, _Order.OPEN, 0)
        return Recording(self, capture, capture_id)

    def status(self) -> WriterStatus:
        """How much waits, and what was lost so far."""
        busy_since = self._busy_since
        return WriterStatus(
            queued_records=self._records_in - self._records_out,
            queued_bytes=self._bytes_in - self._bytes_out,
            lost_records=self._dropped_records + self._losses.records,
            lost_bytes=self._dropped_bytes + self._losses.size,
            failure=self._losses.why or self._dropped_because,
            failed_syncs=self._losses.failed_syncs,
            stalled_seconds=0.0 if busy_since is None else self._clock() - busy_since,
        )

    def close(self, seconds: float = CLOSE_SECONDS) -> WriterStatus:
        """Writes what waits, for at most this long, and tells what was lost.

        What still counts as queued then is lost too, and so is what is recorded from now on.
        Blocks: call it when the loop has nothing left to serve, or in a thread.
        """
        self._closing = True
        self._wake.set()
        self._thread.join(seconds)
        return self.status()

    def has_room(self, capture: _Capture, size: int) -> bool:
        """Whether the queue may grow by this many body bytes of this capture."""
        return (
            self._bytes_in - self._bytes_out + size <= MAX_QUEUED_BYTES
            and capture.bytes_in - capture.bytes_out + size <= MAX_QUEUED_BYTES_A_CAPTURE
            and len(self._queue) < MAX_QUEUED_RECORDS
        )

    def enqueue(self, capture: _Capture, record: Record | _Order, size: int) -> None:
        """Hands a record to the thread."""
        refused = "recorded after the end" if self._closing else capture.refused
        if refused:
            # A gap was counted when it came about.
            if not isinstance(record, _Order | Gap):
                self.count_dropped(size, refused)
            return
        self._records_in += not isinstance(record, _Order)
        self._bytes_in += size
        capture.bytes_in += size
        self._queue.append((capture, record, size))
        if not self._wake.is_set():
            self._wake.set()

    def count_dropped(self, size: int, why: str) -> None:
        """Counts a record that does not enter the queue."""
        self._dropped_because = why
        self._dropped_records += 1
        self._dropped_bytes += size

    def _run_thread(self) -> None:
        pause = threading.Event()
        self._look_at_disk()
        synced_at = self._clock()
        while True:
            self._wake.wait(SYNC_SECONDS if self._open else None)
            self._wake.clear()
            closing = self._closing
            self._write_batch()
            if self._clock() - synced_at >= SYNC_SECONDS:
                synced_at = self._clock()
                self._look_at_disk()
                self._sync_all()
            if self._queue:
                self._wake.set()
            elif closing:
                break
            else:
                pause.wait(BATCH_SECONDS)
        self._sync_all()
        for capture in self._open.values():
            capture.file.close()

    def _write_batch(self) -> None:
        """Appends what waits, grouped by file. Until then it counts as queued."""
        batches: dict[int, _Batch] = {}
        for _ in range(min(len(self._queue), MAX_BATCH_RECORDS)):
            capture, item, size = self._queue.popleft()
            batch = batches.setdefault(id(capture), _Batch(capture))
            if item is _Order.CLOSE:
                capture.ended = True
            elif item is not _Order.OPEN:
                batch.records.append(item)
            batch.size += size
        for key, batch in batches.items():
            self._open[key] = batch.capture
            with self._busy():
                self._append(batch.capture.file, batch.records)
            self._records_out += len(batch.records)
            self._bytes_out += batch.size
            batch.capture.bytes_out += batch.size
            self._close_if_done(key, batch.capture)

    def _append(self, file: CaptureFile, records: list[Record]) -> None:
        before = file.written
        file.append(records, self._clock())
        self.quota.spend(file.written - before)

    def _look_at_disk(self) -> None:
        with self._busy():
            self.quota.look()

    def _sync_all(self) -> None:
        for key, capture in list(self._open.items()):
            with self._busy():
                capture.file.sync(self._clock())
            self._close_if_done(key, capture)

    def _close_if_done(self, key: int, capture: _Capture) -> None:
        if capture.ended and capture.file.is_settled:
            with self._busy():
                capture.file.sync(self._clock())
            if capture.file.is_settled:
                capture.file.close()
                del self._open[key]

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Marks a time in which the disk is waited for."""
        self._busy_since = self._clock()
        try:
            yield
        finally:
            self._busy_since = None
