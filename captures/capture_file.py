"""One capture being written. Used by the writer thread alone: every call may block.

A record is one line and one write. What cannot be written is counted and becomes a gap record;
the file is cut back to its last whole line first, so that no line is ever torn by us.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from captures.losses import Losses, Remains
from captures.records import Chunk, End, Gap, Record, RequestChunk
from captures.segment import Segment
from captures.store import segment_path

RETRY_SECONDS = 1.0
"""Pause after a failed write before the file is tried again."""

MAX_WAITING_LINES = 1000
"""Records without body bytes that wait for a failing disk; more are dropped and counted."""

SEGMENT_SIZE = 256 * 1024 * 1024
"""Bytes after which a capture continues in a further file."""


class CaptureFile:
    """Appends records to new files, mode 0600, and accounts for every one it could not keep."""

    def __init__(self, path: Path, first_line: bytes, losses: Losses) -> None:
        self.path = path
        self.written = 0
        """Bytes written so far, whether they are still there or not."""
        self._losses = losses
        self._failed = ""
        self._segments = [Segment(path, first_line)]
        self._waiting = Remains(losses, _may_wait)
        self._retry_at = 0.0

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits for the disk to work again."""
        return not self._waiting and all(segment.is_begun for segment in self._segments)

    def append(self, records: Sequence[Record], now: float) -> None:
        """Writes these records, or accounts for them. Never raises on a failing disk."""
        if self._failed and now < self._retry_at:
            self._account(records)
            return
        try:
            self._write([*self._waiting.records(self._failed), *records])
        except OSError as error:
            self._retry_at = now + RETRY_SECONDS
            self._failed = self._told(error)
            self._account(records)
        else:
            self._failed = ""
            self._waiting = Remains(self._losses, _may_wait)

    def sync(self, now: float) -> None:
        """Asks the disk to keep what was written, and makes deleted files anew."""
        for segment in self._segments:
            try:
                segment.sync()
                gone = segment.is_gone()
            except OSError as error:
                self._losses.failed_syncs += 1
                self._told(error)
                continue
            if gone:
                self._losses.why = f"{segment.path}: deleted while it was written"
                self._losses.add(segment.begin_again(self._losses.why))
        self.settle(now)

    def settle(self, now: float) -> bool:
        """Tries to write what waits; whether nothing waits any more."""
        if not self.is_settled:
            self.append((), now)
        return self.is_settled

    def close(self) -> None:
        """Syncs and closes the files; what the disk refuses even now is lost and counted."""
        self.sync(math.inf)
        waiting = self._waiting.records(self._failed)
        self._losses.records += sum(not isinstance(record, Gap) for record in waiting)
        for segment in self._segments:
            self._losses.records += segment.waiting_records
            segment.close()
        self._segments.clear()
        self._waiting = Remains(self._losses, _may_wait)

    def _write(self, records: Sequence[Record]) -> None:
        for segment in self._segments[:-1]:
            if not segment.is_begun:
                self.written += segment.append(())
        if records and self._segments[-1].size >= SEGMENT_SIZE:
            path = segment_path(self.path, len(self._segments) + 1)
            self._segments.append(Segment(path))
        self.written += self._segments[-1].append(records)

    def _account(self, records: Sequence[Record]) -> None:
        for record in records:
            self._waiting.take(record)

    def _told(self, error: OSError) -> str:
        self._losses.why = f"{self.path}: {error.strerror or error}"
        return self._losses.why


def _may_wait(record: Record, others: int) -> bool:
    """Body bytes never wait, the end always does."""
    if isinstance(record, Chunk | RequestChunk):
        return False
    return isinstance(record, End) or others < MAX_WAITING_LINES
