"""A stream that comes in by itself, from standard input or a saved body, as a capture to inspect.

A thread writes it into a capture in a folder of its own, which the inspector follows as any other
and which is gone afterwards. What comes from a pipe has the times at which it came; a saved body
has none.
"""

from __future__ import annotations

import hashlib
import os
import select
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from captures.plain_body import content_type_of, target_of
from captures.records import Boundary, Ending, Tally
from captures.writer import Recording, Writer
from ssescope.exits import Exit, fail

STANDARD_INPUT = "standard input"
READ_SIZE = 64 * 1024
PAUSE_SECONDS = 0.01
"""How long the thread waits where the disk does not keep up."""

OPEN_SECONDS = 5.0
"""How long the capture may take to be there."""

_TERMINAL = "/dev/tty"


@dataclass(slots=True)
class _Body:
    """What has come so far. Mutable."""

    size: int = 0
    chunks: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        """Counts a piece."""
        self.size += len(data)
        self.chunks += 1
        self.digest.update(data)

    def tally(self) -> Tally:
        """What has come in all."""
        return Tally(self.size, self.digest.hexdigest(), self.chunks)


def take_terminal() -> int | None:
    """Gives the data on standard input a descriptor of its own, and the keys standard input.

    None where there is no terminal to take keys from.
    """
    if not sys.stderr.isatty():
        return None
    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    data = os.dup(0)
    os.dup2(terminal, 0)
    os.close(terminal)
    return data


@contextmanager
def recorded(descriptor: int, name: str, saved: datetime | None = None) -> Iterator[Path]:
    """The capture of what comes from a descriptor, for as long as the block.

    Args:
        descriptor: is closed afterwards.
        name: what the stream is called.
        saved: when it was saved; None for one that comes now, which has times.
    """
    stopped, stop = os.pipe()
    with tempfile.TemporaryDirectory(prefix="ssescope-") as folder:
        writer = Writer(Path(folder), now=lambda: saved or datetime.now(UTC), waits=True)
        feeder = _Feeder(descriptor, stopped, writer, name, timed=saved is None)
        thread = threading.Thread(target=feeder.run, name="piped", daemon=True)
        try:
            thread.start()
            yield feeder.capture()
        finally:
            os.close(stop)
            thread.join()
            writer.close()
            os.close(stopped)
            os.close(descriptor)


class _Feeder:
    """The thread's side: from a descriptor into a capture. Mutable."""

    def __init__(
        self, descriptor: int, stopped: int, writer: Writer, name: str, *, timed: bool
    ) -> None:
        self._descriptor = descriptor
        self._stopped = stopped
        self._writer = writer
        self._name = name
        self._timed = timed
        self._started = time.monotonic()
        self._body = _Body()
        self._recording: Recording | None = None
        self._begun = threading.Event()

    def capture(self) -> Path:
        """Where the capture is, as soon as it is there; ends with code 4 where it cannot be."""
        deadline = time.monotonic() + OPEN_SECONDS
        self._begun.wait(OPEN_SECONDS)
        while self._recording is None or not _is_begun(self._recording.path):
            if time.monotonic() > deadline or self._writer.status().failure:
                why = self._writer.status().failure or "the disk does not answer"
                fail(Exit.FOLDER_UNUSABLE, f"cannot keep {self._name} in {_folder()}: {why}")
            time.sleep(PAUSE_SECONDS / 10)
        return self._recording.path

    def run(self) -> None:
        """Reads to the end, or until the block ends."""
        if not self._timed:
            # What kind of body a file is can be read off before anything is shown.
            self._feed(self._read())
        self._begin(b"")
        while data := self._read():
            self._feed(data)
        if self._recording is not None:
            tally = self._body.tally()
            if not self._body.chunks:
                self._head(b"")
            self._recording.end(self._now(), Ending.COMPLETE, "", tally, tally)

    def _feed(self, data: bytes) -> None:
        recording = self._begin(data)
        if not self._body.chunks:
            self._head(data)
        while recording.must_wait(len(data)) and not self._is_stopped(PAUSE_SECONDS):
            pass
        self._body.add(data)
        recording.chunk(self._now(), data, Boundary.READ)

    def _begin(self, data: bytes) -> Recording:
        if self._recording is None:
            self._recording = self._writer.record(
                upstream=STANDARD_INPUT if self._timed else "",
                method="",
                path=target_of(content_type_of(self._name, data), data),
                version="",
                headers=(),
            )
            self._begun.set()
        return self._recording

    def _head(self, data: bytes) -> None:
        assert self._recording is not None  # noqa: S101 - it has begun
        content_type = content_type_of(self._name, data)
        self._recording.head(self._now(), "", 200, "", (("content-type", content_type),))

    def _now(self) -> float:
        return time.monotonic() - self._started if self._timed else 0.0

    def _read(self) -> bytes:
        """What comes next; nothing at the end, and where the block has ended."""
        readable, _, _ = select.select([self._descriptor, self._stopped], [], [])
        if self._stopped in readable:
            return b""
        try:
            return os.read(self._descriptor, READ_SIZE)
        except OSError:
            return b""

    def _is_stopped(self, seconds: float) -> bool:
        return bool(select.select([self._stopped], [], [], seconds)[0])


def _is_begun(capture: Path) -> bool:
    """Whether the first line is there, which is written at once."""
    try:
        return capture.stat().st_size > 0
    except OSError:
        return False


def _folder() -> str:
    return tempfile.gettempdir()
