"""One capture read in small slices into an exchange, and then followed while it is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from captures.exchange import Exchange
from captures.store import Follower
from inspector_tui.spill_file import SpillFile

SLICE_SIZE = 32 * 1024
"""Bytes of the file read and folded at once: a few milliseconds of work."""

SETTLING_SECONDS = 2.0
"""A file that changed this recently may belong to a recorder that is just taking its lock."""


class CaptureReader:
    """Reads one file to its end and on. Close it when done, and its exchange.

    Raises:
        CaptureError: from the constructor, when the file cannot be opened.
    """

    def __init__(self, path: Path, wall_clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.exchange: Exchange | None = None
        self.behind = True
        """Whether the file held more than was read at the last step."""
        self._wall_clock = wall_clock
        self._follower = Follower(path)

    @property
    def done(self) -> bool:
        """Whether no more can come: there was an end record, or the recorder is gone."""
        return self.exchange is not None and not self.exchange.live

    def step(self) -> bool:
        """Reads the next slice; whether it changed the exchange.

        Raises:
            CaptureError: when the file turns out to be no capture.
        """
        # Asked before the read: what a recorder wrote until it let go has then been read.
        abandoned = self._is_abandoned()
        records = self._follower.poll(SLICE_SIZE)
        changed = bool(records)
        if self.exchange is None and self._follower.request is not None:
            request = self._follower.request
            # Only a body that was saved by itself came from nowhere: it has no times.
            timed = bool(request.upstream)
            self.exchange = Exchange(request, timed=timed, overflow=SpillFile)
            changed = True
        if self.exchange is not None:
            for record in records:
                self.exchange.feed(record)
        self.behind = not self._follower.at_end()
        if abandoned and not self.behind and not self.done:
            self._give_up()
            changed = True
        return changed

    def close(self) -> None:
        """Closes the file."""
        self._follower.close()

    def _is_abandoned(self) -> bool:
        """Whether nobody writes the file any more."""
        try:
            age = self._wall_clock() - self.path.stat().st_mtime
        except OSError:
            return not self._follower.is_being_written()
        return abs(age) >= SETTLING_SECONDS and not self._follower.is_being_written()

    def _give_up(self) -> None:
        if self.exchange is None:
            self.exchange = Exchange(self._follower.required_request())
        if (tail := self._follower.torn_tail()) is not None:
            self.exchange.feed(tail)
        self.exchange.interrupt()
