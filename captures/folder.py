"""A capture folder as a place on the disk: what lies in it, and taking captures out of it.

Everything is done relative to the opened folder and to regular files alone: no link is followed,
and nothing outside of the folder can be reached, whatever is put in its place meanwhile.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from captures.annotation import ANNOTATION_SUFFIX
from captures.prune import Entry
from captures.store import SUFFIX, CaptureFolderError

EMPTY_IS_OVER_SECONDS = 60.0
"""Age at which an empty file is no capture that is just being begun."""

_FIRST_BYTES = b'{"ssescope":'
_ID = re.compile(r"(\d{8}T\d{6}\.\d{3})Z-[0-9a-f]{6}-\d{6,}", re.ASCII)
_SEGMENT = re.compile(rf"(?P<name>.+){re.escape(SUFFIX)}(?:\.\d+)?", re.DOTALL)
_HALF_WRITTEN = re.compile(
    rf"\.(?P<name>.+){re.escape(SUFFIX)}(?:{re.escape(ANNOTATION_SUFFIX)})?\.[0-9a-f]{{12}}",
    re.DOTALL,
)
_NOT_THERE = frozenset({errno.ENOENT, errno.ELOOP})
"""What is answered where there is no file of this name, or a link."""
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Stored:
    """The files of one name in a folder, by their looks from outside."""

    name: str
    files: tuple[str, ...]
    """The first segment first, if it is there."""
    size: int
    """Bytes of all files."""
    changed: float
    """When the newest was last written, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in a folder."""

    entries: tuple[Entry, ...]
    foreign: tuple[str, ...]
    """Names of files that have the suffix of a capture and are none."""
    unreadable: tuple[tuple[str, str], ...]
    """Names of files that could not be looked at, each with the reason."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a capture that was to be removed."""

    files: tuple[str, ...]
    """The files that are gone now."""
    freed: int
    """Their bytes."""
    left_because: str = ""
    """Why something is left, in words; empty if everything is gone."""
    failed: bool = False
    """Whether it is left because the system refused."""


class CaptureFolder:
    """An opened folder. Use it as a context manager.

    Raises:
        CaptureFolderError: from the constructor, when there is no folder that can be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise CaptureFolderError(f"cannot list {path}: {_words(error)}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def require_own(self) -> None:
        """Sees that the folder is the user's own.

        Raises:
            CaptureFolderError: when it belongs to somebody else.
        """
        if os.fstat(self._descriptor).st_uid != os.geteuid():
            words = "belongs to another user; captures are removed from a folder of your own only"
            raise CaptureFolderError(f"{self.path} {words}")

    def stored(self) -> list[Stored]:
        """What lies under each name that has the suffix of a capture. Opens no file.

        Raises:
            CaptureFolderError: when the folder cannot be listed.
        """
        found: dict[str, os.stat_result] = {}
        try:
            with os.scandir(self._descriptor) as listing:
                for item in listing:
                    if item.is_file(follow_symlinks=False):
                        _look(item, found)
        except OSError as error:
            raise CaptureFolderError(f"cannot list {self.path}: {_words(error)}") from None
        return [
            Stored(
                name,
                tuple(files),
                sum(found[file].st_size for file in files),
                max(found[file].st_mtime for file in files),
            )
            for name, files in sorted(_by_capture(found).items())
        ]

    def survey(self, now: float) -> Survey:
        """The captures of the folder, and which of them are being recorded.

        Reads a few bytes of each: a file with the suffix alone is not taken for a capture.

        Args:
            now: the wall-clock time in seconds since the epoch.

        Raises:
            CaptureFolderError: when the folder cannot be listed.
        """
        entries: list[Entry] = []
        foreign: list[str] = []
        unreadable: list[tuple[str, str]] = []
        for stored in self.stored():
            try:
                running = self._is_running(stored, now)
            except FileNotFoundError:
                continue
            except OSError as error:
                unreadable.append((stored.files[0], _words(error)))
                continue
            if running is None:
                foreign.append(stored.files[0])
            else:
                entries.append(_entry(stored, running=running))
        return Survey(tuple(entries), tuple(foreign), tuple(unreadable))

    def entry(self, file: str, now: float) -> Entry | None:
        """The capture that begins in this file, its other files with it; None if it is none.

        Args:
            file: its name in the folder.
            now: the wall-clock time in seconds since the epoch.

        Raises:
            CaptureFolderError: when the folder cannot be listed, or the file not be looked at.
        """
        stored = next((one for one in self.stored() if one.files[0] == file), None)
        if stored is None:
            return None
        try:
            running = self._is_running(stored, now)
        except OSError as error:
            raise CaptureFolderError(f"cannot read {self.path / file}: {_words(error)}") from None
        return None if running is None else _entry(stored, running=running)

    def remove(self, entry: Entry) -> Removal:
        """Removes the files of a capture, its first segment last, unless a recorder holds one.

        The recorder's lock is asked for on every segment and held while they are removed.
        """
        removing = _Removing(self._descriptor)
        with ExitStack() as locks:
            try:
                for file in entry.files:
                    removing.lock(file, locks)
                for file in reversed(entry.files):
                    removing.unlink(file)
            except BlockingIOError:
                return removing.left("it is being recorded")
            except OSError as error:
                return removing.left(_words(error), failed=True)
        gone = tuple(removing.gone)
        if not gone:
            return removing.left("it has vanished meanwhile")
        return Removal(gone, removing.freed)

    def _is_running(self, stored: Stored, now: float) -> bool | None:
        """Whether a recorder holds the capture; None if the files are no capture.

        Raises:
            OSError: the first file cannot be looked at.
        """
        descriptor = os.open(stored.files[0], _FLAGS, dir_fd=self._descriptor)
        try:
            begins = _beginning(descriptor) if stored.files[0].endswith(SUFFIX) else b""
            if begins != _FIRST_BYTES:
                # What a full disk left of a capture can only be told by its name and age.
                is_remnant = _ID.fullmatch(stored.name) is not None and not begins
                if not is_remnant or now - stored.changed < EMPTY_IS_OVER_SECONDS:
                    return None
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False
        finally:
            os.close(descriptor)


@dataclass(slots=True)
class _Removing:
    """One capture on its way out. Mutable."""

    folder: int
    held: dict[str, os.stat_result] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    freed: int = 0

    def lock(self, file: str, locks: ExitStack) -> None:
        """Remembers which file it is, and keeps recorders off if it is a segment."""
        if _SEGMENT.fullmatch(file) is None:
            self._remember(file)
            return
        try:
            descriptor = os.open(file, _FLAGS, dir_fd=self.folder)
        except OSError as error:
            if error.errno in _NOT_THERE:
                return
            raise
        locks.callback(os.close, descriptor)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not file.endswith(SUFFIX) or _beginning(descriptor) in {_FIRST_BYTES, b""}:
            self.held[file] = found

    def unlink(self, file: str) -> None:
        """Removes the file, if its name still stands for the one that was looked at."""
        held = self.held.get(file)
        if held is None:
            return
        try:
            found = os.stat(file, dir_fd=self.folder, follow_symlinks=False)
            if not os.path.samestat(found, held) or not stat.S_ISREG(found.st_mode):
                return
            os.unlink(file, dir_fd=self.folder)
        except FileNotFoundError:
            return
        self.gone.append(file)
        self.freed += found.st_size

    def left(self, why: str, *, failed: bool = False) -> Removal:
        """What has been done, and why not more."""
        return Removal(tuple(self.gone), self.freed, why, failed)

    def _remember(self, file: str) -> None:
        try:
            self.held[file] = os.stat(file, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return


def _entry(stored: Stored, *, running: bool) -> Entry:
    began = _time_in(stored.name)
    return Entry(
        stored.name,
        stored.files,
        stored.size,
        stored.changed if began is None else began,
        stored.changed,
        running,
    )


def _look(item: os.DirEntry[str], found: dict[str, os.stat_result]) -> None:
    try:
        found[item.name] = item.stat(follow_symlinks=False)
    except FileNotFoundError:
        # Removed by somebody since it was listed.
        return


def _by_capture(files: Iterable[str]) -> dict[str, list[str]]:
    """The files under the names of their captures, first segments first; others are left out."""
    # Segments in their order: .10 behind .2.
    listed = sorted(files, key=lambda file: (len(file), file))
    groups: dict[str, list[str]] = {
        file.removesuffix(SUFFIX): [file] for file in listed if file.endswith(SUFFIX)
    }
    orphans: dict[str, list[str]] = defaultdict(list)
    for file in listed:
        if file.endswith(SUFFIX):
            continue
        owner = next((name for name in _possible_owners(file) if name in groups), None)
        segment = _SEGMENT.fullmatch(file)
        if owner is not None:
            groups[owner].append(file)
        elif segment is not None and _ID.fullmatch(segment["name"]):
            orphans[segment["name"]].append(file)
    return groups | orphans


def _possible_owners(file: str) -> Iterable[str]:
    """The names of captures that a file beside them may belong to, the longest first.

    An id is nobody else's, so every file that goes on from one belongs to it; of another name
    only what goes on from the whole file name does.
    """
    half_written = _HALF_WRITTEN.fullmatch(file)
    if half_written is not None:
        yield half_written["name"]
    name = file
    while "." in name:
        name = name.rpartition(".")[0]
        if name.endswith(SUFFIX):
            yield name.removesuffix(SUFFIX)
        elif _ID.fullmatch(name):
            yield name


def _time_in(name: str) -> float | None:
    """The time that an id begins with, in seconds since the epoch; None if it is no id."""
    found = _ID.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(f"{found[1]}+0000", "%Y%m%dT%H%M%S.%f%z").timestamp()
    except ValueError:
        return None


def _beginning(descriptor: int) -> bytes:
    return os.pread(descriptor, len(_FIRST_BYTES), 0)


def _words(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
