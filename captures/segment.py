"""One file of a capture being written. Used by the writer thread alone: every call may block.

It remembers which records it holds, so that they can be declared lost, and the file made anew,
when somebody deletes it.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from captures.losses import Losses, Remains
from captures.record_lines import encode
from captures.records import End, Gap, Head, Record

_CANNOT_BE_SYNCED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})
"""What file systems answer that know no sync: nothing has failed then."""


class Segment:
    """Appends lines to a new file, mode 0600. Mutable.

    Its methods raise OSError where the disk fails; no line is ever torn by them.
    """

    def __init__(self, path: Path, first_line: bytes = b"") -> None:
        self.path = path
        self.size = 0
        """Bytes of the file."""
        self._first_line = first_line
        self._preface = first_line
        self.waiting_records = 0
        """Records that must be written again, as their file is gone."""
        self._descriptor: int | None = None
        self._unsynced = False
        self._holds = Losses()
        self._held = Remains(self._holds, _outlives_its_file)

    @property
    def is_begun(self) -> bool:
        """Whether nothing must still be written before the next record."""
        return not self._preface

    def append(self, records: Sequence[Record]) -> int:
        """Writes these records; returns the bytes written with what had to come before them."""
        data = b"".join([self._preface, *map(encode, records)])
        if not data:
            return 0
        self._write(data)
        self._preface = b""
        self.waiting_records = 0
        for record in records:
            self._held.take(record)
        return len(data)

    def sync(self) -> None:
        """Asks the disk to keep what was written, if there is anything new."""
        if self._unsynced and self._descriptor is not None:
            self._unsynced = False
            try:
                os.fdatasync(self._descriptor)
            except OSError as error:
                if error.errno not in _CANNOT_BE_SYNCED:
                    raise

    def is_gone(self) -> bool:
        """Whether the file was deleted while it is open, so that nobody can read it."""
        if self._descriptor is None:
            return False
        found = os.fstat(self._descriptor)
        if found.st_nlink:
            return False
        # Some file systems count no links at all.
        try:
            return not os.path.samestat(found, self.path.lstat())
        except FileNotFoundError:
            return True

    def begin_again(self, why: str) -> Losses:
        """Lets go of the file; what it held stands as gaps in the one that is made next.

        Returns what was lost by it.
        """
        lost = self._holds
        left = self._held.records(why)
        self.close()
        self._preface = self._first_line + b"".join(map(encode, left))
        self.waiting_records = sum(not isinstance(record, Gap) for record in left)
        self._holds = Losses()
        self._held = Remains(self._holds, _outlives_its_file)
        for record in left:
            self._held.take(record)
        self.size = 0
        return lost

    def close(self) -> None:
        """Closes the file."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
        self._unsynced = False

    def _write(self, data: bytes) -> None:
        if self._descriptor is None:
            self._descriptor = _create(self.path)
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)
        self._unsynced = True


def _outlives_its_file(record: Record, _others: int) -> bool:
    """Without the head a stream is not known to be one; the end tells how it went."""
    return isinstance(record, Head | End)


def _create(path: Path) -> int:
    """Creates the file and marks it as being written.

    The shared lock lasts as long as the descriptor, so that a reader can tell a running capture
    from one whose recorder was killed. It is taken before the first byte is written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_APPEND
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        # Somebody deleted the folder.
        path.parent.mkdir(0o700)
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
