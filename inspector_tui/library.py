"""The captures of a folder as the inspector sees them: followed while they grow, bounded in work.

Nothing here knows the screen. `advance` is called at every tick with a time budget: it notices
new files, reads what was appended to running captures, and in the time that is left folds older
captures, newest first. Of a capture that ended only its summary stays; its events are read again
when it is opened.
"""

from __future__ import annotations

import time
from bisect import bisect_left, insort
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from captures.annotation import read_annotation
from captures.exchange import Exchange
from captures.store import CaptureError
from inspector_tui.capture_reader import CaptureReader
from inspector_tui.folder_listing import FolderListing
from inspector_tui.summary import Summary, summary_of, unread, unreadable, with_annotation

MAX_READERS = 128
"""Captures that are read or followed at the same time; each holds a file open."""

MAX_KEPT_EXCHANGES = 4
"""Ended exchanges that stay in memory after they were opened."""

MANY_NAMES = 512
"""Names that are put into their places one by one; more are sorted together."""


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
        self.folder = path.parent if self.single else path
        """Where the capture files lie."""
        self.live: set[str] = set()
        """The files of running captures. To be read only."""
        self._wall_clock = wall_clock
        self._clock = clock
        self._names: list[str] = []
        self._summaries: dict[str, Summary] = {}
        self._with_findings = 0
        self._changes: list[set[str]] = []
        self._listing = FolderListing(path, clock, wall_clock)
        self._backlog: list[str] = []
        self._preferred: Sequence[str] = ()
        self._readers: dict[Path, CaptureReader] = {}
        self._turns: deque[Path] = deque()
        self._kept: OrderedDict[Path, Exchange] = OrderedDict()
        self._wanted: Path | None = None
        self._beside: Path | None = None
        if self.single:
            self._take_names((path.name,), ())

    def close(self) -> None:
        """Closes every file."""
        self._listing.close()
        for reader in self._readers.values():
            reader.close()
            _let_go(reader.exchange)
        self._readers.clear()
        for exchange in self._kept.values():
            exchange.close()

    @property
    def problem(self) -> str:
        """Why the folder cannot be listed now; empty if it can."""
        return "" if self.single else self._listing.problem

    @property
    def names(self) -> Sequence[str]:
        """The name of every capture file, oldest first."""
        return self._names

    def __contains__(self, name: str) -> bool:
        """Whether there is a capture file of this name."""
        place = bisect_left(self._names, name)
        return place < len(self._names) and self._names[place] == name

    def changes(self) -> set[str]:
        """A set into which the names of captures are put that come, go or change from now on.

        Whoever asked for it takes them out.
        """
        changed: set[str] = set()
        self._changes.append(changed)
        return changed

    def prefer(self, names: Sequence[str]) -> None:
        """Asks for these captures to be read before all others of the backlog."""
        self._preferred = names

    def summary(self, path: Path) -> Summary:
        """What is known of a capture now."""
        return self.known(path.name) or unread(path)

    def known(self, name: str) -> Summary | None:
        """What is known of the capture file of this name; None until it has been read."""
        return self._summaries.get(name)

    def all_known(self, names: Iterable[str]) -> list[Summary | None]:
        """What is known of each of these capture files, in their order."""
        return list(map(self._summaries.get, names))

    def now(self) -> datetime:
        """The present, in local time."""
        return datetime.fromtimestamp(self._wall_clock()).astimezone()

    def counts(self) -> Counts:
        """The numbers of the top bar."""
        return Counts(
            exchanges=len(self._names),
            live=len(self.live),
            with_findings=self._with_findings,
            unread=len(self._names) - len(self._summaries),
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

    def annotated(self, path: Path) -> None:
        """Takes in the note on a capture as it is now."""
        if (summary := self.known(path.name)) is not None:
            self._conclude(with_annotation(summary, read_annotation(path)))

    def advance(self, seconds: float) -> bool:
        """Works for about this long; whether work is left that need not wait for a recorder."""
        start = self._clock()
        if not self.single:
            listed = self._listing.look()
            self._take_names(listed.came, listed.gone)
        self._read_wanted(start + seconds / 2)
        self._take_turns(start + seconds)
        self._read_wanted(start + seconds)
        self._work_backlog(start + seconds)
        if self._listing.running or any(reader.behind for reader in self._readers.values()):
            return True
        return bool(self._backlog) and len(self._readers) < MAX_READERS

    def _take_names(self, came: Sequence[str], gone: Sequence[str]) -> None:
        for name in gone:
            self._retire(self.folder / name)
            self._count(self._summaries.pop(name, None), -1)
            self._tell(name)
        if len(gone) > MANY_NAMES:
            left = set(gone)
            self._names = [name for name in self._names if name not in left]
        else:
            for name in gone:
                del self._names[bisect_left(self._names, name)]
        self._names = _with_names(self._names, came)
        self._backlog = _with_names(self._backlog, came)
        for changed in self._changes:
            changed.update(came)

    def _tell(self, name: str) -> None:
        for changed in self._changes:
            changed.add(name)

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
            elif len(self._readers) >= MAX_READERS or not self._begin_next():
                break

    def _begin_next(self) -> bool:
        """Begins to read a capture: one of the preferred, else the newest; whether there is one."""
        for name in self._preferred:
            path = self.folder / name
            if name not in self._summaries and name in self and path not in self._readers:
                self._begin(path)
                return True
        while self._backlog:
            name = self._backlog.pop()
            if name not in self._summaries and name in self:
                self._begin(self.folder / name)
                return True
        return False

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
            summary = summary_of(path, reader.exchange)
            self._conclude(with_annotation(summary, read_annotation(path)))
        if reader.done and not reader.behind:
            self._retire(path)

    def _conclude(self, summary: Summary) -> None:
        if summary.file in self:
            self._count(self._summaries.get(summary.file), -1)
            self._count(summary, 1)
            self._summaries[summary.file] = summary
            self._tell(summary.file)

    def _count(self, summary: Summary | None, step: int) -> None:
        if summary is None:
            return
        self._with_findings += step * bool(summary.rules)
        if summary.live:
            (self.live.add if step > 0 else self.live.discard)(summary.file)

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


def _with_names(names: list[str], came: Iterable[str]) -> list[str]:
    """Sorted names with further sorted ones in their places. Changes the list."""
    came = list(came)
    if len(came) > MANY_NAMES:
        return sorted([*names, *came])
    for name in came:
        insort(names, name)
    return names
