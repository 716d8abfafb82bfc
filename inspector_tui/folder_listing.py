"""What came into a capture folder and what went, found in slices, so that no listing takes long.

A folder of 100,000 captures takes some 60 ms to list, and while something is recorded it changes
all the time. It is listed again only if it changed, and the longer a listing takes, the longer
is the pause after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from captures.store import CaptureFolderError, capture_names
from inspector_tui.capture_reader import SETTLING_SECONDS

LISTING_SECONDS = 0.25
"""Shortest pause between two listings."""

PAUSE_FACTOR = 4
"""How many times longer than a listing the pause after it is."""

SLICE_SECONDS = 0.004
"""Longest time a listing takes at one go, but for the first, which the screen waits for."""

FIRST_SLICE_SECONDS = 0.5
BATCH = 2048
"""Names read between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Listed:
    """How a folder differs from the listing before."""

    came: tuple[str, ...] = ()
    """Names of new captures, in order."""
    gone: tuple[str, ...] = ()


class FolderListing:
    """Watches one folder. Mutable; close it when done."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.problem = ""
        """Why the folder cannot be listed now; empty if it can."""
        self._folder = folder
        self._clock = clock
        self._wall_clock = wall_clock
        self._known: set[str] = set()
        self._unseen: set[str] = set()
        self._came: list[str] = []
        self._names: Generator[str, None, None] | None = None
        self._is_first = True
        self._folder_time: float | None = None
        self._changed = 0.0
        self._spent = 0.0
        self._next = float("-inf")

    @property
    def running(self) -> bool:
        """Whether a listing is under way."""
        return self._names is not None

    def close(self) -> None:
        """Closes the folder."""
        if self._names is not None:
            self._names.close()
            self._names = None

    def look(self) -> Listed:
        """Goes on with the listing, or begins one where it is due; tells what a whole one found."""
        start = self._clock()
        try:
            if self._names is None and not self._begin(start):
                return Listed()
            return self._go_on(start)
        except OSError as error:
            return self._fail(f"cannot list {self._folder}: {error.strerror}")
        except CaptureFolderError as error:
            return self._fail(str(error))

    def _begin(self, now: float) -> bool:
        """Begins to list, if the folder changed, or so recently that its time may not tell."""
        if now < self._next:
            return False
        self._next = now + LISTING_SECONDS
        self._changed = self._folder.stat().st_mtime
        recently = abs(self._wall_clock() - self._changed) < SETTLING_SECONDS
        if self._changed == self._folder_time and not recently:
            return False
        self._names = capture_names(self._folder)
        self._unseen = self._known.copy()
        self._came = []
        self._spent = 0.0
        return True

    def _go_on(self, start: float) -> Listed:
        names = self._names or capture_names(self._folder)
        deadline = start + (FIRST_SLICE_SECONDS if self._is_first else SLICE_SECONDS)
        while batch := list(islice(names, BATCH)):
            self._unseen.difference_update(batch)
            self._came += [name for name in batch if name not in self._known]
            if self._clock() >= deadline:
                self._spent += self._clock() - start
                return Listed()
        return self._finish(start)

    def _finish(self, start: float) -> Listed:
        self.close()
        self._is_first = False
        self.problem = ""
        self._folder_time = self._changed
        gone, came = tuple(self._unseen), tuple(sorted(self._came))
        self._known.difference_update(gone)
        self._known.update(came)
        self._unseen, self._came = set(), []
        now = self._clock()
        self._next = now + max(LISTING_SECONDS, PAUSE_FACTOR * (self._spent + now - start))
        return Listed(came, gone)

    def _fail(self, problem: str) -> Listed:
        """Says why; what was listed before stays listed until the folder is there again."""
        self.close()
        self.problem = problem
        self._folder_time = None
        return Listed()
