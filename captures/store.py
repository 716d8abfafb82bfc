"""Reading captures: one file at once or as it grows, and the listing of a folder.

Only regular files are opened, links are not followed, and no line longer than MAX_LINE_SIZE is
held in memory: a capture may come from somebody else.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from captures.record_lines import decode, decode_request
from captures.records import Damage, Record, Request
from captures.sequence import Sequence

SUFFIX = ".jsonl"
MAX_LINE_SIZE = 64 * 1024 * 1024
POLL_SIZE = 1024 * 1024
FINGERPRINT_KEY_FILE = ".fingerprint-key"
FINGERPRINT_KEY_SIZE = 32


class CaptureError(Exception):
    """A path that is no readable capture. The message says what was found and where."""


class CaptureFolderError(Exception):
    """A folder that captures cannot be kept in. The message says why and what to do."""


class Follower:
    """Reads one capture as it grows: each poll returns the whole records appended since.

    Use it as a context manager, or close it.

    Raises:
        CaptureError: from the constructor or poll, when the file is no capture.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.request: Request | None = None
        # The recorder's lock is on the first segment, which therefore stays open.
        self._first = self._descriptor = _open_regular(path)
        self._following = -1
        self._segment = 1
        self._sequence = Sequence()
        self._partial = bytearray()
        self._skipped = 0
        self._unreadable = False
        self._line = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the files."""
        for descriptor in {self._first, self._descriptor, self._following} - {-1}:
            os.close(descriptor)
        self._first = self._descriptor = self._following = -1

    def poll(self, size: int = POLL_SIZE) -> list[Record | Damage]:
        """The records in the next bytes of the capture, at most this many; empty at its end.

        The first poll that returns anything has also set ``request``.
        """
        records: list[Record | Damage] = []
        if self._unreadable:
            return records
        try:
            data = os.read(self._descriptor, size)
            if not data and self._has_following():
                # What was written here until the next segment was begun comes first.
                data = os.read(self._descriptor, size)
                if not data:
                    records += self._begin_following()
                    data = os.read(self._descriptor, size)
        except OSError as error:
            self._unreadable = True
            return [*records, Damage(self._line, 0, f"cannot be read: {error.strerror}")]
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            line = bytes(self._partial) + data[start:end] if self._partial else data[start:end]
            self._partial.clear()
            start = end + 1
            records += self._take_line(line)
        self._keep_partial(data[start:])
        return records

    def required_request(self) -> Request:
        """The request of the capture.

        Raises:
            CaptureError: when the file holds no whole first line.
        """
        if self.request is None:
            tail = self.torn_tail()
            found = f"its {tail.size} bytes hold no whole line" if tail else "it is empty"
            raise CaptureError(f"{self.path} is not a capture: {found}")
        return self.request

    def at_end(self) -> bool:
        """Whether everything that is there now has been read, or the rest cannot be."""
        if self._unreadable:
            return True
        position = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        return position >= os.fstat(self._descriptor).st_size and not self._has_following()

    def is_being_written(self) -> bool:
        """Whether a recorder holds the file open: a killed one has let go of its lock."""
        try:
            fcntl.flock(self._first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        fcntl.flock(self._first, fcntl.LOCK_UN)
        return False

    def torn_tail(self) -> Damage | None:
        """The unfinished last line, if the recorder stopped within one."""
        size = self._skipped + len(self._partial)
        return Damage(self._line, size, f"a torn record of {size} bytes") if size else None

    def _has_following(self) -> bool:
        """Whether the capture continues in a further segment, which is opened then."""
        if self._following < 0:
            with suppress(CaptureError):
                self._following = _open_regular(segment_path(self.path, self._segment + 1))
        return self._following >= 0

    def _begin_following(self) -> list[Record | Damage]:
        """Goes on in the next segment; a line never runs from one into another.

        Raises:
            CaptureError: when not even the first line came before it.
        """
        self.required_request()
        torn = self.torn_tail()
        self._partial.clear()
        self._skipped = 0
        if self._descriptor != self._first:
            os.close(self._descriptor)
        self._descriptor, self._following = self._following, -1
        self._segment += 1
        if torn is None:
            return []
        self._sequence.pass_over()
        return [torn]

    def _take_line(self, line: bytes) -> list[Record | Damage]:
        number, self._line = self._line, self._line + 1
        size, self._skipped = self._skipped + len(line), 0
        if size > MAX_LINE_SIZE:
            if number == 1:
                raise self._first_line_too_long()
            why = f"a line of {size} bytes; the limit is {MAX_LINE_SIZE}"
            return [self._unread(number, size + 1, why)]
        if number == 1:
            request = decode_request(line)
            if isinstance(request, str):
                raise CaptureError(f"{self.path} is not a capture: {request}")
            self.request = request
            return []
        record = decode(line)
        if isinstance(record, str):
            return [self._unread(number, size + 1, record)]
        fault = self._sequence.fault_at(record)
        return [Damage(number, 0, fault), record] if fault else [record]

    def _unread(self, line: int, size: int, why: str) -> Damage:
        self._sequence.pass_over()
        return Damage(line, size, why)

    def _keep_partial(self, data: bytes) -> None:
        self._partial += data
        if self._skipped or len(self._partial) > MAX_LINE_SIZE:
            if self._line == 1:
                raise self._first_line_too_long()
            self._skipped += len(self._partial)
            self._partial.clear()

    def _first_line_too_long(self) -> CaptureError:
        return CaptureError(f"{self.path} is not a capture: its first line is too long")


def segment_path(path: Path, number: int) -> Path:
    """The file of a capture's segment, numbered from 1; the first bears the capture's name."""
    return path if number == 1 else path.with_name(f"{path.name}.{number}")


def read(path: Path) -> Iterator[Request | Record | Damage]:
    """The request of a capture, then its records as the file now stands.

    Raises:
        CaptureError: at the first step, when the path is no capture.
    """
    with Follower(path) as follower:
        started = False
        while True:
            records = follower.poll()
            if not started and follower.request is not None:
                started = True
                yield follower.request
            yield from records
            if not records and follower.at_end():
                break
        if not started:
            follower.required_request()
        if (tail := follower.torn_tail()) is not None:
            yield tail


def pieces_of(path: Path) -> Generator[bytes, None, None]:
    """The bytes of a regular file, POLL_SIZE at most at a time.

    Raises:
        CaptureError: at the first step, when the path is no regular file or cannot be read.
    """
    descriptor = _open_regular(path)
    try:
        while data := os.read(descriptor, POLL_SIZE):
            yield data
    except OSError as error:
        raise CaptureError(f"cannot read {path}: {error.strerror}") from None
    finally:
        os.close(descriptor)


def joined(path: Path) -> Iterator[bytes]:
    """The bytes of a capture's segments, one after another, as one file of whole lines.

    Raises:
        CaptureError: at the first step, when the path is no capture, or at a later one, when a
            segment cannot be read.
    """
    with Follower(path) as follower:
        while follower.request is None and not follower.at_end():
            follower.poll()
        follower.required_request()
    last = b"\n"
    for segment in segments_of(path):
        pieces = pieces_of(segment)
        first = next(pieces, b"")
        if last != b"\n" and first:
            # A line never runs from one segment into another.
            yield b"\n"
        for piece in chain([first], pieces):
            last = piece[-1:] or last
            yield piece


def segments_of(path: Path) -> list[Path]:
    """The files of a capture in their order; the first is the path itself."""
    segments = [path]
    while _holds((following := segment_path(path, len(segments) + 1)).is_file):
        segments.append(following)
    return segments


def captures_in(folder: Path) -> list[Path]:
    """The capture files of a folder by name, which is by time. Never raises on a bad entry.

    Raises:
        CaptureFolderError: when the folder cannot be listed.
    """
    return [folder / name for name in sorted(capture_names(folder))]


def capture_names(folder: Path) -> Generator[str, None, None]:
    """The names of the capture files of a folder, in no order. Never raises on a bad entry.

    Raises:
        CaptureFolderError: at any step, when the folder cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
                    yield entry.name
    except OSError as error:
        raise CaptureFolderError(f"cannot list {folder}: {error.strerror}") from None


def prepare_folder(folder: Path) -> bytes:
    """Makes the capture folder, mode 0700, if need be; returns its fingerprint key.

    Raises:
        CaptureFolderError: when captures cannot be kept there, or others could change them.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except FileExistsError:
        raise CaptureFolderError(f"{folder} is a file; captures need a folder") from None
    except OSError as error:
        raise CaptureFolderError(f"cannot make {folder}: {error.strerror}") from None
    if found.st_uid != os.geteuid():
        raise CaptureFolderError(f"{folder} belongs to another user; choose one of your own")
    if found.st_mode & 0o022:
        raise CaptureFolderError(
            f"{folder} can be written by others (mode {stat.S_IMODE(found.st_mode):04o}); "
            f"captures hold prompts and answers: run chmod 700 {folder}"
        )
    try:
        return _fingerprint_key(folder / FINGERPRINT_KEY_FILE)
    except OSError as error:
        raise CaptureFolderError(f"cannot write in {folder}: {error.strerror}") from None


def _open_regular(path: Path) -> int:
    """Opens a regular file; a link, FIFO or device in its place is refused, not waited for."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        if _holds(path.is_symlink):
            why = "it is a link"
        raise CaptureError(f"cannot open {path}: {why}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CaptureError(f"{path} is not a regular file")
    return descriptor


def _holds(asked: Callable[[], bool]) -> bool:
    """The answer about a path; of a name that no file can have nothing holds."""
    try:
        return asked()
    except OSError:
        return False


def _fingerprint_key(path: Path) -> bytes:
    """The folder's key, made at its first use.

    It is linked into place whole, so that of two processes that race both read the same key.
    """
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(fresh, flags, 0o600)
        try:
            os.write(descriptor, secrets.token_bytes(FINGERPRINT_KEY_SIZE))
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            os.close(descriptor)
            fresh.unlink()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        key = os.read(descriptor, FINGERPRINT_KEY_SIZE)
    finally:
        os.close(descriptor)
    if len(key) != FINGERPRINT_KEY_SIZE:
        raise CaptureFolderError(
            f"{path} holds {len(key)} bytes instead of {FINGERPRINT_KEY_SIZE}: "
            "remove it, and a new key is made"
        )
    return key
