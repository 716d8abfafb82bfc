"""One capture file being written. Used by the writer thread alone: every call may block.

A record is one line and one write. What cannot be written is counted and becomes a gap record;
the file is cut back to its last whole line first, so that no line is ever torn by us.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from captures.record_lines import encode
from captures.records import Chunk, End, Gap, Record, RequestChunk

RETRY_SECONDS = 1.0
"""Pause after a failed write before the file is tried again."""

MAX_WAITING_LINES = 1000
"""Records without body bytes that wait for a failing disk; more are dropped and counted."""


@dataclass(slots=True)
class Losses:
    """What could not be written so far. Mutable; changed by the writer thread alone."""

    records: int = 0
    size: int = 0
    """Body bytes."""
    why: str = ""
    """The newest cause."""


class CaptureFile:
    """Appends records to a new file, mode 0600, and accounts for every one it could not keep."""

    def __init__(self, path: Path, first_line: bytes, losses: Losses) -> None:
        self.path = path
        self._losses = losses
        self._failed = ""
        self._first_line = first_line
        self._waiting: list[Record] = []
        self._descriptor: int | None = None
        self._size = 0
        self._retry_at = 0.0
        self._unsynced = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits for the disk to work again."""
        return not self._first_line and not self._waiting

    def append(self, records: Sequence[Record], now: float) -> None:
        """Writes these records, or accounts for them. Never raises on a failing disk."""
        if self._failed and now < self._retry_at:
            self._account(records)
            return
        lines = [encode(record) for record in (*self._waiting, *records)]
        try:
            self._write(b"".join([self._first_line, *lines]))
        except OSError as error:
            self._retry_at = now + RETRY_SECONDS
            self._failed = f"{self.path}: {error.strerror or error}"
            self._losses.why = self._failed
            self._account(records)
        else:
            self._failed = ""
            self._first_line = b""
            self._waiting = []

    def sync(self) -> None:
        """Asks the disk to keep what was written, if there is anything new."""
        if self._unsynced and self._descriptor is not None:
            with suppress(OSError):
                os.fdatasync(self._descriptor)
            self._unsynced = False

    def settle(self, now: float) -> bool:
        """Tries to write what waits; whether nothing waits any more."""
        if not self.is_settled:
            self.append((), now)
        return self.is_settled

    def close(self) -> None:
        """Syncs and closes the file; what still waits for the disk is lost and counted."""
        self._losses.records += sum(not isinstance(record, Gap) for record in self._waiting)
        self.sync()
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _write(self, data: bytes) -> None:
        if self._descriptor is None:
            self._descriptor = _create(self.path)
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)
        self._unsynced = True

    def _account(self, records: Sequence[Record]) -> None:
        """Keeps the small records for later, in their order, and turns body bytes into gaps."""
        for record in records:
            if isinstance(record, Chunk | RequestChunk):
                self._losses.records += 1
                self._losses.size += len(record.data)
                self._lose(record, record.seq, len(record.data))
            elif isinstance(record, Gap):
                self._lose(record, record.first, record.size)
            elif isinstance(record, End) or len(self._waiting) < MAX_WAITING_LINES:
                self._waiting.append(record)
            else:
                self._losses.records += 1
                self._lose(record, record.seq, 0)

    def _lose(self, record: Record, first: int, size: int) -> None:
        """Opens a gap up to this record, or stretches the gap before it."""
        previous = self._waiting[-1] if self._waiting else None
        if isinstance(previous, Gap):
            self._waiting.pop()
            first, size = previous.first, previous.size + size
        self._waiting.append(Gap(record.seq, record.time, first, record.seq, size, self._failed))


def _create(path: Path) -> int:
    """Creates the file and marks it as being written.

    The shared lock lasts as long as the descriptor, so that a reader can tell a running capture
    from one whose recorder was killed. It is taken before the first byte is written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_APPEND
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _sync_folder(path.parent)
    except OSError:
        os.close(descriptor)
        # Otherwise the next try would find the name taken.
        path.unlink()
        raise
    return descriptor


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
