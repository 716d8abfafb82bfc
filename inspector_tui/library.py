"""The captures of a folder as the inspector sees them: followed while they grow, bounded in work.

Nothing here knows the screen. `advance` is called at every tick with a time budget: it notices
new files, reads what was appended to running captures, and in the time that is left folds older
captures, newest first. Of a capture that ended only its summary stays; its events are read again
when it is opened.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from captures.exchange import Exchange
from captures.store import CaptureError, CaptureFolderError, captures_in
from inspector_tui.capture_reader import SETTLING_SECONDS, CaptureReader
from inspector_tui.summary import Summary, summary_of, unread, unreadable

LISTING_SECONDS = 0.25
"""Pause between two looks at the folder."""

MAX_READERS = 128
"""Captures that are read or followed at the same time; each holds a file open."""

MAX_KEPT_EXCHANGES = 4
"""Ended exchanges that stay in memory after they were opened."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the top bar says of the folder."""

    exchanges: int = 0
    live: int = 0
    with_findings: int = 0
    unread: int = 0


class Library:
    """The captures under one path: a folder, or a single file. Mutable; used by one thread."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self.single = path.is_file()
        """Whether the path is one capture rather than a folder of them."""
        self.problem = ""
        """Why the folder cannot be listed now; empty if it can."""
        self.membership = 0
        """Grows by one whenever captures came or went."""
        self.revision = 0
        """Grows by one whenever a summary changed."""
        self._wall_clock = wall_clock
        self._clock = clock
        self._summaries: dict[Path, Summary] = {}
        self._backlog: list[Path] = []
        self._readers: dict[Path, CaptureReader] = {}
        self._turns: deque[Path] = deque()
        self._kept: OrderedDict[Path, Exchange] = OrderedDict()
        self._wanted: Path | None = None
        self._beside: Path | None = None
        self._listed_at: float | None = None
        self._folder_time: float | None = None

    def close(self) -> None:
        """Closes every file."""
        for reader in self._readers.values():
            reader.close()
            _let_go(reader.exchange)
        self._readers.clear()
        for exchange in self._kept.values():
            exchange.close()

    @property
    def paths(self) -> list[Path]:
        """Every capture, oldest first."""
        return list(self._summaries)

    def summary(self, path: Path) -> Summary:
        """What is known of a capture now."""
        return self._summaries.get(path) or unread(path)

    def now(self) -> datetime:
        """The present, in local time."""
        return datetime.fromtimestamp(self._wall_clock()).astimezone()

    def oldest(self) -> Summary | None:
        """The summary of the oldest capture, if there is any."""
        return next(iter(self._summaries.values()), None)

    def counts(self) -> Counts:
        """The numbers of the top bar."""
        summaries = self._summaries.values()
        return Counts(
            exchanges=len(summaries),
            live=sum(summary.live for summary in summaries),
            with_findings=sum(bool(summary.rules) for summary in summaries),
            unread=sum(summary.verdict is None and not summary.problem for summary in summaries),
        )

    def open(self, path: Path) -> None:
        """Asks for the events of a capture; `exchange` returns them as they are read."""
        self._wanted = path
        self._ask_for(path)

    def open_beside(self, path: Path) -> None:
        """Asks for the events of a second capture, which the opened one is compared with."""
        self._beside = path
        self._ask_for(path)

    def exchange(self, path: Path) -> Exchange | None:
        """The exchange of an opened or running capture, as far as it has been read."""
        if path in self._kept:
            return self._kept[path]
        reader = self._readers.get(path)
        return reader.exchange if reader is not None else None

    def is_reading(self, path: Path) -> bool:
        """Whether an opened capture has not yet been read as far as its file goes."""
        reader = self._readers.get(path)
        return reader is not None and reader.behind

    def advance(self, seconds: float) -> bool:
        """Works for about this long; whether work is left that need not wait for a recorder."""
        start = self._clock()
        self._look_at_folder(start)
        self._read_wanted(start + seconds / 2)
        self._take_turns(start + seconds)
        self._read_wanted(start + seconds)
        self._work_backlog(start + seconds)
        if any(reader.behind for reader in self._readers.values()):
            return True
        return bool(self._backlog) and len(self._readers) < MAX_READERS

    def _look_at_folder(self, now: float) -> None:
        """Lists the folder if it changed, or changed so recently that its time may not tell."""
        if self._listed_at is not None and now - self._listed_at < LISTING_SECONDS:
            return
        first, self._listed_at = self._listed_at is None, now
        if self.single:
            if first:
                self._take_listing([self.path])
            return
        try:
            changed = self.path.stat().st_mtime
            recently = abs(self._wall_clock() - changed) < SETTLING_SECONDS
            if changed != self._folder_time or recently:
                self._take_listing(captures_in(self.path))
            self._folder_time = changed
            self.problem = ""
        except OSError as error:
            self._folder_time = None
            self.problem = f"cannot list {self.path}: {error.strerror}"
        except CaptureFolderError as error:
            self._folder_time = None
            self.problem = str(error)

    def _take_listing(self, paths: list[Path]) -> None:
        known = self._summaries
        if len(paths) == len(known) and all(path in known for path in paths):
            return
        self._summaries = {path: known.get(path) or unread(path) for path in paths}
        self._backlog += [path for path in paths if path not in known]
        self._backlog.sort()
        for path in known.keys() - self._summaries.keys():
            self._retire(path)
        self.membership += 1

    def _ask_for(self, path: Path) -> None:
        if path in self._kept:
            self._kept.move_to_end(path)
        elif path not in self._readers and not self.summary(path).problem:
            self._begin(path)

    def _read_wanted(self, deadline: float) -> None:
        for path in (self._wanted, self._beside):
            self._read_one(path, deadline)

    def _read_one(self, path: Path | None, deadline: float) -> None:
        while (
            path is not None
            and (reader := self._readers.get(path)) is not None
            and reader.behind
            and self._clock() < deadline
        ):
            self._step(path, reader)

    def _take_turns(self, deadline: float) -> None:
        """One slice of every running capture; who had no turn comes first the next time."""
        for _ in range(len(self._turns)):
            path = self._turns.popleft()
            reader = self._readers.get(path)
            if reader is None:
                continue
            self._turns.append(path)
            self._step(path, reader)
            if self._clock() >= deadline:
                break

    def _work_backlog(self, deadline: float) -> None:
        while self._clock() < deadline:
            behind = next((item for item in self._readers.items() if item[1].behind), None)
            if behind is not None:
                self._step(*behind)
            elif self._backlog and len(self._readers) < MAX_READERS:
                path = self._backlog.pop()
                if path in self._summaries and self.summary(path).verdict is None:
                    self._begin(path)
            else:
                break

    def _begin(self, path: Path) -> None:
        if path in self._readers:
            return
        try:
            self._readers[path] = CaptureReader(path, self._wall_clock)
            self._turns.append(path)
        except CaptureError as error:
            self._conclude(unreadable(path, str(error)))

    def _step(self, path: Path, reader: CaptureReader) -> None:
        try:
            changed = reader.step()
        except CaptureError as error:
            self._retire(path)
            self._conclude(unreadable(path, str(error)))
            return
        if reader.exchange is not None and changed and not reader.behind:
            self._conclude(summary_of(path, reader.exchange))
        if reader.done and not reader.behind:
            self._retire(path)

    def _conclude(self, summary: Summary) -> None:
        if summary.path in self._summaries:
            self._summaries[summary.path] = summary
            self.revision += 1

    def _retire(self, path: Path) -> None:
        """Closes the file; the exchange is kept if it is one of the opened ones."""
        reader = self._readers.pop(path, None)
        if reader is None:
            return
        reader.close()
        if path in {self._wanted, self._beside} and reader.exchange is not None:
            self._kept[path] = reader.exchange
            while len(self._kept) > MAX_KEPT_EXCHANGES:
                _let_go(self._kept.popitem(last=False)[1])
        else:
            _let_go(reader.exchange)


def _let_go(exchange: Exchange | None) -> None:
    if exchange is not None:
        exchange.close()
